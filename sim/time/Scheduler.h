#pragma once

// The first seam between the worlds: who runs, when, and what time it is.
//
// Engine code is written as plain blocking tasks. In the live world a task is a thread and time is the wall clock
// (LiveScheduler). In the simulated world exactly one task runs at a time, the seed picks the next one, and when all
// wait, the clock jumps to the earliest deadline (VirtualScheduler): same seed, same order, same trace.
//
// The rule that makes this work: a task blocks only through this interface (sleep_for, Condition, Task::join, or a
// stream or file built on them), and never while it holds a mutex other than the one it passes to Condition::wait.

#include "sim/core/Units.h"

#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace drydock {

// What time it is. Passed in wherever time matters; nobody reads a clock of their own.
class Clock {
public:
    virtual ~Clock() = default;
    virtual Timestamp now() const = 0;
};

// A place to wait for a change of state that a mutex guards; as std::condition_variable, in either world.
class Condition {
public:
    virtual ~Condition() = default;
    virtual void wait(std::unique_lock<std::mutex>& lock) = 0;
    // False when `deadline` came first.
    virtual bool wait_until(std::unique_lock<std::mutex>& lock, Timestamp deadline) = 0;
    virtual void notify_all() = 0;

    template <class Predicate> void wait(std::unique_lock<std::mutex>& lock, Predicate predicate)
    {
        while (!predicate())
            wait(lock);
    }
    template <class Predicate>
    bool wait_until(std::unique_lock<std::mutex>& lock, Timestamp deadline, Predicate predicate)
    {
        while (!predicate()) {
            if (!wait_until(lock, deadline))
                return predicate();
        }
        return true;
    }
};

// A running task; destroying it waits for its end.
class Task {
public:
    virtual ~Task() = default;
    virtual void join() = 0;
    virtual bool finished() const = 0;
};

class Scheduler : public Clock {
public:
    // `name` shows up in debuggers and in the trace of a failing simulation.
    virtual std::unique_ptr<Task> spawn(std::string name, std::function<void()> body) = 0;
    virtual void sleep_for(Duration) = 0;
    virtual std::unique_ptr<Condition> make_condition() = 0;
};

}
