#pragma once

// Threads and the wall clock.

#include "sim/time/Scheduler.h"

namespace drydock {

class LiveScheduler final : public Scheduler {
public:
    LiveScheduler() = default;
    // `enter` is the first thing that each thread does: it moves into the network namespace of the machine that its
    // task works for.
    explicit LiveScheduler(std::function<void()> enter)
        : m_enter(std::move(enter))
    {
    }
    Timestamp now() const override;
    std::unique_ptr<Task> spawn(std::string name, std::function<void()> body) override;
    void sleep_for(Duration) override;
    std::unique_ptr<Condition> make_condition() override;

private:
    std::function<void()> m_enter;
};

}
