#include "engine/daemon/Tasks.h"

namespace drydock::daemon {

void Tasks::spawn(std::string name, std::function<void()> body)
{
    auto task = m_scheduler.spawn(std::move(name), std::move(body));
    std::vector<std::unique_ptr<Task>> finished; // goes after the lock has
    std::lock_guard const lock(m_mutex);
    for (auto& each : m_tasks) {
        if (each->finished())
            finished.push_back(std::move(each));
    }
    std::erase(m_tasks, nullptr);
    m_tasks.push_back(std::move(task));
}

void Tasks::join()
{
    while (true) {
        std::vector<std::unique_ptr<Task>> running;
        {
            std::lock_guard const lock(m_mutex);
            running.swap(m_tasks);
        }
        if (running.empty())
            return;
        for (auto const& task : running)
            task->join();
    }
}

}
