#include "sim/time/VirtualScheduler.h"

#include "sim/core/Random.h"
#include "sim/core/Verify.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <map>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace drydock {

namespace {

// Unwinds the stack of a task that has to end. Not a std::exception, so that no ordinary handler takes it for one.
struct Unwind { };

enum class Blocked : std::uint8_t { No, Sleeping, OnCondition, Joining };

// A task, or a thread from outside while it waits.
struct Participant {
    std::string name;
    void const* world { nullptr };
    bool outside { false };
    std::function<void()> body;
    std::thread thread;
    std::condition_variable turn;

    // All below is guarded by the world's mutex.
    Blocked blocked { Blocked::No };
    Participant* joined { nullptr };                             // when Joining
    std::optional<std::pair<Timestamp, std::uint64_t>> deadline; // key in Impl::deadlines
    std::vector<Participant*>* queue { nullptr };                // the waiters or joiners it stands among
    std::vector<Participant*> joiners;
    bool timed_out { false };
    bool must_unwind { false };
    bool finished { false };
};

thread_local Participant* t_current = nullptr;

}

struct VirtualScheduler::Impl {
    Impl(std::uint64_t seed, Timestamp start)
        : random(seed)
        , clock(start.nanoseconds)
    {
    }

    mutable std::mutex mutex;
    Random random;
    std::atomic<std::int64_t> clock;
    std::vector<std::shared_ptr<Participant>> tasks; // alive, oldest first
    std::vector<std::shared_ptr<Participant>> dead;  // their threads want to be joined
    std::vector<Participant*> runnable;              // in the order in which they became so
    std::map<std::pair<Timestamp, std::uint64_t>, Participant*> deadlines;
    std::uint64_t next_deadline { 0 };
    Participant* running { nullptr }; // null: the world is at rest
    std::condition_variable at_rest;
    std::size_t outsiders_waiting { 0 }; // for them the clock may jump
    std::string report;

    Timestamp now() const { return { clock.load(std::memory_order_relaxed) }; }
    void advance() { clock.fetch_add(tick.count(), std::memory_order_relaxed); }
    bool owns_this_thread() const { return t_current != nullptr && t_current->world == this; }

    void set_deadline(Participant& who, Timestamp when)
    {
        who.deadline = std::pair(when, next_deadline++);
        deadlines.emplace(*who.deadline, &who);
    }

    void wake(Participant& who)
    {
        if (who.blocked == Blocked::No)
            return;
        if (who.deadline)
            deadlines.erase(*std::exchange(who.deadline, std::nullopt));
        if (who.queue != nullptr)
            std::erase(*std::exchange(who.queue, nullptr), &who);
        who.blocked = Blocked::No;
        if (who.outside)
            --outsiders_waiting;
        else
            runnable.push_back(&who);
    }

    void wake_all(std::vector<Participant*>& queue)
    {
        while (!queue.empty())
            wake(*queue.front());
    }

    void wake_due()
    {
        while (!deadlines.empty() && deadlines.begin()->first.first <= now()) {
            auto& who = *deadlines.begin()->second;
            who.timed_out = true;
            wake(who);
        }
    }

    // Gives the baton to a runnable task, or lays it down where there is none.
    void pass_baton()
    {
        advance();
        wake_due();
        if (runnable.empty() && outsiders_waiting > 0 && !deadlines.empty()) {
            clock.store(deadlines.begin()->first.first.nanoseconds, std::memory_order_relaxed);
            wake_due(); // where it is somebody outside who slept, nothing is runnable still
        }
        if (runnable.empty()) {
            running = nullptr;
            at_rest.notify_all();
            return;
        }
        auto const pick = runnable.begin() + static_cast<std::ptrdiff_t>(random.below(runnable.size()));
        running = *pick;
        runnable.erase(pick);
        running->turn.notify_one();
    }

    // The current task has noted what it waits for; others run until it is woken.
    void block(std::unique_lock<std::mutex>& lock, Participant& self)
    {
        if (self.outside) {
            bool const woken = drive(lock, self);
            VERIFY(woken || complain());
            return;
        }
        pass_baton();
        self.turn.wait(lock, [&] { return running == &self; });
    }

    // Runs the world until `self`, which waits outside, is woken and nothing is runnable. False: it never will be.
    bool drive(std::unique_lock<std::mutex>& lock, Participant& self)
    {
        ++outsiders_waiting;
        while (self.blocked != Blocked::No) {
            if (running == nullptr && runnable.empty() && deadlines.empty()) {
                --outsiders_waiting;
                write_report();
                return false;
            }
            step(lock);
        }
        settle(lock);
        return true;
    }

