#include "engine/lab/Bench.h"

#include "engine/client/Curl.h"
#include "engine/lab/DiskFiles.h"

#include <nlohmann/json.hpp>

namespace drydock::lab {

Bench::Bench(Random& random, trace::EventLog& log, trace::Provenance provenance, LinkCutter cut_link)
    : m_random(random)
    , m_log(log)
    , m_provenance(provenance)
    , m_cut_link(std::move(cut_link))
{
}

Bench::~Bench()
{
    for (auto const& [host, machine] : m_machines) {
        if (machine->daemon)
            machine->daemon->shut_down(); // waiting requests end, so that the server can
    }
}

trace::Publisher Bench::pen(Clock const& clock, HostId host, ActorId actor) const
{
    return { m_log, clock, { .host = std::move(host), .actor = std::move(actor), .provenance = m_provenance } };
}

// The first machine's actors have the plain names: most labs have no other.
ActorId Bench::actor_on(std::string const& role, HostId const& host) const
{
    return { m_hosts.empty() || m_hosts.front() == host ? role : role + ":" + host.value };
}

std::optional<HostId> Bench::host_at(network::Peer const& peer) const
{
    auto const found = m_addresses.find(peer.address.substr(0, peer.address.rfind(':')));
    return found == m_addresses.end() ? std::nullopt : std::optional(found->second);
}

// TCP does not say who connects to a registry; in a lab only daemons do.
ActorId Bench::daemon_at(network::Peer const& peer) const
{
    auto const host = host_at(peer);
    return actor_on("daemon", host ? *host : m_hosts.empty() ? HostId {} : m_hosts.front());
}

Result<void> Bench::add_registry(RegistryPlace place, std::filesystem::path const& images)
{
    bool const is_hub = place.cast.name == scenario::public_hub;
    ActorId const actor { is_hub ? "registry:hub" : "registry:" + place.cast.name };
    auto const publisher = pen(place.scheduler, place.host, actor);
    std::unique_ptr<registry::Gate> gate;
    if (!place.cast.user.empty())
        gate = registry::make_basic_gate(
            TRY(registry::Htpasswd::of(place.cast.user, place.cast.password, m_random.hex(16))));
    // Filling the hub is set-up, not story: it goes to nobody's log.
    Registry made { .place = place,
        .actor = actor,
        .endpoint = {},
        .registry
        = std::make_unique<registry::RegistryServer>(place.storage, m_random, trace::Publisher(), std::move(gate)),
        .server = {} };
    if (is_hub) {
        auto const layout = content::open_read_only(images);
        TRY_WITH("filling the hub from " + images.string(), made.registry->import_layout(*layout));
    }
    serve(made, TRY(place.network.listen(place.host, place.listen)));
    made.endpoint = made.server->endpoint();
    publisher.publish(trace::ActorAppeared { actor, place.host, trace::ActorRole::Registry,
        is_hub ? "Docker Hub (embedded)" : place.cast.name, made.endpoint.to_string() });
    m_routes.push_back({ place.cast.name, made.endpoint, actor });
    m_registries.push_back(std::move(made));
    return {};
}

void Bench::serve(Registry& its, std::unique_ptr<network::Listener> listener)
{
    its.server = http::Server::start(its.place.scheduler, std::move(listener),
        [registry = its.registry.get()](http::Exchange& exchange) { registry->handle(exchange); },
        pen(its.place.scheduler, its.place.host, its.actor),
        { .actor = its.actor, .name_client = [this](network::Peer const& peer) { return daemon_at(peer); } });
}

namespace {

// The handshake of one connection, as a fact about it.
Result<trace::TlsEstablished> prove(network::ByteStream& stream)
{
    auto session = TRY(tls::handshake(stream));
    return trace::TlsEstablished { .connection = {},
        .version = std::move(session.version),
        .server = std::move(session.server),
        .client = std::move(session.client) };
}

}

Result<void> Bench::add_machine(MachinePlace place)
{
    auto const host = place.host;
    m_hosts.push_back(host);
    place.config.host = host;
    place.config.own_client = actor_on("client", host);
    place.config.registries = m_routes;
    m_machines[host] = std::make_unique<Machine>(std::move(place), actor_on("daemon", host));
    auto& machine = *m_machines[host];
    machine.storage = content::breakable(machine.place.storage, machine.disk_is_full);
    TRY(start(machine));
    machine.client = std::make_unique<client::DockerClient>(machine.client_network, machine.place.scheduler, host,
        machine.endpoint, pen(machine.place.scheduler, host, machine.place.config.own_client), client::memory_files(),
        machine.place.config.disk ? client::SocketChoice::OwnDaemonOnly : client::SocketChoice::AnyOfThisMachine);
    GuestSetting setting { .model = machine.place.model,
        .programs = machine.place.guest_programs,
        .image = [this, host](std::string const& name) { return image_for_guest(host, name); },
        .boot_told = m_provenance == trace::Provenance::Simulated ? BootTold::InTime : BootTold::AtOnce };
    machine.guests = std::make_unique<GuestMachines>(std::move(setting), machine.place.scheduler,
        trace::Publisher(m_log, machine.place.scheduler, { host, ActorId { "model" }, trace::Provenance::Modelled }),
        pen(machine.place.scheduler, host, { "monitor" }));
    return {};
}

Result<vmm::LayoutImage> Bench::image_for_guest(HostId const& host, std::string const& name)
{
    auto own = image_of_daemon(host, name);
    if (own || own.error().kind() != ErrorKind::NotFound)
        return own;
    return vmm::open_layout_image(m_machines.at(host)->place.images, name, trace::Publisher());
}

Result<vmm::LayoutImage> Bench::image_of_daemon(HostId const& host, std::string const& name)
{
    auto const reference = TRY(oci::Reference::parse(name));
    auto const text = TRY(look(host, "/images/" + reference.familiar() + "/json"));
    auto const found = nlohmann::json::parse(text, nullptr, false);
    if (!found.is_object())
        return fail(ErrorKind::Corrupt, "what the daemon says of " + name + " is no JSON");
    auto const id = TRY(oci::Digest::parse(found.value("Id", "")));
    return vmm::open_stored_image(*m_machines.at(host)->storage, id);
}

Result<void> Bench::start(Machine& machine)
{
    auto& place = machine.place;
    // The socket first: where somebody else's daemon answers on it, no store is touched.
    auto listener = TRY(place.network.listen(place.host, place.listen));
    if (place.tls)
        listener = TRY(tls::encrypting(std::move(listener), place.scheduler, *place.tls));
    machine.daemon = TRY(daemon::Daemon::open(place.config,
        { place.scheduler, m_random, place.network, *machine.storage, place.runtime,
            pen(place.scheduler, place.host, machine.actor) }));
    machine.server = serve(machine, std::move(listener), place.tls ? Door::Encrypted : Door::Plain);
    machine.endpoint = machine.server->endpoint();
    if (place.plain_tcp)
        machine.tcp_server = serve(machine, TRY(place.network.listen(place.host, *place.plain_tcp)), Door::Plain);
    return {};
}

std::unique_ptr<http::Server> Bench::serve(Machine& machine, std::unique_ptr<network::Listener> listener, Door door)
{
    auto& daemon = *machine.daemon;
    http::ServerOptions options { .actor = machine.actor,
        .common = daemon::Daemon::common_headers(),
        .name_client =
            [this, &daemon](network::Peer const& peer) {
                auto const host = peer.pid > 0 ? std::nullopt : host_at(peer);
                return host && m_machines.size() > 1 ? actor_on("client", *host) : daemon.name_client(peer);
            },
        .client_left = [&daemon](ActorId const& client) { daemon.client_left(client); } };
    if (door == Door::Encrypted)
        options.secure = prove;
    return http::Server::start(
        machine.place.scheduler, std::move(listener), [&daemon](http::Exchange& exchange) { daemon.handle(exchange); },
        pen(machine.place.scheduler, machine.place.host, machine.actor), std::move(options));
}

Result<daemon::Daemon*> Bench::daemon_of(HostId const& host)
{
    auto const& machine = *m_machines.at(host);
    if (!machine.daemon)
        return fail(ErrorKind::Unavailable, "the daemon of " + host.value + " is dead");
    return machine.daemon.get();
}

void Bench::resume(HostId const& host)
{
    auto& machine = *m_machines.at(host);
    machine.guests->take_up(m_log);
    machine.daemon->resume();
}

Result<std::string> Bench::read_file(HostId const& host, std::string const& container, std::string const& path)
{
    auto* const daemon = TRY(daemon_of(host));
    return daemon->read_file(container, path);
}

Result<std::string> Bench::look(HostId const& host, std::string const& path)
{
    auto* const daemon = TRY(daemon_of(host));
    return daemon->look(path);
}

// `docker rm $(docker ps -aq)`: what docker prints there becomes words of the line.
Result<std::string> Bench::output_of(HostId const& host, std::string_view command, client::Terminal const& terminal)
{
    if (!command.starts_with("docker "))
        return fail(ErrorKind::NotSupported, "only docker's commands can stand in $( )");
    if (command.find("$(") != std::string_view::npos)
        return fail(ErrorKind::NotSupported, "no $( ) can stand in another");
    std::string output;
    auto caught = terminal;
    caught.write
        = [&](bool to_stderr, std::string_view text) { to_stderr ? terminal.write(true, text) : void(output += text); };
    run(host, std::string(command), caught);
    return output;
}

int Bench::run_docker(Machine& machine, std::vector<std::string> const& arguments, client::Terminal const& terminal)
{
    auto const& disk = machine.place.config.disk;
    if (disk == nullptr)
        return machine.client->run(arguments, terminal);
    auto at_this_disk = terminal;
    at_this_disk.files = make_disk_files(disk, terminal.files ? terminal.files : machine.files);
    return machine.client->run(arguments, at_this_disk);
}

int Bench::run(HostId const& host, std::string const& line, client::Terminal const& terminal)
{
    auto words = line.starts_with("docker ")
        ? client::split_words(line, [&](std::string_view command) { return output_of(host, command, terminal); })
        : client::split_words(line);
    if (!words) {
        terminal.write(true, words.error().message() + "\n");
        return 2;
    }
    if (words->empty())
        return 0;
    std::vector<std::string> const arguments(words->begin() + 1, words->end());
    bool const is_vm = words->front() == "drydock" && words->size() > 1 && arguments.front() == "vm";
    if (words->front() == "drydock" && !is_vm)
        return run_fault(*words, terminal);
    auto& machine = *m_machines.at(host);
    if (words->front() == "docker")
        return run_docker(machine, arguments, terminal);
    auto const& place = machine.place;
    return client::run_as_command(
        pen(place.scheduler, host, place.config.own_client), line, terminal, [&](client::Terminal const& watched) {
            if (words->front() == "curl")
                return client::run_curl(
                    arguments, { machine.client_network, place.scheduler, host, machine.endpoint }, watched);
            if (is_vm)
                return machine.guests->run({ arguments.begin() + 1, arguments.end() }, watched);
            return run_program(machine, line, watched);
        });
}

}
