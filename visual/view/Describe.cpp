#include "visual/view/Describe.h"

#include "sim/words/Words.h"
#include "visual/stage/Names.h"

#include <fmt/format.h>

#include <algorithm>

namespace drydock::view {

namespace {

using trace::FieldText;

constexpr std::size_t most_raw = 12;

std::string_view state_word(world::ContainerState state)
{
    switch (state) {
    case world::ContainerState::Created: return "created";
    case world::ContainerState::Running: return "running";
    case world::ContainerState::Paused: return "paused";
    case world::ContainerState::Exited: return "exited";
    case world::ContainerState::Removed: return "removed";
    }
    return "";
}

std::int64_t first_host_pid(world::Container const& container)
{
    return container.processes.empty() ? 0 : container.processes.begin()->second.host_pid;
}

void prove_container(world::Container const& c, Description& d)
{
    d.proofs.push_back({ "The daemon tells the same", fmt::format("docker inspect {}", c.name) });
    auto const pid = first_host_pid(c);
    if (pid == 0)
        return;
    for (auto const& [kind, inode] : c.namespaces)
        d.proofs.push_back({ fmt::format("Its {} namespace has number {}", kind, inode),
            fmt::format("readlink /proc/{}/ns/{}", pid, kind) });
    d.proofs.push_back({ "Its root is a mount of its own", fmt::format("head -1 /proc/{}/mountinfo", pid) });
    d.proofs.push_back({ "It is a process of this kernel", fmt::format("ps -o pid,ppid,cmd -p {}", pid) });
}

Description describe_container(world::Container const& c)
{
    Description d { .kind = "Container", .name = c.name };
    d.words = { "A container is a group of processes with a view of their own: own namespaces, own root.",
        fmt::format("This one is {}. It was made from {}.", state_word(c.state), c.reference),
        c.has_sheet ? fmt::format("Its read-write layer holds {} {}; the image below stays as it is.", c.sheet.size(),
            c.sheet.size() == 1 ? "change" : "changes")
                    : std::string("It has no read-write layer.") };
    d.fields = { { "id", std::string(c.id.short_form()) }, { "state", std::string(state_word(c.state)) },
        { "image", c.reference }, { "command", words::command_text(c.command) }, { "host name", c.hostname },
        { "driver", c.driver } };
    if (c.exit_code)
        d.fields.push_back({ "exit code", std::to_string(*c.exit_code) });
    for (auto const& [kind, inode] : c.namespaces)
        d.fields.push_back({ kind + " namespace", std::to_string(inode) });
    for (auto const& mount : c.mounts)
        d.fields.push_back({ "mount " + mount.target, mount.type + " " + mount.flags });
    if (c.cgroup)
        d.fields.push_back({ "control group", c.cgroup->path });
    if (c.privileges)
        d.fields.push_back({ "capabilities", std::to_string(c.privileges->kept.size()) });
    prove_container(c, d);
    return d;
}

Description describe_sheet(world::Container const& c)
{
    Description d { .kind = "Read-write layer", .name = c.name };
    d.words = { "Every container writes into a thin layer of its own, on top of the image's layers.",
        "Stopping keeps it; removing the container deletes it." };
    for (auto const& [path, entry] : c.sheet) {
        static constexpr std::array marks { "new", "copied up", "whiteout", "opaque" };
        d.fields.push_back(
            { path, fmt::format("{}, {}", marks.at(static_cast<std::size_t>(entry.mark)), human_size(entry.size)) });
    }
    if (d.fields.empty())
        d.fields.push_back({ "changes", "none: nothing was copied at the start" });
    d.proofs = { { "The daemon lists the same changes", fmt::format("docker diff {}", c.name) } };
    if (!c.sheet_location.empty())
        d.proofs.push_back({ "It lies on the host", fmt::format("ls -laR {}", c.sheet_location) });
    return d;
}

Description describe_image(world::Image const& image, world::World const& world)
{
    Description d { .kind = "Image", .name = words::name_of_image(image.id, world) };
    d.words = { "An image is a stack of read-only layers and a config that says what to run.",
        "Its ID is the digest of the config, so the same ID is the same content." };
    d.fields = { { "ID", image.id.to_string() }, { "runs", words::command_text(image.command) } };
    for (auto const& variable : image.env)
        d.fields.push_back({ "env", variable });
    for (auto const& line : image.history)
        d.fields.push_back({ "history", line });
    d.proofs = { { "The daemon tells the same", fmt::format("docker image inspect {}", d.name) },
        { "Every instruction, with a layer or without", fmt::format("docker history {}", d.name) } };
    return d;
}

Description describe_layer(world::Layer const& layer)
{
    Description d { .kind = "Layer", .name = layer.diff_id.short_form() };
    d.words = { "A layer is the difference that one step made to a tree of files, as a tar archive.",
        "Nothing ever changes it: many images and containers may share it." };
    d.fields = { { "DiffID", layer.diff_id.to_string() }, { "entries", std::to_string(layer.entries) },
        { "size", human_size(layer.size) }, { "made by", layer.created_by } };
    if (layer.blob) {
        d.fields.push_back({ "travelled as", layer.blob->to_string() });
        d.proofs.push_back({ "The blob hashes to its name",
            fmt::format("sha256sum \"$DATA_ROOT\"/content/blobs/sha256/{}", layer.blob->hex()) });
    }
    return d;
}

Description describe_actor(world::Actor const& actor, world::World const& world)
{
    Description d { .kind = std::string(trace::to_string(actor.role)), .name = actor.label };
    d.kind.front() = static_cast<char>(d.kind.front() - 'a' + 'A');
    switch (actor.role) {
    case trace::ActorRole::Client:
        d.words = { "The client turns what you type into HTTP requests. It runs nothing itself." };
        break;
    case trace::ActorRole::Daemon:
        d.words = { "The daemon answers requests and does all the work: images, containers, networks.",
            "End the client and its containers run on." };
        break;
    case trace::ActorRole::Registry:
        d.words = { "A registry keeps manifests and blobs, and gives them to whoever asks by name or digest." };
        break;
    case trace::ActorRole::Runtime:
    case trace::ActorRole::Process: break;
    }
    d.fields = { { "host", actor.host.value }, { "at", actor.detail } };
    for (auto const& exchange : world.exchanges) {
        if (exchange.to != actor.id)
            continue;
        d.fields.push_back({ exchange.method + " " + words::short_target(exchange.target),
            exchange.status ? std::to_string(*exchange.status) : "in progress" });
    }
    if (actor.role == trace::ActorRole::Daemon && actor.detail.starts_with("unix://"))
        d.proofs = { { "It speaks HTTP on a socket",
            fmt::format("curl --unix-socket {} http://localhost/version", actor.detail.substr(7)) } };
    if (actor.role == trace::ActorRole::Registry && actor.detail.starts_with("tcp://"))
        d.proofs = { { "It speaks the OCI Distribution API",
            fmt::format("curl http://{}/v2/_catalog", actor.detail.substr(6)) } };
    return d;
}

Description describe_kernel(world::Host const& host)
{
    Description d { .kind = "Kernel", .name = host.kernel };
    d.words = { "One kernel serves every process on this machine, inside containers or not.",
        "A container brings files, never a kernel." };
    d.fields
        = { { "host", host.id.value }, { "cores", std::to_string(host.cores) }, { "memory", human_size(host.memory) } };
    d.proofs = { { "Outside", "uname -r" }, { "Inside a container: the same", "docker run --rm busybox uname -r" } };
    return d;
}

Description find(std::string_view id, world::World const& world)
{
    for (auto const& [container_id, container] : world.containers) {
        if (id.starts_with(stage::sheet_id(container_id)))
            return describe_sheet(container);
        if (id.starts_with(stage::id_of(container_id)))
            return describe_container(container);
    }
    for (auto const& [image_id, image] : world::shown_host(world).images) {
        if (id == stage::image_id(image_id))
            return describe_image(image, world);
    }
    for (auto const& [diff_id, layer] : world::shown_host(world).layers) {
        if (id == stage::layer_id(diff_id, world))
            return describe_layer(layer);
    }
    for (auto const& [actor_id, actor] : world.actors) {
        if (id == stage::id_of(actor_id))
            return describe_actor(actor, world);
    }
    for (auto const& [host_id, host] : world.hosts) {
        if (id == stage::kernel_id(host_id))
            return describe_kernel(host);
    }
    return {};
}

// The part of an id that occurs in records: the short digest or container id.
std::string_view key_of(std::string_view id)
{
    auto const key = id.substr(id.find(':') + 1);
    return key.substr(0, key.find('/'));
}

}

Description describe(std::string_view id, world::World const& world, trace::EventLog const& log, std::uint64_t records)
{
    auto description = find(id, world);
    if (description.kind.empty())
        return description;
    auto const key = key_of(id);
    for (auto i = records; i > 0 && description.raw.size() < most_raw && records - i < 2000; --i) {
        auto line = trace::to_json(log[i - 1]);
        if (line.find(key) != std::string::npos)
            description.raw.push_back(std::move(line));
    }
    std::reverse(description.raw.begin(), description.raw.end());
    return description;
}

Description describe_record(trace::Record const& record, world::World const& world)
{
    Description d { .kind = "Event", .name = std::string(trace::name_of(record.event)) };
    d.words = { words::sentence(record.event, world),
        fmt::format("Published by {}{}{}, {}.", record.origin->actor.value,
            record.origin->host.value.empty() ? "" : " on ", record.origin->host.value,
            trace::to_string(record.origin->provenance)) };
    d.fields = trace::field_texts(record.event);
    d.raw = { trace::to_json(record) };
    d.proofs = { { "The code that did it and said so",
        fmt::format("less +{} {}", record.source.line, record.source.file) } };
    return d;
}

}
