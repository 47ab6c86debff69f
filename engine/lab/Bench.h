#pragma once

// What both worlds have on the bench once their four seams stand: the hub behind its own HTTP server, the daemon behind
// another, and a client. Everything here is the same code for real sockets and for simulated links.

#include "engine/lab/Worlds.h"
#include "engine/registry/RegistryServer.h"
#include "sim/core/Random.h"

namespace drydock::lab {

struct Endpoints {
    network::Endpoint daemon; // where it listens
    network::Endpoint hub;
};

// The four seams of a world, and a machine to describe. All outlive the Bench.
struct Ground {
    Scheduler& scheduler;
    Random& random;
    network::Network& network;
    content::Storage& daemon_storage;
    content::Storage& hub_storage;
    runtime::Runtime& runtime;
    trace::EventLog& log;
    trace::Provenance provenance;
    daemon::Config config; // without registries: the hub is added here
    std::optional<tls::ServerOptions> tls {};
};

class Bench {
public:
    static Result<std::unique_ptr<Bench>> set_up(
        Ground, Endpoints const&, HostId hub_host, std::filesystem::path const& images);
    ~Bench();

    int run(std::string const& line, client::Terminal const&);
    network::Endpoint daemon_endpoint() const { return m_daemon_server->endpoint(); }
    daemon::Daemon& daemon() { return *m_daemon; }

private:
    explicit Bench(Ground ground)
        : m_ground(std::move(ground))
    {
    }
    trace::Publisher pen(HostId host, ActorId actor) const;
    Result<void> open_hub(network::Endpoint const&, HostId const& host, std::filesystem::path const& images);
    Result<void> open_daemon(network::Endpoint const&);

    // In this order: what comes later stands on what comes earlier, and goes first.
    Ground m_ground;
    std::unique_ptr<registry::RegistryServer> m_hub;
    std::unique_ptr<http::Server> m_hub_server;
    std::unique_ptr<daemon::Daemon> m_daemon;
    std::unique_ptr<http::Server> m_daemon_server;
    std::unique_ptr<client::DockerClient> m_client;
};

}
