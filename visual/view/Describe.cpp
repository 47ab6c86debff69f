#include "visual/view/Describe.h"

#include "sim/words/Language.h"
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
    case world::ContainerState::Created: return words::tr("created");
    case world::ContainerState::Running: return words::tr("running");
    case world::ContainerState::Paused: return words::tr("paused");
    case world::ContainerState::Exited: return words::tr("exited");
    case world::ContainerState::Removed: return words::tr("removed");
    }
    return "";
}

std::int64_t first_host_pid(world::Container const& container)
{
    return container.processes.empty() ? 0 : container.processes.begin()->second.host_pid;
}

void prove_container(world::Container const& c, Description& d)
{
    d.proofs.push_back({ words::say("The daemon tells the same"), fmt::format("docker inspect {}", c.name) });
    auto const pid = first_host_pid(c);
    if (pid == 0)
        return;
    for (auto const& [kind, inode] : c.namespaces)
        d.proofs.push_back({ words::say("Its {} namespace has number {}", kind, inode),
            fmt::format("readlink /proc/{}/ns/{}", pid, kind) });
    d.proofs.push_back(
        { words::say("Its root is a mount of its own"), fmt::format("head -1 /proc/{}/mountinfo", pid) });
    d.proofs.push_back({ words::say("It is a process of this kernel"), fmt::format("ps -o pid,ppid,cmd -p {}", pid) });
}

Description describe_container(world::Container const& c)
{
    Description d { .kind = words::say("Container"), .name = c.name };
    d.words = { words::say("A container is a group of processes with a view of their own: own namespaces, own root."),
        words::say("This one is {}. It was made from {}.", state_word(c.state), c.reference),
        c.has_sheet ? words::say("Its read-write layer holds {}; the image below stays as it is.",
            words::counted(c.sheet.size(), words::key("change"), words::key("changes")))
                    : words::say("It has no read-write layer.") };
    d.fields = { { words::say("id"), std::string(c.id.short_form()) },
        { words::say("state"), std::string(state_word(c.state)) }, { words::say("image"), c.reference },
        { words::say("command"), words::command_text(c.command) }, { words::say("host name"), c.hostname },
        { words::say("driver"), c.driver } };
    if (c.exit_code)
        d.fields.push_back({ words::say("exit code"), std::to_string(*c.exit_code) });
    for (auto const& [kind, inode] : c.namespaces)
        d.fields.push_back({ words::say("{} namespace", kind), std::to_string(inode) });
    for (auto const& mount : c.mounts)
        d.fields.push_back({ words::say("mount {}", mount.target), mount.type + " " + mount.flags });
    if (c.cgroup)
        d.fields.push_back({ words::say("control group"), c.cgroup->path });
    if (c.privileges)
        d.fields.push_back({ words::say("capabilities"), std::to_string(c.privileges->kept.size()) });
    prove_container(c, d);
    return d;
}

Description describe_sheet(world::Container const& c)
{
    Description d { .kind = words::say("Read-write layer"), .name = c.name };
    d.words = { words::say("Every container writes into a thin layer of its own, on top of the image's layers."),
        words::say("Stopping keeps it; removing the container deletes it.") };
    for (auto const& [path, entry] : c.sheet) {
        static constexpr std::array marks { words::key("new"), words::key("copied up"), words::key("whiteout"),
            words::key("opaque") };
        d.fields.push_back({ path,
            fmt::format("{}, {}", words::tr(marks.at(static_cast<std::size_t>(entry.mark))), human_size(entry.size)) });
    }
    if (d.fields.empty())
        d.fields.push_back({ words::say("changes"), words::say("none: nothing was copied at the start") });
    d.proofs = { { words::say("The daemon lists the same changes"), fmt::format("docker diff {}", c.name) } };
    if (!c.sheet_location.empty())
        d.proofs.push_back({ words::say("It lies on the host"), fmt::format("ls -laR {}", c.sheet_location) });
    return d;
}

