// What runs: start, stop, kill, pause, and the end of a run.

#include "engine/daemon/ContainerManager.h"
#include "engine/daemon/LogOptions.h"
#include "engine/runtime/Signals.h"

#include <csignal>

namespace drydock::daemon {

namespace {

constexpr std::int64_t default_stop_timeout = 10;    // seconds
constexpr std::chrono::seconds longest_dying { 10 }; // of a killed process that the kernel does not let go

int stop_signal_of(ContainerRecord const& record, ContainerManager::StopOptions const& options)
{
    if (options.signal)
        return *options.signal;
    // The config was checked when the container was created.
    return record.config.stop_signal.empty() ? SIGTERM
                                             : runtime::parse_signal(record.config.stop_signal).value_or(SIGTERM);
}

// What `docker wait` reports of a container that never ran.
int exit_code_of(ErrorKind kind)
{
    if (kind == ErrorKind::NotFound)
        return 127;
    return kind == ErrorKind::Forbidden ? 126 : 128;
}

std::uint16_t size_or(std::int64_t given, std::uint16_t absent)
{
    return given > 0 ? static_cast<std::uint16_t>(given) : absent;
}

std::vector<runtime::DeviceGrant> devices_of(HostConfig const& host)
{
    std::vector<runtime::DeviceGrant> devices;
    for (auto const& device : host.devices)
        devices.push_back({ device.on_host, device.in_container, device.access });
    return devices;
}

runtime::LaunchSpec launch_spec(ContainerRecord const& record)
{
    auto const& config = record.config;
    auto const& host = record.host;
    auto sysctls = host.sysctls;
    if (!config.domain_name.empty())
        sysctls.try_emplace("kernel.domainname", config.domain_name);
    auto env = config.env;
    env.push_back("HOSTNAME=" + config.hostname);
    if (config.tty)
        env.emplace_back("TERM=xterm");
    return { .container = record.id,
        .hostname = config.hostname,
        .args = config.command_line(),
        .env = std::move(env),
        .working_dir = config.working_dir.empty() ? "/" : config.working_dir,
        .user = config.user,
        .tty = config.tty,
        .open_stdin = config.open_stdin,
        .read_only_root = host.read_only_root,
        .cap_add = host.cap_add,
        .cap_drop = host.cap_drop,
        .limits = limits_of(host),
        .ulimits = ulimits_of(host),
        .unconfined = host.unconfined(),
        .privileged = host.privileged,
        .groups = host.groups,
        .sysctls = std::move(sysctls),
        .devices = devices_of(host),
        .reaper = host.init,
        .shm_size = static_cast<std::uint64_t>(host.shm_size),
        .root = nullptr,
        .lower = record.layers,
        .overlay = std::nullopt,
        .rows = size_or(host.console_rows, 24),
        .columns = size_or(host.console_columns, 80) };
}

Error not_running(Container const& container)
{
    return Error(ErrorKind::Conflict, "container " + container.id().value + " is not running");
}

}

Result<Effect> ContainerManager::start(std::shared_ptr<Container> const& container)
{
    Container::Turn const turn(*container);
    container->change([](ContainerRecord& its) { its.state.restarts = 0; });
    return start_in_turn(container);
}

Result<Effect> ContainerManager::start_in_turn(std::shared_ptr<Container> const& container, Run run)
{
    auto const record = container->record();
    if (container->removed())
        return fail(ErrorKind::NotFound, "No such container: " + record.id.value);
    if (record.state.status == Status::Paused)
        return fail(ErrorKind::Conflict, "cannot start a paused container, try unpause instead");
    if (record.state.running())
        return Effect::NothingToDo;
    auto span = m_publisher.span("start", "Start container " + record.name, trace::Depth::Role);
    auto process = launch(*container);
    if (!process) {
        disconnect(*container);
        span.failed(process.error().message());
        return fail(start_failed(container, process.error()));
    }
    tell_of_mounts(*container, "mount");
    tell_linked(record.id);
    auto const ended_before = container->runs_ended();
    container->begin_run(*process, [&](ContainerRecord& its) {
        its.state = { .status = Status::Running,
            .pid = (*process)->host_pid(),
            .exit_code = 0,
            .error = {},
            .out_of_memory = false,
            .stopped_by_user = false,
            .restarts = its.state.restarts,
            .started = m_parts.seams.scheduler.now(),
            .finished = its.state.finished };
    });
    auto const saved = container->save();
    m_publisher.publish(trace::ContainerStarted { .container = record.id, .remade = run == Run::Resumed });
    publish_event(*container, "start");
    if (record.config.healthcheck.is_on())
        m_parts.tasks.spawn("health", [this, container, process = *process, ended_before]() mutable {
            watch_health(container, std::move(process), ended_before);
        });
    m_parts.tasks.spawn("container " + std::string(record.id.short_form()),
        [this, container, process = std::move(*process), span_id = span.id()]() mutable {
            trace::SpanGuard const guard(span_id);
            run_to_end(container, std::move(process));
        });
    if (!saved) {
        static_cast<void>(send(*container, SIGKILL));
        return fail(saved.error());
    }
    return Effect::Done;
}

Result<std::shared_ptr<runtime::ContainerProcess>> ContainerManager::launch(Container& container)
{
    auto const record = container.record();
    TRY(log_limits(record.host.log_driver, record.host.log_options));
    auto spec = launch_spec(record);
    spec.root = TRY(m_parts.roots.open(record));
    spec.overlay = TRY(m_parts.roots.overlay(record));
    TRY(add_mounts(spec, record));
    // "Not found" would mean the command to whoever asked.
    if (auto joined = join_networks(spec, record); !joined)
        return fail(ErrorKind::InvalidInput, "failed to set up container networking: " + joined.error().message());
    TRY(share_namespaces(spec, record));
    m_parts.sheets.begin(record);
    runtime::OutputSink const sink { [this, &container](bool to_stderr, std::string_view bytes) {
        take_output(container, to_stderr, bytes);
    } };
    auto const no_network = std::make_shared<std::optional<Error>>(); // which is no failure of the runtime's
    if (spec.connect)
        spec.connect = [connect = std::move(spec.connect), no_network](auto const& inside) {
            auto connected = connect(inside);
            if (!connected)
                *no_network = connected.error();
            return connected;
        };
    auto process = m_parts.seams.runtime.launch(std::move(spec), sink, m_publisher);
    if (!process && *no_network)
        return fail(**no_network);
    if (!process)
        return fail(process.error().kind(), "failed to create task for container: " + process.error().message());
    return std::shared_ptr<runtime::ContainerProcess>(std::move(*process));
}

void ContainerManager::take_output(Container& container, bool to_stderr, std::string_view bytes)
{
    container.output.publish({ .to_stderr = to_stderr, .bytes = std::string(bytes) });
    if (!container.keeps_log())
        return;
    if (auto const logged = container.log.write(to_stderr, bytes); !logged)
        warn_of_lost_output(container, logged.error());
}

void ContainerManager::warn_of_lost_output(Container const& container, Error const& error) const
{
    m_publisher.publish(trace::WarningRaised {
        .what = "the log of container " + std::string(container.id().short_form()) + " lost a line: " + error.message(),
        .remedy = "free space in the data root" });
}

// A start that came to no process still ends a run: those who wait learn the code, those who are attached the end.
Error ContainerManager::start_failed(std::shared_ptr<Container> const& container, Error error)
{
    Error worded(ErrorKind::InvalidInput, error.message());
    auto const how = [&](ContainerRecord& its) {
        if (its.state.status == Status::Restarting)
            its.state.status = Status::Exited;
        its.state.exit_code = exit_code_of(error.kind());
        its.state.error = worded.message();
    };
    static_cast<void>(container->save_as(how)); // the failure that is told is the start's
    container->end_run(how);
    if (container->record().host.auto_remove)
        m_parts.tasks.spawn("auto-remove", [this, container, span = trace::current_span()] {
            trace::SpanGuard const guard(span);
            // Somebody else may have done so.
            static_cast<void>(remove(container, Force::Yes, AnonymousVolumes::Remove));
        });
    return worded;
}

void ContainerManager::run_to_end(
    std::shared_ptr<Container> const& container, std::shared_ptr<runtime::ContainerProcess> process)
{
    auto const exit = process->wait();
    if (auto const logged = container->log.flush(); !logged)
        warn_of_lost_output(*container, logged.error());
    m_parts.sheets.observe(container->record());
    Timestamp const now = m_parts.seams.scheduler.now();
    Timestamp const started = container->state().started;
    bool const again = will_restart(container->record(), exit.code);
    auto const how = [&](ContainerRecord& its) {
        its.state.status = again && !its.state.stopped_by_user ? Status::Restarting : Status::Exited;
        its.state.pid = 0;
        its.state.exit_code = exit.code;
        its.state.out_of_memory = exit.out_of_memory;
        its.state.finished = now;
    };
    if (exit.out_of_memory) {
        m_publisher.publish(trace::MemoryExhausted {
            .container = container->id(), .limit = static_cast<std::uint64_t>(container->record().host.memory) });
        publish_event(*container, "oom");
    }
    // Asked before the end is told: a restart puts it off and on again around its stop.
    bool const auto_remove = container->record().host.auto_remove;
    // The record of a container that goes with its end says that it runs, so that the next start removes it, too.
    if (auto const saved = auto_remove ? Result<void>() : container->save_as(how); !saved)
        m_publisher.publish(
            trace::WarningRaised { .what = saved.error().message(), .remedy = "free space in the data root" });
    m_publisher.publish(trace::ContainerExited { .container = container->id(), .exit_code = exit.code });
    auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(now - started).count();
    publish_event(
        *container, "die", { { "exitCode", std::to_string(exit.code) }, { "execDuration", std::to_string(seconds) } });
    process.reset();
    disconnect(*container);
    tell_of_mounts(*container, "unmount");
    container->end_run(how);
    if (auto_remove)
        static_cast<void>(remove(container, Force::Yes, AnonymousVolumes::Remove)); // somebody else may have done so
    else if (again)
        restart_by_policy(container, now - started);
}

Result<void> ContainerManager::send(Container& container, int signal)
{
    auto const process = container.process();
    if (process == nullptr)
        return fail(not_running(container));
    // Whoever ends it by hand does not want it back.
    if (signal == SIGKILL || signal == stop_signal_of(container.record(), {}))
        container.change([&](ContainerRecord& its) { its.state.stopped_by_user = !m_shutting_down; });
    TRY(process->signal(signal));
    publish_event(container, "kill", { { "signal", std::to_string(signal) } });
    // A frozen process cannot take a signal; dockerd thaws it.
    if (container.state().status == Status::Paused)
        TRY(unpause(container));
    return {};
}

// A container that waits to be started again stays as it is.
Result<void> ContainerManager::give_up_restarting(Container& container)
{
    bool was_waiting = false;
    container.change([&](ContainerRecord& its) {
        was_waiting = its.state.status == Status::Restarting;
        if (was_waiting) {
            its.state.status = Status::Exited;
            its.state.stopped_by_user = !m_shutting_down;
        }
    });
    return was_waiting ? container.save() : Result<void>();
}

Result<void> ContainerManager::kill_and_wait(Container& container)
{
    auto const runs = container.runs_ended();
    TRY(give_up_restarting(container));
    if (!container.state().running())
        return {};
    if (auto const sent = send(container, SIGKILL); !sent && container.process() != nullptr)
        return sent;
    container.wait_for_end_of_run(runs, std::nullopt);
    return {};
}

Result<Effect> ContainerManager::stop(Container& container, StopOptions const& options)
{
    auto const runs = container.runs_ended();
    auto const record = container.record();
    if (record.state.status == Status::Restarting) {
        TRY(give_up_restarting(container));
        return Effect::Done;
    }
    if (!record.state.running())
        return Effect::NothingToDo;
    auto span = m_publisher.span("stop", "Stop container " + record.name, trace::Depth::Role);
    auto const timeout = options.timeout.value_or(record.config.stop_timeout.value_or(default_stop_timeout));
    std::optional<Timestamp> deadline;
    if (timeout >= 0)
        deadline = m_parts.seams.scheduler.now() + std::chrono::seconds(std::min<std::int64_t>(timeout, 1 << 30));
    if (auto const sent = send(container, stop_signal_of(record, options)); !sent && container.process() != nullptr)
        return fail(sent.error());
    if (!container.wait_for_end_of_run(runs, deadline))
        TRY(kill_and_wait(container));
    publish_event(container, "stop");
    return Effect::Done;
}

Result<void> ContainerManager::restart(std::shared_ptr<Container> const& container, StopOptions const& options)
{
    Container::Turn const turn(*container);
    // A container with --rm would be gone after the stop.
    bool const auto_remove = container->record().host.auto_remove;
    container->change([](ContainerRecord& its) { its.host.auto_remove = false; });
    auto const stopped = stop(*container, options);
    container->change([&](ContainerRecord& its) { its.host.auto_remove = auto_remove; });
    if (!stopped)
        return fail(stopped.error());
    TRY(start_in_turn(container));
    publish_event(*container, "restart");
    return {};
}

Result<void> ContainerManager::kill(Container& container, int signal)
{
    auto const runs = container.runs_ended();
    if (auto const sent = send(container, signal); !sent)
        return fail(
            sent.error().kind(), "cannot kill container: " + container.record().name + ": " + sent.error().message());
    // No process can refuse SIGKILL, so the answer may wait for its end, as dockerd's does: "docker kill a; docker rm
    // a".
    if (signal == SIGKILL)
        container.wait_for_end_of_run(runs, m_parts.seams.scheduler.now() + longest_dying);
    return {};
}

Result<void> ContainerManager::pause(Container& container)
{
    auto const process = container.process();
    if (process == nullptr)
        return fail(not_running(container));
    if (container.state().status == Status::Paused)
        return fail(ErrorKind::Conflict, "Container " + container.id().value + " is already paused");
    TRY(process->pause());
    container.change([](ContainerRecord& its) {
        if (its.state.status == Status::Running) // it may have ended meanwhile
            its.state.status = Status::Paused;
    });
    TRY(container.save());
    m_publisher.publish(trace::ContainerPaused { .container = container.id() });
    publish_event(container, "pause");
    return {};
}

Result<void> ContainerManager::unpause(Container& container)
{
    auto const process = container.process();
    // dockerd answers 500 here.
    if (process == nullptr || container.state().status != Status::Paused)
        return fail(ErrorKind::Internal, "Container " + container.id().value + " is not paused");
    TRY(process->resume());
    container.change([](ContainerRecord& its) {
        if (its.state.status == Status::Paused)
            its.state.status = Status::Running;
    });
    TRY(container.save());
    m_publisher.publish(trace::ContainerUnpaused { .container = container.id() });
    publish_event(container, "unpause");
    return {};
}

void ContainerManager::shut_down()
{
    m_shutting_down = true;
    for (auto const& container : list()) {
        static_cast<void>(kill_and_wait(*container)); // what cannot be killed ends with its ContainerProcess
        container->abandon();
    }
}

}
