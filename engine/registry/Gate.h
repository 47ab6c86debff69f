#pragma once

// Who may do what in a registry. Two gates, as registries have them:
//
//   basic   a name and a password with every request (RFC 7617), checked against an htpasswd file
//   token   a short-lived token with every request (distribution's docs/spec/auth/token.md); the registry's own token
//           server at /token gives it out for a password, and to nobody in particular for pulling
//
// A user of the file may do everything.

#include "engine/http/Http.h"

#include <map>
#include <memory>
#include <optional>

namespace drydock::registry {

// What a request is about to do: "pull", "push" or "delete" in a repository, or "*" with the catalog. An empty action
// is the question whether this is a registry at all.
struct Wanted {
    std::string repository;
    std::string action;
};

struct GateRefusal {
    bool known { false };  // who asks is known, and may not: 403 DENIED. Otherwise 401 UNAUTHORIZED
    std::string challenge; // WWW-Authenticate, with a 401
};

class Gate {
public:
    virtual ~Gate() = default;
    // Nothing where the request may pass.
    virtual std::optional<GateRefusal> check(http::Exchange const&, Wanted const&) = 0;
    // Answers requests that are for the gate itself; false where this is none.
    virtual bool serve(http::Exchange&) { return false; }
};

// The lines of an htpasswd file, "user:$2y$…" (bcrypt, as docker-registry demands). InvalidInput names the line.
class Htpasswd {
public:
    static Result<Htpasswd> parse(std::string_view text);
    // One user; `salt` is 16 bytes that need not be secret.
    static Result<Htpasswd> of(std::string const& user, std::string const& password, std::string const& salt);
    bool accepts(std::string const& user, std::string const& password) const; // takes as long for a user it lacks

private:
    std::map<std::string, std::string> m_hashes; // by user
};

std::unique_ptr<Gate> make_basic_gate(Htpasswd);
// `key` signs the tokens: 32 bytes that nobody can guess. `encrypted`: the registry is reached by https.
std::unique_ptr<Gate> make_token_gate(Htpasswd, std::string key, Clock const&, bool encrypted);

}