    void step(std::unique_lock<std::mutex>& lock)
    {
        if (running == nullptr)
            pass_baton();
        at_rest.wait(lock, [&] { return running == nullptr; });
    }

    void settle(std::unique_lock<std::mutex>& lock)
    {
        while (running != nullptr || !runnable.empty())
            step(lock);
    }

    void write_report()
    {
        report = rfc3339(now()) + ": nothing can run and no deadline is set. Waiting:\n";
        for (auto const& task : tasks) {
            report += "  " + task->name + ": ";
            report += task->blocked == Blocked::Joining ? "for the end of " + task->joined->name : "for a condition";
            report += '\n';
        }
    }

    bool complain() const
    {
        std::fputs(report.c_str(), stderr);
        return false;
    }

    void run_thread(Participant& self)
    {
        t_current = &self;
        {
            std::unique_lock lock(mutex);
            self.turn.wait(lock, [&] { return running == &self; });
        }
        try {
            if (!self.must_unwind)
                std::exchange(self.body, nullptr)();
        } catch (Unwind const&) {
        }
        self.body = nullptr; // what it captured ends while the task still counts as running
        std::unique_lock lock(mutex);
        self.finished = true;
        wake_all(self.joiners);
        auto const mine
            = std::find_if(tasks.begin(), tasks.end(), [&](auto const& task) { return task.get() == &self; });
        dead.push_back(std::move(*mine));
        tasks.erase(mine);
        pass_baton();
    }

    // Threads of ended tasks are past their last line; joining them takes no time.
    static void bury(std::vector<std::shared_ptr<Participant>> ended)
    {
        for (auto& task : ended)
            task->thread.join();
    }

    std::shared_ptr<Participant> spawn(std::string name, std::function<void()> body)
    {
        auto task = std::make_shared<Participant>();
        task->name = std::move(name);
        task->world = this;
        task->body = std::move(body);
        std::vector<std::shared_ptr<Participant>> ended;
        {
            std::lock_guard lock(mutex);
            ended.swap(dead);
            tasks.push_back(task);
            runnable.push_back(task.get());
            task->thread = std::thread([this, &self = *task] { run_thread(self); });
        }
        bury(std::move(ended));
        return task;
    }

    void unwind(Participant& task)
    {
        task.must_unwind = true;
        wake(task);
    }

    // A task whose wait may be ended by force. One that joins is let be: destructors join, and they must not throw.
    Participant* youngest_to_unwind()
    {
        for (auto task = tasks.rbegin(); task != tasks.rend(); ++task) {
            if (!(*task)->must_unwind && (*task)->blocked != Blocked::Joining)
                return task->get();
        }
        return nullptr;
    }

    // Parents wait for their children, so once the youngest has ended, the older ones often go on by themselves.
    void end_all(std::unique_lock<std::mutex>& lock)
    {
        settle(lock);
        while (auto* task = youngest_to_unwind()) {
            unwind(*task);
            settle(lock);
        }
        if (!tasks.empty()) {
            write_report();
            VERIFY(complain());
        }
        bury(std::exchange(dead, {}));
    }

    void throw_if_unwinding(Participant const& self) const
    {
        // While the stack unwinds already, destructors may wait for others as usual.
        if (self.must_unwind && std::uncaught_exceptions() == 0)
            throw Unwind {};
    }

    void sleep_until(Timestamp when)
    {
        Participant outsider;
        outsider.outside = true;
        auto& self = owns_this_thread() ? *t_current : outsider;
        if (self.must_unwind && std::uncaught_exceptions() > 0)
            return;
        throw_if_unwinding(self);
        std::unique_lock lock(mutex);
        self.blocked = Blocked::Sleeping;
        set_deadline(self, when);
        block(lock, self);
        lock.unlock();
        throw_if_unwinding(self);
    }

    // False when the task can never end.
    bool join(Participant& target)
    {
        Participant outsider;
        outsider.outside = true;
        auto& self = owns_this_thread() ? *t_current : outsider;
        VERIFY(&self != &target);
        std::unique_lock lock(mutex);
        if (target.finished)
            return true;
        self.blocked = Blocked::Joining;
        self.joined = &target;
        self.queue = &target.joiners;
        target.joiners.push_back(&self);
        if (!self.outside) {
            block(lock, self);
            return true;
        }
        bool const ended = drive(lock, self);
        if (!ended)
            std::erase(target.joiners, &self);
        return ended;
    }

