#pragma once

// A runtime without processes: what a container "does" is decided by its first word, on a task of its own.
//
//   echo WORDS…   writes them and a newline, ends with 0
//   both          writes "out" to stdout and "err" to stderr, ends with 0
//   env, hosts    write the environment, or the engine's /etc/hosts, and end with 0
//   reread        waits for a signal, writes the engine's /etc/hosts as it has become, and ends with 0
//   exit N        ends with N
//   cat           copies stdin to stdout until it is closed
//   linger        waits for a signal, and takes a tenth of a second to end
//   anything else but a few names that are "not there" waits for a signal, and ends with 128 + the signal

#include "engine/runtime/Runtime.h"
#include "sim/time/Scheduler.h"

#include <csignal>
#include <deque>

namespace drydock::tests {

class FakeProcess final : public runtime::ContainerProcess {
public:
    FakeProcess(Scheduler& scheduler, runtime::LaunchSpec spec, runtime::OutputSink sink)
        : m_scheduler(scheduler)
        , m_spec(std::move(spec))
        , m_files { { "/etc/hosts", m_spec.hosts } }
        , m_sink(std::move(sink))
        , m_changed(scheduler.make_condition())
        , m_task(scheduler.spawn("fake " + m_spec.args.front(), [this] { run(); }))
    {
    }
    ~FakeProcess() override
    {
        static_cast<void>(signal(SIGKILL));
        m_task->join();
    }

    std::int64_t host_pid() const override { return 4711; }
    runtime::ExitStatus wait() override
    {
        std::unique_lock lock(m_mutex);
        m_changed->wait(lock, [&] { return m_ended; });
        return m_status;
    }
    bool running() const override
    {
        std::lock_guard const lock(m_mutex);
        return !m_ended;
    }
    Result<void> signal(int number) override
    {
        std::lock_guard const lock(m_mutex);
        // Like PID 1 without handlers: SIGTERM does nothing (except to one that says it listens).
        if (number == SIGKILL || m_spec.args.front() == "listen")
            m_signal = number;
        m_changed->notify_all();
        return {};
    }
    Result<void> pause() override { return {}; }
    Result<void> resume() override { return {}; }
    Result<void> write_stdin(std::string_view bytes) override
    {
        std::lock_guard const lock(m_mutex);
        m_stdin += bytes;
        m_changed->notify_all();
        return {};
    }
    void close_stdin() override
    {
        std::lock_guard const lock(m_mutex);
        m_stdin_closed = true;
        m_changed->notify_all();
    }
    Result<void> resize(std::uint16_t, std::uint16_t) override { return {}; }
    Result<void> rewrite_file(std::string const& path, Change const& change) override
    {
        std::lock_guard const lock(m_mutex);
        m_files[path] = change(m_files[path]);
        return {};
    }
    std::vector<Member> members() const override
    {
        return { { .host_pid = 4711, .command = m_spec.args.front(), .pid = 1 } };
    }

private:
    void run()
    {
        auto const status = work();
        std::lock_guard const lock(m_mutex);
        m_status = status;
        m_ended = true;
        m_changed->notify_all();
    }

    runtime::ExitStatus work()
    {
        auto const& args = m_spec.args;
        if (args[0] == "echo") {
            std::string line;
            for (std::size_t i = 1; i < args.size(); ++i)
                line += (i > 1 ? " " : "") + args[i];
            m_sink.write(false, line + "\n");
            return {};
        }
        if (args[0] == "both") {
            m_sink.write(false, "out\n");
            m_sink.write(true, "err\n");
            return {};
        }
        if (args[0] == "env" || args[0] == "hosts") {
            std::string text = args[0] == "hosts" ? m_spec.hosts : "";
            for (auto const& variable : args[0] == "env" ? m_spec.env : std::vector<std::string> {})
                text += variable + "\n";
            m_sink.write(false, text);
            return {};
        }
        if (args[0] == "exit")
            return { std::stoi(args[1]), 0 };
        if (args[0] == "cat")
            return copy_stdin();
        std::unique_lock lock(m_mutex);
        m_changed->wait(lock, [&] { return m_signal != 0; });
        auto const hosts = m_files["/etc/hosts"];
        lock.unlock();
        if (args[0] == "reread") {
            m_sink.write(false, hosts);
            return {};
        }
        if (args[0] == "linger")
            m_scheduler.sleep_for(std::chrono::milliseconds(100));
        return { 128 + m_signal, m_signal };
    }

    runtime::ExitStatus copy_stdin()
    {
        while (true) {
            std::string bytes;
            {
                std::unique_lock lock(m_mutex);
                m_changed->wait(lock, [&] { return m_signal != 0 || m_stdin_closed || !m_stdin.empty(); });
                if (m_signal != 0)
                    return { 128 + m_signal, m_signal };
                bytes.swap(m_stdin);
                if (bytes.empty())
                    return {};
            }
            m_sink.write(false, bytes);
        }
    }

    Scheduler& m_scheduler;
    runtime::LaunchSpec m_spec;
    std::map<std::string, std::string> m_files; // as they were rewritten
    runtime::OutputSink m_sink;
    std::mutex mutable m_mutex;
    std::unique_ptr<Condition> m_changed;
    std::string m_stdin;
    bool m_stdin_closed { false };
    bool m_ended { false };
    int m_signal { 0 };
    runtime::ExitStatus m_status;
    std::unique_ptr<Task> m_task;
};

// A network namespace that notes what was plugged in; nobody listens there.
class FakeNetwork final : public runtime::NetworkNamespace, public runtime::ModelledNamespace {
public:
    std::int64_t process() const override { return 4711; }
    Result<int> make_socket(int, int, int) override { return fail(ErrorKind::NotSupported, "no sockets here"); }
    ModelledNamespace* modelled() override { return this; }
    void plug(kernel::Interface interface) override { plugged.push_back(std::move(interface)); }
    void unplug(std::string const& network) override
    {
        std::erase_if(plugged, [&](auto const& interface) { return interface.network == network; });
    }
    void set_resolver(std::function<std::optional<std::uint32_t>(std::string const&)>) override { }
    Result<std::unique_ptr<network::ByteStream>> connect(std::uint32_t, std::uint16_t) override
    {
        return fail(ErrorKind::Unavailable, "nobody listens");
    }

    std::vector<kernel::Interface> plugged;
};

class FakeRuntime final : public runtime::Runtime {
public:
    explicit FakeRuntime(Scheduler& scheduler)
        : m_scheduler(scheduler)
    {
    }
    std::string name() const override { return "fake"; }
    Result<std::unique_ptr<runtime::ContainerProcess>> launch(
        runtime::LaunchSpec spec, runtime::OutputSink sink, trace::Publisher) override
    {
        if (spec.args.front() == "nosuchcmd")
            return fail(ErrorKind::NotFound, "exec: \"nosuchcmd\": executable file not found in $PATH");
        if (spec.args.front() == "/etc/passwd")
            return fail(ErrorKind::Forbidden, "exec: \"/etc/passwd\": permission denied");
        if (spec.connect)
            TRY(spec.connect(std::make_shared<FakeNetwork>()));
        return std::make_unique<FakeProcess>(m_scheduler, std::move(spec), std::move(sink));
    }
    Result<std::unique_ptr<runtime::ContainerProcess>> execute(
        runtime::ContainerProcess&, runtime::LaunchSpec spec, runtime::OutputSink sink, trace::Publisher p) override
    {
        return launch(std::move(spec), std::move(sink), std::move(p));
    }

private:
    Scheduler& m_scheduler;
};

}
