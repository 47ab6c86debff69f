#include "engine/lab/Bench.h"
#include "engine/lab/Disk.h"
#include "engine/runtime/SimulatedRuntime.h"
#include "sim/kernel/Kernel.h"
#include "sim/network/SimulatedNetwork.h"
#include "sim/time/VirtualScheduler.h"

#include <fmt/format.h>

namespace drydock::lab {

namespace {

// The story begins on a Monday morning: 2026-01-05 09:00:00 UTC.
constexpr Timestamp story_begins { 1'767'603'600'000'000'000 };
constexpr std::uint64_t simulated_memory = 8'000'000'000; // bytes
constexpr std::int64_t simulated_cores = 4;
constexpr std::uint16_t hub_port = 443;
// One line of a lesson makes hundreds of system calls, a build some thousands.
constexpr std::uint64_t most_calls = 20'000;

// One machine of the simulated world: its disk, and for a host its kernel.
struct SimulatedMachine {
    SimulatedMachine(Scheduler& scheduler, std::string const& name)
        : storage(content::make_memory_storage())
        , kernel(scheduler, name)
        , runtime(kernel, scheduler)
    {
    }
    std::unique_ptr<content::Storage> storage;
    kernel::Kernel kernel;
    runtime::SimulatedRuntime runtime;
};

class SimulatedLab final : public Lab {
public:
    static Result<std::unique_ptr<Lab>> open(Options const& options, trace::EventLog& log)
    {
        std::unique_ptr<SimulatedLab> lab(new SimulatedLab(options, log));
        Result<void> opened;
        lab->m_scheduler.run_until_idle([&] { opened = lab->set_up(options); });
        TRY(std::move(opened));
        return lab;
    }

    // Servers end inside the world: their tasks have to run once more to see that they are closed.
    ~SimulatedLab() override
    {
        m_scheduler.run_until_idle([this] {
            m_bench.reset();
            for (auto const& [name, machine] : m_machines)
                machine->kernel.hang_up();
        });
    }

    World world() const override { return World::Simulated; }
    Clock const& clock() const override { return m_scheduler; }
    std::vector<HostId> hosts() const override { return m_bench->hosts(); }
    network::Endpoint daemon_endpoint(HostId const& host) const override { return m_bench->daemon_endpoint(host); }

    int run(HostId const& host, std::string const& line, client::Terminal const& terminal) override
    {
        int status = 125;
        for (auto const& [name, machine] : m_machines)
            machine->kernel.allow_calls(most_calls);
        if (!m_scheduler.run_until_idle([&] { status = m_bench->run(host, line, terminal); }))
            terminal.write(true,
                "drydock: nothing in the simulated world can go on; waiting are " + m_scheduler.deadlock_report()
                    + "\n");
        for (auto const& [name, machine] : m_machines) {
            if (machine->kernel.calls_are_used_up())
                terminal.write(true,
                    fmt::format("drydock: after {} system calls the simulated programs on {} were killed; these would "
                                "never have ended\n",
                        most_calls, name));
        }
        return status;
    }

    void resume() override { } // a simulated lab is brought back by doing the same again, processes included

    Result<std::string> read_file(HostId const& host, std::string const& container, std::string const& path) override
    {
        Result<std::string> content;
        m_scheduler.run_until_idle([&] { content = m_bench->read_file(host, container, path); });
        return content;
    }

    Result<std::string> look(HostId const& host, std::string const& path) override
    {
        Result<std::string> body;
        m_scheduler.run_until_idle([&] { body = m_bench->look(host, path); });
        return body;
    }

private:
    SimulatedLab(Options const& options, trace::EventLog& log)
        : m_scheduler(options.seed, story_begins)
        , m_random(options.seed)
        , m_network(m_scheduler)
        , m_bench(std::make_unique<Bench>(
              m_random, log, trace::Provenance::Simulated, [this](FaultDo wanted, HostId const& a, HostId const& b) {
                  if (wanted == FaultDo::Break)
                      m_network.cut(a, b);
                  else
                      m_network.mend(a, b);
                  return Result<void>();
              }))
    {
    }

