#pragma once

// A whole world on the bench: one host with a daemon and a client, and the embedded public registry, all talking over
// real sockets (live) or simulated links (simulated). The window, the scenario player, `drydock daemon` and the system
// tests all stand on a Lab.

#include "engine/client/DockerClient.h"
#include "engine/daemon/Daemon.h"

#include <filesystem>

namespace drydock::lab {

enum class World : std::uint8_t { Live, Simulated };

struct Options {
    World world { World::Live };
    std::uint64_t seed { 1 }; // simulated: decides everything
    std::filesystem::path data_root; // live: made 0700 where missing
    std::optional<network::Endpoint> listen; // live: default unix://DATA_ROOT/drydock.sock
    std::filesystem::path images; // the OCI layout that the hub is filled from
    std::filesystem::path init_program; // drydock-init
    std::optional<daemon::StorageDriver> driver; // default: what the machine allows
    std::string host { "laptop" };
};

// What this machine allows, for `drydock doctor` and for choosing a world.
struct Ability {
    std::string what; // "user namespaces", "/dev/fuse"
    bool available { false };
    std::string detail; // what was found
    std::string remedy; // a command or setting; empty where available
    bool required_for_live { false };
};

class Lab {
public:
    static std::vector<Ability> probe();
    static bool can_run_live(std::vector<Ability> const&);

    static Result<std::unique_ptr<Lab>> open(Options, trace::EventLog&);
    virtual ~Lab() = default;

    virtual World world() const = 0;
    virtual network::Endpoint daemon_endpoint() const = 0;
    virtual std::vector<std::string> notes() const = 0; // what is missing and said so
    // Runs one command line of the client to its end: "docker run --rm busybox echo hi"; the exit status. In the simulated world
    // the virtual clock runs until nothing is left to do.
    virtual int run(std::string const& line, client::Terminal const&) = 0;
};

}
