#include "sim/time/LiveScheduler.h"

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <thread>

namespace drydock {

namespace {

class LiveCondition final : public Condition {
public:
    void wait(std::unique_lock<std::mutex>& lock) override { m_condition.wait(lock); }
    bool wait_until(std::unique_lock<std::mutex>& lock, Timestamp deadline) override
    {
        std::chrono::system_clock::time_point const point {
            std::chrono::duration_cast<std::chrono::system_clock::duration>(Duration(deadline.nanoseconds))
        };
        return m_condition.wait_until(lock, point) == std::cv_status::no_timeout;
    }
    void notify_all() override { m_condition.notify_all(); }

private:
    std::condition_variable m_condition;
};

class LiveTask final : public Task {
public:
    LiveTask(std::string name, std::function<void()> body)
        : m_thread([this, name = std::move(name), body = std::move(body)] {
            // The kernel keeps 15 characters; see pthread_setname_np(3).
            pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
            body();
            m_finished = true;
        })
    {
    }
    ~LiveTask() override { join(); }
    void join() override
    {
        if (m_thread.joinable())
            m_thread.join();
    }
    bool finished() const override { return m_finished; }

private:
    std::atomic<bool> m_finished { false };
    std::thread m_thread;
};

}

Timestamp LiveScheduler::now() const
{
    return { std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch()).count() };
}

std::unique_ptr<Task> LiveScheduler::spawn(std::string name, std::function<void()> body)
{
    if (!m_enter)
        return std::make_unique<LiveTask>(std::move(name), std::move(body));
    return std::make_unique<LiveTask>(std::move(name), [enter = m_enter, body = std::move(body)] {
        enter();
        body();
    });
}

void LiveScheduler::sleep_for(Duration duration)
{
    std::this_thread::sleep_for(duration);
}

std::unique_ptr<Condition> LiveScheduler::make_condition()
{
    return std::make_unique<LiveCondition>();
}

}