    Result<void> set_up(Options const& options)
    {
        for (auto const& host : options.cast.hosts)
            m_network.add_host(HostId { host.name });
        std::vector<network::FirewallRule> walls;
        for (auto const& registry : registries_of(options.cast)) {
            TRY_WITH("opening the registry " + registry.name, add_registry(registry, options.images));
            for (auto const& host : options.cast.hosts)
                wall_off(registry, host.name, walls);
        }
        m_network.set_firewall(std::move(walls));
        for (auto const& host : options.cast.hosts)
            TRY_WITH("opening the daemon on " + host.name, add_machine(host, options));
        return {};
    }

    static void wall_off(
        scenario::CastRegistry const& registry, std::string const& host, std::vector<network::FirewallRule>& walls)
    {
        if (!registry.is_reachable_from(host))
            walls.push_back({ HostId { host }, host_of(registry), 0, network::FirewallAction::Reject });
    }

    SimulatedMachine& machine(std::string const& name)
    {
        auto& made = m_machines[name];
        if (!made)
            made = std::make_unique<SimulatedMachine>(m_scheduler, name);
        return *made;
    }

    Result<void> add_registry(scenario::CastRegistry const& registry, std::filesystem::path const& images)
    {
        bool const is_hub = registry.name == scenario::public_hub;
        auto const host = host_of(registry);
        auto const name = is_hub ? "hub.docker.sim" : registry.name.substr(0, registry.name.find(':'));
        m_network.add_host(host, { name });
        auto listen
            = TRY(network::Endpoint::parse("tcp://" + name + ":" + std::to_string(is_hub ? hub_port : registry_port)));
        return m_bench->add_registry({ .host = host,
                                         .cast = registry,
                                         .scheduler = m_scheduler,
                                         .network = m_network,
                                         .storage = *machine(host.value).storage,
                                         .listen = std::move(listen) },
            images);
    }

    kernel::Outside outside_of(HostId const& host)
    {
        return { .self = host.value,
            .knows = [this, host](std::string const& name) { return m_network.knows(host, name); },
            .round_trip = [this, host](std::string const& name) { return m_network.round_trip(host, name); },
            .connect =
                [this, host](std::string const& name, std::uint16_t port) {
                    return m_network.connect(
                        host, { .kind = network::Endpoint::Kind::Tcp, .path = {}, .host = name, .port = port });
                } };
    }

    Result<void> add_machine(scenario::CastHost const& host, Options const& options)
    {
        auto& place = machine(host.name);
        place.kernel.set_outside(outside_of(HostId { host.name }));
        m_bench->add_address(host.name, HostId { host.name });
        auto listen = TRY(network::Endpoint::parse("unix:///run/drydock.sock"));
        std::optional<network::Endpoint> plain_tcp;
        if (host.tcp)
            plain_tcp = network::Endpoint {
                .kind = network::Endpoint::Kind::Tcp, .path = {}, .host = host.name, .port = daemon_port
            };
        return m_bench->add_machine({ .host = HostId { host.name },
            .scheduler = m_scheduler,
            .network = m_network,
            .storage = *place.storage,
            .runtime = place.runtime,
            .listen = std::move(listen),
            .config = { .host = {},
                .registries = {},
                .driver = daemon::StorageDriver::Simulated,
                .kernel = fmt::format("{} {}", kernel::Kernel::name, kernel::Kernel::release),
                .cores = simulated_cores,
                .memory = simulated_memory,
                .warnings = {},
                .disk = make_memory_disk(m_scheduler, { host.name, options.images, options.folder, host.disk }) },
            .plain_tcp = std::move(plain_tcp),
            .model = options.model,
            .images = options.images });
    }

    VirtualScheduler m_scheduler;
    Random m_random;
    network::SimulatedNetwork m_network;
    std::map<std::string, std::unique_ptr<SimulatedMachine>> m_machines; // hosts and registries
    std::unique_ptr<Bench> m_bench;
};

}

Result<std::unique_ptr<Lab>> open_simulated(Options options, trace::EventLog& log)
{
    return SimulatedLab::open(options, log);
}

}
