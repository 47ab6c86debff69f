#include "sim/kernel/Sockets.h"

#include "sim/kernel/Kernel.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace drydock::kernel {

namespace {

// What a round trip through a bridge of the machine takes in the model.
constexpr Duration near = std::chrono::microseconds(60);
// 10.83.N.2 is the N-th name of the outside that somebody asked for.
constexpr Address outside_base = 10U << 24U | 83U << 16U | 2U;

struct Pair {
    std::shared_ptr<StreamSocket> caller;
    std::shared_ptr<StreamSocket> called;
};

Pair make_pair(Kernel& kernel)
{
    auto const there = std::make_shared<Channel>(kernel);
    auto const back = std::make_shared<Channel>(kernel);
    return { std::make_shared<StreamSocket>(back, there), std::make_shared<StreamSocket>(there, back) };
}

bool contains(Interface const& interface, Address address)
{
    auto const mask = ~Address { 0 } << static_cast<unsigned>(32 - interface.bits);
    return ((address ^ interface.address) & mask) == 0;
}

// Where a packet of `net` to that address ends.
struct Way {
    std::shared_ptr<Namespace> space; // on this machine
    std::string outside;              // or a name beyond it
    int error { 0 };
};

// The kernel's mutex is held.
Way find_way(Kernel& kernel, std::shared_ptr<Namespace> const& net, Address address)
{
    if ((address >> 24U) == (loopback_address >> 24U))
        return { net, {} };
    for (auto const& interface : net->interfaces) {
        if (interface.address == address)
            return { net, {} };
        if (!contains(interface, address))
            continue;
        if (address == interface.gateway)
            return { {}, kernel.outside().self };
        if (auto neighbour = kernel.neighbour(interface.network, address))
            return { std::move(neighbour), {} };
        return { {}, {}, EHOSTUNREACH };
    }
    auto const leads_out = [](Interface const& interface) { return interface.gateway != 0; };
    bool const is_host = net == kernel.host_namespaces().at(NamespaceKind::Net);
    if (!is_host && std::none_of(net->interfaces.begin(), net->interfaces.end(), leads_out))
        return { {}, {}, ENETUNREACH };
    auto const name = kernel.outside_name(address);
    return name.empty() ? Way { {}, {}, EHOSTUNREACH } : Way { {}, name };
}

Error unreachable(Address address, std::uint16_t port, int error)
{
    return Error::from_errno("connect(2)", error)
        .with_context(fmt::format("connecting to {}:{}", network::to_text(address), port));
}

class SocketByteStream final : public network::ByteStream {
public:
    explicit SocketByteStream(std::shared_ptr<StreamSocket> socket)
        : m_socket(std::move(socket))
    {
    }
    ~SocketByteStream() override { m_socket->close(); }
    Result<std::size_t> read_some(std::span<char> buffer) override { return m_socket->read(nullptr, buffer); }
    void set_read_timeout(std::optional<Duration>) override { }
    Result<void> write_all(std::string_view bytes) override { return m_socket->write(nullptr, bytes); }
    void shutdown_write() override { m_socket->shutdown_write(); }
    void close() override { m_socket->close(); }
    bool await_departure(network::Departure) override { return false; }
    void stop_watching() override { }

private:
    std::shared_ptr<StreamSocket> m_socket;
};

// One direction between the kernel and the outside, to its end.
template <class Read, class Write, class End> void pump(Read read, Write write, End end)
{
    std::array<char, 16384> buffer {};
    for (;;) {
        auto const size = read(std::span<char>(buffer));
        if (!size || *size == 0 || !write(std::string_view(buffer.data(), *size)))
            break;
    }
    end();
}

}

// ---- StreamSocket ----

StreamSocket::StreamSocket(std::shared_ptr<Channel> in, std::shared_ptr<Channel> out)
    : m_in(std::move(in))
    , m_out(std::move(out))
{
}

Result<std::size_t> StreamSocket::read(Process* reader, std::span<char> buffer)
{
    return m_in->read(reader, buffer);
}

Result<void> StreamSocket::write(Process* writer, std::string_view bytes)
{
    return m_out->write(writer, bytes);
}

void StreamSocket::shutdown_write()
{
    m_out->end_writing();
}

bool StreamSocket::peer_reads() const
{
    return m_out->has_reader();
}

void StreamSocket::close()
{
    m_out->end_writing();
    m_in->end_reading();
}

// ---- ListeningSocket ----

ListeningSocket::ListeningSocket(Kernel& kernel)
    : m_kernel(kernel)
    , m_changed(kernel.scheduler().make_condition())
{
}

Result<std::shared_ptr<StreamSocket>> ListeningSocket::accept(Process* process)
{
    std::unique_lock lock(m_kernel.mutex());
    while (m_backlog.empty()) {
        if (!m_kernel.block(lock, process, *m_changed))
            return fail(Error::from_errno("accept(2)", EINTR));
    }
    auto arrived = std::move(m_backlog.front());
    m_backlog.pop_front();
    return arrived;
}

void ListeningSocket::arrive(std::shared_ptr<StreamSocket> socket)
{
    m_backlog.push_back(std::move(socket));
    m_changed->notify_all();
}

Result<std::size_t> ListeningSocket::read(Process*, std::span<char>)
{
    return fail(Error::from_errno("read(2)", ENOTCONN));
}

Result<void> ListeningSocket::write(Process*, std::string_view)
{
    return fail(Error::from_errno("write(2)", ENOTCONN));
}

// ---- Making them ----

