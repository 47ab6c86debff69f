#include "sim/network/SimulatedNetwork.h"

#include "sim/core/Verify.h"
#include "sim/network/SimulatedParts.h"
#include "sim/time/VirtualScheduler.h"

#include <fmt/format.h>

#include <cerrno>

namespace drydock::network {

namespace {

constexpr LinkShape unix_socket { .latency = std::chrono::microseconds(20), .bits_per_second = 16'000'000'000 };
constexpr LinkShape loopback { .latency = std::chrono::microseconds(30), .bits_per_second = 10'000'000'000 };
constexpr std::uint16_t first_ephemeral_port = 32768; // ip(7), ip_local_port_range

std::string key_of(Endpoint const& endpoint)
{
    return endpoint.kind == Endpoint::Kind::Unix ? endpoint.path : fmt::format(":{}", endpoint.port);
}

bool is_own_address(std::string const& name)
{
    return name == "localhost" || name == "0.0.0.0" || name == "::" || name == "::1" || name.starts_with("127.");
}

tl::unexpected<Error> refuse(int code, Endpoint const& to)
{
    return fail(Error::from_errno("connect(2)", code).with_context("connecting to " + to.to_string()));
}

}

// Somebody's place to accept connections.
class SimulatedNetwork::PortListener final : public Listener {
public:
    PortListener(std::shared_ptr<State> state, HostId host, std::shared_ptr<Port> port)
        : m_state(std::move(state))
        , m_host(std::move(host))
        , m_port(std::move(port))
    {
    }
    ~PortListener() override { close(); }

    Result<std::unique_ptr<ByteStream>> accept() override
    {
        std::unique_lock lock(m_state->mutex);
        m_port->changed->wait(lock, [&] { return m_port->closed || !m_port->backlog.empty(); });
        if (m_port->closed)
            return fail(ErrorKind::Cancelled, "accepting on a closed listener");
        auto stream = std::move(m_port->backlog.front());
        m_port->backlog.pop_front();
        return stream;
    }
    void close() override
    {
        std::deque<std::unique_ptr<ByteStream>> unaccepted; // closing them takes the mutex itself
        std::lock_guard const lock(m_state->mutex);
        if (std::exchange(m_port->closed, true))
            return;
        m_state->ports.erase({ m_host, key_of(m_port->endpoint) });
        unaccepted.swap(m_port->backlog);
        m_port->changed->notify_all();
    }
    Endpoint endpoint() const override { return m_port->endpoint; }

private:
    std::shared_ptr<State> m_state;
    HostId m_host;
    std::shared_ptr<Port> m_port;
};

std::shared_ptr<SimulatedNetwork::Link> SimulatedNetwork::State::link_between(HostId const& a, HostId const& b)
{
    auto& link = a == b ? loopbacks[a] : links[std::minmax(a, b)];
    if (!link) {
        link = std::make_shared<Link>();
        if (a == b)
            link->shape = loopback;
    }
    return link;
}

Result<HostId> SimulatedNetwork::State::resolve(HostId const& from, std::string const& name) const
{
    if (is_own_address(name))
        return from;
    if (auto const found = names.find(name); found != names.end())
        return found->second;
    return fail(ErrorKind::Unavailable, fmt::format("lookup {}: no such host", name));
}

FirewallAction SimulatedNetwork::State::judge(HostId const& from, HostId const& to, std::uint16_t port) const
{
    for (auto const& rule : firewall) {
        if ((rule.from.empty() || rule.from == from) && (rule.to.empty() || rule.to == to)
            && (rule.port == 0 || rule.port == port))
            return rule.action;
    }
    return FirewallAction::Accept;
}

SimulatedNetwork::SimulatedNetwork(Scheduler& scheduler)
    : m_state(std::make_shared<State>(scheduler))
{
}

SimulatedNetwork::~SimulatedNetwork() = default;

void SimulatedNetwork::add_host(HostId const& host, std::vector<std::string> const& names)
{
    std::lock_guard lock(m_state->mutex);
    m_state->names[host.value] = host;
    for (auto const& name : names)
        m_state->names[name] = host;
}

void SimulatedNetwork::set_link(HostId const& a, HostId const& b, LinkShape shape)
{
    VERIFY(shape.bits_per_second > 0);
    std::lock_guard lock(m_state->mutex);
    m_state->link_between(a, b)->shape = shape;
}

void SimulatedNetwork::set_firewall(std::vector<FirewallRule> rules)
{
    std::lock_guard lock(m_state->mutex);
    m_state->firewall = std::move(rules);
}

void SimulatedNetwork::cut(HostId const& a, HostId const& b)
{
    auto const now = m_state->scheduler.now();
    std::lock_guard lock(m_state->mutex);
    auto const link = m_state->link_between(a, b);
    if (!link->cut_since)
        link->cut_since = now;
    m_state->for_each_connection(*link, [](Connection& connection) { connection.changed->notify_all(); });
}

void SimulatedNetwork::mend(HostId const& a, HostId const& b)
{
    auto const now = m_state->scheduler.now();
    std::lock_guard lock(m_state->mutex);
    auto const link = m_state->link_between(a, b);
    auto const since = std::exchange(link->cut_since, std::nullopt);
    if (!since)
        return;
    auto const delay = [&](Timestamp& arrival) {
        if (arrival > *since)
            arrival = arrival + (now - *since);
    };
    m_state->for_each_connection(*link, [&](Connection& connection) {
        for (auto& pipe : connection.pipes) {
            for (auto& chunk : pipe.chunks)
                delay(chunk.arrival);
            if (pipe.end_arrival)
                delay(*pipe.end_arrival);
        }
        connection.changed->notify_all();
    });
}

void SimulatedNetwork::reset_after(HostId const& a, HostId const& b, std::uint64_t bytes)
{
    std::lock_guard lock(m_state->mutex);
    m_state->link_between(a, b)->reset_after = bytes;
}

Result<std::unique_ptr<Listener>> SimulatedNetwork::listen(HostId const& on, Endpoint const& at)
{
    std::lock_guard lock(m_state->mutex);
    auto port = std::make_shared<Port>();
    port->endpoint = at;
    if (at.kind == Endpoint::Kind::Tcp) {
        m_state->names[on.value] = on;
        auto& assigned = port->endpoint.port;
        for (assigned = at.port == 0 ? first_ephemeral_port : at.port;
             at.port == 0 && m_state->ports.contains({ on, key_of(port->endpoint) });)
            ++assigned;
    }
    auto const [place, is_free] = m_state->ports.try_emplace({ on, key_of(port->endpoint) }, port);
    if (!is_free)
        return fail(Error::from_errno("bind(2)", EADDRINUSE)
                        .as(ErrorKind::Conflict)
                        .with_context("listening on " + at.to_string()));
    port->changed = m_state->scheduler.make_condition();
    port->program = VirtualScheduler::current_task_name();
    return std::make_unique<PortListener>(m_state, on, std::move(port));
}

bool SimulatedNetwork::knows(HostId const& from, std::string const& name) const
{
    std::lock_guard const lock(m_state->mutex);
    return m_state->resolve(from, name).has_value();
}

std::optional<Duration> SimulatedNetwork::round_trip(HostId const& from, std::string const& name) const
{
    std::lock_guard const lock(m_state->mutex);
    auto const host = m_state->resolve(from, name);
    if (!host)
        return std::nullopt;
    auto const link = m_state->link_between(from, *host);
    return link->cut_since ? std::nullopt : std::optional(2 * link->shape.latency);
}

Result<std::unique_ptr<ByteStream>> SimulatedNetwork::connect(HostId const& from, Endpoint const& to)
{
    auto& scheduler = m_state->scheduler;
    bool const is_unix = to.kind == Endpoint::Kind::Unix;
    std::unique_lock lock(m_state->mutex);
    auto const host = is_unix ? from : TRY_WITH("connecting to " + to.to_string(), m_state->resolve(from, to.host));
    std::shared_ptr<Link> link;
    if (is_unix) {
        link = m_state->unix_links[from];
        if (!link)
            m_state->unix_links[from] = link = std::make_shared<Link>(Link { unix_socket, {}, {}, {} });
    } else {
        link = m_state->link_between(from, host);
    }
    auto const verdict = is_unix ? FirewallAction::Accept : m_state->judge(from, host, to.port);
    if (link->cut_since)
        return refuse(EHOSTUNREACH, to);
    // TCP's handshake: our SYN goes out, and the SYN-ACK or the refusal comes back.
    lock.unlock();
    scheduler.sleep_for(verdict == FirewallAction::Drop ? connect_patience : 2 * link->shape.latency);
    lock.lock();
    if (verdict != FirewallAction::Accept)
        return refuse(verdict == FirewallAction::Drop ? ETIMEDOUT : EHOSTUNREACH, to);
    auto const found = m_state->ports.find({ host, key_of(to) });
    if (found == m_state->ports.end())
        return refuse(is_unix ? ENOENT : ECONNREFUSED, to);
    return open_connection(from, host, *found->second, std::move(link));
}

std::unique_ptr<ByteStream> SimulatedNetwork::open_connection(
    HostId const& from, HostId const& host, Port& port, std::shared_ptr<Link> link)
{
    bool const is_unix = port.endpoint.kind == Endpoint::Kind::Unix;
    auto connection = std::make_shared<Connection>();
    connection->link = std::move(link);
    connection->changed = m_state->scheduler.make_condition();
    connection->same_direction = from <= host;
    m_state->connections.push_back(connection);
    Peer client { .pid = 0, .uid = -1, .program = VirtualScheduler::current_task_name(), .address = {} };
    Peer server { .pid = 0, .uid = -1, .program = port.program, .address = {} };
    if (!is_unix) {
        client.address = fmt::format("{}:{}", from.value, m_state->next_port++);
        server.address = fmt::format("{}:{}", host.value, port.endpoint.port);
    }
    port.backlog.push_back(std::make_unique<Stream>(m_state, connection, 1, std::move(client)));
    port.changed->notify_all();
    return std::make_unique<Stream>(m_state, std::move(connection), 0, std::move(server));
}

}
