#pragma once

// What SimulatedNetwork is made of; included by its own sources only. One mutex guards it all.

#include "sim/network/SimulatedNetwork.h"

#include <array>
#include <deque>
#include <map>
#include <mutex>
#include <optional>

namespace drydock::network {

struct SimulatedNetwork::Link {
    LinkShape shape;
    std::array<Timestamp, 2> busy_until; // per direction: when the last byte has left
    std::optional<Timestamp> cut_since;
    std::optional<std::uint64_t> reset_after;
};

// One direction of a connection: bytes on their way, and bytes that have arrived and wait for the reader.
struct Pipe {
    struct Chunk {
        Timestamp arrival;
        std::string bytes;
    };
    std::deque<Chunk> chunks;
    std::size_t read_offset { 0 };        // into the first chunk
    std::size_t unread { 0 };             // bytes in all chunks
    std::optional<Timestamp> end_arrival; // of the writer's shutdown
    bool reader_gone { false };
};

struct SimulatedNetwork::Connection {
    std::shared_ptr<Link> link;
    std::unique_ptr<Condition> changed;
    std::array<Pipe, 2> pipes; // [0]: from the side that connected
    std::array<bool, 2> closed { false, false };
    std::optional<int> broken;    // errno for both ends, once what had arrived is read
    bool same_direction { true }; // side 0 is the lower of the link's two hosts
};

// A place where somebody listens.
struct SimulatedNetwork::Port {
    Endpoint endpoint;
    std::unique_ptr<Condition> changed;
    std::deque<std::unique_ptr<ByteStream>> backlog;
    std::string program;
    bool closed { false };
};

struct SimulatedNetwork::State {
    explicit State(Scheduler& s)
        : scheduler(s)
    {
    }

    Scheduler& scheduler;
    std::mutex mutex;
    std::map<std::string, HostId> names;
    std::map<std::pair<HostId, HostId>, std::shared_ptr<Link>> links; // the lower id first
    std::map<HostId, std::shared_ptr<Link>> loopbacks;
    std::map<HostId, std::shared_ptr<Link>> unix_links;
    std::vector<FirewallRule> firewall;
    std::map<std::pair<HostId, std::string>, std::shared_ptr<Port>> ports; // by unix path or ":port"
    std::vector<std::weak_ptr<Connection>> connections;
    std::uint16_t next_port { 40001 }; // of clients

    std::shared_ptr<Link> link_between(HostId const& a, HostId const& b);
    Result<HostId> resolve(HostId const& from, std::string const& name) const;
    FirewallAction judge(HostId const& from, HostId const& to, std::uint16_t port) const;
    // Wakes everybody whose connection runs over `link`.
    template <class Visit> void for_each_connection(Link const& link, Visit visit)
    {
        std::erase_if(connections, [](auto const& connection) { return connection.expired(); });
        for (auto const& weak : connections) {
            if (auto const connection = weak.lock(); connection && connection->link.get() == &link)
                visit(*connection);
        }
    }
};

// One end of a connection.
class SimulatedNetwork::Stream final : public ByteStream {
public:
    Stream(std::shared_ptr<State> state, std::shared_ptr<Connection> connection, std::size_t side, Peer peer);
    ~Stream() override { close(); }

    Result<std::size_t> read_some(std::span<char> buffer) override;
    void set_read_timeout(std::optional<Duration> timeout) override { m_read_timeout = timeout; }
    Result<void> write_all(std::string_view bytes) override;
    void shutdown_write() override;
    void close() override;
    bool await_departure(Departure) override;
    void stop_watching() override;
    Peer peer() const override { return m_peer; }

private:
    Pipe& incoming() const { return m_connection->pipes[1 - m_side]; }
    Pipe& outgoing() const { return m_connection->pipes[m_side]; }
    std::optional<Timestamp> next_arrival() const;
    std::optional<Timestamp> departure(Departure) const;
    bool may_send() const;
    Result<Timestamp> send(std::string_view& bytes);
    Timestamp occupy_link(std::size_t size);
    void wait(std::unique_lock<std::mutex>&, std::optional<Timestamp> until);
    void end_outgoing();

    std::shared_ptr<State> m_state;
    std::shared_ptr<Connection> m_connection;
    std::size_t m_side;
    Peer m_peer;
    std::optional<Duration> m_read_timeout;
    bool m_stop_watching { false };
};

}
