#pragma once

// One client's connection to a Server: its requests one after another, until either side has had enough, or until a
// handler takes the stream over.

#include "engine/http/Message.h"

#include <atomic>

namespace drydock::http {

// What all connections of a server share.
struct Service {
    Scheduler& scheduler;
    Handler handler;
    trace::Publisher publisher;
    ServerOptions options;
    network::Endpoint endpoint;
};

class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(std::shared_ptr<Service const>, std::shared_ptr<network::ByteStream>, ConnectionId, ActorId client);
    ~Connection();

    void serve();

    Service const& service() const { return *m_service; }
    BufferedStream& stream() { return m_stream; }
    void allow(Duration); // what is read from now on has to arrive within that time
    // Waits for the client to hang up, a little. To close while bytes of it lie unread would reset the connection, and
    // the reset may overtake our answer (RFC 9112, 9.6).
    void linger();
    ConnectionId const& id() const { return m_id; }
    ActorId const& client() const { return m_client; }
    network::Peer peer() { return m_stream.raw().peer(); }

private:
    bool shake_hands();
    bool speaks_tls();
    bool serve_one();
    Accepted<RequestHead> next_request();
    void answer(Refusal const&);

    std::shared_ptr<Service const> m_service;
    std::shared_ptr<network::ByteStream> m_raw;
    BufferedStream m_stream;
    ConnectionId m_id;
    ActorId m_client;
    std::uint64_t m_exchanges { 0 };
};

// Fields that every response has: the server's own and the date.
void add_common_fields(Headers&, Service const&);
// docker's {"message": …}
std::string error_body(std::string_view message);

}
