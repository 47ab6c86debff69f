#pragma once

// Reads one TOML table key by key, and remembers which keys were asked for: what remains at the end was misspelt. Every
// complaint carries the place in the file; reading goes on, so that one run shows all of them.
//
// For loaders only, of scenarios and of the comparison's model: toml++ is a heavy header.

#include "sim/scenario/Scenario.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>

namespace drydock::scenario {

enum class Need : std::uint8_t { Optional, Required };

class Table {
public:
    // `guide` is the document that explains the keys.
    Table(toml::table const& table, std::vector<Problem>& problems, std::string_view guide = "docs/authoring.md")
        : m_table(table)
        , m_problems(problems)
        , m_guide(guide)
    {
    }

    // Places the complaint at `key`'s value, or at the table where the key is absent.
    void problem(std::string_view key, std::string message, std::string remedy) const;

    bool has(std::string_view key) const { return m_table.contains(key); }
    std::string text(std::string_view key, Need need = Need::Optional);
    std::optional<std::string> maybe_text(std::string_view key);
    std::optional<bool> maybe_flag(std::string_view key);
    std::optional<std::int64_t> maybe_number(
        std::string_view key, std::int64_t least, std::int64_t most, Need need = Need::Optional);
    std::optional<double> maybe_real(std::string_view key, Need need = Need::Optional); // finite; whole numbers too
    std::vector<std::string> texts(std::string_view key);
    std::vector<std::vector<std::string>> text_lists(std::string_view key);
    std::map<std::string, std::string> text_map(std::string_view key); // { key = "text" }
    std::vector<Table> tables(std::string_view key, Need need = Need::Optional);
    std::optional<Table> maybe_table(std::string_view key, Need need = Need::Optional);

    template <class T, std::size_t N>
    T choice(std::string_view key, std::array<std::pair<std::string_view, T>, N> const& choices, T otherwise,
        Need need = Need::Optional);

    // Complains about every key that nobody asked for, with the nearest known one.
    void finish();

private:
    toml::node const* take(std::string_view key, Need need);
    std::vector<std::string> texts_of(std::string_view key, toml::array const& array);

    toml::table const& m_table;
    std::vector<Problem>& m_problems;
    std::string_view m_guide;
    std::set<std::string, std::less<>> m_known;
};

void sort_by_place(std::vector<Problem>&);
void check_schema(Table&); // `schema = 1`

// What `read` makes of a whole file's table; nothing where anything is wrong with it.
template <class Read>
auto read_document(std::string_view text, std::vector<Problem>& problems, std::string_view guide, Read read)
    -> std::optional<decltype(read(std::declval<Table>()))>
{
    constexpr std::size_t file_limit = 256 * 1024;
    if (text.size() > file_limit) {
        problems.push_back({ 1, 1, fmt::format("the file has {} bytes", text.size()), "it may have at most 256 KiB" });
        return std::nullopt;
    }
    try {
        auto const root = toml::parse(text);
        auto document = read(Table(root, problems, guide));
        if (problems.empty())
            return document;
    } catch (toml::parse_error const& error) {
        auto const& place = error.source().begin;
        problems.push_back(
            { place.line, place.column, std::string(error.description()), "this is not TOML; see https://toml.io" });
    }
    sort_by_place(problems);
    return std::nullopt;
}

template <class T, std::size_t N>
T Table::choice(
    std::string_view key, std::array<std::pair<std::string_view, T>, N> const& choices, T otherwise, Need need)
{
    auto const name = text(key, need);
    if (name.empty())
        return otherwise;
    std::string known;
    for (auto const& [word, value] : choices) {
        if (word == name)
            return value;
        known += known.empty() ? std::string(word) : ", " + std::string(word);
    }
    problem(key, fmt::format("`{}` cannot be \"{}\"", key, name), "one of " + known);
    return otherwise;
}

}
