#include "visual/view/Describe.h"

#include "sim/words/Language.h"
#include "sim/words/Told.h"
#include "sim/words/Words.h"
#include "visual/stage/Names.h"
#include "visual/view/DescribeParts.h"
#include "visual/view/Exchanges.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace drydock::view {

namespace {

using words::say;
using words::tr;

std::string_view role_word(trace::ActorRole role)
{
    switch (role) {
    case trace::ActorRole::Client: return tr("Client");
    case trace::ActorRole::Daemon: return tr("Daemon");
    case trace::ActorRole::Registry: return tr("Registry");
    case trace::ActorRole::Runtime: return tr("Runtime");
    case trace::ActorRole::Process: return tr("Process");
    }
    return "";
}

void explain_role(Description& d, trace::ActorRole role)
{
    switch (role) {
    case trace::ActorRole::Client:
        d.words.emplace_back(tr("The client turns what you type into HTTP requests. It runs nothing itself."));
        break;
    case trace::ActorRole::Daemon:
        d.words.emplace_back(tr("The daemon answers requests and does all the work: images, containers, networks."));
        d.words.emplace_back(tr("End the client and its containers run on."));
        break;
    case trace::ActorRole::Registry:
        d.words.emplace_back(
            tr("A registry keeps manifests and blobs, and gives them to whoever asks by name or digest."));
        break;
    case trace::ActorRole::Runtime:
    case trace::ActorRole::Process:
        d.words.emplace_back(tr("It makes what a container needs of the kernel, and then executes its program."));
        break;
    }
}

// Where it answers, as its connections tell.
std::string endpoint_of(ActorId const& actor, world::World const& world)
{
    auto const& connections = world.connections;
    auto const found = std::find_if(
        connections.begin(), connections.end(), [&](auto const& entry) { return entry.second.to == actor; });
    if (found != connections.end())
        return found->second.endpoint;
    auto const self = world.actors.find(actor);
    return self == world.actors.end() ? std::string() : self->second.detail;
}

void prove_by_asking(Description& d, world::Actor const& actor, world::World const& world)
{
    trace::RequestReceived question;
    question.method = "GET";
    question.target = actor.role == trace::ActorRole::Registry ? "/v2/_catalog" : "/version";
    auto const endpoint = endpoint_of(actor.id, world);
    bool const reachable = endpoint.starts_with("unix://") || endpoint.starts_with("tcp://");
    if (actor.role == trace::ActorRole::Daemon) {
        if (reachable)
            add_proof(d, tr("It speaks HTTP on a socket"), curl_line(question, endpoint));
        add_proof(d, tr("It tells who it is"), "docker version");
    } else if (actor.role == trace::ActorRole::Registry && reachable) {
        add_proof(d, tr("It speaks the OCI Distribution API"), curl_line(question, endpoint));
    } else if (actor.detail.starts_with("pid ")) {
        add_proof(d, tr("It is a process of this machine"), "ps -o pid,ppid,user,args -p " + actor.detail.substr(4));
    }
}

Description describe_actor(world::Actor const& actor, world::World const& world)
{
    Description d { .kind = std::string(role_word(actor.role)), .name = actor.label };
    explain_role(d, actor.role);
    add_field(d, "host", actor.host.value);
    add_field(d, "at", actor.detail);
    if (auto const registry = world.registries.find(actor.id); registry != world.registries.end()) {
        for (auto const& [reference, manifest] : registry->second.pushed)
            add_field(d, reference, manifest.to_string());
        if (!registry->second.scheme.empty())
            add_field(d, "asks for", registry->second.scheme);
    }
    for (auto const& exchange : world.exchanges) {
        if (exchange.to == actor.id)
            add_field(d, exchange.method + " " + words::short_target(exchange.target),
                exchange.status ? std::to_string(*exchange.status) : std::string(tr("in progress")));
    }
    prove_by_asking(d, actor, world);
    return d;
}

Description describe_kernel(world::Host const& host)
{
    Description d { .kind = std::string(tr("Kernel")), .name = host.kernel };
    d.words = { std::string(tr("One kernel serves every process on this machine, inside containers or not.")),
        std::string(tr("A container brings files, never a kernel.")) };
    add_field(d, "host", host.id.value);
    add_field(d, "cores", std::to_string(host.cores));
    add_field(d, "memory", human_size(host.memory));
    add_proof(d, tr("Outside"), "uname -r");
    add_proof(d, tr("Inside a container: the same"), "docker run --rm busybox uname -r");
    return d;
}

Description describe_machine(world::Host const& host, world::World const& world)
{
    Description d { .kind = std::string(tr("Machine")), .name = host.id.value };
    d.words = { std::string(tr("A machine with a kernel of its own. What a daemon keeps stays on its machine.")) };
    auto const containers = std::count_if(world.containers.begin(), world.containers.end(),
        [&](auto const& entry) { return entry.second.host == host.id; });
    add_field(d, "kernel", host.kernel);
    add_field(d, "images", std::to_string(host.images.size()));
    add_field(d, "layers", std::to_string(host.layers.size()));
    add_field(d, "volumes", std::to_string(host.volumes.size()));
    add_field(d, "containers", std::to_string(containers));
    add_proof(d, tr("Its kernel"), "uname -a");
    add_proof(d, tr("How much its daemon keeps"), "docker system df");
    return d;
}

// Both ends of a wire, and what went over it last.
Description describe_wire(std::string_view id, Moment const& moment)
{
    auto const& world = moment.world;
    for (auto const& [from_id, from] : world.actors) {
        for (auto const& [to_id, to] : world.actors) {
            if (from_id == to_id || id != stage::wire_id(from_id, to_id))
                continue;
            Description d { .kind = std::string(tr("Connection")), .name = from.label + " – " + to.label };
            d.words = { std::string(tr("Every request and every answer between the two goes this way, as HTTP.")) };
            for (auto const& [each, connection] : world.connections) {
                bool const same = (connection.from == from_id && connection.to == to_id)
                    || (connection.from == to_id && connection.to == from_id);
                if (same)
                    add_field(
                        d, each.value, connection.endpoint + (connection.tls.empty() ? "" : "  " + connection.tls));
            }
            std::size_t requests = 0;
            for (auto const& run : moment.index.exchanges()) {
                auto const& request = *moment.log[run.asked].event.get_if<trace::RequestReceived>();
                if (run.asked < moment.records && stage::wire_id(request.from, request.to) == id)
                    ++requests;
            }
            add_field(d, "requests so far", std::to_string(requests));
            prove_by_asking(d, to.role == trace::ActorRole::Client ? from : to, world);
            return d;
        }
    }
    return {};
}

Description describe_exchange(std::string_view key, Moment const& moment)
{
    auto const* run = moment.index.exchange(ExchangeId { std::string(key) });
    if (run == nullptr || run->asked >= moment.records)
        return {};
    ExchangeView const exchange(*run, moment.log, moment.index, moment.records);
    auto const& request = exchange.request();
    Description d { .kind = std::string(tr("Request")),
        .name = request.method + " " + words::short_target(request.target) };
    d.words = { say("{} asks {} to {}.", words::name_of(request.from, moment.world),
        words::name_of(request.to, moment.world), words::purpose_of(request.method, request.target)) };
    if (auto const* response = exchange.response())
        d.words.push_back(say("The answer: {} {}.", response->status, response->reason));
    else
        d.words.emplace_back(tr("There is no answer yet."));
    add_field(d, "method", request.method);
    add_field(d, "target", request.target);
    add_field(d, "asked at", human_duration(Duration(exchange.asked_after())));
    if (auto const took = exchange.took())
        add_field(d, "answered after", human_duration(Duration(*took)));
    if (run->command)
        add_field(d, "because of", moment.log[*run->command].event.get_if<trace::CommandEntered>()->line);
    add_field(d, "request headers", request.headers);
    if (auto const* response = exchange.response())
        add_field(d, "answer headers", response->headers);
    // Asking again changes nothing where HTTP says so; the others are for people to copy from the wire view.
    if (request.method == "GET" || request.method == "HEAD")
        add_proof(d, tr("Asked again, it answers again"), curl_line(request, exchange.endpoint()));
    return d;
}

Description describe_trouble(std::string_view id, world::World const& world)
{
    Description d { .kind = std::string(tr("Trouble")) };
    if (id == "trouble:failure" && world.failure) {
        d.name = world.failure->operation;
        d.words = { world.failure->error };
        add_field(d, "operation", world.failure->operation);
        add_field(d, "error", world.failure->error);
        return d;
    }
    if (world.warnings.empty())
        return {};
    auto const& warning = world.warnings.back();
    d.name = std::string(tr("Warning"));
    d.words = { words::told(warning.what), words::told(warning.remedy) };
    add_field(d, "what", d.words.front());
    add_field(d, "remedy", d.words.back());
    return d;
}

Description describe_place(std::string_view id, world::World const& world)
{
    if (id == stage::store_id || id == stage::stand_id) {
        Description d { .kind = std::string(tr("Place")),
            .name = std::string(id == stage::store_id ? tr("Image store") : tr("Containers")) };
        d.words = { std::string(id == stage::store_id
                ? tr("Where images will stand: layers, each kept once, and a config on top.")
                : tr("Where containers will stand, on the image they are made from.")) };
        add_field(d, "images", std::to_string(world::shown_host(world).images.size()));
        add_proof(d, tr("The daemon tells the same"), id == stage::store_id ? "docker images" : "docker ps -a");
        return d;
    }
    if (id == stage::narration_id && world.scenario) {
        Description d { .kind = std::string(tr("Lesson")), .name = std::string(tr(world.scenario->title)) };
        d.words = { std::string(tr(world.scenario->phase_name)), std::string(tr(world.scenario->say)) };
        for (auto const& goal : world.scenario->goals)
            add_field(d, tr(goal.text), goal.met ? std::string(tr("reached")) : words::told(goal.why_not));
        return d;
    }
    return {};
}

Description describe_here(std::string_view id, Moment const& moment)
{
    auto const& world = moment.world;
    for (auto const& [actor_id, actor] : world.actors) {
        if (id == stage::id_of(actor_id))
            return describe_actor(actor, world);
    }
    for (auto const& [host_id, host] : world.hosts) {
        if (id == stage::kernel_id(host_id))
            return describe_kernel(host);
        if (id == stage::machine_id(host_id) || id == stage::id_of(host_id))
            return describe_machine(host, world);
    }
    if (id.starts_with("wire:"))
        return describe_wire(id, moment);
    if (id.starts_with("exchange:"))
        return describe_exchange(id.substr(9), moment);
    if (id.starts_with("record:")) {
        std::uint64_t sequence = 0;
        auto const [end, error] = std::from_chars(id.data() + 7, id.data() + id.size(), sequence);
        if (error == std::errc {} && sequence < moment.records)
            return describe_record(moment.log[sequence], moment);
        return {};
    }
    if (id.starts_with("trouble:"))
        return describe_trouble(id, world);
    return describe_place(id, world);
}

}

