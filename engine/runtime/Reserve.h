#pragma once

// Monitors that wait for their order. Starting a program takes half a millisecond, and moving it into version 1 cgroups
// ten, because the kernel waits for a grace period; both are done here before anybody asks.

#include "engine/runtime/Cgroup.h"
#include "engine/runtime/InitProcess.h"
#include "sim/time/Scheduler.h"

#include <deque>
#include <mutex>

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
    Result<Standby> make();
    void keep_filled();

    InitProgram const& m_program;
    Cgroups const& m_cgroups;
    std::size_t const m_size;

    std::mutex m_mutex;
    std::unique_ptr<Condition> m_changed;
    std::deque<Standby> m_ready;
    std::uint64_t m_made { 0 };
    bool m_ending { false };
    std::unique_ptr<Task> m_filler; // last: it uses all of the above
};

}
