#pragma once

// Monitors that wait for their order. Starting a program takes half a millisecond, and moving it into version 1 cgroups
// ten, because the kernel waits for a grace period; both are done here before anybody asks. While it waits it holds the
// lock of all cgroups, at which then a clone3(2) and an rmdir(2) of others wait as well. Moves right after another
// share its grace period. So the reserve is filled in a quiet moment, and under way only when it runs low, several at
// once.

#include "engine/runtime/Cgroup.h"
#include "engine/runtime/InitProcess.h"
#include "sim/time/Scheduler.h"

#include <deque>
#include <mutex>
#include <vector>

namespace drydock::runtime {

struct Standby {
    std::shared_ptr<Cgroup> cgroup; // not yet any container's; null where there are no cgroups
    InitProcess init;               // lives in it, so it has to go first
};

class Reserve {
public:
    // Keeps `size` of them ready from now on.
    Reserve(InitProgram const&, Cgroups const&, Scheduler&, std::size_t size);
    ~Reserve();

    // One that is ready, or else a new one; the next is made meanwhile.
    Result<Standby> take();

private:
    Result<std::vector<Standby>> make(std::size_t count);
    void keep_filled();
    bool is_low() const { return m_ready.size() <= m_size / 4; }

    InitProgram const& m_program;
    Cgroups const& m_cgroups;
    Scheduler& m_scheduler;
    std::size_t const m_size;

    std::mutex m_mutex;
    std::unique_ptr<Condition> m_changed;
    std::deque<Standby> m_ready;
    std::uint64_t m_made { 0 };
    Timestamp m_last_taken {};
    bool m_ending { false };
    std::unique_ptr<Task> m_filler; // last: it uses all of the above
};

}
