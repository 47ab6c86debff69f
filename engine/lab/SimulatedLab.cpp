#include "engine/lab/Bench.h"
#include "engine/runtime/SimulatedRuntime.h"
#include "sim/kernel/Kernel.h"
#include "sim/network/SimulatedNetwork.h"
#include "sim/time/VirtualScheduler.h"

namespace drydock::lab {

namespace {

// The story begins on a Monday morning: 2026-01-05 09:00:00 UTC.
constexpr Timestamp story_begins { 1'767'603'600'000'000'000 };
constexpr std::string_view simulated_kernel = "Drydock simulated kernel";
constexpr std::uint64_t simulated_memory = 8'000'000'000; // bytes
constexpr std::int64_t simulated_cores = 4;

class SimulatedLab final : public Lab {
public:
    static Result<std::unique_ptr<Lab>> open(Options const& options, trace::EventLog& log)
    {
        std::unique_ptr<SimulatedLab> lab(new SimulatedLab(options));
        Result<void> opened;
        lab->m_scheduler.run_until_idle([&] { opened = lab->set_up(options, log); });
        TRY(std::move(opened));
        return lab;
    }

    // Servers end inside the world: their tasks have to run once more to see that they are closed.
    ~SimulatedLab() override
    {
        m_scheduler.run_until_idle([this] { m_bench.reset(); });
    }

    World world() const override { return World::Simulated; }
    Clock const& clock() const override { return m_scheduler; }
    network::Endpoint daemon_endpoint() const override { return m_bench->daemon_endpoint(); }

    int run(std::string const& line, client::Terminal const& terminal) override
    {
        int status = 125;
        if (!m_scheduler.run_until_idle([&] { status = m_bench->run(line, terminal); }))
            terminal.write(true,
                "drydock: nothing in the simulated world can go on; waiting are " + m_scheduler.deadlock_report()
                    + "\n");
        return status;
    }

    Result<std::string> read_file(std::string const& container, std::string const& path) override
    {
        Result<std::string> content;
        m_scheduler.run_until_idle([&] { content = m_bench->daemon().read_file(container, path); });
        return content;
    }

private:
    explicit SimulatedLab(Options const& options)
        : m_scheduler(options.seed, story_begins)
        , m_random(options.seed)
        , m_network(m_scheduler)
        , m_daemon_storage(content::make_memory_storage())
        , m_hub_storage(content::make_memory_storage())
        , m_kernel(m_scheduler, options.host.value)
        , m_runtime(m_kernel, m_scheduler)
    {
    }

    Result<void> set_up(Options const& options, trace::EventLog& log)
    {
        m_network.add_host(options.host);
        m_network.add_host(hub_machine, { "hub.docker.sim" });
        auto daemon_endpoint = TRY(network::Endpoint::parse("unix:///run/drydock.sock"));
        auto hub_endpoint = TRY(network::Endpoint::parse("tcp://hub.docker.sim:443"));
        Endpoints const endpoints { .daemon = std::move(daemon_endpoint), .hub = std::move(hub_endpoint) };
        daemon::Config config { .host = options.host,
            .registries = {},
            .driver = daemon::StorageDriver::Simulated,
            .kernel = std::string(simulated_kernel),
            .cores = simulated_cores,
            .memory = simulated_memory,
            .warnings = {} };
        Ground ground { m_scheduler, m_random, m_network, *m_daemon_storage, *m_hub_storage, m_runtime, log,
            trace::Provenance::Simulated, std::move(config) };
        m_bench = TRY(Bench::set_up(std::move(ground), endpoints, hub_machine, options.images));
        return {};
    }

    VirtualScheduler m_scheduler;
    Random m_random;
    network::SimulatedNetwork m_network;
    std::unique_ptr<content::Storage> m_daemon_storage;
    std::unique_ptr<content::Storage> m_hub_storage;
    kernel::Kernel m_kernel;
    runtime::SimulatedRuntime m_runtime;
    std::unique_ptr<Bench> m_bench;
};

}

Result<std::unique_ptr<Lab>> open_simulated(Options options, trace::EventLog& log)
{
    return SimulatedLab::open(options, log);
}

}
