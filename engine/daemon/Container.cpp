#include "engine/daemon/Container.h"

#include "engine/daemon/Json.h"
#include "engine/daemon/LogOptions.h"

namespace drydock::daemon {

namespace {

constexpr std::size_t output_in_flight = 256; // chunks of at most one read each
constexpr std::array<std::string_view, 6> status_names { "created", "running", "paused", "restarting", "exited",
    "removing" };

Result<Status> parse_status(std::string const& text)
{
    for (std::size_t i = 0; i < status_names.size(); ++i) {
        if (status_names.at(i) == text)
            return static_cast<Status>(i);
    }
    return fail(ErrorKind::Corrupt, "unknown container status " + text);
}

json to_json(ContainerState const& state)
{
    return { { "Status", to_string(state.status) }, { "ExitCode", state.exit_code }, { "Error", state.error },
        { "OOMKilled", state.out_of_memory }, { "StoppedByUser", state.stopped_by_user },
        { "Restarts", state.restarts }, { "Started", state.started.nanoseconds },
        { "Finished", state.finished.nanoseconds } };
}

Result<ContainerState> parse_state(json const& object)
{
    ObjectReader reader(object);
    ContainerState state { .status = TRY(parse_status(reader.text("Status"))),
        .pid = 0,
        .exit_code = static_cast<int>(reader.number("ExitCode")),
        .error = reader.text("Error"),
        .out_of_memory = reader.flag("OOMKilled"),
        .stopped_by_user = reader.flag("StoppedByUser"),
        .restarts = reader.number("Restarts"),
        .started = { reader.number("Started") },
        .finished = { reader.number("Finished") } };
    TRY(reader.finish());
    return state;
}

}

std::string_view to_string(Status status)
{
    return status_names.at(static_cast<std::size_t>(status));
}

std::string to_document(ContainerRecord const& record)
{
    std::vector<std::string> layers;
    for (auto const& layer : record.layers)
        layers.push_back(layer.digest.to_string());
    return to_text({ { "Id", record.id.value }, { "Name", record.name }, { "Created", record.created.nanoseconds },
        { "Image", record.image.to_string() }, { "Layers", layers }, { "Config", to_json(record.config) },
        { "HostConfig", to_json(record.host) }, { "Endpoints", endpoints_to_json(record.endpoints) },
        { "Mounts", to_record(record.mounts) }, { "State", to_json(record.state) } });
}

Result<ContainerRecord> parse_record(std::string_view document)
{
    auto const object = TRY(parse_json(document));
    if (!object.is_object())
        return fail(ErrorKind::Corrupt, "a container record must be an object");
    ObjectReader reader(object);
    std::vector<oci::DiffId> layers;
    for (auto const& layer : reader.list("Layers"))
        layers.push_back({ TRY(oci::Digest::parse(layer)) });
    auto image = TRY(oci::Digest::parse(reader.text("Image")));
    auto config = TRY(parse_config(reader.object("Config")));
    auto host = TRY(parse_host_config(reader.object("HostConfig")));
    auto state = TRY(parse_state(reader.object("State")));
    auto mounts = TRY(mounts_from_record(reader.objects("Mounts")));
    auto endpoints = TRY(parse_endpoints({ { "EndpointsConfig", reader.object("Endpoints") } }));
    ContainerRecord record { .id = { reader.text("Id") },
        .name = reader.text("Name"),
        .created = { reader.number("Created") },
        .image = std::move(image),
        .layers = std::move(layers),
        .config = std::move(config),
        .host = std::move(host),
        .endpoints = std::move(endpoints),
        .mounts = std::move(mounts),
        .state = std::move(state) };
    TRY(reader.finish());
    return record;
}

Container::Container(Scheduler& scheduler, content::Storage& storage, ContainerRecord record)
    // A start refuses limits that are wrong, so that nothing is ever written without them.
    : log(scheduler, storage, "containers/" + record.id.value + "/log",
        log_limits(record.host.log_driver, record.host.log_options).value_or(LogLimits {}))
    , output(scheduler, output_in_flight, Overflow::HoldWriterBack)
    , m_id(record.id)
    , m_created(record.created)
    , m_keeps_log(record.host.log_driver != "none")
    , m_storage(storage)
    , m_changed(scheduler.make_condition())
    , m_record(std::move(record))
{
}

ContainerRecord Container::record() const
{
    std::lock_guard const lock(m_mutex);
    return m_record;
}

ContainerState Container::state() const
{
    std::lock_guard const lock(m_mutex);
    return m_record.state;
}

Container::Turn::Turn(Container& container)
    : m_container(container)
{
    std::unique_lock lock(container.m_mutex);
    container.m_changed->wait(lock, [&] { return !container.m_turn_taken; });
    container.m_turn_taken = true;
}

Container::Turn::~Turn()
{
    std::lock_guard const lock(m_container.m_mutex);
    m_container.m_turn_taken = false;
    m_container.m_changed->notify_all();
}

void Container::change(std::function<void(ContainerRecord&)> const& how)
{
    std::lock_guard const lock(m_mutex);
    how(m_record);
    m_changed->notify_all();
}

Result<void> Container::save()
{
    return save_as([](ContainerRecord&) {});
}

Result<void> Container::save_as(std::function<void(ContainerRecord&)> const& how)
{
    std::lock_guard const saving(m_saving);
    auto future = record();
    how(future);
    return m_storage.write_atomically(key() + "/config.json", to_document(future));
}

void Container::begin_run(
    std::shared_ptr<runtime::ContainerProcess> process, std::function<void(ContainerRecord&)> const& how)
{
    std::lock_guard const lock(m_mutex);
    m_process = std::move(process);
    how(m_record);
    m_changed->notify_all();
}

void Container::end_run(std::function<void(ContainerRecord&)> const& how)
{
    std::shared_ptr<runtime::ContainerProcess> last; // its destructor cleans up, which is no work for under a lock
    std::lock_guard const lock(m_mutex);
    last.swap(m_process);
    how(m_record);
    ++m_runs_ended;
    output.finish();
    log.end_followers();
    m_changed->notify_all();
}

Result<ContainerLog::Reading> Container::open_log(ContainerLog::Mode mode)
{
    std::lock_guard const lock(m_mutex);
    return log.open(m_record.state.running() ? mode : ContainerLog::Mode::Stored);
}

std::uint64_t Container::runs_ended() const
{
    std::lock_guard const lock(m_mutex);
    return m_runs_ended;
}

std::vector<PublishedPort> Container::published() const
{
    std::lock_guard const lock(m_mutex);
    return m_published;
}

void Container::set_published(std::vector<PublishedPort> published)
{
    std::lock_guard const lock(m_mutex);
    m_published = std::move(published);
}

Health Container::health() const
{
    std::lock_guard const lock(m_mutex);
    return m_health;
}

void Container::set_health(Health health)
{
    std::lock_guard const lock(m_mutex);
    m_health = std::move(health);
}

bool Container::wait_to_restart(Timestamp deadline)
{
    std::unique_lock lock(m_mutex);
    m_changed->wait_until(
        lock, deadline, [&] { return m_record.state.status != Status::Restarting || m_removed || m_abandoned; });
    return m_record.state.status == Status::Restarting && !m_removed && !m_abandoned;
}

std::shared_ptr<runtime::ContainerProcess> Container::process() const
{
    std::lock_guard const lock(m_mutex);
    return m_process;
}

void Container::mark_removed()
{
    std::lock_guard const lock(m_mutex);
    m_removed = true;
    m_changed->notify_all();
}

bool Container::removed() const
{
    std::lock_guard const lock(m_mutex);
    return m_removed;
}

void Container::abandon()
{
    {
        std::lock_guard const lock(m_mutex);
        m_abandoned = true;
        m_changed->notify_all();
    }
    output.finish();
    log.end_followers();
}

void Container::lose(Interest& interest)
{
    std::lock_guard const lock(m_mutex);
    interest.lost = true;
    m_changed->notify_all();
}

bool Container::wait_for(WaitFor what, std::uint64_t runs_ended, Interest const& interest)
{
    std::unique_lock lock(m_mutex);
    auto const happened = [&] {
        switch (what) {
        case WaitFor::NotRunning: return !m_record.state.running() && m_record.state.status != Status::Restarting;
        case WaitFor::NextExit: return m_runs_ended > runs_ended;
        case WaitFor::Removed: return false;
        }
        return false;
    };
    m_changed->wait(lock, [&] { return happened() || m_removed || m_abandoned || interest.lost; });
    return happened() || m_removed;
}

bool Container::wait_for_end_of_run(std::uint64_t runs_ended, std::optional<Timestamp> deadline)
{
    std::unique_lock lock(m_mutex);
    auto const ended = [&] { return m_runs_ended > runs_ended; };
    if (deadline)
        return m_changed->wait_until(lock, *deadline, ended);
    m_changed->wait(lock, ended);
    return true;
}

std::shared_ptr<runtime::ContainerProcess> Container::wait_for_process(
    std::uint64_t runs_ended, Interest const& interest)
{
    std::unique_lock lock(m_mutex);
    auto const known = [&] { return m_process != nullptr || m_runs_ended > runs_ended || m_removed || m_abandoned; };
    m_changed->wait(lock, [&] { return known() || interest.lost; });
    return m_runs_ended == runs_ended && !interest.lost ? m_process : nullptr;
}

}
