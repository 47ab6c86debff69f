#include "engine/daemon/Daemon.h"

#include "engine/daemon/BuildWorkshop.h"
#include "engine/daemon/Places.h"
#include "engine/daemon/Router.h"

#include <fmt/format.h>
#include <unistd.h>

namespace drydock::daemon {

struct Daemon::Impl {
    Impl(Config config, Seams seams, std::unique_ptr<image::ImageStore> images,
        std::unique_ptr<content::ContentStore> content, std::unique_ptr<layer::LayerStore> layers)
        : engine(std::move(config), seams, std::move(images), std::move(content), std::move(layers))
    {
    }
    Engine engine;
};

namespace {

// What an earlier daemon left on this data root, in the order in which it came to be: leaf first.
Result<void> announce(Engine& engine)
{
    if (!engine.seams.publisher.enabled() || (engine.images->list().empty() && engine.containers.list().empty()))
        return {};
    auto span = engine.seams.publisher.span("open", "Open the data root", trace::Depth::Role);
    TRY(engine.images->announce());
    engine.containers.announce();
    return {};
}

}

Daemon::Daemon(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}

Daemon::~Daemon()
{
    shut_down();
}

Result<std::unique_ptr<Daemon>> Daemon::open(Config config, Seams seams)
{
    auto const& publisher = seams.publisher;
    publisher.publish(trace::HostAppeared {
        .host = config.host, .kernel = config.kernel, .cores = config.cores, .memory = config.memory });
    publisher.publish(trace::ActorAppeared { .actor = publisher.origin().actor,
        .host = config.host,
        .role = trace::ActorRole::Daemon,
        .label = "drydockd",
        .detail = seams.runtime.name() });
    bool const resumes = config.resumes;
    auto content = std::make_unique<content::ContentStore>(seams.storage, publisher);
    auto layers = std::make_unique<layer::LayerStore>(seams.storage, publisher);
    auto images = TRY(image::ImageStore::open(seams.storage, *content, *layers, publisher));
    auto impl
        = std::make_unique<Impl>(std::move(config), seams, std::move(images), std::move(content), std::move(layers));
    TRY_WITH("loading volumes", impl->engine.volumes.load());
    TRY_WITH("loading networks", impl->engine.networks.load());
    sweep_builds(seams.storage); // before the containers: some of them were a build's
    TRY_WITH("loading containers",
        impl->engine.containers.load(
            resumes ? ContainerManager::Interrupted::ToResume : ContainerManager::Interrupted::Dead));
    TRY_WITH("sweeping images", impl->engine.images->sweep());
    TRY_WITH("telling what there is", announce(impl->engine));
    if (!resumes)
        impl->engine.containers.start_by_policy();
    return std::unique_ptr<Daemon>(new Daemon(std::move(impl)));
}

http::Headers Daemon::common_headers()
{
    return { { "Api-Version", "1.50" }, { "Ostype", "linux" }, { "Docker-Experimental", "false" },
        { "Server", "Docker/28.2.2+drydock (linux)" } };
}

void Daemon::handle(http::Exchange& exchange)
{
    route(m_impl->engine, exchange);
}

ActorId Daemon::name_client(network::Peer const& peer)
{
    auto& engine = m_impl->engine;
    if (peer.pid <= 0 || peer.pid == ::getpid())
        return engine.config.own_client;
    std::string const program = peer.program.empty() ? "client" : peer.program;
    ActorId actor { fmt::format("{}-{}", program, peer.pid) };
    std::lock_guard const lock(engine.clients_mutex);
    if (engine.clients[actor]++ == 0)
        engine.seams.publisher.publish(trace::ActorAppeared { .actor = actor,
            .host = engine.config.host,
            .role = trace::ActorRole::Client,
            .label = program,
            .detail = fmt::format("pid {}", peer.pid) });
    return actor;
}

void Daemon::client_left(ActorId const& actor)
{
    auto& engine = m_impl->engine;
    std::lock_guard const lock(engine.clients_mutex);
    auto const client = engine.clients.find(actor);
    if (client == engine.clients.end() || --client->second > 0) // our own client is not counted
        return;
    engine.clients.erase(client);
    engine.seams.publisher.publish(trace::ActorLeft { .actor = actor });
}

void Daemon::resume()
{
    m_impl->engine.containers.resume();
}

Result<std::string> Daemon::read_file(std::string const& container, std::string const& path)
{
    auto const found = TRY(m_impl->engine.containers.find(container));
    auto const place = TRY(find_place(m_impl->engine, *found, path, Purpose::Looking));
    auto const resolved = TRY(place.tree->resolve(place.path));
    return place.tree->read_all(resolved);
}

void Daemon::shut_down()
{
    auto& engine = m_impl->engine;
    if (engine.closing.exchange(true))
        return;
    engine.containers.shut_down();
    engine.events.finish();
    engine.tasks.join();
}

}
