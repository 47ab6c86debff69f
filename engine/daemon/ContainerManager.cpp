// What exists: create, find, rename, remove, and what is found at start-up. ContainerLifecycle.cpp has what runs.

#include "engine/daemon/ContainerManager.h"

#include "engine/daemon/Json.h"
#include "engine/daemon/Names.h"
#include "engine/daemon/Spool.h"

#include <algorithm>
#include <csignal>

namespace drydock::daemon {

namespace {

std::string taken_message(std::string const& name, ContainerId const& by)
{
    return "Conflict. The container name \"/" + name + "\" is already in use by container \"" + by.value
        + "\". You have to remove (or rename) that container to be able to reuse that name.";
}

}

ContainerManager::ContainerManager(Parts parts)
    : m_parts(parts)
    , m_publisher(parts.seams.publisher)
{
}

Result<void> ContainerManager::load(Interrupted interrupted)
{
    TRY(Spool::sweep(m_parts.seams.storage));
    for (auto const& id : m_parts.seams.storage.list("containers"))
        TRY(load_one(id, interrupted));
    return {};
}

void ContainerManager::resume()
{
    for (auto const& [container, paused] : std::exchange(m_interrupted, {})) {
        Container::Turn const turn(*container);
        // Why it cannot has been told by an event.
        if (start_in_turn(container, Run::Resumed) && paused)
            static_cast<void>(pause(*container));
    }
}

Result<void> ContainerManager::load_one(std::string const& id, Interrupted interrupted)
{
    auto& storage = m_parts.seams.storage;
    std::string const key = "containers/" + id;
    auto const document = storage.read(key + "/config.json");
    auto record = document ? parse_record(*document) : Result<ContainerRecord>(fail(document.error()));
    if (document && !record) {
        // A record that cannot be read is somebody's container all the same: it stays where it is.
        m_publisher.publish(trace::WarningRaised { .what = "container " + id + ": " + record.error().message(),
            .remedy = "look at " + key + "/config.json in the data root" });
        return {};
    }
    bool const half_removed = record && record->state.status == Status::Removing;
    bool const was_running = record && (record->state.running() || record->state.status == Status::Restarting);
    bool const comes_back = was_running && interrupted == Interrupted::ToResume;
    if (!record || half_removed || (was_running && record->host.auto_remove && !comes_back))
        return storage.remove_tree(key);
    bool const was_paused = record->state.status == Status::Paused;
    auto container = std::make_shared<Container>(m_parts.seams.scheduler, storage, std::move(*record));
    if (comes_back)
        m_interrupted.push_back({ container, was_paused });
    if (was_running) {
        // Nobody is left who could have seen how it ended; its processes died with the daemon.
        container->change([&](ContainerRecord& its) {
            its.state.status = Status::Exited;
            its.state.exit_code = 128 + SIGKILL;
            its.state.restarts = 0;
            its.state.finished = m_parts.seams.scheduler.now();
        });
        TRY(container->save());
    }
    hold_layers(container->record());
    std::lock_guard const lock(m_mutex);
    m_names[container->record().name] = container->id();
    m_containers[container->id()] = container;
    return {};
}

Result<void> ContainerManager::claim_name(std::string const& name, ContainerId const& id)
{
    TRY(check_name(name));
    std::lock_guard const lock(m_mutex);
    auto const [holder, is_free] = m_names.try_emplace(name, id);
    if (!is_free)
        return fail(ErrorKind::Conflict, taken_message(name, holder->second));
    return {};
}

Result<std::shared_ptr<Container>> ContainerManager::create(std::string name, CreateBody body)
{
    TRY(parse_mounts(
        { body.host.binds, body.host.tmpfs, body.config.volumes }, json::array())); // before anything is made
    auto const image = m_parts.images.find(body.config.image);
    if (!image && !oci::Reference::parse(body.config.image))
        return fail(ErrorKind::InvalidInput, "invalid reference format: " + body.config.image);
    if (!image) {
        if (image.error().kind() == ErrorKind::NotFound) {
            auto const reference = oci::Reference::parse(body.config.image);
            m_publisher.publish(
                trace::ImageNotFoundLocally { .reference = reference ? reference->familiar() : body.config.image });
        }
        return fail(image.error());
    }
    inherit(body.config, image->config);
    if (body.config.command_line().empty())
        return fail(ErrorKind::InvalidInput, "No command specified");
    ContainerId const id = body.id ? *body.id : ContainerId { m_parts.seams.random.hex(id_digits) };
    if (name.empty())
        name = generate_name(m_parts.seams.random, [this](std::string const& candidate) {
            std::lock_guard const lock(m_mutex);
            return m_names.contains(candidate);
        });
    TRY(resolve_network_mode(body, id));
    TRY(resolve_links(body.host));
    TRY(claim_name(name, id));
    ContainerRecord record { .id = id,
        .name = name,
        .created = m_parts.seams.scheduler.now(),
        .image = image->id,
        .layers = image->config.diff_ids,
        .config = std::move(body.config),
        .host = std::move(body.host),
        .endpoints = std::move(body.endpoints),
        .mounts = {},
        .state = {} };
    hold_layers(record);
    if (auto const prepared = prepare_mounts(record); !prepared) {
        forget(Container(m_parts.seams.scheduler, m_parts.seams.storage, record));
        return fail(prepared.error());
    }
    auto container = std::make_shared<Container>(m_parts.seams.scheduler, m_parts.seams.storage, std::move(record));
    // Held from here on; was it removed before?
    auto const made
        = m_parts.images.find(image->id.to_string()).and_then([&](auto const&) { return make_durable(*container); });
    if (!made) {
        static_cast<void>(m_parts.seams.storage.remove_tree(container->key()));
        forget(*container);
        return fail(made.error());
    }
    std::lock_guard const lock(m_mutex);
    m_containers[id] = container;
    return container;
}

// The record comes last: a tree without one is an intent, which the next start sweeps. Told when all is done, and the
// container before its parts.
Result<void> ContainerManager::make_durable(Container& container)
{
    TRY(m_parts.seams.storage.make_directory(container.key()));
    TRY(m_parts.roots.make(container.id()));
    TRY(container.save());
    announce(container.record());
    publish_event(container, "create");
    return {};
}

void ContainerManager::announce(ContainerRecord const& record) const
{
    m_publisher.publish(trace::ContainerCreated { .container = record.id,
        .name = record.name,
        .reference = record.config.image,
        .image = record.image,
        .command = record.config.command_line(),
        .hostname = record.config.hostname });
    m_publisher.publish(
        trace::WritableLayerCreated { .container = record.id, .location = m_parts.roots.location(record.id) });
}

void ContainerManager::announce() const
{
    auto const newest_first = list();
    std::vector<std::shared_ptr<unionfs::UnionMount const>> layers;
    for (auto container = newest_first.rbegin(); container != newest_first.rend(); ++container) {
        auto const record = (*container)->record();
        announce(record);
        layers.push_back(m_parts.sheets.tell(record));
        if (record.state.status == Status::Exited)
            m_publisher.publish(trace::ContainerExited { .container = record.id, .exit_code = record.state.exit_code });
    }
}

void ContainerManager::forget(Container const& container)
{
    m_parts.sheets.forget(container.id());
    m_parts.roots.remove(container.id());
    std::unique_ptr<image::ImageStore::Hold> held; // goes after the lock has
    std::lock_guard const lock(m_mutex);
    m_names.erase(container.record().name);
    m_containers.erase(container.id());
    held = std::move(m_layers[container.id()]);
    m_layers.erase(container.id());
}

Result<void> ContainerManager::rename(Container& container, std::string name)
{
    Container::Turn const turn(container);
    if (name.starts_with("/"))
        name.erase(0, 1);
    std::string const old_name = container.record().name;
    if (name.empty())
        return fail(ErrorKind::InvalidInput, "Neither old nor new names may be empty");
    if (name == old_name)
        return fail(ErrorKind::InvalidInput, "Renaming a container with the same name as its current name");
    if (auto const claimed = claim_name(name, container.id()); !claimed)
        return fail(claimed.error().kind(), "Error when allocating new name: " + claimed.error().message());
    container.change([&](ContainerRecord& its) { its.name = name; });
    if (auto const saved = container.save(); !saved) {
        container.change([&](ContainerRecord& its) { its.name = old_name; });
        std::lock_guard const lock(m_mutex);
        m_names.erase(name);
        return saved;
    }
    {
        std::lock_guard const lock(m_mutex);
        m_names.erase(old_name);
    }
    m_publisher.publish(trace::ContainerRenamed { .container = container.id(), .name = name });
    publish_event(container, "rename", { { "oldName", "/" + old_name } });
    return {};
}

Result<void> ContainerManager::remove(
    std::shared_ptr<Container> const& container, Force force, AnonymousVolumes volumes)
{
    Container::Turn const turn(*container);
    auto const record = container->record();
    if (container->removed())
        return fail(ErrorKind::NotFound, "No such container: " + record.id.value);
    if (record.state.running() || record.state.status == Status::Restarting) {
        if (force == Force::No)
            return fail(ErrorKind::Conflict,
                "cannot remove container \"" + record.name
                    + "\": container is running: stop the container before removing or force remove");
        TRY(kill_and_wait(*container));
    }
    auto span = m_publisher.span("remove", "Remove container " + record.name, trace::Depth::Role);
    container->change([](ContainerRecord& its) { its.state.status = Status::Removing; });
    auto swept = m_parts.seams.storage.remove_tree(container->key());
    if (!swept && m_parts.seams.storage.exists(container->key())) {
        container->change([&](ContainerRecord& its) { its.state = record.state; });
        span.failed(swept.error().message());
        return swept;
    }
    forget(*container);
    // Its image may have been removed before it; then the layers go now.
    if (swept && !m_parts.images.find(record.image.to_string()))
        swept = m_parts.images.sweep();
    if (swept && volumes == AnonymousVolumes::Remove)
        swept = remove_anonymous_volumes(record);
    m_publisher.publish(trace::ContainerRemoved { .container = container->id() });
    publish_event(*container, "destroy");
    container->mark_removed();
    container->output.finish();
    return swept;
}

Result<std::vector<unionfs::Change>> ContainerManager::changes(Container const& container)
{
    return TRY(m_parts.roots.open(container.record()))->changes();
}

Result<std::shared_ptr<Container>> ContainerManager::find(std::string const& name) const
{
    std::lock_guard const lock(m_mutex);
    if (auto const exact = m_containers.find(ContainerId { name }); exact != m_containers.end())
        return exact->second;
    auto const named = m_names.find(name.starts_with("/") ? name.substr(1) : name);
    if (named != m_names.end() && m_containers.contains(named->second))
        return m_containers.at(named->second);
    auto const first = m_containers.lower_bound(ContainerId { name });
    if (name.empty() || first == m_containers.end() || !first->first.value.starts_with(name))
        return fail(ErrorKind::NotFound, "No such container: " + name);
    if (auto const next = std::next(first); next != m_containers.end() && next->first.value.starts_with(name))
        return fail(ErrorKind::InvalidInput, "multiple IDs found with provided prefix: " + name);
    return first->second;
}

std::vector<std::shared_ptr<Container>> ContainerManager::list() const
{
    std::vector<std::shared_ptr<Container>> all;
    {
        std::lock_guard const lock(m_mutex);
        for (auto const& [id, container] : m_containers)
            all.push_back(container);
    }
    std::stable_sort(all.begin(), all.end(), [](auto const& a, auto const& b) { return a->created() > b->created(); });
    return all;
}

std::optional<image::ImageStore::User> ContainerManager::user_of(oci::Digest const& image) const
{
    std::optional<image::ImageStore::User> user;
    for (auto const& container : list()) {
        auto const record = container->record();
        if (record.image == image && (!user || record.state.running()))
            user = { std::string(record.id.short_form()), record.state.running() };
        if (user && user->running)
            break;
    }
    return user;
}

void ContainerManager::hold_layers(ContainerRecord const& record)
{
    auto held = m_parts.images.hold();
    for (auto const& layer : record.layers)
        held->layer(layer);
    std::lock_guard const lock(m_mutex);
    m_layers[record.id] = std::move(held);
}

void ContainerManager::publish_event(
    Container const& container, std::string action, std::map<std::string, std::string> extra)
{
    auto const record = container.record();
    extra.insert(record.config.labels.begin(), record.config.labels.end());
    extra["image"] = record.config.image;
    extra["name"] = record.name;
    m_parts.events.publish("container", std::move(action), record.id.value, std::move(extra));
}

}