void add_field(Description& d, std::string_view name, std::string value)
{
    d.fields.push_back({ std::string(tr(name)), std::move(value) });
}

void add_proof(Description& d, std::string_view claim, std::string command)
{
    d.proofs.push_back({ std::string(claim), std::move(command) });
}

Description describe(std::string_view id, Moment const& moment)
{
    for (auto const& chapter : { &describe_in_container, &describe_content, &describe_guest, &describe_here }) {
        if (auto description = chapter(id, moment); !description.kind.empty())
            return description;
    }
    return {};
}

Description describe_record(trace::Record const& record, Moment const& moment)
{
    Description d { .kind = std::string(tr("Event")), .name = std::string(trace::name_of(record.event)) };
    auto const& origin = *record.origin;
    auto const provenance = trace::to_string(origin.provenance);
    d.words = { words::sentence(record.event, moment.world),
        origin.host.empty() ? say("Published by {}, {}.", origin.actor.value, provenance)
                            : say("Published by {} on {}, {}.", origin.actor.value, origin.host.value, provenance) };
    d.fields = trace::field_texts(record.event);
    return d;
}

bool is_client_command(std::string_view command)
{
    // What a shell would make something else of is for the shell.
    return command.starts_with("docker ") && command.find_first_of("|;&<>$`") == std::string_view::npos;
}

}
