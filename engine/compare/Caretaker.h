#pragma once

// Clears away behind us if we are killed, when no destructor runs: ends a group of processes and removes a directory.
// It is a shell that waits at a pipe whose other end only we hold; the kernel closes that end however we go. (A signal
// at the parent's death, PR_SET_PDEATHSIG, reaches one process: User-Mode Linux begins others, which sleep on.)

#include "engine/os/Fd.h"
#include "sim/core/Result.h"

#include <sys/types.h>

#include <filesystem>

namespace drydock::compare {

class Caretaker {
public:
    // `group` 0: no processes. An empty directory: none.
    static Result<Caretaker> watch(pid_t group, std::filesystem::path const& directory);
    Caretaker(Caretaker&&) noexcept;
    ~Caretaker(); // there is nothing left to do: it goes without having done anything

private:
    Caretaker(pid_t pid, os::Fd lifeline)
        : m_pid(pid)
        , m_lifeline(std::move(lifeline))
    {
    }
    pid_t m_pid;
    os::Fd m_lifeline;
};

}