    // As join, but where nobody is left who could wake the task, it is made to end all the same.
    bool join_or_end(Participant& target)
    {
        bool by_itself = true;
        while (!join(target)) {
            by_itself = false;
            std::lock_guard lock(mutex);
            auto* culprit = &target;
            while (culprit->blocked == Blocked::Joining)
                culprit = culprit->joined;
            VERIFY(!culprit->must_unwind || complain());
            unwind(*culprit);
        }
        return by_itself;
    }
};

class VirtualScheduler::VirtualTask final : public Task {
public:
    VirtualTask(std::shared_ptr<Impl> world, std::shared_ptr<Participant> task)
        : m_world(std::move(world))
        , m_task(std::move(task))
    {
    }
    ~VirtualTask() override { m_world->join_or_end(*m_task); }
    void join() override
    {
        bool const ended = m_world->join(*m_task);
        VERIFY(ended || m_world->complain());
    }
    bool finished() const override
    {
        std::lock_guard lock(m_world->mutex);
        return m_task->finished;
    }

private:
    std::shared_ptr<Impl> m_world;
    std::shared_ptr<Participant> m_task;
};

class VirtualScheduler::VirtualCondition final : public Condition {
public:
    explicit VirtualCondition(std::shared_ptr<Impl> world)
        : m_world(std::move(world))
    {
    }
    // Who waits here still can never be woken; it ends now, while the mutex it has to take back is there.
    ~VirtualCondition() override
    {
        while (auto* waiter = take_waiter())
            m_world->join_or_end(*waiter);
    }
    void wait(std::unique_lock<std::mutex>& lock) override { wait(lock, std::nullopt); }
    bool wait_until(std::unique_lock<std::mutex>& lock, Timestamp deadline) override { return wait(lock, deadline); }
    void notify_all() override
    {
        std::lock_guard lock(m_world->mutex);
        m_world->wake_all(m_waiters);
    }

private:
    Participant* take_waiter()
    {
        std::lock_guard lock(m_world->mutex);
        if (m_waiters.empty())
            return nullptr;
        auto* waiter = m_waiters.front();
        VERIFY(!waiter->outside && !waiter->must_unwind);
        m_world->unwind(*waiter);
        return waiter;
    }

    bool wait(std::unique_lock<std::mutex>& lock, std::optional<Timestamp> deadline)
    {
        Participant outsider;
        outsider.outside = true;
        auto& self = m_world->owns_this_thread() ? *t_current : outsider;
        if (deadline && self.must_unwind && std::uncaught_exceptions() > 0)
            return false;
        m_world->throw_if_unwinding(self);
        {
            std::unique_lock world_lock(m_world->mutex);
            self.blocked = Blocked::OnCondition;
            self.timed_out = false;
            self.queue = &m_waiters;
            m_waiters.push_back(&self);
            if (deadline)
                m_world->set_deadline(self, *deadline);
            lock.unlock();
            m_world->block(world_lock, self);
        }
        lock.lock();
        m_world->throw_if_unwinding(self);
        return !self.timed_out;
    }

    std::shared_ptr<Impl> m_world;
    std::vector<Participant*> m_waiters;
};

VirtualScheduler::VirtualScheduler(std::uint64_t seed, Timestamp start)
    : m_impl(std::make_shared<Impl>(seed, start))
{
}

VirtualScheduler::~VirtualScheduler()
{
    VERIFY(!m_impl->owns_this_thread());
    std::unique_lock lock(m_impl->mutex);
    m_impl->end_all(lock);
}

Timestamp VirtualScheduler::now() const
{
    if (m_impl->owns_this_thread())
        m_impl->advance();
    return m_impl->now();
}

std::unique_ptr<Task> VirtualScheduler::spawn(std::string name, std::function<void()> body)
{
    return std::make_unique<VirtualTask>(m_impl, m_impl->spawn(std::move(name), std::move(body)));
}

void VirtualScheduler::sleep_for(Duration duration)
{
    m_impl->sleep_until(m_impl->now() + std::max(duration, Duration(0)));
}

std::unique_ptr<Condition> VirtualScheduler::make_condition()
{
    return std::make_unique<VirtualCondition>(m_impl);
}

bool VirtualScheduler::run_until_idle(std::function<void()> root)
{
    VERIFY(!m_impl->owns_this_thread());
    auto const task = m_impl->spawn("root", std::move(root));
    return m_impl->join_or_end(*task);
}

std::string VirtualScheduler::deadlock_report() const
{
    std::lock_guard lock(m_impl->mutex);
    return m_impl->report;
}

std::string VirtualScheduler::current_task_name()
{
    return t_current != nullptr ? t_current->name : std::string();
}

}
