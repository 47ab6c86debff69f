// Restart policies: what is started again when it ends, and what when the daemon comes back.

#include "engine/daemon/ContainerManager.h"

namespace drydock::daemon {

namespace {

// docker's back-off: doubled each time, from the start again once a run has lasted.
constexpr Duration first_delay = std::chrono::milliseconds(100);
constexpr Duration longest_delay = std::chrono::minutes(1);
constexpr Duration lasting_run = std::chrono::seconds(10);

std::string policy_text(RestartPolicy const& policy)
{
    return policy.most > 0 ? policy.name + ":" + std::to_string(policy.most) : policy.name;
}

}

bool ContainerManager::will_restart(ContainerRecord const& record, int exit_code) const
{
    auto const& policy = record.host.restart;
    if (record.state.stopped_by_user || m_shutting_down)
        return false;
    if (policy.name == "on-failure")
        return exit_code != 0 && (policy.most == 0 || record.state.restarts < policy.most);
    return policy.name != "no";
}

void ContainerManager::restart_by_policy(std::shared_ptr<Container> const& container, Duration last_run)
{
    auto const record = container->record();
    auto delay = first_delay;
    if (last_run < lasting_run) {
        for (std::int64_t i = 0; i < record.state.restarts && delay < longest_delay; ++i)
            delay *= 2;
    }
    delay = std::min(delay, longest_delay);
    m_publisher.publish(trace::RestartScheduled { .container = container->id(),
        .policy = policy_text(record.host.restart),
        .attempt = record.state.restarts + 1,
        .delay = std::chrono::duration_cast<std::chrono::milliseconds>(delay).count() });
    if (!container->wait_to_restart(m_parts.seams.scheduler.now() + delay))
        return;
    Container::Turn const turn(*container);
    if (container->state().status != Status::Restarting)
        return;
    container->change([](ContainerRecord& its) { ++its.state.restarts; });
    static_cast<void>(start_in_turn(container)); // a failure has been told by its event, and ends the restarts
}

void ContainerManager::start_by_policy()
{
    for (auto const& container : list()) {
        auto const record = container->record();
        auto const& policy = record.host.restart;
        if (record.state.started.nanoseconds == 0 || record.state.running())
            continue;
        bool const wanted = policy.name == "always" // even one that was stopped, as docker does
            || (policy.name == "unless-stopped" && !record.state.stopped_by_user)
            || (policy.name == "on-failure" && will_restart(record, record.state.exit_code));
        if (!wanted)
            continue;
        m_parts.tasks.spawn("restart", [this, container] {
            static_cast<void>(start(container)); // as above
        });
    }
}

}
