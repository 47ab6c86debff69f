#pragma once

// Reads a tar while it streams by and keeps only the index: what members there are and where their content lies.
// Understands POSIX ustar, pax (pax(1), "pax Interchange Format"), GNU long names and base-256 numbers (GNU tar
// manual, "Extensions to the Standard Format"), and v7. Sparse members are refused: a header of 512 bytes may claim
// terabytes.

#include "engine/layer/Entry.h"
#include "sim/core/Result.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::layer {

class TarReader {
public:
    // The next bytes of the tar, in pieces of any size. InvalidInput, NotSupported or LimitExceeded names the member.
    Result<void> write(std::string_view bytes);
    // The members in the tar's order; the same path may come again, and the last one counts. Corrupt where the tar
    // ends in the middle of a member.
    Result<std::vector<Entry>> finish();

    std::uint64_t size() const { return m_position; } // bytes so far

private:
    static constexpr std::size_t block_bytes = 512;
    using Block = std::array<char, block_bytes>;

    enum class State : std::uint8_t { Member, Extension, OneZeroBlock, Ended };

    // What extended headers say about the member that follows.
    struct Extensions {
        std::map<std::string, std::string> pax;
        std::optional<std::string> gnu_name;
        std::optional<std::string> gnu_link;
        bool any() const { return !pax.empty() || gnu_name || gnu_link; }
    };

    Result<void> take_block(std::string_view block);
    Result<void> take_header(std::string_view block);
    Result<void> begin_extension(char type, std::uint64_t size);
    Result<void> end_extension();
    Result<void> begin_member(std::string_view block, char type, std::uint64_t header_size);
    std::string member_name(std::string_view block) const;
    Result<Entry> read_fields(std::string_view block, std::string const& name) const;
    Result<void> apply_pax(Entry& entry) const;
    Result<void> keep(Entry entry);

    State m_state { State::Member };
    std::uint64_t m_position { 0 };
    std::uint64_t m_skip { 0 }; // bytes of content and padding before the next header
    std::string m_partial;      // a header that came in pieces
    std::string m_extension;    // content of the extended header being read
    std::uint64_t m_extension_size { 0 };
    char m_extension_type { 0 };
    Extensions m_extensions;
    std::vector<Entry> m_entries;
    std::uint64_t m_index_bytes { 0 }; // memory that the entries take, about
};

}
