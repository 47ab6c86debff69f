#include "engine/lab/Bench.h"
#include "engine/os/LiveNetwork.h"
#include "engine/runtime/LiveRuntime.h"
#include "sim/time/LiveScheduler.h"

#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include <algorithm>
#include <thread>

namespace fs = std::filesystem;

namespace drydock::lab {

namespace {

std::string kernel_name()
{
    utsname name {};
    ::uname(&name);
    return std::string(name.sysname) + " " + name.release;
}

std::uint64_t memory_size()
{
    struct sysinfo info { };
    ::sysinfo(&info);
    return std::uint64_t { info.totalram } * info.mem_unit;
}

daemon::StorageDriver probed_driver(Options const& options)
{
    auto const findings = runtime::probe(options.init_program);
    return findings ? preferred_driver(*findings) : daemon::StorageDriver::Overlay;
}

daemon::Config describe_machine(Options const& options)
{
    daemon::Config config;
    config.host = options.host;
    config.driver = options.driver ? *options.driver : probed_driver(options);
    config.kernel = kernel_name();
    config.cores = static_cast<std::int64_t>(std::thread::hardware_concurrency());
    config.memory = memory_size();
    config.encryption = true;
    config.certificates = options.data_root / "certs.d";
    return config;
}

}

daemon::StorageDriver preferred_driver(std::vector<runtime::Finding> const& findings)
{
    bool const fuse_works = std::any_of(findings.begin(), findings.end(),
        [](auto const& finding) { return finding.subject == "fuse" && finding.works; });
    return fuse_works ? daemon::StorageDriver::Fuse : daemon::StorageDriver::Overlay;
}

namespace {

class LiveLab final : public Lab {
public:
    static Result<std::unique_ptr<Lab>> open(Options const& options, trace::EventLog& log)
    {
        std::error_code error;
        fs::create_directories(options.data_root, error);
        if (error)
            return fail(Error::from_errno("mkdir(2)", error.value())
                            .with_context("making the data root " + options.data_root.string()));
        std::unique_ptr<LiveLab> lab(new LiveLab);
        lab->m_daemon_storage = TRY(content::open_directory_storage(options.data_root / "daemon"));
        lab->m_hub_storage = TRY(content::open_directory_storage(options.data_root / "hub"));
        lab->m_runtime = TRY(runtime::LiveRuntime::create(
            { .init_program = options.init_program, .state_directory = options.data_root / "run" }, lab->m_scheduler));
        auto own_socket = TRY(network::Endpoint::parse("unix://" + (options.data_root / "drydock.sock").string()));
        auto hub_endpoint = TRY(network::Endpoint::parse("tcp://127.0.0.1:0"));
        Endpoints const endpoints { .daemon = options.listen.value_or(std::move(own_socket)),
            .hub = std::move(hub_endpoint) };
        Ground ground { lab->m_scheduler, lab->m_random, lab->m_network, *lab->m_daemon_storage, *lab->m_hub_storage,
            *lab->m_runtime, log, trace::Provenance::Live, describe_machine(options), options.tls };
        lab->m_bench = TRY(Bench::set_up(std::move(ground), endpoints, hub_machine, options.images));
        return lab;
    }

    World world() const override { return World::Live; }
    Clock const& clock() const override { return m_scheduler; }
    network::Endpoint daemon_endpoint() const override { return m_bench->daemon_endpoint(); }
    int run(std::string const& line, client::Terminal const& terminal) override { return m_bench->run(line, terminal); }
    Result<std::string> read_file(std::string const& container, std::string const& path) override
    {
        return m_bench->daemon().read_file(container, path);
    }

private:
    LiveLab() = default;

    LiveScheduler m_scheduler;
    Random m_random { Random::seed_from_system() };
    os::LiveNetwork m_network;
    std::unique_ptr<content::Storage> m_daemon_storage;
    std::unique_ptr<content::Storage> m_hub_storage;
    std::unique_ptr<runtime::Runtime> m_runtime;
    std::unique_ptr<Bench> m_bench;
};

}

Result<std::unique_ptr<Lab>> open_live(Options options, trace::EventLog& log)
{
    return LiveLab::open(options, log);
}

}
