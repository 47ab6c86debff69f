#include "engine/http/Http.h"
#include "engine/http/Text.h"

#include <algorithm>

namespace drydock::http {

bool equal_without_case(std::string_view a, std::string_view b)
{
    // Not tolower(3): the locale has no say in a protocol.
    auto const lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text)
{
    auto const begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool list_contains(std::string_view list, std::string_view word)
{
    while (!list.empty()) {
        auto const comma = std::min(list.find(','), list.size());
        if (equal_without_case(trimmed(list.substr(0, comma)), word))
            return true;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

void Headers::set(std::string name, std::string value)
{
    remove(name);
    add(std::move(name), std::move(value));
}

void Headers::add(std::string name, std::string value)
{
    m_fields.emplace_back(std::move(name), std::move(value));
}

void Headers::remove(std::string_view name)
{
    std::erase_if(m_fields, [&](auto const& field) { return equal_without_case(field.first, name); });
}

std::optional<std::string> Headers::get(std::string_view name) const
{
    for (auto const& [field, value] : m_fields) {
        if (equal_without_case(field, name))
            return value;
    }
    return std::nullopt;
}

std::size_t Headers::count(std::string_view name) const
{
    return static_cast<std::size_t>(std::count_if(
        m_fields.begin(), m_fields.end(), [&](auto const& field) { return equal_without_case(field.first, name); }));
}

namespace {

bool holds_credentials(std::string_view name)
{
    return equal_without_case(name, "Authorization") || equal_without_case(name, "X-Registry-Auth")
        || equal_without_case(name, "X-Registry-Config");
}

}

std::string Headers::to_text() const
{
    std::string text;
    for (auto const& [name, value] : m_fields) {
        if (!text.empty())
            text += '\n';
        text += name + ": " + (holds_credentials(name) ? "(hidden)" : value);
    }
    return text;
}

}