Description describe_image(world::Image const& image, world::World const& world)
{
    Description d { .kind = words::say("Image"), .name = words::name_of_image(image.id, world) };
    d.words = { words::say("An image is a stack of read-only layers and a config that says what to run."),
        words::say("Its ID is the digest of the config, so the same ID is the same content.") };
    d.fields
        = { { words::say("ID"), image.id.to_string() }, { words::say("runs"), words::command_text(image.command) } };
    for (auto const& variable : image.env)
        d.fields.push_back({ words::say("env"), variable });
    for (auto const& line : image.history)
        d.fields.push_back({ words::say("history"), line });
    d.proofs = { { words::say("The daemon tells the same"), fmt::format("docker image inspect {}", d.name) },
        { words::say("Every instruction, with a layer or without"), fmt::format("docker history {}", d.name) } };
    return d;
}

Description describe_layer(world::Layer const& layer)
{
    Description d { .kind = words::say("Layer"), .name = layer.diff_id.short_form() };
    d.words = { words::say("A layer is the difference that one step made to a tree of files, as a tar archive."),
        words::say("Nothing ever changes it: many images and containers may share it.") };
    d.fields = { { words::say("DiffID"), layer.diff_id.to_string() },
        { words::say("entries"), std::to_string(layer.entries) }, { words::say("size"), human_size(layer.size) },
        { words::say("made by"), layer.created_by } };
    if (layer.blob) {
        d.fields.push_back({ words::say("travelled as"), layer.blob->to_string() });
        d.proofs.push_back({ words::say("The blob hashes to its name"),
            fmt::format("sha256sum \"$DATA_ROOT\"/content/blobs/sha256/{}", layer.blob->hex()) });
    }
    return d;
}

Description describe_actor(world::Actor const& actor, world::World const& world)
{
    Description d { .name = actor.label };
    switch (actor.role) {
    case trace::ActorRole::Client:
        d.kind = words::tr("Client");
        d.words = { words::say("The client turns what you type into HTTP requests. It runs nothing itself.") };
        break;
    case trace::ActorRole::Daemon:
        d.kind = words::tr("Daemon");
        d.words = { words::say("The daemon answers requests and does all the work: images, containers, networks."),
            words::say("End the client and its containers run on.") };
        break;
    case trace::ActorRole::Registry:
        d.kind = words::tr("Registry");
        d.words
            = { words::say("A registry keeps manifests and blobs, and gives them to whoever asks by name or digest.") };
        break;
    case trace::ActorRole::Runtime: d.kind = words::tr("Runtime"); break;
    case trace::ActorRole::Process: d.kind = words::tr("Process"); break;
    }
    d.fields = { { words::say("host"), actor.host.value }, { words::say("at"), actor.detail } };
    for (auto const& exchange : world.exchanges) {
        if (exchange.to != actor.id)
            continue;
        d.fields.push_back({ exchange.method + " " + words::short_target(exchange.target),
            exchange.status ? std::to_string(*exchange.status) : words::say("in progress") });
    }
    if (actor.role == trace::ActorRole::Daemon && actor.detail.starts_with("unix://"))
        d.proofs = { { words::say("It speaks HTTP on a socket"),
            fmt::format("curl --unix-socket {} http://localhost/version", actor.detail.substr(7)) } };
    if (actor.role == trace::ActorRole::Registry && actor.detail.starts_with("tcp://"))
        d.proofs = { { words::say("It speaks the OCI Distribution API"),
            fmt::format("curl http://{}/v2/_catalog", actor.detail.substr(6)) } };
    return d;
}

Description describe_kernel(world::Host const& host)
{
    Description d { .kind = words::say("Kernel"), .name = host.kernel };
    d.words = { words::say("One kernel serves every process on this machine, inside containers or not."),
        words::say("A container brings files, never a kernel.") };
    d.fields = { { words::say("host"), host.id.value }, { words::say("cores"), std::to_string(host.cores) },
        { words::say("memory"), human_size(host.memory) } };
    d.proofs = { { words::say("Outside"), "uname -r" },
        { words::say("Inside a container: the same"), "docker run --rm busybox uname -r" } };
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
    Description d { .kind = words::say("Event"), .name = std::string(trace::name_of(record.event)) };
    d.words = { words::sentence(record.event, world),
        words::say("Published by {}{}, {}.", record.origin->actor.value,
            record.origin->host.value.empty() ? std::string() : words::say(" on {}", record.origin->host.value),
            words::word_for(record.origin->provenance)) };
    d.fields = trace::field_texts(record.event);
    d.raw = { trace::to_json(record) };
    d.proofs = { { words::say("The code that did it and said so"),
        fmt::format("less +{} {}", record.source.line, record.source.file) } };
    return d;
}

}
