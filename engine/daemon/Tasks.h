#pragma once

// Tasks that outlive the request which began them: one waits for each running container. All have ended when the
// object goes.

#include "sim/time/Scheduler.h"

#include <vector>

namespace drydock::daemon {

class Tasks {
public:
    explicit Tasks(Scheduler& scheduler)
        : m_scheduler(scheduler)
    {
    }
    ~Tasks() { join(); }

    void spawn(std::string name, std::function<void()> body);
    void join();

private:
    Scheduler& m_scheduler;
    std::mutex m_mutex;
    std::vector<std::unique_ptr<Task>> m_tasks;
};

}
