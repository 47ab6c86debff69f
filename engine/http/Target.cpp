#include "engine/http/Http.h"
#include "engine/http/Text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace drydock::http {

namespace {

bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.'
        || c == '_' || c == '~';
}

int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

// Forms write a space as "+" (application/x-www-form-urlencoded), and docker's filters come that way.
Result<std::string> decode_query_part(std::string_view part)
{
    std::string text(part);
    std::replace(text.begin(), text.end(), '+', ' ');
    return percent_decode(text);
}

Result<Query> parse_query(std::string_view raw)
{
    Query query;
    while (!raw.empty()) {
        auto const pair = raw.substr(0, raw.find('&'));
        raw.remove_prefix(std::min(pair.size() + 1, raw.size()));
        if (pair.empty())
            continue;
        auto const name = pair.substr(0, pair.find('='));
        auto const value = name.size() < pair.size() ? pair.substr(name.size() + 1) : std::string_view();
        auto decoded = TRY(decode_query_part(name));
        query.emplace_back(std::move(decoded), TRY(decode_query_part(value)));
    }
    return query;
}

// A proxy's client sends the whole URI, and a server must take it too (RFC 9112, 3.2.2).
std::string_view without_authority(std::string_view raw)
{
    auto const scheme = raw.find("://");
    if (raw.starts_with('/') || scheme == std::string_view::npos)
        return raw;
    auto const path = raw.find_first_of("/?", scheme + 3);
    return path == std::string_view::npos ? std::string_view("/") : raw.substr(path);
}

}

std::string percent_encode(std::string_view text)
{
    std::string encoded;
    for (char const c : text) {
        if (is_unreserved(c))
            encoded += c;
        else
            encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return encoded;
}

Result<std::string> percent_decode(std::string_view text)
{
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        bool const whole = i + 2 < text.size();
        int const high = whole ? hex_value(text[i + 1]) : -1;
        int const low = whole ? hex_value(text[i + 2]) : -1;
        if (high < 0 || low < 0)
            return fail(ErrorKind::InvalidInput, fmt::format("invalid URL escape \"{}\"", text.substr(i, 3)));
        decoded += static_cast<char>(high * 16 + low);
        i += 2;
    }
    // Behind a NUL a C interface would see another text than we do.
    if (decoded.find('\0') != std::string::npos)
        return fail(ErrorKind::InvalidInput, "invalid URL escape \"%00\"");
    return decoded;
}

Result<Target> Target::parse(std::string_view raw)
{
    raw = without_authority(raw);
    auto const path = raw.substr(0, raw.find('?'));
    if (!path.starts_with('/') && raw != "*")
        return fail(ErrorKind::InvalidInput, fmt::format("\"{}\" is no request target", raw));
    if (raw.find('#') != std::string_view::npos)
        return fail(ErrorKind::InvalidInput, "a request target has no fragment");
    auto const query = path.size() < raw.size() ? raw.substr(path.size() + 1) : std::string_view();
    Target target;
    target.path = TRY(percent_decode(path));
    target.query = TRY(parse_query(query));
    return target;
}

std::optional<std::string> Target::get(std::string_view name) const
{
    for (auto const& [field, value] : query) {
        if (field == name)
            return value;
    }
    return std::nullopt;
}

bool Target::flag(std::string_view name, bool absent) const
{
    auto const value = get(name);
    if (!value)
        return absent;
    constexpr std::array<std::string_view, 5> no { "", "0", "no", "false", "none" };
    return std::none_of(
        no.begin(), no.end(), [&](std::string_view word) { return equal_without_case(trimmed(*value), word); });
}

}
