#pragma once

// A whole world on the bench: one host with a daemon and a client, and the embedded public registry (the hub), all
// talking over real sockets (live) or simulated links (simulated). The window, the scenario player, `drydock daemon`
// and the system tests all stand on a Lab.

#include "engine/client/DockerClient.h"
#include "engine/daemon/Daemon.h"
#include "engine/runtime/Probe.h"
#include "engine/tls/Tls.h"

#include <filesystem>

namespace drydock::lab {

enum class World : std::uint8_t { Live, Simulated };

struct Options {
    World world { World::Live };
    std::uint64_t seed { 1 };                    // simulated: decides everything
    std::filesystem::path data_root;             // live: made 0700 where missing
    std::optional<network::Endpoint> listen;     // live: default unix://DATA_ROOT/drydock.sock
    std::filesystem::path images;                // the OCI layout that the hub is filled from
    std::filesystem::path init_program;          // live: drydock-init
    std::optional<daemon::StorageDriver> driver; // live: default fuse where it works, else overlay
    HostId host { "laptop" };
    std::optional<tls::ServerOptions> tls {}; // live: what listens on TCP encrypts and asks for a certificate
};

// Our FUSE server where it works: it shows every lookup. Else the kernel's overlayfs.
daemon::StorageDriver preferred_driver(std::vector<runtime::Finding> const&);

class Lab {
public:
    static Result<std::unique_ptr<Lab>> open(Options, trace::EventLog&);
    virtual ~Lab() = default; // stops the containers, closes the sockets

    virtual World world() const = 0;
    virtual Clock const& clock() const = 0;
    virtual network::Endpoint daemon_endpoint() const = 0;
    // Runs one command line of the client to its end ("docker run --rm busybox echo hi"); its exit status. In the
    // simulated world the virtual clock runs until nothing is left to do.
    virtual int run(std::string const& line, client::Terminal const&) = 0;
    // A regular file as the container sees it, read beside the API so that looking leaves no event.
    virtual Result<std::string> read_file(std::string const& container, std::string const& path) = 0;
};

}
