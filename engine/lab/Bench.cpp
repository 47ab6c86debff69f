#include "engine/lab/Bench.h"

namespace drydock::lab {

Result<std::unique_ptr<Bench>> Bench::set_up(
    Ground ground, Endpoints const& endpoints, HostId hub_host, std::filesystem::path const& images)
{
    std::unique_ptr<Bench> bench(new Bench(std::move(ground)));
    TRY_WITH("opening the hub", bench->open_hub(endpoints.hub, hub_host, images));
    TRY_WITH("opening the daemon", bench->open_daemon(endpoints.daemon));
    auto const laptop = bench->m_ground.config.host;
    bench->m_client = std::make_unique<client::DockerClient>(bench->m_ground.network, bench->m_ground.scheduler, laptop,
        bench->daemon_endpoint(), bench->pen(laptop, client_actor));
    return bench;
}

Bench::~Bench()
{
    if (m_daemon)
        m_daemon->shut_down(); // waiting requests end, so that the server can
}

trace::Publisher Bench::pen(HostId host, ActorId actor) const
{
    return { m_ground.log, m_ground.scheduler,
        { .host = std::move(host), .actor = std::move(actor), .provenance = m_ground.provenance } };
}

Result<void> Bench::open_hub(network::Endpoint const& at, HostId const& host, std::filesystem::path const& images)
{
    auto const publisher = pen(host, hub_actor);
    // Filling the hub is set-up, not story: it goes to nobody's log.
    m_hub = std::make_unique<registry::RegistryServer>(m_ground.hub_storage, m_ground.random, trace::Publisher());
    auto const layout = content::open_read_only(images);
    TRY_WITH("filling the hub from " + images.string(), m_hub->import_layout(*layout));
    auto listener = TRY(m_ground.network.listen(host, at));
    m_hub_server = http::Server::start(m_ground.scheduler, std::move(listener),
        [this](http::Exchange& exchange) { m_hub->handle(exchange); }, publisher,
        // TCP does not say who connects; in this lab only the daemon does.
        { .actor = hub_actor, .name_client = [](network::Peer const&) { return daemon_actor; } });
    publisher.publish(trace::ActorAppeared {
        hub_actor, host, trace::ActorRole::Registry, "Docker Hub (embedded)", m_hub_server->endpoint().to_string() });
    m_ground.config.own_client = client_actor;
    m_ground.config.registries.push_back({ "docker.io", m_hub_server->endpoint(), hub_actor });
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

Result<void> Bench::open_daemon(network::Endpoint const& at)
{
    auto const& host = m_ground.config.host;
    // The socket first: where somebody else's daemon answers on it, no store is touched.
    auto listener = TRY(m_ground.network.listen(host, at));
    if (m_ground.tls)
        listener = TRY(tls::encrypting(std::move(listener), m_ground.scheduler, *m_ground.tls));
    m_daemon = TRY(daemon::Daemon::open(m_ground.config,
        { m_ground.scheduler, m_ground.random, m_ground.network, m_ground.daemon_storage, m_ground.runtime,
            pen(host, daemon_actor) }));
    http::ServerOptions options { .actor = daemon_actor,
        .common = daemon::Daemon::common_headers(),
        .name_client = [this](network::Peer const& peer) { return m_daemon->name_client(peer); },
        .client_left = [this](ActorId const& client) { m_daemon->client_left(client); } };
    if (m_ground.tls)
        options.secure = prove;
    m_daemon_server = http::Server::start(
        m_ground.scheduler, std::move(listener), [this](http::Exchange& exchange) { m_daemon->handle(exchange); },
        pen(host, daemon_actor), std::move(options));
    return {};
}

int Bench::run(std::string const& line, client::Terminal const& terminal)
{
    return run_line(*m_client, line, terminal);
}

}
