#include "engine/lab/Bench.h"
#include "engine/lab/Disk.h"
#include "engine/network/Neighbourhood.h"
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
    config.driver = *options.driver;
    config.kernel = kernel_name();
    config.cores = static_cast<std::int64_t>(std::thread::hardware_concurrency());
    config.memory = memory_size();
    config.encryption = true;
    config.certificates = options.data_root / "certs.d";
    config.resumes = options.resumes;
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

// One machine of the lab: its threads, its stores, its way to make containers.
struct LiveMachine {
    explicit LiveMachine(std::function<void()> enter)
        : scheduler(std::move(enter))
    {
    }
    LiveScheduler scheduler;
    std::unique_ptr<content::Storage> storage;
    std::unique_ptr<runtime::Runtime> runtime;
};

class LiveLab final : public Lab {
public:
    static Result<std::unique_ptr<Lab>> open(Options const& options, trace::EventLog& log)
    {
        TRY(make_directory(options.data_root));
        std::unique_ptr<LiveLab> lab(new LiveLab(options, log));
        if (!lab->m_options.driver) // tried out once, for all hosts
            lab->m_options.driver = probed_driver(options);
        if (needs_namespaces(options.cast))
            TRY_WITH("several hosts, or a firewall, need root in the live world; --world simulated does without",
                lab->lay_cables());
        for (auto const& registry : registries_of(options.cast))
            TRY_WITH("opening the registry " + registry.name, lab->add_registry(registry));
        for (auto const& host : options.cast.hosts)
            TRY_WITH("opening the daemon on " + host.name, lab->add_machine(host));
        return lab;
    }

    World world() const override { return World::Live; }
    Clock const& clock() const override { return m_clock; }
    std::vector<HostId> hosts() const override { return m_bench->hosts(); }
    network::Endpoint daemon_endpoint(HostId const& host) const override { return m_bench->daemon_endpoint(host); }
    int run(HostId const& host, std::string const& line, client::Terminal const& terminal) override
    {
        int status = 125;
        on(*m_machines.at(host.value), [&] { status = m_bench->run(host, line, terminal); });
        return status;
    }
    void resume() override
    {
        for (auto const& host : hosts())
            on(*m_machines.at(host.value), [&] { m_bench->resume(host); });
    }
    Result<std::string> read_file(HostId const& host, std::string const& container, std::string const& path) override
    {
        return m_bench->read_file(host, container, path);
    }
    Result<std::string> look(HostId const& host, std::string const& path) override { return m_bench->look(host, path); }

private:
    LiveLab(Options const& options, trace::EventLog& log)
        : m_options(options)
        , m_bench(std::make_unique<Bench>(m_random, log, trace::Provenance::Live,
              [this](FaultDo wanted, HostId const& a, HostId const& b) { return cut_link(wanted, a, b); }))
    {
    }

    static Result<void> make_directory(fs::path const& path)
    {
        std::error_code error;
        fs::create_directories(path, error);
        if (error)
            return fail(Error::from_errno("mkdir(2)", error.value()).with_context("making " + path.string()));
        return {};
    }

    Result<void> lay_cables()
    {
        auto const registries = registries_of(m_options.cast);
        std::vector<std::string> names;
        for (auto const& host : m_options.cast.hosts)
            names.push_back(host.name);
        for (auto const& registry : registries)
            names.push_back(registry.name); // no host's: those have no dot and no colon
        m_neighbourhood = TRY(networking::Neighbourhood::make(names));
        std::map<std::string, std::string> addresses;
        for (auto const& host : m_options.cast.hosts)
            addresses[host.name] = networking::to_text(m_neighbourhood->address_of(host.name));
        for (auto const& registry : registries)
            TRY(wall_off(registry));
        for (auto const& [name, address] : addresses)
            m_bench->add_address(address, HostId { name });
        for (auto const& [name, address] : addresses)
            m_hosts_file += address + "\t" + name + "\n";
        m_network = os::LiveNetwork(std::move(addresses));
        return {};
    }

    Result<void> wall_off(scenario::CastRegistry const& registry)
    {
        for (auto const& host : m_options.cast.hosts) {
            if (!registry.is_reachable_from(host.name))
                TRY(m_neighbourhood->prohibit(host.name, registry.name));
        }
        return {};
    }

