#pragma once

// An address as registries send it: where a redirect leads, where an upload goes on, where tokens are made.

#include "sim/core/Result.h"
#include "sim/network/Network.h"

#include <optional>
#include <string>
#include <string_view>

namespace drydock::registry {

struct Location {
    bool encrypted { false };
    std::optional<network::Endpoint> endpoint; // nothing: where the request went
    std::string target;                        // "/v2/app/blobs/uploads/4f2a?state=x"

    // "/path", "http://HOST[:PORT]/path" or "https://…". NotSupported for any other scheme: those are tricks
    // (HARDENING T18).
    static Result<Location> parse(std::string_view text);
};

// "hub.docker.sim:5000", for the Host header and for words to people.
std::string host_and_port(network::Endpoint const&);
// 127.0.0.0/8, ::1 and "localhost": what never leaves the machine.
bool is_loopback(std::string_view host);

}
