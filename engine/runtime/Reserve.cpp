#include "engine/runtime/Reserve.h"

#include <algorithm>
#include <iterator>

namespace drydock::runtime {

namespace {

constexpr auto quiet = std::chrono::milliseconds(300); // since the last was taken

}

Reserve::Reserve(InitProgram const& program, Cgroups const& cgroups, Scheduler& scheduler, std::size_t size)
    : m_program(program)
    , m_cgroups(cgroups)
    , m_scheduler(scheduler)
    , m_size(size)
    , m_changed(scheduler.make_condition())
{
    if (size > 0)
        m_filler = scheduler.spawn("init reserve", [this] { keep_filled(); });
}

Reserve::~Reserve()
{
    {
        std::lock_guard const lock(m_mutex);
        m_ending = true;
        m_changed->notify_all();
    }
    if (m_filler)
        m_filler->join();
}

// First all that can be done without moving anybody, so that nothing comes between the moves.
Result<std::vector<Standby>> Reserve::make(std::size_t count)
{
    std::vector<Standby> made;
    for (std::size_t i = 0; i < count; ++i) {
        std::uint64_t number = 0;
        {
            std::lock_guard const lock(m_mutex);
            number = m_made++;
        }
        auto init = TRY(InitProcess::start(m_program));
        auto cgroup = m_cgroups.trees().empty() ? nullptr : TRY(m_cgroups.prepare("reserve-" + std::to_string(number)));
        made.push_back({ std::move(cgroup), std::move(init) });
    }
    for (auto const& standby : made) {
        if (standby.cgroup)
            TRY(standby.cgroup->attach_v1(standby.init.pid()));
    }
    return made;
}

Result<Standby> Reserve::take()
{
    {
        std::lock_guard const lock(m_mutex);
        m_last_taken = m_scheduler.now();
        m_changed->notify_all();
        if (!m_ready.empty()) {
            auto standby = std::move(m_ready.front());
            m_ready.pop_front();
            return standby;
        }
    }
    return std::move(TRY(make(1)).front());
}

void Reserve::keep_filled()
{
    std::unique_lock lock(m_mutex);
    while (true) {
        m_changed->wait(lock, [this] { return m_ending || m_ready.size() < m_size; });
        m_changed->wait_until(lock, m_last_taken + quiet, [this] { return m_ending || is_low(); });
        if (m_ending)
            return;
        bool const is_quiet = m_scheduler.now() >= m_last_taken + quiet;
        if (!is_quiet && !is_low())
            continue; // another was taken meanwhile
        auto const missing = m_size - m_ready.size();
        lock.unlock();
        auto made = make(missing);
        lock.lock();
        // Whoever launches next meets the same failure and reports it.
        if (!made)
            return;
        std::move(made->begin(), made->end(), std::back_inserter(m_ready));
    }
}

}