    // Between two network namespaces nothing passes. One machine alone has no link that could be cut.
    Result<void> cut_link(FaultDo wanted, HostId const& a, HostId const& b)
    {
        if (!m_neighbourhood)
            return fail(ErrorKind::NotSupported,
                "this lab is one machine, without a link to cut; `drydock break registry` does what comes nearest");
        auto const name
            = [](HostId const& host) { return host.value == "hub" ? std::string(scenario::public_hub) : host.value; };
        return wanted == FaultDo::Break ? m_neighbourhood->cut(name(a), name(b))
                                        : m_neighbourhood->mend(name(a), name(b));
    }

    LiveMachine& machine(std::string const& name)
    {
        auto& made = m_machines[name];
        if (!made)
            made = std::make_unique<LiveMachine>(m_neighbourhood
                    ? [places = m_neighbourhood.get(), name] { places->enter(name); }
                    : std::function<void()>());
        return *made;
    }

    // Does it on a thread of that machine: what is made there is made in its network namespace.
    static void on(LiveMachine& machine, std::function<void()> const& work)
    {
        machine.scheduler.spawn("lab", work)->join();
    }

    Result<void> add_registry(scenario::CastRegistry const& registry)
    {
        auto& place = machine(registry.name);
        bool const is_hub = registry.name == scenario::public_hub;
        auto const root = m_options.data_root / (is_hub ? "hub" : "registries/" + registry.name);
        TRY(make_directory(root));
        place.storage = TRY(content::open_directory_storage(root));
        std::string const own = m_neighbourhood
            ? networking::to_text(m_neighbourhood->address_of(registry.name)) + ":" + std::to_string(registry_port)
            : "127.0.0.1:0";
        auto const listen = TRY(network::Endpoint::parse("tcp://" + own));
        Result<void> added;
        on(place, [&] {
            added = m_bench->add_registry({ .host = host_of(registry),
                                              .cast = registry,
                                              .scheduler = place.scheduler,
                                              .network = m_network,
                                              .storage = *place.storage,
                                              .listen = listen },
                m_options.images);
        });
        return added;
    }

    Result<void> add_machine(scenario::CastHost const& host)
    {
        bool const is_first = m_bench->hosts().empty();
        auto const root = is_first ? m_options.data_root : m_options.data_root / "hosts" / host.name;
        TRY(make_directory(root));
        auto& place = machine(host.name);
        auto const socket = TRY(network::Endpoint::parse("unix://" + (root / "drydock.sock").string()));
        std::optional<network::Endpoint> plain_tcp;
        if (host.tcp && m_neighbourhood)
            plain_tcp = network::Endpoint { .kind = network::Endpoint::Kind::Tcp,
                .path = {},
                .host = networking::to_text(m_neighbourhood->address_of(host.name)),
                .port = daemon_port };
        Result<void> added;
        on(place, [&] {
            added = [&]() -> Result<void> {
                place.storage = TRY(content::open_directory_storage(root / "daemon"));
                place.runtime = TRY(runtime::LiveRuntime::create(
                    { .init_program = m_options.init_program, .state_directory = root / "run" }, place.scheduler));
                auto config = describe_machine(m_options);
                if (!m_options.folder.empty())
                    config.disk = make_directory_disk(
                        root / "disk", { host.name, m_options.images, m_options.folder, host.disk });
                return m_bench->add_machine({ .host = HostId { host.name },
                    .scheduler = place.scheduler,
                    .network = m_network,
                    .storage = *place.storage,
                    .runtime = *place.runtime,
                    .listen = is_first ? m_options.listen.value_or(socket) : socket,
                    .config = std::move(config),
                    .plain_tcp = plain_tcp,
                    .tls = is_first ? m_options.tls : std::nullopt,
                    .model = m_options.model,
                    .images = m_options.images,
                    .guest_programs = m_options.guest_programs,
                    .hosts = m_hosts_file });
            }();
        });
        return added;
    }

    Options m_options;
    LiveScheduler m_clock;
    Random m_random { Random::seed_from_system() };
    os::LiveNetwork m_network;
    std::unique_ptr<networking::Neighbourhood> m_neighbourhood;
    std::string m_hosts_file;                                       // who is who between them
    std::map<std::string, std::unique_ptr<LiveMachine>> m_machines; // hosts and registries
    std::unique_ptr<Bench> m_bench;
};

}

Result<std::unique_ptr<Lab>> open_live(Options options, trace::EventLog& log)
{
    return LiveLab::open(options, log);
}

}
