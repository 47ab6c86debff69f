#pragma once

// Threads and the wall clock.

#include "sim/time/Scheduler.h"

namespace drydock {

class LiveScheduler final : public Scheduler {
public:
    Timestamp now() const override;
    std::unique_ptr<Task> spawn(std::string name, std::function<void()> body) override;
    void sleep_for(Duration) override;
    std::unique_ptr<Condition> make_condition() override;
};

}
