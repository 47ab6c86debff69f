#include "engine/daemon/Execs.h"

#include "engine/daemon/Json.h"
#include "sim/core/ShellWords.h"

#include <algorithm>

namespace drydock::daemon {

namespace {

constexpr std::size_t output_in_flight = 256;

}

runtime::LaunchSpec launch_spec(ContainerRecord const& record, ExecConfig const& exec)
{
    auto env = record.config.env;
    env.push_back("HOSTNAME=" + record.config.hostname);
    if (exec.tty)
        env.emplace_back("TERM=xterm");
    env.insert(env.end(), exec.env.begin(), exec.env.end());
    runtime::LaunchSpec spec;
    spec.container = record.id;
    spec.hostname = record.config.hostname;
    spec.args = exec.command;
    spec.env = std::move(env);
    spec.working_dir = !exec.working_dir.empty() ? exec.working_dir
        : record.config.working_dir.empty()      ? "/"
                                                 : record.config.working_dir;
    spec.user = exec.user.empty() ? record.config.user : exec.user;
    spec.tty = exec.tty;
    spec.open_stdin = exec.attach_stdin;
    spec.cap_add = record.host.cap_add;
    spec.cap_drop = record.host.cap_drop;
    spec.lower = record.layers;
    spec.privileged = record.host.privileged || exec.privileged;
    spec.unconfined = record.host.unconfined() || exec.privileged;
    spec.groups = record.host.groups;
    spec.ulimits = ulimits_of(record.host);
    if (exec.rows > 0 && exec.columns > 0) {
        spec.rows = static_cast<std::uint16_t>(exec.rows);
        spec.columns = static_cast<std::uint16_t>(exec.columns);
    }
    return spec;
}

Result<ExecConfig> parse_exec_body(json const& body)
{
    if (!body.is_object())
        return fail(ErrorKind::InvalidInput, "invalid JSON: the body must be an object");
    ObjectReader reader(body);
    ExecConfig exec { .command = reader.list("Cmd"),
        .env = reader.list("Env"),
        .user = reader.text("User"),
        .working_dir = reader.text("WorkingDir"),
        .tty = reader.flag("Tty"),
        .attach_stdin = reader.flag("AttachStdin"),
        .privileged = reader.flag("Privileged"),
        .rows = 0,
        .columns = 0 };
    TRY(reader.finish());
    if (exec.command.empty())
        return fail(ErrorKind::InvalidInput, "no exec command specified");
    auto const& size = body.contains("ConsoleSize") ? body["ConsoleSize"] : json();
    if (size.is_array() && size.size() == 2 && size[0].is_number_unsigned() && size[1].is_number_unsigned()) {
        exec.rows = std::min<std::int64_t>(size[0].get<std::int64_t>(), 4096);
        exec.columns = std::min<std::int64_t>(size[1].get<std::int64_t>(), 4096);
    }
    return exec;
}

Exec::Exec(Scheduler& scheduler, std::string its_id, std::shared_ptr<Container> in, ExecConfig its_config)
    : id(std::move(its_id))
    , container(std::move(in))
    , config(std::move(its_config))
    , output(scheduler, output_in_flight, Overflow::HoldWriterBack)
{
}

Exec::State Exec::state() const
{
    std::lock_guard const lock(m_mutex);
    return m_state;
}

std::shared_ptr<runtime::ContainerProcess> Exec::process() const
{
    std::lock_guard const lock(m_mutex);
    return m_process;
}

Result<std::shared_ptr<Exec>> Execs::create(std::shared_ptr<Container> container, ExecConfig config)
{
    auto const record = container->record();
    if (record.state.status == Status::Paused)
        return fail(ErrorKind::Conflict, "Container " + record.name + " is paused, unpause the container before exec");
    if (!record.state.running())
        return fail(ErrorKind::Conflict, "container " + record.id.value + " is not running");
    auto const command = join_words(config.command);
    auto exec = std::make_shared<Exec>(
        m_seams.scheduler, m_seams.random.hex(id_digits), std::move(container), std::move(config));
    m_containers.publish_event(*exec->container, "exec_create: " + command, { { "execID", exec->id } });
    std::lock_guard const lock(m_mutex);
    // Those of containers that are gone can no longer be asked for.
    std::erase_if(m_execs, [](auto const& entry) { return entry.second->container->removed(); });
    m_execs[exec->id] = exec;
    return exec;
}

Result<std::shared_ptr<Exec>> Execs::find(std::string const& id) const
{
    std::lock_guard const lock(m_mutex);
    auto const found = m_execs.find(id);
    if (found == m_execs.end() || found->second->container->removed())
        return fail(ErrorKind::NotFound, "No such exec instance: " + id);
    return found->second;
}

std::vector<std::string> Execs::running_in(ContainerId const& container) const
{
    std::lock_guard const lock(m_mutex);
    std::vector<std::string> ids;
    for (auto const& [id, exec] : m_execs) {
        if (exec->container->id() == container && exec->state().running)
            ids.push_back(id);
    }
    return ids;
}

Result<void> Execs::start(std::shared_ptr<Exec> const& exec)
{
    auto beside = exec->container->process();
    if (beside == nullptr)
        return fail(ErrorKind::Conflict, "container " + exec->container->id().value + " is not running");
    {
        std::lock_guard const lock(exec->m_mutex);
        if (std::exchange(exec->m_state.started, true))
            return fail(ErrorKind::Conflict, "exec instance " + exec->id + " has already run");
    }
    auto const record = exec->container->record();
    auto span = m_seams.publisher.span("exec", "Execute in container " + record.name, trace::Depth::Role);
    runtime::OutputSink const sink { [target = exec.get()](bool to_stderr, std::string_view bytes) {
        target->output.publish({ .to_stderr = to_stderr, .bytes = std::string(bytes) });
    } };
    auto process = m_seams.runtime.execute(*beside, launch_spec(record, exec->config), sink, m_seams.publisher);
    if (!process) {
        span.failed(process.error().message());
        std::lock_guard const lock(exec->m_mutex);
        exec->m_state.exit_code = process.error().kind() == ErrorKind::NotFound ? 127 : 126;
        return fail(process.error());
    }
    std::shared_ptr<runtime::ContainerProcess> shared = std::move(*process);
    {
        std::lock_guard const lock(exec->m_mutex);
        exec->m_process = shared;
        exec->m_state.running = true;
        exec->m_state.pid = shared->host_pid();
    }
    m_containers.publish_event(
        *exec->container, "exec_start: " + join_words(exec->config.command), { { "execID", exec->id } });
    m_tasks.spawn("exec", [this, exec, shared, beside, span_id = span.id()]() mutable {
        trace::SpanGuard const guard(span_id);
        run_to_end(*exec, std::move(shared));
        beside.reset();
    });
    return {};
}

void Execs::run_to_end(Exec& exec, std::shared_ptr<runtime::ContainerProcess> process)
{
    auto const exit = process->wait();
    process.reset();
    std::shared_ptr<runtime::ContainerProcess> last;
    {
        std::lock_guard const lock(exec.m_mutex);
        last.swap(exec.m_process);
        exec.m_state.running = false;
        exec.m_state.exit_code = exit.code;
    }
    last.reset();
    m_sheets.observe(exec.container->record()); // before anybody is told that it ended
    m_containers.publish_event(
        *exec.container, "exec_die", { { "execID", exec.id }, { "exitCode", std::to_string(exit.code) } });
    exec.output.finish();
}

}
