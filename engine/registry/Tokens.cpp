#include "engine/registry/Tokens.h"

#include "sim/core/Base64.h"
#include "sim/oci/Digest.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace drydock::registry {

namespace {

constexpr std::string_view token_header = R"({"alg":"HS256","typ":"JWT"})";

std::string bytes_of(oci::Digest const& digest)
{
    std::string bytes;
    auto const& hex = digest.hex();
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    return bytes;
}

// Takes the same time wherever the difference lies.
bool same_bytes(std::string_view a, std::string_view b)
{
    if (a.size() != b.size())
        return false;
    int difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        difference |= a[i] ^ b[i];
    return difference == 0;
}

std::int64_t seconds_of(Timestamp time)
{
    return time.nanoseconds / nanoseconds_per_second;
}

}

Result<Access> Access::parse(std::string_view scope)
{
    auto const first = scope.find(':');
    auto const last = scope.rfind(':');
    if (first == std::string_view::npos || first == last)
        return fail(ErrorKind::InvalidInput, "\"" + std::string(scope) + "\" is no scope: type:name:actions");
    Access access { std::string(scope.substr(0, first)), std::string(scope.substr(first + 1, last - first - 1)), {} };
    auto rest = scope.substr(last + 1);
    while (!rest.empty()) {
        auto const comma = std::min(rest.find(','), rest.size());
        access.actions.emplace_back(rest.substr(0, comma));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return access;
}

bool Claims::allows(std::string_view type, std::string_view name, std::string_view action) const
{
    return std::any_of(access.begin(), access.end(), [&](Access const& each) {
        return each.type == type && each.name == name
            && std::find(each.actions.begin(), each.actions.end(), action) != each.actions.end();
    });
}

std::string hmac_sha256(std::string_view key, std::string_view message)
{
    constexpr std::size_t block = 64;
    std::string padded(key.size() > block ? bytes_of(oci::Digest::of(key)) : std::string(key));
    padded.resize(block, '\0');
    std::string inner;
    std::string outer;
    for (auto const c : padded) {
        inner += static_cast<char>(c ^ 0x36);
        outer += static_cast<char>(c ^ 0x5c);
    }
    return bytes_of(oci::Digest::of(outer + bytes_of(oci::Digest::of(inner + std::string(message)))));
}

std::string sign_token(Claims const& claims, std::string_view key, Timestamp now, Duration lifetime)
{
    nlohmann::ordered_json payload { { "sub", claims.subject }, { "iat", seconds_of(now) },
        { "exp", seconds_of(now + lifetime) } };
    payload["access"] = nlohmann::ordered_json::array();
    for (auto const& each : claims.access)
        payload["access"].push_back({ { "type", each.type }, { "name", each.name }, { "actions", each.actions } });
    using nlohmann::ordered_json;
    auto const text = base64_url(token_header) + "."
        + base64_url(payload.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
    return text + "." + base64_url(hmac_sha256(key, text));
}

std::optional<Claims> verify_token(std::string_view token, std::string_view key, Timestamp now)
{
    auto const dot = token.find('.');
    auto const last = token.rfind('.');
    if (dot == std::string_view::npos || dot == last)
        return std::nullopt;
    // Only what we signed is looked at, so the header need not be: it is ours.
    auto const signature = base64_decode(token.substr(last + 1));
    if (!signature || !same_bytes(*signature, hmac_sha256(key, token.substr(0, last))))
        return std::nullopt;
    auto const text = base64_decode(token.substr(dot + 1, last - dot - 1));
    auto const payload = nlohmann::json::parse(text.value_or(""), nullptr, false);
    if (!payload.is_object() || payload.value("exp", std::int64_t { 0 }) <= seconds_of(now))
        return std::nullopt;
    Claims claims { payload.value("sub", ""), {} };
    for (auto const& each : payload["access"])
        claims.access.push_back(
            { each.value("type", ""), each.value("name", ""), each.value("actions", std::vector<std::string> {}) });
    return claims;
}

}
