#pragma once

// A small image (the statically linked busybox, a passwd file) and a runtime to launch it with: as root in one run of
// these tests, as an ordinary user in another.

#include "engine/runtime/LiveRuntime.h"
#include "sim/time/LiveScheduler.h"
#include "tests/support/Catch.h"
#include "tests/support/Events.h"
#include "tests/support/LeakCheck.h"
#include "tests/support/TemporaryDirectory.h"

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>

namespace drydock::tests {

class Containers {
public:
    explicit Containers(runtime::LiveOptions options = {});
    ~Containers(); // CHECKs that nothing was left

    // A specification that runs `command` by sh -c in a fresh root.
    runtime::LaunchSpec shell(std::string const& command);
    runtime::LaunchSpec program(std::vector<std::string> args);

    // The same on our own union filesystem instead of the kernel's.
    runtime::LaunchSpec on_fuse(runtime::LaunchSpec spec);

    Result<std::unique_ptr<runtime::ContainerProcess>> launch(runtime::LaunchSpec spec);
    Result<std::unique_ptr<runtime::ContainerProcess>> execute(runtime::ContainerProcess& in, runtime::LaunchSpec spec);
    runtime::OutputSink sink();

    struct Run {
        runtime::ExitStatus status;
        std::string out;
        std::string err;
    };
    Run run(runtime::LaunchSpec spec); // launch and wait; REQUIREs that it starts

    std::string out() const;
    std::string err() const;
    // Waits until the output holds `text`.
    void await_output(std::string const& text);

    std::filesystem::path image() const { return m_directory.path() / "image"; }
    trace::EventLog log;
    LiveScheduler scheduler;

    template <class E> std::vector<E> events() const { return tests::events_of<E>(log); }

private:
    void make_image() const;

    LeakCheck m_leaks;
    TemporaryDirectory m_directory;
    std::unique_ptr<runtime::LiveRuntime> m_runtime;
    int m_count { 0 };
    mutable std::mutex m_mutex;
    std::condition_variable m_more;
    std::string m_out;
    std::string m_err;
};

// /dev/fuse is for everybody on desktops, and for root alone on some servers.
inline bool has_fuse()
{
    return ::access("/dev/fuse", R_OK | W_OK) == 0;
}

inline bool is_root()
{
    return ::geteuid() == 0;
}

}
