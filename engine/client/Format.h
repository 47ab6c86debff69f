#pragma once

// The way docker shows things: its tables, sizes, ages and templates.

#include "sim/core/Result.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace drydock::client {

// Columns at least 10 wide, 3 apart, the last one without padding (Go's tabwriter as docker sets it).
class Table {
public:
    explicit Table(std::vector<std::string> titles) { m_rows.push_back(std::move(titles)); }
    void add(std::vector<std::string> cells) { m_rows.push_back(std::move(cells)); }
    std::string to_text() const;

private:
    std::vector<std::vector<std::string>> m_rows;
};

std::string docker_size(double bytes);                             // "1.98MB"
std::string docker_memory(double bytes);                           // "1.952GiB"
std::string shorten(std::string const& text, std::size_t columns); // ends in "…" where it was cut
std::string short_id(std::string_view id);                         // 12 hex digits, without "sha256:"

// The template of a --format, filled in from `value`; engine/client/Template.h says what it may hold.
Result<std::string> apply_template(std::string_view text, nlohmann::ordered_json const& value);

}
