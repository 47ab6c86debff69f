#pragma once

// What both worlds have on the bench once their four seams stand: registries behind HTTP servers, and machines with a
// daemon behind one and a client. Everything here is the same code for real sockets and for simulated links.

#include "engine/content/BreakableStorage.h"
#include "engine/lab/GuestMachines.h"
#include "engine/lab/Worlds.h"
#include "engine/registry/RegistryServer.h"
#include "sim/core/Random.h"

#include <atomic>
#include <functional>
#include <map>
#include <set>

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
    std::filesystem::path model {};          // the numbers of guest machines
    std::filesystem::path images {};         // the OCI layout that has what they run, where the daemon has it not
    std::filesystem::path guest_programs {}; // as in Options
    std::string hosts {};                    // what /etc/hosts says to its programs, beside its own name
};

// What can be broken on purpose, and mended: `drydock break registry docker.io`, `drydock mend link laptop hub`.
enum class Fault : std::uint8_t { RegistryDown, LinkCut, BlobCorrupted, DiskFull, DaemonKilled, RightsTaken };
enum class FaultDo : std::uint8_t { Break, Mend };

// The network as somebody sees it who may lose the rights to the unix sockets: while `shut`, connect(2) to one is
// refused with EACCES, as the kernel refuses whoever is not in the socket's group. Whoever types in a lab has no user
// of their own there, so this stands in for one, in both worlds.
class RightsGuard final : public network::Network {
public:
    RightsGuard(network::Network& network, std::atomic<bool> const& shut)
        : m_network(network)
        , m_shut(shut)
    {
    }
    Result<std::unique_ptr<network::ByteStream>> connect(HostId const& from, network::Endpoint const& to) override;
    Result<std::unique_ptr<network::Listener>> listen(HostId const& on, network::Endpoint const& at) override;

private:
    network::Network& m_network;
    std::atomic<bool> const& m_shut;
};

class Bench {
public:
    // Cuts or mends the link between two hosts, as the world can.
    using LinkCutter = std::function<Result<void>(FaultDo, HostId const&, HostId const&)>;

    Bench(Random&, trace::EventLog&, trace::Provenance, LinkCutter);
    ~Bench();

    // "127.0.0.1" → laptop: whose connections come from there.
    void add_address(std::string address, HostId host) { m_addresses[std::move(address)] = std::move(host); }
    // Registries before machines: a daemon knows those that there are. The hub is filled from `images`.
    Result<void> add_registry(RegistryPlace, std::filesystem::path const& images);
    Result<void> add_machine(MachinePlace);

    std::vector<HostId> const& hosts() const { return m_hosts; }
    int run(HostId const&, std::string const& line, client::Terminal const&);
    network::Endpoint daemon_endpoint(HostId const& host) const { return m_machines.at(host)->endpoint; }
    // Starts what ran in the checkpoint; guest machines go on as the log tells of them.
    void resume(HostId const&);
    // Unavailable while the daemon is killed.
    Result<std::string> read_file(HostId const&, std::string const& container, std::string const& path);
    Result<std::string> look(HostId const&, std::string const& path);
    // `objects`: a registry's name, an image reference or digest, a host, or for a link two of them. Publishes
    // FaultInjected or FaultHealed. NotFound for what is not there, Conflict where it is broken, or whole, already.
    Result<void> set_fault(FaultDo, Fault, std::vector<std::string> const& objects);
    // The same as somebody types it: "drydock", "break", "registry", "docker.io". Its exit status.
    int run_fault(std::vector<std::string> const& words, client::Terminal const&);

private:
    Result<std::string> output_of(HostId const&, std::string_view command, client::Terminal const&);
    // In this order: what comes later stands on what comes earlier, and goes first.
    struct Registry {
        RegistryPlace place;
        ActorId actor;
        network::Endpoint endpoint;
        std::unique_ptr<registry::RegistryServer> registry;
        std::unique_ptr<http::Server> server; // null while it is down
    };
    struct Machine {
        Machine(MachinePlace its_place, ActorId its_actor)
            : place(std::move(its_place))
            , actor(std::move(its_actor))
        {
        }
        MachinePlace place;
        ActorId actor;
        network::Endpoint endpoint {};
        std::atomic<bool> disk_is_full { false };
        std::atomic<bool> rights_are_taken { false }; // of whoever types there
        RightsGuard client_network { place.network, rights_are_taken };
        std::unique_ptr<content::Storage> storage;
        std::unique_ptr<daemon::Daemon> daemon; // null while it is killed
        std::unique_ptr<http::Server> server;
        std::unique_ptr<http::Server> tcp_server;
        std::unique_ptr<client::DockerClient> client;
        std::shared_ptr<client::LocalFiles> files { client::memory_files() }; // where a terminal brings none
        std::unique_ptr<GuestMachines> guests;
    };

    trace::Publisher pen(Clock const&, HostId host, ActorId actor) const;
    ActorId actor_on(std::string const& role, HostId const&) const;
    ActorId daemon_at(network::Peer const&) const;
    std::optional<HostId> host_at(network::Peer const&) const;
    enum class Door : std::uint8_t { Plain, Encrypted };
    std::unique_ptr<http::Server> serve(Machine&, std::unique_ptr<network::Listener>, Door);
    void serve(Registry&, std::unique_ptr<network::Listener>);
    int run_docker(Machine&, std::vector<std::string> const& arguments, client::Terminal const&);
    int run_program(Machine&, std::string const& line, client::Terminal const&);
    // For a guest machine: the daemon's own, else the one that the layout beside the program has.
    Result<vmm::LayoutImage> image_for_guest(HostId const&, std::string const& name);
    Result<vmm::LayoutImage> image_of_daemon(HostId const&, std::string const& name);
    Result<void> start(Machine&);
    Result<daemon::Daemon*> daemon_of(HostId const&); // Unavailable while it is killed
    Result<Registry*> registry_called(std::string const& name);
    Result<Machine*> machine_called(std::string const& name);
    Result<std::string> set_registry(FaultDo, std::string const& name);
    Result<std::string> set_link(FaultDo, std::string const& a, std::string const& b);
    Result<std::string> set_blob(FaultDo, std::string const& what);
    Result<std::string> set_disk(FaultDo, std::string const& host);
    Result<std::string> set_daemon(FaultDo, std::string const& host);
    Result<std::string> set_rights(FaultDo, std::string const& host);

    Random& m_random;
    trace::EventLog& m_log;
    trace::Provenance m_provenance;
    LinkCutter m_cut_link;
    std::set<std::string> m_cut_links, m_corrupt_blobs;
    std::map<std::string, HostId> m_addresses;
    std::vector<daemon::RegistryRoute> m_routes;
    std::vector<Registry> m_registries;
    std::vector<HostId> m_hosts;
    std::map<HostId, std::unique_ptr<Machine>> m_machines;
};

}
