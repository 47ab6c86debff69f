#pragma once

// A whole world on the bench: machines, each with a daemon and a client, the embedded public registry (the hub), and
// what other registries there are; all talking over real sockets (live) or simulated links (simulated). The window, the
// scenario player, `drydock daemon` and the system tests all stand on a Lab.

#include "engine/client/DockerClient.h"
#include "engine/daemon/Daemon.h"
#include "engine/runtime/Probe.h"
#include "engine/tls/Tls.h"
#include "sim/scenario/Cast.h"

#include <filesystem>

namespace drydock::lab {

enum class World : std::uint8_t { Live, Simulated };

struct Options {
    World world { World::Live };
    std::uint64_t seed { 1 };                    // simulated: decides everything
    std::filesystem::path data_root;             // live: made 0700 where missing
    std::optional<network::Endpoint> listen;     // live: default unix://DATA_ROOT/drydock.sock; of the first host
    std::filesystem::path images;                // the OCI layout that the hub is filled from
    std::filesystem::path init_program;          // live: drydock-init
    std::optional<daemon::StorageDriver> driver; // live: default fuse where it works, else overlay
    scenario::Cast cast {};
    std::optional<tls::ServerOptions> tls {}; // live: what listens on TCP encrypts and asks for a certificate
    bool resumes { false };                   // live: the data root is a checkpoint's; resume() starts what ran
    // The scenario's own folder; commands are then a stranger's text. Live, each machine gets a disk of its own, which
    // its programs and the binds of its containers do not leave; without one, binds are of the real machine.
    std::filesystem::path folder {};
    std::filesystem::path model {}; // the numbers of guest machines (models/comparison.toml)
    // Live: where drydock and drydock-guest-init lie, so that guest machines can be real. Empty: they are modelled.
    std::filesystem::path guest_programs {};
};

// Our FUSE server where it works: it shows every lookup. Else the kernel's overlayfs.
daemon::StorageDriver preferred_driver(std::vector<runtime::Finding> const&);

// Whether the cast has more than one machine can hold: then each of its hosts and registries gets a network namespace
// in the live world, which only root can make.
bool needs_namespaces(scenario::Cast const&);

class Lab {
public:
    // Live and with a cast that needs namespaces: Forbidden unless root.
    static Result<std::unique_ptr<Lab>> open(Options, trace::EventLog&);
    virtual ~Lab() = default; // stops the containers, closes the sockets

    virtual World world() const = 0;
    virtual Clock const& clock() const = 0;
    // In the order of the cast; at least one.
    virtual std::vector<HostId> hosts() const = 0;
    virtual network::Endpoint daemon_endpoint(HostId const&) const = 0;
    // Runs one command line on that host to its end ("docker run --rm busybox echo hi", "uname -r"); its exit status.
    // In the simulated world the virtual clock runs until nothing is left to do.
    virtual int run(HostId const&, std::string const& line, client::Terminal const&) = 0;
    // Starts the containers that ran in the checkpoint (Options::resumes).
    virtual void resume() = 0;
    // A regular file as the container sees it, read beside the API so that looking leaves no event.
    virtual Result<std::string> read_file(HostId const&, std::string const& container, std::string const& path) = 0;
    // The body of GET `path` of the Engine API, likewise.
    virtual Result<std::string> look(HostId const&, std::string const& path) = 0;
};

}
