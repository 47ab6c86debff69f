#pragma once

// Says to one registry who asks. Two ways are in use: Basic (RFC 7617), the password with every request, and Bearer
// (distribution's docs/spec/auth/token.md), a short-lived token for named rights that a token server gives out.
// Credentials belong to the registry that they were given for and go nowhere else (HARDENING T14).

#include "engine/http/Http.h"
#include "engine/registry/Challenge.h"
#include "engine/registry/RegistryClient.h"

#include <mutex>
#include <set>

namespace drydock::registry {

// What a request needs: "repository:app:pull", "repository:app:push,pull". Sorted, so that it names a token.
using Scope = std::set<std::string>;

class Authenticator {
public:
    Authenticator(network::Network&, Scheduler&, HostId from, Site const&, trace::Publisher);

    // The Authorization header, as far as is known what the registry wants.
    std::optional<std::string> header(Scope const&);
    // After a 401: true where it is worth asking again. Unauthorized "no basic auth credentials" where we have none.
    Result<bool> answer(http::Response const&, Scope const&);
    // The registry took what we showed it. Published once.
    void accepted();

private:
    struct Token {
        std::string text;
        Timestamp expires;
    };
    Result<bool> answer_basic();
    Result<bool> answer_bearer(Challenge const&, Scope const&);
    Result<Token> fetch_token(Challenge const&, Scope const&);
    http::Request token_request(std::string const& target, Challenge const&, Scope const&, bool may_send_password);
    void require(std::string const& scheme, std::string const& scope);

    network::Network& m_network;
    Scheduler& m_scheduler;
    HostId m_from;
    Site const& m_site;
    trace::Publisher m_publisher;

    std::mutex m_mutex; // over all below
    std::string m_scheme;
    std::map<std::string, Token> m_tokens; // by scope
    std::set<std::string> m_required;      // what was published
    bool m_succeeded { false };
};

}
