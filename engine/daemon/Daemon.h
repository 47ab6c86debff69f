#pragma once

// drydockd: keeps images and containers and serves the Docker Engine API (v1.24 to v1.50). Everything comes in by
// that one door: the docker CLI, our own client, the window.

#include "engine/content/Storage.h"
#include "engine/http/Http.h"
#include "engine/runtime/HostDisk.h"
#include "engine/runtime/Runtime.h"
#include "sim/core/Random.h"
#include "sim/network/Network.h"
#include "sim/time/Scheduler.h"
#include "sim/trace/EventLog.h"

#include <filesystem>

namespace drydock::daemon {

// What a name's registry part is asked at: "docker.io" → the embedded hub.
struct RegistryRoute {
    std::string registry; // "docker.io"
    network::Endpoint endpoint;
    ActorId actor; // "registry:hub"
};

enum class StorageDriver : std::uint8_t { Fuse, Overlay, Simulated };

struct Config {
    HostId host;
    std::vector<RegistryRoute> registries; // others are reached under their own name over the network
    // Registries on other machines are reached over TLS. The simulated world has none and speaks plain HTTP.
    bool encryption { false };
    std::filesystem::path certificates {}; // certs.d: whom to trust, by registry (Registries.h)
    StorageDriver driver { StorageDriver::Simulated };
    std::string kernel; // for /version and /info
    std::int64_t cores { 1 };
    std::uint64_t memory { 0 };
    std::vector<std::string> warnings;        // shown by `docker info`
    ActorId own_client { "client-terminal" }; // the client in the same program; it announces itself
    // The data root is a copy of one at work: what ran in it is not dead but waits for Daemon::resume().
    bool resumes { false };
    // Where the sources of binds lie. Null: on the disk of the real machine, or nowhere in the simulated world.
    std::shared_ptr<runtime::HostDisk> disk {};
};

// The parts of a world that the daemon stands on. All outlive it.
struct Seams {
    Scheduler& scheduler;
    Random& random;
    network::Network& network;
    content::Storage& storage;
    runtime::Runtime& runtime;
    trace::Publisher publisher;
};

class Daemon {
public:
    // Opens the stores, rolls back what a crash left (HARDENING R2, R9: containers of a dead daemon are dead; they come
    // back as exited 137), and loads images and containers.
    static Result<std::unique_ptr<Daemon>> open(Config, Seams);
    ~Daemon();

    void handle(http::Exchange&); // the http::Handler for the Engine API
    // Who a connection belongs to: "docker-1234" for a process of its own, `Config::own_client` for a client inside
    // this program. For http::ServerOptions::name_client; publishes ActorAppeared for those it does not know yet.
    ActorId name_client(network::Peer const&);
    // The other half: one of its connections has ended. Publishes ActorLeft with the last one.
    // For http::ServerOptions::client_left.
    void client_left(ActorId const&);
    // What dockerd puts on every response; for http::ServerOptions::common.
    static http::Headers common_headers();
    // Stops the running containers and lets every request that waits (wait, attach, logs -f, events) end. To be called
    // before the http::Server goes, which waits for its requests.
    void shut_down();
    // Starts what ran when the data root was copied (Config::resumes); the processes are new ones.
    void resume();
    // A regular file as the container sees it, symlinks followed. Read beside the API and the events: looking for a
    // goal must leave no trace.
    Result<std::string> read_file(std::string const& container, std::string const& path);
    // Likewise the body that GET of `path` has.
    Result<std::string> look(std::string const& path);

private:
    struct Impl;
    explicit Daemon(std::unique_ptr<Impl>);
    std::unique_ptr<Impl> m_impl;
};

}
