#pragma once

// A container's process on the real kernel. One task pumps: it carries output to the sink, watches drydock-init, and
// when the process has ended, drains what it wrote, clears away what belonged to it, and lets the waiters go.

#include "engine/os/Fd.h"
#include "engine/runtime/Cgroup.h"
#include "engine/runtime/InitProcess.h"
#include "engine/runtime/Runtime.h"
#include "sim/time/Scheduler.h"

#include <memory>
#include <mutex>
#include <optional>

namespace drydock::runtime {

struct LiveProcessParts {
    ContainerId container;
    int pid { -1 };               // of the program, as the host counts
    std::int64_t inner_pid { 1 }; // as the container counts
    bool is_guest { false };      // entered a container that another one began
    bool shares_pids { false };   // its pid namespace is not its own: its cgroup says which processes are
    os::Fd pidfd;
    os::Fd standard_input; // our ends; with a terminal, only that
    os::Fd standard_output;
    os::Fd standard_error;
    os::Fd terminal;
    std::shared_ptr<Cgroup> cgroup;                // null where there are none; a guest shares its host's
    std::vector<std::shared_ptr<void>> belongings; // let go in reverse order once all processes are dead
    std::vector<init::SharedNamespace> hosts;      // namespaces that are the host's, which nobody need enter
    std::optional<InitProcess> init;               // last, so that it goes first and takes the processes along
};

class LiveProcess final : public ContainerProcess {
public:
    LiveProcess(LiveProcessParts, OutputSink, trace::Publisher, Scheduler&);
    ~LiveProcess() override;

    std::int64_t host_pid() const override { return m_parts.pid; }
    ExitStatus wait() override;
    bool running() const override;
    Result<void> signal(int number) override;
    Result<void> pause() override;
    Result<void> resume() override;
    Result<void> write_stdin(std::string_view bytes) override;
    void close_stdin() override;
    Result<void> resize(std::uint16_t rows, std::uint16_t columns) override;
    std::vector<Member> members() const override;
    Usage usage() const override;
    Result<void> set_limits(Limits const&) override;
    Result<void> rewrite_file(std::string const& path, Change const&) override;

    int pidfd() const { return m_parts.pidfd.get(); }
    int init_pid() const { return m_parts.init->pid(); }
    std::shared_ptr<Cgroup> const& cgroup() const { return m_parts.cgroup; }
    std::vector<init::SharedNamespace> const& shared_with_host() const { return m_parts.hosts; }

private:
    void pump();
    void deliver(os::Fd& from, bool to_stderr);
    void drain();
    void kill_the_rest();
    ExitStatus hear_exit();
    void clear_away();
    Result<void> send(int number);

    LiveProcessParts m_parts;
    OutputSink m_sink;
    trace::Publisher m_publisher;
    std::uint64_t m_pid_namespace;

    mutable std::mutex m_mutex;
    std::unique_ptr<Condition> m_changed;
    std::optional<ExitStatus> m_status;
    std::shared_ptr<os::Fd> m_input; // shared with a writer that is at it
    std::shared_ptr<os::Fd> m_terminal;
    std::unique_ptr<Task> m_pump; // last: it uses all of the above
};

std::string signal_name(int number); // "SIGTERM"

}