Result<std::shared_ptr<ListeningSocket>> listen_on(
    Kernel& kernel, std::shared_ptr<Namespace> const& net, std::uint16_t port)
{
    auto socket = std::make_shared<ListeningSocket>(kernel);
    std::lock_guard const lock(kernel.mutex());
    auto& place = net->listeners[port];
    if (!place.expired())
        return fail(Error::from_errno("bind(2)", EADDRINUSE));
    place = socket;
    return socket;
}

Result<std::shared_ptr<StreamSocket>> connect_from(
    Kernel& kernel, std::shared_ptr<Namespace> const& net, Address address, std::uint16_t port)
{
    auto pair = make_pair(kernel); // before the lock: what is left of it closes itself, and takes the lock
    Way way;
    {
        std::lock_guard const lock(kernel.mutex());
        way = find_way(kernel, net, address);
        if (way.space != nullptr) {
            auto const place = way.space->listeners.find(port);
            auto const listener = place == way.space->listeners.end() ? nullptr : place->second.lock();
            bool const is_host = way.space == kernel.host_namespaces().at(NamespaceKind::Net);
            if (listener != nullptr)
                listener->arrive(std::move(pair.called));
            else if (is_host)
                way.outside = kernel.outside().self; // the machine's published ports
            else
                way.error = ECONNREFUSED;
        }
    }
    if (way.error != 0)
        return fail(unreachable(address, port, way.error));
    if (way.outside.empty())
        return std::move(pair.caller);
    if (!kernel.outside().connect)
        return fail(unreachable(address, port, EHOSTUNREACH));
    std::shared_ptr<network::ByteStream> const stream = TRY(kernel.outside().connect(way.outside, port));
    auto const inside = std::move(pair.called);
    kernel.keep_pump(stream, "packets out", [stream, inside] {
        pump([&](auto buffer) { return inside->read(nullptr, buffer); },
            [&](auto bytes) { return stream->write_all(bytes); },
            [&] { inside->peer_reads() ? stream->shutdown_write() : stream->close(); });
    });
    kernel.keep_pump(stream, "packets in", [stream, inside] {
        pump([&](auto buffer) { return stream->read_some(buffer); },
            [&](auto bytes) { return inside->write(nullptr, bytes); }, [&] { inside->shutdown_write(); });
    });
    return std::move(pair.caller);
}

std::optional<Duration> round_trip_from(Kernel& kernel, std::shared_ptr<Namespace> const& net, Address address)
{
    Way way;
    {
        std::lock_guard const lock(kernel.mutex());
        way = find_way(kernel, net, address);
    }
    if (way.error != 0)
        return std::nullopt;
    if (way.outside.empty() || way.outside == kernel.outside().self)
        return near;
    return kernel.outside().round_trip(way.outside);
}

std::optional<Address> look_up_from(Kernel& kernel, Namespace& net, std::string const& name)
{
    std::function<std::optional<Address>(std::string const&)> resolver;
    {
        std::lock_guard const lock(kernel.mutex());
        resolver = net.resolver;
    }
    if (auto const found = resolver ? resolver(name) : std::nullopt)
        return found;
    if (!kernel.outside().knows || !kernel.outside().knows(name))
        return std::nullopt;
    std::lock_guard const lock(kernel.mutex());
    return outside_base + (kernel.outside_number(name) << 8U);
}

std::unique_ptr<network::ByteStream> make_stream(std::shared_ptr<StreamSocket> socket)
{
    return std::make_unique<SocketByteStream>(std::move(socket));
}

// ---- What the kernel knows of networks ----

void Kernel::plug(Namespace& net, Interface interface)
{
    std::lock_guard const lock(m_mutex);
    net.interfaces.push_back(std::move(interface));
}

void Kernel::unplug(Namespace& net, std::string const& network)
{
    std::lock_guard const lock(m_mutex);
    std::erase_if(net.interfaces, [&](auto const& interface) { return interface.network == network; });
}

void Kernel::set_resolver(Namespace& net, std::function<std::optional<Address>(std::string const&)> resolver)
{
    std::lock_guard const lock(m_mutex);
    net.resolver = std::move(resolver);
}

std::shared_ptr<Namespace> Kernel::neighbour(std::string const& network, Address address)
{
    for (auto const& weak : m_network_namespaces) {
        auto space = weak.lock();
        bool const is_there = space
            && std::any_of(space->interfaces.begin(), space->interfaces.end(),
                [&](auto const& other) { return other.network == network && other.address == address; });
        if (is_there)
            return space;
    }
    return nullptr;
}

Address Kernel::outside_number(std::string const& host)
{
    auto const found = std::find(m_outside_names.begin(), m_outside_names.end(), host);
    auto const index = static_cast<Address>(found - m_outside_names.begin());
    if (found == m_outside_names.end())
        m_outside_names.push_back(host);
    return index + 1;
}

std::string Kernel::outside_name(Address address) const
{
    auto const number = (address - outside_base) >> 8U;
    bool const is_one = address > outside_base && (address & 255U) == 2 && number <= m_outside_names.size();
    return is_one ? m_outside_names[number - 1] : std::string();
}

void Kernel::hang_up()
{
    std::vector<Pump> all;
    {
        std::lock_guard const lock(m_mutex);
        all.swap(m_pumps);
    }
    for (auto const& pump : all)
        pump.stream->close();
}

void Kernel::keep_pump(std::shared_ptr<network::ByteStream> stream, std::string task_name, std::function<void()> body)
{
    auto task = m_scheduler.spawn(std::move(task_name), std::move(body));
    std::vector<Pump> ended;
    std::lock_guard const lock(m_mutex);
    for (auto& pump : m_pumps) {
        if (pump.task->finished())
            ended.push_back(std::move(pump));
    }
    std::erase_if(m_pumps, [](auto const& pump) { return pump.task == nullptr; });
    m_pumps.push_back({ std::move(stream), std::move(task) });
}

}
