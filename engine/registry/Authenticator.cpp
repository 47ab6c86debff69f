#include "engine/registry/Authenticator.h"

#include "engine/registry/Location.h"
#include "sim/core/Base64.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace drydock::registry {

namespace {

constexpr std::size_t max_token_answer = 64 * 1024;
constexpr std::size_t max_token = 16 * 1024;
constexpr Duration token_patience = std::chrono::seconds(15);
constexpr Duration default_lifetime = std::chrono::seconds(60); // where the token server names none (token.md)
constexpr std::string_view client_name = "docker";

std::string text_of(Scope const& scope)
{
    std::string text;
    for (auto const& each : scope)
        text += (text.empty() ? "" : " ") + each;
    return text;
}

bool has_password(Site const& site)
{
    return site.credentials && !site.credentials->username.empty();
}

// A token goes into a header: no line ends, nothing invisible (HARDENING T19).
bool is_header_text(std::string_view token)
{
    return !token.empty() && token.size() <= max_token
        && std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

// Without encryption a password may only travel where the registry itself is, or not leave the machine.
bool may_send_password(Site const& site, Location const& realm)
{
    if (site.encrypted)
        return realm.encrypted;
    return realm.endpoint->host == site.endpoint.host
        || (is_loopback(realm.endpoint->host) && is_loopback(site.endpoint.host));
}

// {"details": "incorrect username or password"}, or the registry's own form of an error.
Error token_refusal(http::Response& response)
{
    auto const body = response.body->read_all(max_token_answer).value_or("");
    auto const document = nlohmann::json::parse(body, nullptr, false);
    if (document.is_object() && document.contains("details") && document["details"].is_string())
        return { ErrorKind::Unauthorized, "unauthorized: " + document["details"].get<std::string>() };
    if (response.status == 401 || response.status == 403)
        return { ErrorKind::Unauthorized, "unauthorized: incorrect username or password" };
    return http::error_of(response.status, {});
}

}

Authenticator::Authenticator(
    network::Network& network, Scheduler& scheduler, HostId from, Site const& site, trace::Publisher publisher)
    : m_network(network)
    , m_scheduler(scheduler)
    , m_from(std::move(from))
    , m_site(site)
    , m_publisher(std::move(publisher))
{
}

std::optional<std::string> Authenticator::header(Scope const& scope)
{
    std::lock_guard const lock(m_mutex);
    if (m_scheme == "Basic")
        return "Basic " + base64(m_site.credentials->username + ":" + m_site.credentials->password);
    auto const token = m_tokens.find(text_of(scope));
    if (token == m_tokens.end() || token->second.expires <= m_scheduler.now())
        return std::nullopt;
    return "Bearer " + token->second.text;
}

Result<bool> Authenticator::answer(http::Response const& response, Scope const& scope)
{
    std::optional<Challenge> basic;
    for (auto const& [name, value] : response.headers.fields()) {
        if (http::Headers({ { name, "" } }).count("WWW-Authenticate") == 0)
            continue;
        for (auto const& challenge : parse_challenges(value)) {
            if (challenge.scheme == "bearer")
                return answer_bearer(challenge, scope);
            if (challenge.scheme == "basic")
                basic = challenge;
        }
    }
    if (!basic)
        return false;
    return answer_basic();
}

void Authenticator::require(std::string const& scheme, std::string const& scope)
{
    {
        std::lock_guard const lock(m_mutex);
        if (!m_required.insert(scheme + " " + scope).second)
            return;
    }
    m_publisher.publish(trace::AuthenticationRequired { .registry = m_site.actor, .scheme = scheme, .scope = scope });
}

Result<bool> Authenticator::answer_basic()
{
    require("Basic", "");
    if (!has_password(m_site))
        return fail(ErrorKind::Unauthorized, "no basic auth credentials");
    std::lock_guard const lock(m_mutex);
    // Shown already, and it did not help.
    return std::exchange(m_scheme, "Basic") != "Basic";
}

Result<bool> Authenticator::answer_bearer(Challenge const& challenge, Scope const& scope)
{
    auto wanted = scope;
    if (wanted.empty() && !challenge.get("scope").empty())
        wanted.insert(challenge.get("scope"));
    require("Bearer", text_of(wanted));
    if (challenge.get("error") == "insufficient_scope")
        return false; // The token is good and does not give that right: another one will not either.
    auto token = TRY_WITH("asking for a token", fetch_token(challenge, wanted));
    std::lock_guard const lock(m_mutex);
    m_scheme = "Bearer";
    m_tokens.insert_or_assign(text_of(scope), std::move(token));
    return true;
}

// GET with Basic credentials or none, as every token server understands it; a refresh token goes by POST (OAuth 2,
// distribution's docs/spec/auth/oauth.md).
http::Request Authenticator::token_request(
    std::string const& target, Challenge const& challenge, Scope const& scope, bool may_send_password)
{
    auto const& credentials = m_site.credentials;
    http::Query query { { "service", challenge.get("service") } };
    for (auto const& each : scope)
        query.emplace_back("scope", each);
    bool const refreshes = may_send_password && credentials && !credentials->identity_token.empty();
    if (refreshes) {
        query.emplace_back("client_id", client_name);
        query.emplace_back("grant_type", "refresh_token");
        query.emplace_back("refresh_token", credentials->identity_token);
    } else if (may_send_password && has_password(m_site)) {
        query.emplace_back("account", credentials->username);
    }
    std::string form;
    for (auto const& [name, value] : query)
        form += (form.empty() ? "" : "&") + name + "=" + http::percent_encode(value);
    http::Request request { .method = "GET", .target = target, .headers = {}, .body = {} };
    request.read_timeout = token_patience;
    if (refreshes) {
        request.method = "POST";
        request.headers.set("Content-Type", "application/x-www-form-urlencoded");
        request.body = std::move(form);
        return request;
    }
    request.target += (target.find('?') == std::string::npos ? "?" : "&") + form;
    if (may_send_password && has_password(m_site))
        request.headers.set("Authorization", "Basic " + base64(credentials->username + ":" + credentials->password));
    return request;
}

Result<Authenticator::Token> Authenticator::fetch_token(Challenge const& challenge, Scope const& scope)
{
    if (m_site.credentials && !m_site.credentials->registry_token.empty())
        return Token { m_site.credentials->registry_token, m_scheduler.now() + default_lifetime };
    auto const realm = TRY(Location::parse(challenge.get("realm")));
    if (!realm.endpoint)
        return fail(ErrorKind::NotSupported, "the realm \"" + challenge.get("realm") + "\" names no host");
    if (realm.encrypted != m_site.encrypted)
        return fail(ErrorKind::Forbidden,
            fmt::format("the realm \"{}\" is {}encrypted, the registry is{}", challenge.get("realm"),
                realm.encrypted ? "" : "not ", m_site.encrypted ? "" : " not"));
    bool const with_password = may_send_password(m_site, realm);
    if (!with_password && has_password(m_site))
        return fail(ErrorKind::Forbidden,
            "the registry wants the password sent to another host, unencrypted: " + realm.endpoint->host);
    http::Client client(m_network, m_from, *realm.endpoint, m_scheduler, host_and_port(*realm.endpoint));
    auto response = TRY(client.send(token_request(realm.target, challenge, scope, with_password)));
    if (response.status != 200)
        return fail(token_refusal(response));
    auto const body = TRY(response.body->read_all(max_token_answer));
    auto const document = nlohmann::json::parse(body, nullptr, false);
    auto const text = [&](char const* name) {
        return document.is_object() && document.contains(name) && document[name].is_string()
            ? document[name].get<std::string>()
            : std::string();
    };
    auto token = text("token").empty() ? text("access_token") : text("token");
    if (!is_header_text(token))
        return fail(ErrorKind::Corrupt, "the token server sent no usable token");
    Duration lifetime = default_lifetime;
    if (document.contains("expires_in") && document["expires_in"].is_number_unsigned())
        lifetime = std::chrono::seconds(std::min<std::uint64_t>(document["expires_in"].get<std::uint64_t>(), 86'400));
    return Token { std::move(token), m_scheduler.now() + lifetime };
}

void Authenticator::accepted()
{
    std::string scheme;
    {
        std::lock_guard const lock(m_mutex);
        if (m_scheme.empty() || std::exchange(m_succeeded, true))
            return;
        scheme = m_scheme;
    }
    m_publisher.publish(trace::AuthenticationSucceeded { .registry = m_site.actor,
        .scheme = scheme,
        .user = m_site.credentials ? m_site.credentials->username : std::string() });
}

}
