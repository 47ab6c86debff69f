#include "engine/lab/Bench.h"

namespace drydock::lab {

Bench::Bench(Random& random, trace::EventLog& log, trace::Provenance provenance)
    : m_random(random)
    , m_log(log)
    , m_provenance(provenance)
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
    Registry made { .registry
        = std::make_unique<registry::RegistryServer>(place.storage, m_random, trace::Publisher(), std::move(gate)),
        .server = {} };
    if (is_hub) {
        auto const layout = content::open_read_only(images);
        TRY_WITH("filling the hub from " + images.string(), made.registry->import_layout(*layout));
    }
    auto listener = TRY(place.network.listen(place.host, place.listen));
    made.server = http::Server::start(place.scheduler, std::move(listener),
        [registry = made.registry.get()](http::Exchange& exchange) { registry->handle(exchange); }, publisher,
        { .actor = actor, .name_client = [this](network::Peer const& peer) { return daemon_at(peer); } });
    auto endpoint = made.server->endpoint();
    publisher.publish(trace::ActorAppeared { actor, place.host, trace::ActorRole::Registry,
        is_hub ? "Docker Hub (embedded)" : place.cast.name, endpoint.to_string() });
    m_routes.push_back({ place.cast.name, std::move(endpoint), actor });
    m_registries.push_back(std::move(made));
    return {};
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
    auto const& host = place.host;
    m_hosts.push_back(host);
    auto& machine = *(m_machines[host] = std::make_unique<Machine>());
    place.config.host = host;
    place.config.own_client = actor_on("client", host);
    place.config.registries = m_routes;
    // The socket first: where somebody else's daemon answers on it, no store is touched.
    auto listener = TRY(place.network.listen(host, place.listen));
    if (place.tls)
        listener = TRY(tls::encrypting(std::move(listener), place.scheduler, *place.tls));
    auto const actor = actor_on("daemon", host);
    machine.daemon = TRY(daemon::Daemon::open(place.config,
        { place.scheduler, m_random, place.network, place.storage, place.runtime, pen(place.scheduler, host, actor) }));
    machine.server = serve(machine, place, std::move(listener), place.tls ? Door::Encrypted : Door::Plain);
    if (place.plain_tcp)
        machine.tcp_server = serve(machine, place, TRY(place.network.listen(host, *place.plain_tcp)), Door::Plain);
    machine.client = std::make_unique<client::DockerClient>(place.network, place.scheduler, host,
        machine.server->endpoint(), pen(place.scheduler, host, place.config.own_client));
    return {};
}

std::unique_ptr<http::Server> Bench::serve(
    Machine& machine, MachinePlace const& place, std::unique_ptr<network::Listener> listener, Door door)
{
    auto& daemon = *machine.daemon;
    auto const actor = actor_on("daemon", place.host);
    http::ServerOptions options { .actor = actor,
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
        place.scheduler, std::move(listener), [&daemon](http::Exchange& exchange) { daemon.handle(exchange); },
        pen(place.scheduler, place.host, actor), std::move(options));
}

int Bench::run(HostId const& host, std::string const& line, client::Terminal const& terminal)
{
    return run_line(*m_machines.at(host)->client, line, terminal);
}

}
