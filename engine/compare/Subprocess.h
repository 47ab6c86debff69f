#pragma once

// A program that is run to be measured: its first line with the moment at which it came, all that descends from it, and
// its end. Whatever happens, nothing of it is left running.

#include "engine/os/Fd.h"
#include "sim/core/Result.h"
#include "sim/core/Units.h"

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::compare {

using Moment = std::chrono::steady_clock::time_point;

// A descriptor of ours that a program gets, under its own number.
struct Given {
    int ours { -1 };
    int its { -1 };
};

class Subprocess {
public:
    // Standard input is empty; standard error goes where `errors` says, or nowhere. What is given comes last, so that
    // it can stand in for standard error; the numbers of ours lie above all of its.
    static Result<Subprocess> start(std::vector<std::string> const& command, std::string const& errors = "/dev/null",
        std::vector<Given> const& given = {});
    ~Subprocess();
    Subprocess(Subprocess&&) noexcept;
    Subprocess& operator=(Subprocess&&) = delete;

    // Reads on until the output contains `text`; the moment at which it did. Unavailable where the program ended
    // before, with the end of what it said; LimitExceeded after `limit`.
    Result<Moment> wait_for(std::string_view text, Duration limit);
    // Told of every piece of output as it is read.
    void listen(std::function<void(std::string_view)> listener) { m_listener = std::move(listener); }
    // Until it ends; its exit status, or 128 and the signal.
    Result<int> wait(Duration limit);
    // Ends it and all that descends from it.
    void kill();

    Moment started() const { return m_started; }
    std::string const& output() const { return m_output; }
    pid_t pid() const { return m_pid; }
    int descriptor() const { return m_pipe.get(); } // of its output, for whoever reads it himself

private:
    Subprocess(pid_t pid, os::Fd output, Moment started)
        : m_pid(pid)
        , m_pipe(std::move(output))
        , m_started(started)
    {
    }
    // False at the end of the output.
    Result<bool> read_more(Moment until);

    pid_t m_pid; // -1: waited for
    os::Fd m_pipe;
    Moment m_started;
    std::string m_output; // the first MiB
    std::function<void(std::string_view)> m_listener;
};

// Runs it to its end; what it printed. Unavailable where it does not succeed.
Result<std::string> run_program(std::vector<std::string> const& command, Duration limit);

// The program's path, from PATH and the places of the system's own programs; nothing where it is not installed.
std::optional<std::string> find_program(std::string const& name);

// A process and all that descends from it.
std::vector<pid_t> process_tree(pid_t root);

// Bytes in memory of these processes, each shared page counted in parts (smaps_rollup, Pss).
std::uint64_t proportional_memory(std::vector<pid_t> const& processes);

// What the kernel itself holds, from /proc/meminfo: objects (slab), stacks of its threads, page tables.
std::uint64_t kernel_memory();

}
