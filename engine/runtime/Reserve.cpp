#include "engine/runtime/Reserve.h"

namespace drydock::runtime {

Reserve::Reserve(InitProgram const& program, Cgroups const& cgroups, Scheduler& scheduler, std::size_t size)
    : m_program(program)
    , m_cgroups(cgroups)
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

Result<Standby> Reserve::make()
{
    std::uint64_t number = 0;
    {
        std::lock_guard const lock(m_mutex);
        number = m_made++;
    }
    auto init = TRY(InitProcess::start(m_program));
    if (m_cgroups.trees().empty())
        return Standby { nullptr, std::move(init) };
    auto cgroup = TRY(m_cgroups.prepare("reserve-" + std::to_string(number)));
    TRY(cgroup->attach_v1(init.pid()));
    return Standby { std::move(cgroup), std::move(init) };
}

Result<Standby> Reserve::take()
{
    {
        std::lock_guard const lock(m_mutex);
        if (!m_ready.empty()) {
            auto standby = std::move(m_ready.front());
            m_ready.pop_front();
            m_changed->notify_all();
            return standby;
        }
    }
    return make();
}

void Reserve::keep_filled()
{
    std::unique_lock lock(m_mutex);
    while (true) {
        m_changed->wait(lock, [this] { return m_ending || m_ready.size() < m_size; });
        if (m_ending)
            return;
        lock.unlock();
        auto standby = make();
        lock.lock();
        // Whoever launches next meets the same failure and reports it.
        if (!standby)
            return;
        m_ready.push_back(std::move(*standby));
    }
}

}
