#include "engine/client/Format.h"

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

std::string as_text(json const& value)
{
    if (value.is_string())
        return value.get<std::string>();
    return value.is_null() ? "<no value>" : value.dump();
}

// ".State.Status" below `value`; the template's error where a part is missing.
Result<json> member(json const& value, std::string_view path)
{
    json here = value;
    std::size_t at = 1;
    while (at < path.size()) {
        auto const end = std::min(path.find('.', at), path.size());
        std::string const name(path.substr(at, end - at));
        if (!here.is_object() || !here.contains(name))
            return fail(ErrorKind::InvalidInput,
                fmt::format("template parsing error: template: :1: map has no entry for key \"{}\"", name));
        here = json(here.at(name));
        at = end + 1;
    }
    return here;
}

Result<std::string> expand(std::string_view action, json const& value)
{
    auto const first = action.find_first_not_of(' ');
    auto const last = action.find_last_not_of(' ');
    action = first == std::string_view::npos ? std::string_view() : action.substr(first, last - first + 1);
    if (action.starts_with("json ."))
        return TRY(member(value, action.substr(5))).dump();
    if (action.starts_with(".") && action.find(' ') == std::string_view::npos)
        return as_text(TRY(member(value, action)));
    return fail(ErrorKind::InvalidInput,
        fmt::format(
            "template parsing error: only {{{{.Field}}}} and {{{{json .Field}}}} are understood, not \"{}\"", action));
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
    std::string result;
    while (true) {
        auto const open = text.find("{{");
        result += text.substr(0, open);
        if (open == std::string_view::npos)
            return result;
        auto const close = text.find("}}", open);
        if (close == std::string_view::npos)
            return fail(ErrorKind::InvalidInput, "template parsing error: template: :1: unclosed action");
        result += TRY(expand(text.substr(open + 2, close - open - 2), value));
        text.remove_prefix(close + 2);
    }
}

}
