#pragma once

// What both worlds have on the bench once their four seams stand: registries behind HTTP servers, and machines with a
// daemon behind one and a client. Everything here is the same code for real sockets and for simulated links.

#include "engine/lab/Worlds.h"
#include "engine/registry/RegistryServer.h"
#include "sim/core/Random.h"

#include <map>

namespace drydock::lab {

// A registry's place in a world. What it refers to outlives the Bench.
struct RegistryPlace {
    HostId host;
    scenario::CastRegistry cast;
    Scheduler& scheduler;
    network::Network& network;
    content::Storage& storage;
    network::Endpoint listen;
};

// A machine's. Its config is without registries and actors: those are added here.
struct MachinePlace {
    HostId host;
    Scheduler& scheduler;
    network::Network& network;
    content::Storage& storage;
    runtime::Runtime& runtime;
    network::Endpoint listen;
    daemon::Config config;
    std::optional<network::Endpoint> plain_tcp {}; // where it listens as well, to everybody in the lab
    std::optional<tls::ServerOptions> tls {};
};

class Bench {
public:
    Bench(Random&, trace::EventLog&, trace::Provenance);
    ~Bench();

    // "127.0.0.1" → laptop: whose connections come from there.
    void add_address(std::string address, HostId host) { m_addresses[std::move(address)] = std::move(host); }
    // Registries before machines: a daemon knows those that there are. The hub is filled from `images`.
    Result<void> add_registry(RegistryPlace, std::filesystem::path const& images);
    Result<void> add_machine(MachinePlace);

    std::vector<HostId> const& hosts() const { return m_hosts; }
    int run(HostId const&, std::string const& line, client::Terminal const&);
    network::Endpoint daemon_endpoint(HostId const& host) const { return m_machines.at(host)->server->endpoint(); }
    daemon::Daemon& daemon(HostId const& host) { return *m_machines.at(host)->daemon; }

private:
    // In this order: what comes later stands on what comes earlier, and goes first.
    struct Registry {
        std::unique_ptr<registry::RegistryServer> registry;
        std::unique_ptr<http::Server> server;
    };
    struct Machine {
        std::unique_ptr<daemon::Daemon> daemon;
        std::unique_ptr<http::Server> server;
        std::unique_ptr<http::Server> tcp_server;
        std::unique_ptr<client::DockerClient> client;
    };

    trace::Publisher pen(Clock const&, HostId host, ActorId actor) const;
    ActorId actor_on(std::string const& role, HostId const&) const;
    ActorId daemon_at(network::Peer const&) const;
    std::optional<HostId> host_at(network::Peer const&) const;
    enum class Door : std::uint8_t { Plain, Encrypted };
    std::unique_ptr<http::Server> serve(Machine&, MachinePlace const&, std::unique_ptr<network::Listener>, Door);

    Random& m_random;
    trace::EventLog& m_log;
    trace::Provenance m_provenance;
    std::map<std::string, HostId> m_addresses;
    std::vector<daemon::RegistryRoute> m_routes;
    std::vector<Registry> m_registries;
    std::vector<HostId> m_hosts;
    std::map<HostId, std::unique_ptr<Machine>> m_machines;
};

}
