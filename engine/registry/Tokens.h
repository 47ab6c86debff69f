#pragma once

// The tokens of a registry: JSON Web Tokens (RFC 7519) signed with HMAC-SHA-256 (RFC 7515, "HS256"). Whoever holds the
// key can check one without asking anybody; that is why the registry need not remember what it gave out. Claims as in
// distribution's docs/spec/auth/jwt.md.

#include "sim/core/Result.h"
#include "sim/core/Units.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::registry {

// One entry of the claim "access": these actions in that repository.
struct Access {
    std::string type; // "repository", "registry"
    std::string name;
    std::vector<std::string> actions;

    // "repository:lib/app:push,pull"; the name may hold colons (a host's port). InvalidInput.
    static Result<Access> parse(std::string_view scope);
};

struct Claims {
    std::string subject; // the user; empty: nobody in particular
    std::vector<Access> access;

    bool allows(std::string_view type, std::string_view name, std::string_view action) const;
};

std::string hmac_sha256(std::string_view key, std::string_view message); // RFC 2104; 32 bytes
std::string sign_token(Claims const&, std::string_view key, Timestamp now, Duration lifetime);
// Nothing for a token that is not ours, was changed, or has expired.
std::optional<Claims> verify_token(std::string_view token, std::string_view key, Timestamp now);

}
