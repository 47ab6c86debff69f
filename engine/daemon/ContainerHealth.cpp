// Health checks: a command that runs in the container now and then, and what its exit status says.

#include "engine/daemon/ContainerManager.h"
#include "engine/daemon/Execs.h"

#include <csignal>

namespace drydock::daemon {

namespace {

constexpr Duration default_interval = std::chrono::seconds(30); // as docker's
constexpr Duration default_timeout = std::chrono::seconds(30);
constexpr Duration default_start_interval = std::chrono::seconds(5);
constexpr std::int64_t default_retries = 3;
constexpr std::size_t kept_output = 4096;
constexpr std::size_t kept_probes = 5;

Duration value_or(Duration given, Duration fallback)
{
    return given > Duration {} ? given : fallback;
}

std::vector<std::string> command_of(oci::Healthcheck const& check)
{
    if (check.test[0] == "CMD-SHELL")
        return { "/bin/sh", "-c", check.test[1] };
    return { check.test.begin() + 1, check.test.end() };
}

// What one more answer makes of the health so far.
void judge(Health& health, Health::Probe probe, bool in_start_period, std::int64_t retries)
{
    if (probe.exit_code == 0) {
        health.status = "healthy";
        health.failing_streak = 0;
    } else if (!in_start_period || health.status != "starting") {
        ++health.failing_streak;
        if (health.failing_streak >= retries)
            health.status = "unhealthy";
    }
    health.log.push_back(std::move(probe));
    if (health.log.size() > kept_probes)
        health.log.erase(health.log.begin());
}

// The end of a probe, which somebody waits for with a deadline.
struct ProbeEnd {
    std::mutex mutex;
    std::unique_ptr<Condition> changed;
    std::optional<int> exit_code;
};

}

Health::Probe ContainerManager::probe_health(
    Container const& container, runtime::ContainerProcess& beside, oci::Healthcheck const& check)
{
    auto& scheduler = m_parts.seams.scheduler;
    Health::Probe probe { .begun = scheduler.now(), .ended = {}, .exit_code = 0, .output = {} };
    auto end = std::make_shared<ProbeEnd>();
    end->changed = scheduler.make_condition();
    auto output = std::make_shared<std::string>();
    ExecConfig exec;
    exec.command = command_of(check);
    auto started = m_parts.seams.runtime.execute(beside, launch_spec(container.record(), exec),
        { [end, output](bool, std::string_view bytes) {
            std::lock_guard const lock(end->mutex);
            output->append(bytes.substr(0, kept_output - std::min(kept_output, output->size())));
        } },
        m_publisher);
    if (!started) {
        probe.exit_code = -1;
        probe.output = started.error().message();
        probe.ended = scheduler.now();
        return probe;
    }
    std::shared_ptr<runtime::ContainerProcess> const process = std::move(*started);
    auto const waiter = scheduler.spawn("health check", [process, end] {
        auto const exit = process->wait();
        std::lock_guard const lock(end->mutex);
        end->exit_code = exit.code;
        end->changed->notify_all();
    });
    auto const timeout = value_or(check.timeout, default_timeout);
    bool in_time = true;
    {
        std::unique_lock lock(end->mutex);
        in_time = end->changed->wait_until(lock, probe.begun + timeout, [&] { return end->exit_code.has_value(); });
    }
    if (!in_time)
        static_cast<void>(process->signal(SIGKILL)); // it may have ended meanwhile
    waiter->join();
    probe.exit_code = in_time ? *end->exit_code : -1;
    probe.output = in_time
        ? *output
        : "Health check exceeded timeout (" + std::to_string(timeout / std::chrono::milliseconds(1)) + "ms)";
    probe.ended = scheduler.now();
    return probe;
}

// As long as the run goes on.
void ContainerManager::watch_health(
    std::shared_ptr<Container> const& container, std::shared_ptr<runtime::ContainerProcess> process, std::uint64_t run)
{
    auto const check = container->record().config.healthcheck;
    auto const begun = m_parts.seams.scheduler.now();
    auto const tell = [&](std::string const& status) {
        m_publisher.publish(trace::HealthChanged { .container = container->id(), .health = status });
    };
    Health health { .status = "starting", .failing_streak = 0, .log = {} };
    container->set_health(health);
    tell(health.status);
    while (true) {
        auto const now = m_parts.seams.scheduler.now();
        bool const starting = now - begun < check.start_period && health.status == "starting";
        auto const interval = starting ? std::min(value_or(check.start_interval, default_start_interval),
                                  value_or(check.interval, default_interval))
                                       : value_or(check.interval, default_interval);
        if (container->wait_for_end_of_run(run, now + interval))
            return;
        if (container->state().status == Status::Paused)
            continue;
        auto const before = health.status;
        auto probe = probe_health(*container, *process, check);
        if (container->runs_ended() > run)
            return;
        bool const in_start_period = probe.begun - begun < check.start_period;
        judge(health, std::move(probe), in_start_period, check.retries > 0 ? check.retries : default_retries);
        container->set_health(health);
        if (health.status == before)
            continue;
        tell(health.status);
        publish_event(*container, "health_status: " + health.status);
    }
}

}
