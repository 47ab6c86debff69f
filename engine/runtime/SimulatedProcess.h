#pragma once

// A process that SimulatedRuntime started, seen from outside: its streams are pumped to the sink, its end is waited
// for.

#include "engine/runtime/Runtime.h"
#include "sim/kernel/Kernel.h"
#include "sim/time/Scheduler.h"

#include <mutex>
#include <optional>

namespace drydock::runtime {

// Our ends of its pipes; `error` is null with a terminal, `input` where stdin is not open.
struct Streams {
    std::shared_ptr<kernel::OpenFile> input;
    std::shared_ptr<kernel::OpenFile> output;
    std::shared_ptr<kernel::OpenFile> error;
};
Streams open_streams(kernel::Kernel&, kernel::Process&, bool open_stdin, bool tty);

// What a second process needs in order to enter.
struct SimulatedContainer {
    kernel::Namespaces namespaces;
    std::shared_ptr<kernel::Cgroup> cgroup;
    bool shares_pids { false }; // its pid namespace is not its own: its cgroup says which processes are
    bool is_first { true };     // and not one that `docker exec` brought in
};

struct SimulatedPids {
    std::int64_t host { 0 };
    std::int64_t inner { 0 };
};

class SimulatedProcess final : public ContainerProcess {
public:
    SimulatedProcess(kernel::Kernel&, Scheduler&, SimulatedContainer, SimulatedPids, ContainerId, bool tty, Streams,
        OutputSink, trace::Publisher);
    ~SimulatedProcess() override;

    SimulatedContainer const& container() const { return m_container; }

    std::int64_t host_pid() const override { return m_pids.host; }
    ExitStatus wait() override;
    bool running() const override;
    Result<void> signal(int number) override;
    Result<void> pause() override;
    Result<void> resume() override;
    Result<void> set_limits(Limits const&) override; // processor time has no limit here
    Result<void> rewrite_file(std::string const& path, Change const&) override;
    Result<void> write_stdin(std::string_view bytes) override;
    void close_stdin() override;
    Result<void> resize(std::uint16_t rows, std::uint16_t columns) override;
    std::vector<Member> members() const override;

private:
    void watch();
    void pump(kernel::OpenFile&, bool to_stderr);
    void deliver(bool to_stderr, std::string_view bytes);
    void interrupt();

    kernel::Kernel& m_kernel;
    SimulatedContainer m_container;
    SimulatedPids m_pids;
    ContainerId m_id;
    bool m_tty;
    Streams m_streams;
    OutputSink m_sink;
    trace::Publisher m_publisher;
    Scheduler& m_scheduler;
    mutable std::mutex m_mutex;
    std::unique_ptr<Condition> m_ended;
    std::optional<ExitStatus> m_status;
    std::unique_ptr<Task> m_watch;
};

}
