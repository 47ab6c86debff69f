#include "engine/client/Format.h"

#include "engine/client/Template.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>

namespace drydock::client {

using json = nlohmann::ordered_json;

namespace {

// What a terminal shows of UTF-8: continuation bytes take no column.
std::size_t columns_of(std::string_view text)
{
    std::size_t columns = 0;
    for (char const c : text)
        columns += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    return columns;
}

std::string with_unit(double value, double base, std::array<char const*, 6> const& units, int digits)
{
    std::size_t unit = 0;
    while (value >= base && unit + 1 < units.size()) {
        value /= base;
        ++unit;
    }
    return fmt::format("{:.{}g}{}", value, digits, units[unit]);
}

}

std::string Table::to_text() const
{
    std::vector<std::size_t> widths(m_rows.front().size(), 10);
    for (auto const& row : m_rows) {
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], columns_of(row[i]) + 3);
    }
    std::string text;
    for (auto const& row : m_rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            text += row[i];
            if (i + 1 < row.size())
                text.append(widths[i] - columns_of(row[i]), ' ');
        }
        text += '\n';
    }
    return text;
}

std::string docker_size(double bytes)
{
    return with_unit(bytes, 1000, { "B", "kB", "MB", "GB", "TB", "PB" }, 3);
}

std::string docker_memory(double bytes)
{
    return with_unit(bytes, 1024, { "B", "KiB", "MiB", "GiB", "TiB", "PiB" }, 4);
}

std::string shorten(std::string const& text, std::size_t columns)
{
    if (columns_of(text) <= columns)
        return text;
    std::size_t end = 0;
    for (std::size_t seen = 0; end < text.size(); ++end) {
        seen += (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
        if (seen == columns)
            break;
    }
    return text.substr(0, end) + "…";
}

std::string short_id(std::string_view id)
{
    if (id.starts_with("sha256:"))
        id.remove_prefix(7);
    return std::string(id.substr(0, 12));
}

Result<std::string> apply_template(std::string_view text, json const& value)
{
    return TRY(Template::parse(text)).apply(value);
}

}
