#pragma once

// Which registry a name belongs to, how the daemon reaches it and as whom. The hub has a route; every other registry is
// reached by its own name: over TLS, but for those on this machine (127.0.0.0/8, localhost), as docker does it. A
// directory `certs.d/HOST:PORT` in the data root makes a registry an encrypted one in any case: its *.crt are the
// authorities that are trusted for it, client.cert and client.key what it is shown (docker's layout).

#include "engine/daemon/Daemon.h"
#include "engine/registry/RegistryClient.h"

namespace drydock::daemon {

// A registry, ready to be asked. The client speaks over the network that it came with.
struct OpenRegistry {
    std::unique_ptr<network::Network> encrypted; // null: plain HTTP over the world's network
    std::unique_ptr<registry::RegistryClient> client;
};

// `name` as it stands in a reference: "docker.io", "127.0.0.1:5000".
Result<OpenRegistry> open_registry(Config const&, network::Network&, Scheduler&, trace::Publisher const&,
    std::string const& name, std::optional<registry::Credentials>, std::stop_token stop = {});

// X-Registry-Auth: base64url of {"username","password","serveraddress"}; docker sends "{}" where nobody has logged in.
Result<std::optional<registry::Credentials>> credentials_of(http::Exchange const&);
// X-Registry-Config, what `docker build` sends along: an object of such objects, by registry.
Result<std::optional<registry::Credentials>> credentials_for(http::Exchange const&, std::string const& registry);

}
