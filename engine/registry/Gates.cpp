#include "engine/registry/Gate.h"
#include "engine/registry/Tokens.h"
#include "sim/core/Base64.h"
#include "sim/oci/Digest.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <mutex>
#include <set>

namespace drydock::registry {

namespace {

constexpr Duration token_lifetime = std::chrono::seconds(300);
constexpr std::size_t remembered_logins = 64;
constexpr std::string_view service_name = "drydock-registry";

// The user of an Authorization header, or nothing where it is none that the file accepts. bcrypt is slow on purpose,
// and docker shows the password with every request: who was accepted is remembered, by a hash.
class PasswordCheck {
public:
    explicit PasswordCheck(Htpasswd file)
        : m_file(std::move(file))
    {
    }

    std::optional<std::string> user_of(http::Exchange const& exchange)
    {
        auto const header = exchange.headers().get("Authorization").value_or("");
        constexpr std::string_view scheme = "Basic ";
        if (!header.starts_with(scheme))
            return std::nullopt;
        auto const text = base64_decode(std::string_view(header).substr(scheme.size()));
        auto const colon = text ? text->find(':') : std::string::npos;
        if (colon == std::string::npos)
            return std::nullopt;
        auto const user = text->substr(0, colon);
        auto const hash = oci::Digest::of(*text);
        {
            std::lock_guard const lock(m_mutex);
            if (m_accepted.contains(hash))
                return user;
        }
        if (!m_file.accepts(user, text->substr(colon + 1)))
            return std::nullopt;
        std::lock_guard const lock(m_mutex);
        if (m_accepted.size() >= remembered_logins)
            m_accepted.clear();
        m_accepted.insert(hash);
        return user;
    }

private:
    Htpasswd m_file;
    std::mutex m_mutex;
    std::set<oci::Digest> m_accepted;
};

class BasicGate final : public Gate {
public:
    explicit BasicGate(Htpasswd file)
        : m_passwords(std::move(file))
    {
    }
    std::optional<GateRefusal> check(http::Exchange const& exchange, Wanted const&) override
    {
        if (m_passwords.user_of(exchange))
            return std::nullopt;
        return GateRefusal { false, "Basic realm=\"Drydock registry\"" };
    }

private:
    PasswordCheck m_passwords;
};

class TokenGate final : public Gate {
public:
    TokenGate(Htpasswd file, std::string key, Clock const& clock, bool encrypted)
        : m_passwords(std::move(file))
        , m_key(std::move(key))
        , m_clock(clock)
        , m_encrypted(encrypted)
    {
    }

    std::optional<GateRefusal> check(http::Exchange const& exchange, Wanted const& wanted) override
    {
        auto const header = exchange.headers().get("Authorization").value_or("");
        constexpr std::string_view scheme = "Bearer ";
        auto const claims = header.starts_with(scheme)
            ? verify_token(std::string_view(header).substr(scheme.size()), m_key, m_clock.now())
            : std::nullopt;
        bool const is_catalog = wanted.action == "*";
        std::string const type = is_catalog ? "registry" : "repository";
        std::string const name = is_catalog ? "catalog" : wanted.repository;
        if (claims && (wanted.action.empty() || claims->allows(type, name, wanted.action)))
            return std::nullopt;
        auto challenge = fmt::format("Bearer realm=\"{}\",service=\"{}\"", realm(exchange), service_name);
        if (!wanted.action.empty())
            challenge += fmt::format(",scope=\"{}:{}:{}\"", type, name, wanted.action);
        if (claims)
            challenge += ",error=\"insufficient_scope\"";
        return GateRefusal { false, std::move(challenge) };
    }

    bool serve(http::Exchange& exchange) override
    {
        if (exchange.target().path != "/token")
            return false;
        give_token(exchange);
        return true;
    }

private:
    // The token server is the registry itself, under the name by which the client reached it.
    std::string realm(http::Exchange const& exchange) const
    {
        auto host = exchange.headers().get("Host").value_or("localhost");
        std::erase_if(host, [](char c) { return c <= ' ' || c == '"' || c == '\\' || c == '/' || c == '?'; });
        return fmt::format("{}://{}/token", m_encrypted ? "https" : "http", host);
    }

    // GET /token?service=…&scope=repository:app:push,pull, with a password or without.
    void give_token(http::Exchange& exchange)
    {
        auto const user = m_passwords.user_of(exchange);
        if (!user && exchange.headers().get("Authorization"))
            return reply(exchange, 401, { { "details", "incorrect username or password" } });
        if (exchange.method() != "GET")
            return reply(exchange, 405, { { "details", "ask with GET" } });
        Claims claims { user.value_or(""), {} };
        for (auto const& [name, value] : exchange.target().query) {
            if (name != "scope")
                continue;
            std::string_view rest = value; // several in one parameter, between spaces, or several parameters
            while (!rest.empty()) {
                auto const space = std::min(rest.find(' '), rest.size());
                if (auto access = Access::parse(rest.substr(0, space)))
                    claims.access.push_back(granted(std::move(*access), user.has_value()));
                rest.remove_prefix(std::min(space + 1, rest.size()));
            }
        }
        auto const token = sign_token(claims, m_key, m_clock.now(), token_lifetime);
        reply(exchange, 200,
            { { "token", token }, { "access_token", token },
                { "expires_in", std::chrono::duration_cast<std::chrono::seconds>(token_lifetime).count() },
                { "issued_at", rfc3339(m_clock.now()) } });
    }

    // Less than was asked for is no error here: the registry will say so (token.md).
    static Access granted(Access asked, bool is_user)
    {
        if (!is_user)
            std::erase_if(
                asked.actions, [&](auto const& action) { return asked.type != "repository" || action != "pull"; });
        return asked;
    }

    static void reply(http::Exchange& exchange, int status, nlohmann::ordered_json const& body)
    {
        static_cast<void>(exchange.respond(
            status, { { "Content-Type", "application/json" }, { "Cache-Control", "no-store" } }, body.dump()));
    }

    PasswordCheck m_passwords;
    std::string m_key;
    Clock const& m_clock;
    bool m_encrypted;
};

}

std::unique_ptr<Gate> make_basic_gate(Htpasswd file)
{
    return std::make_unique<BasicGate>(std::move(file));
}

std::unique_ptr<Gate> make_token_gate(Htpasswd file, std::string key, Clock const& clock, bool encrypted)
{
    return std::make_unique<TokenGate>(std::move(file), std::move(key), clock, encrypted);
}

}
