#pragma once

// Reads a command's flags as docker does (the rules of spf13/pflag): `--name value`, `--name=value`, `-n value`,
// `-nvalue`, and switches run together (`-it`). The texts of the failures are docker's.

#include "sim/core/Result.h"
#include "sim/core/Units.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::client {

enum class FlagKind : std::uint8_t {
    Switch, // present or not
    Text,
    List, // may be given several times
    Number,
    Size,    // "64m": bytes with a unit
    Decimal, // "0.5"
};

struct Flag {
    std::string_view name;
    char letter { 0 }; // 0: none
    FlagKind kind { FlagKind::Switch };
    std::string_view help;
};

// What was typed, checked against the flags.
class Arguments {
public:
    bool has(std::string_view flag) const { return m_values.contains(std::string(flag)); }
    bool is_set(std::string_view flag) const;      // a switch that is on
    std::string text(std::string_view flag) const; // the last one given, or empty
    std::vector<std::string> list(std::string_view flag) const;
    std::int64_t number(std::string_view flag, std::int64_t absent) const;
    std::vector<std::string> const& positional() const { return m_positional; }

private:
    friend class FlagReader;
    std::map<std::string, std::vector<std::string>> m_values;
    std::vector<std::string> m_positional;
};

// After the first word that is no flag: may flags follow (`docker rm web -f`), or does everything belong to the
// container's command (`docker run busybox ls -l`)?
enum class FlagOrder : std::uint8_t { Anywhere, BeforeWords };

Result<Arguments> read_flags(std::span<Flag const> flags, std::span<std::string const> words, FlagOrder order);

// "64m" → 67108864: go-units' RAMInBytes, powers of 1024.
std::optional<std::int64_t> parse_size(std::string_view text);
// The value of --memory-swap, where "-1" stands for no limit; 0 where it is none.
std::int64_t swap_limit(std::string_view text);
// "1m30s", as Go's time.ParseDuration; nothing for a number without a unit.
std::optional<Duration> parse_go_duration(std::string const& text);

}
