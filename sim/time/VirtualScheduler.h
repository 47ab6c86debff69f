#pragma once

// The scheduler of the simulated world. Tasks are real threads of which exactly one, the holder of the baton, runs at
// a time; whoever blocks hands the baton to a runnable task that the seed picks. When none is runnable, the clock
// jumps to the earliest deadline. So engine code stays plain blocking code, sanitizers and debuggers understand it,
// and the same seed gives the same order.
//
// Time passes only by jumps and by `tick`: one for each context switch and each time a task asks what time it is.
// That makes the moments of a story strictly ordered. Asking from outside (a window that draws) changes nothing.

#include "sim/time/Scheduler.h"

#include <cstdint>

namespace drydock {

class VirtualScheduler final : public Scheduler {
public:
    static constexpr Duration tick = std::chrono::microseconds(1);

    VirtualScheduler(std::uint64_t seed, Timestamp start);
    // Makes every task end, the youngest first: its wait throws something that is no std::exception, so that the
    // stack unwinds. A wait inside a noexcept function or a running destructor cannot be ended that way: end servers
    // properly (close, join) before.
    ~VirtualScheduler() override;

    Timestamp now() const override;
    std::unique_ptr<Task> spawn(std::string name, std::function<void()> body) override;
    void sleep_for(Duration) override;
    std::unique_ptr<Condition> make_condition() override;

    // Runs `root` as a task and the whole world with it, until root has ended and nothing is runnable. Deadlines
    // beyond that stay pending: the clock stands still until the next call. False when root can never end, because
    // nothing is runnable and no deadline is set; it is then made to end, and deadlock_report() says who waited.
    //
    // A thread that is no task may also call anything that blocks (join, Condition::wait, sleep_for): the world runs
    // until that call returns.
    bool run_until_idle(std::function<void()> root);

    // Names the waiting tasks, as of the last deadlock; empty when there was none.
    std::string deadlock_report() const;

    // The name of the task that calls; empty on a thread that is no task.
    static std::string current_task_name();

private:
    struct Impl;
    class VirtualTask;
    class VirtualCondition;
    std::shared_ptr<Impl> m_impl; // conditions and finished tasks may outlive the scheduler
};

}
