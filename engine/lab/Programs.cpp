// Bench, as far as it runs a machine's own programs: `uname -r`, `sh /srv/greeter`. They live on the machine's disk and
// are made by the same runtime as its containers. They are set-up to nobody's story, so only the command is told.

#include "engine/lab/Bench.h"

#include <fmt/format.h>

#include <array>
#include <csignal>
#include <mutex>

namespace drydock::lab {

namespace {

constexpr Duration longest_run = std::chrono::seconds(60);
constexpr std::uint64_t most_output = 1 << 20; // bytes
constexpr std::uint64_t most_memory = 256 << 20;
constexpr std::int64_t most_processes = 64;

// Whole lines, in whatever pieces a program writes them: one is read aloud, and not its halves.
class Lines {
public:
    explicit Lines(client::Terminal const& terminal)
        : m_terminal(terminal)
    {
    }
    void write(bool to_stderr, std::string_view bytes)
    {
        auto& begun = m_begun[to_stderr ? 1 : 0];
        begun += bytes;
        auto const end = begun.rfind('\n');
        if (end == std::string::npos)
            return;
        m_terminal.write(to_stderr, begun.substr(0, end + 1));
        begun.erase(0, end + 1);
    }
    void finish()
    {
        for (bool const to_stderr : { false, true }) {
            if (auto const& begun = m_begun[to_stderr ? 1 : 0]; !begun.empty())
                m_terminal.write(to_stderr, begun);
        }
    }

private:
    client::Terminal const& m_terminal;
    std::array<std::string, 2> m_begun;
};

// Ends a program that runs too long or prints too much: nobody sits at this machine who could.
class Patience {
public:
    Patience(Scheduler& scheduler, client::Terminal const& terminal)
        : m_scheduler(scheduler)
        , m_changed(scheduler.make_condition())
        , m_lines(terminal)
    {
    }

    runtime::OutputSink sink()
    {
        return { [this](bool to_stderr, std::string_view bytes) {
            std::lock_guard const lock(m_mutex);
            m_printed += bytes.size();
            if (m_printed > most_output)
                m_changed->notify_all();
            else
                m_lines.write(to_stderr, bytes);
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
        m_lines.finish();
        return status.code;
    }

    bool is_lost() const { return m_lost; }

private:
    Scheduler& m_scheduler;
    std::mutex m_mutex;
    std::unique_ptr<Condition> m_changed;
    Lines m_lines;
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
    Patience patience(place.scheduler, terminal);
    auto process = place.runtime.launch(std::move(spec), patience.sink(), trace::Publisher());
    if (!process)
        return refuse(126, "drydock: " + process.error().message());
    int const status = patience.wait_for(**process);
    if (patience.is_lost())
        return refuse(137, "drydock: the program was ended: it ran for a minute, or printed more than 1 MiB");
    return status;
}

}
