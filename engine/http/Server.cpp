#include "engine/http/Connection.h"

#include <fmt/format.h>

#include <exception>

namespace drydock::http {

namespace {

// Pause before accepting again where the kernel is out of something (EMFILE, ENFILE, ENOMEM in accept(2)).
constexpr Duration recovery_time = std::chrono::milliseconds(50);

class AcceptingServer final : public Server {
public:
    AcceptingServer(std::shared_ptr<Service const> service, std::unique_ptr<network::Listener> listener)
        : m_service(std::move(service))
        , m_listener(std::move(listener))
        , m_acceptor(m_service->scheduler.spawn("http accept", [this] { accept_connections(); }))
    {
    }
    ~AcceptingServer() override
    {
        m_listener->close();
        m_acceptor->join();
        for (auto const& client : m_clients) {
            if (auto const stream = client.stream.lock())
                stream->close();
        }
    }
    network::Endpoint endpoint() const override { return m_listener->endpoint(); }

private:
    struct Client {
        std::weak_ptr<network::ByteStream> stream; // gone when nobody uses the connection any more
        std::unique_ptr<Task> task;
    };

    void accept_connections();
    void serve(std::shared_ptr<network::ByteStream>);
    ActorId name_of(network::Peer const&) const;

    std::shared_ptr<Service const> m_service;
    std::unique_ptr<network::Listener> m_listener;
    std::vector<Client> m_clients; // the acceptor's, until it has ended
    std::uint64_t m_accepted { 0 };
    std::unique_ptr<Task> m_acceptor;
};

void AcceptingServer::accept_connections()
{
    for (;;) {
        auto stream = m_listener->accept();
        std::erase_if(
            m_clients, [](Client const& client) { return client.stream.expired() && client.task->finished(); });
        if (stream)
            serve(std::move(*stream));
        else if (stream.error().kind() == ErrorKind::Cancelled)
            return;
        else
            m_service->scheduler.sleep_for(recovery_time);
    }
}

// A task for the connection. Where the machine has no thread left, the connection ends instead.
void AcceptingServer::serve(std::shared_ptr<network::ByteStream> stream)
{
    ++m_accepted;
    std::weak_ptr<network::ByteStream> const weak = stream;
    auto const number = m_service->publisher.enabled() ? m_service->publisher.log()->new_span().value : m_accepted;
    auto const client = name_of(stream->peer());
    auto connection = std::make_shared<Connection>(
        m_service, std::move(stream), ConnectionId { fmt::format("connection-{}", number) }, client);
    try {
        m_clients.push_back({ weak, m_service->scheduler.spawn("http " + client.value, [connection]() mutable {
                                 // The last owner closes: this task, or whoever took the stream over.
                                 auto const mine = std::move(connection);
                                 mine->serve();
                             }) });
    } catch (std::exception const&) {
        connection->stream().raw().close();
    }
}

ActorId AcceptingServer::name_of(network::Peer const& peer) const
{
    if (m_service->options.name_client)
        return m_service->options.name_client(peer);
    return { fmt::format("client-{}", m_accepted) };
}

}

std::unique_ptr<Server> Server::start(Scheduler& scheduler, std::unique_ptr<network::Listener> listener,
    Handler handler, trace::Publisher publisher, ServerOptions options)
{
    if (!options.publish)
        publisher = {};
    auto const endpoint = listener->endpoint();
    auto service = std::make_shared<Service const>(
        Service { scheduler, std::move(handler), std::move(publisher), std::move(options), endpoint });
    return std::make_unique<AcceptingServer>(std::move(service), std::move(listener));
}

}
