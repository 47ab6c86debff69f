#pragma once

// Stream sockets of the simulated kernel, between its network namespaces and to what lies beyond the machine. An
// address is reached over an interface of one's own namespace: that is why localhost is oneself, and why two containers
// that share no network do not reach each other.

#include "sim/kernel/OpenFile.h"
#include "sim/network/Address.h"
#include "sim/network/Network.h"

#include <deque>

namespace drydock::kernel {

using network::Address;

inline constexpr Address loopback_address = 127U << 24U | 1U;

class StreamSocket final : public OpenFile {
public:
    StreamSocket(std::shared_ptr<Channel> in, std::shared_ptr<Channel> out);
    ~StreamSocket() override { close(); }

    Result<std::size_t> read(Process* reader, std::span<char> buffer) override;
    Result<void> write(Process* writer, std::string_view bytes) override;
    void shutdown_write();
    bool peer_reads() const; // false: the other end has closed
    void close();            // both directions; wakes whoever waits at either end
    Attributes attributes() const override { return { .type = FileType::Socket, .mode = 0777 }; }

private:
    std::shared_ptr<Channel> m_in;
    std::shared_ptr<Channel> m_out;
};

// listen(2): a port of a namespace, as long as the object lives.
class ListeningSocket final : public OpenFile {
public:
    explicit ListeningSocket(Kernel&);
    Result<std::shared_ptr<StreamSocket>> accept(Process*); // EINTR
    void arrive(std::shared_ptr<StreamSocket>);             // the kernel's mutex is held

    Result<std::size_t> read(Process*, std::span<char>) override;
    Result<void> write(Process*, std::string_view) override;

private:
    Kernel& m_kernel;
    std::unique_ptr<Condition> m_changed;
    std::deque<std::shared_ptr<StreamSocket>> m_backlog;
};

// EADDRINUSE.
Result<std::shared_ptr<ListeningSocket>> listen_on(Kernel&, std::shared_ptr<Namespace> const& net, std::uint16_t port);
// ECONNREFUSED where nobody listens, EHOSTUNREACH and ENETUNREACH where no way leads there.
Result<std::shared_ptr<StreamSocket>> connect_from(
    Kernel&, std::shared_ptr<Namespace> const& net, Address, std::uint16_t port);
// How long a packet there and its answer take; nothing where no way leads there.
std::optional<Duration> round_trip_from(Kernel&, std::shared_ptr<Namespace> const& net, Address);
// A name as the namespace's resolver and then the outside know it.
std::optional<Address> look_up_from(Kernel&, Namespace& net, std::string const& name);
// The socket as a stream for somebody outside the kernel. Read timeouts are not kept.
std::unique_ptr<network::ByteStream> make_stream(std::shared_ptr<StreamSocket>);

}
