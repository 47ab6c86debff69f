// Bench, as far as it runs a machine's own programs: `uname -r`, `sh /srv/greeter`. They live on the machine's disk and
// are made by the same runtime as its containers. They are set-up to nobody's story, so only the command is told.

#include "engine/lab/Bench.h"

#include <fmt/format.h>

#include <csignal>
#include <mutex>

namespace drydock::lab {

namespace {

constexpr Duration longest_run = std::chrono::seconds(60);
constexpr std::uint64_t most_output = 1 << 20; // bytes
constexpr std::uint64_t most_memory = 256 << 20;
constexpr std::int64_t most_processes = 64;

// Ends a program that runs too long or prints too much: nobody sits at this machine who could.
class Patience {
public:
    explicit Patience(Scheduler& scheduler)
        : m_scheduler(scheduler)
        , m_changed(scheduler.make_condition())
    {
    }

    runtime::OutputSink listen_to(client::Terminal const& terminal)
    {
        return { [this, &terminal](bool to_stderr, std::string_view bytes) {
            {
                std::lock_guard const lock(m_mutex);
                m_printed += bytes.size();
                if (m_printed > most_output) {
                    m_changed->notify_all();
                    return;
                }
            }
            terminal.write(to_stderr, bytes);
        } };
    }

    int wait_for(runtime::ContainerProcess& process)
    {
        auto const watch = m_scheduler.spawn("patience", [&] {
            std::unique_lock lock(m_mutex);
            auto const over = [this] { return m_ended || m_printed > most_output; };
            m_changed->wait_until(lock, m_scheduler.now() + longest_run, over);
            if (m_ended)
                return;
            m_lost = true;
            lock.unlock();
            static_cast<void>(process.signal(SIGKILL));
        });
        auto const status = process.wait();
        {
            std::lock_guard const lock(m_mutex);
            m_ended = true;
            m_changed->notify_all();
        }
        watch->join();
        return status.code;
    }

    bool is_lost() const { return m_lost; }

private:
    Scheduler& m_scheduler;
    std::mutex m_mutex;
    std::unique_ptr<Condition> m_changed;
    std::uint64_t m_printed { 0 };
    bool m_ended { false };
    bool m_lost { false };
};

// What a program needs to do with the files of its own disk what root does.
std::vector<std::string> const file_capabilities { "CHOWN", "DAC_OVERRIDE", "FOWNER" };

}

int Bench::run_program(Machine& machine, std::string const& line, client::Terminal const& terminal)
{
    auto const& place = machine.place;
    auto const refuse = [&](int status, std::string const& why) {
        terminal.write(true, why + "\n");
        return status;
    };
    auto const& disk = place.config.disk;
    if (disk == nullptr)
        return refuse(127,
            fmt::format("drydock: {} is this machine itself here, and no scenario's: run its programs in a terminal of "
                        "your own",
                place.host.value));
    auto tree = disk->tree();
    if (!tree)
        return refuse(126, "drydock: " + tree.error().message());
    auto const& host = place.host.value;
    runtime::LaunchSpec spec;
    spec.container = ContainerId { m_random.hex(64) };
    spec.hostname = host;
    spec.args = { "/bin/sh", "-c", line };
    spec.cap_add = file_capabilities;
    spec.cap_drop = { "ALL" };
    spec.limits = { .memory = most_memory, .pids = most_processes };
    spec.hosts = place.hosts.empty() ? runtime::loopback_hosts(host) : "127.0.0.1\tlocalhost\n" + place.hosts;
    spec.directory = disk->directory();
    spec.on_host = true;
    if (spec.directory.empty())
        spec.root = *tree;
    Patience patience(place.scheduler);
    auto process = place.runtime.launch(std::move(spec), patience.listen_to(terminal), trace::Publisher());
    if (!process)
        return refuse(126, "drydock: " + process.error().message());
    int const status = patience.wait_for(**process);
    if (patience.is_lost())
        return refuse(137, "drydock: the program was ended: it ran for a minute, or printed more than 1 MiB");
    return status;
}

}
