#pragma once

// The second seam between the worlds: how bytes get from one program to another. In the live world these are unix
// and TCP sockets (engine/os); in the simulated world, links with latency, bandwidth, firewalls and faults
// (SimulatedNetwork). HTTP is spoken over either.

#include "sim/core/Id.h"
#include "sim/core/Result.h"
#include "sim/core/Units.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace drydock::network {

// Where to listen or connect: "unix:///run/drydock.sock" or "tcp://127.0.0.1:5000". In the simulated world the host
// part names a simulated host.
struct Endpoint {
    enum class Kind : std::uint8_t { Unix, Tcp };
    Kind kind { Kind::Unix };
    std::string path;         // Unix
    std::string host;         // Tcp
    std::uint16_t port { 0 }; // Tcp; 0 when listening: any free port

    // InvalidInput names the two forms.
    static Result<Endpoint> parse(std::string_view uri);
    std::string to_string() const;
    bool operator==(Endpoint const&) const = default;
};

// Who is at the other end, as far as the transport knows (SO_PEERCRED for unix sockets).
struct Peer {
    std::int64_t pid { 0 };  // 0 where unknown
    std::int64_t uid { -1 }; // -1 where unknown
    std::string program;     // /proc/PID/comm, or the simulated task's name
    std::string address;     // "127.0.0.1:51234"
};

// How far the other side of a connection has gone.
enum class Departure : std::uint8_t {
    SendsNoMore, // it has closed its direction at least: shutdown(2) with SHUT_WR, or the whole connection
    Gone,        // nor does it read any more
};

// A connection: bytes in order, both ways, each way closed on its own. Reading and writing may happen on two tasks.
class ByteStream {
public:
    virtual ~ByteStream() = default;
    // At least one byte, or 0 at the end of the stream.
    virtual Result<std::size_t> read_some(std::span<char> buffer) = 0;
    // From now on a read_some that gets nothing for so long fails with Unavailable ("timed out"); zero only takes what
    // is there already. Nothing: it waits for ever, which is how a stream begins. For the task that reads.
    virtual void set_read_timeout(std::optional<Duration>) = 0;
    virtual Result<void> write_all(std::string_view bytes) = 0;
    // No more bytes will be written; the other side reads the end (shutdown(2), SHUT_WR).
    virtual void shutdown_write() = 0;
    // Ends both directions at once; a task blocked in read_some wakes with Cancelled or 0. Safe from any task.
    virtual void close() = 0;
    // Waits until the other side has gone so far, whatever of it is still to be read; false where `stop_watching` or
    // `close` came first. For one task beside those that read and write. TCP does not tell Gone from SendsNoMore until
    // something that was written is refused.
    virtual bool await_departure(Departure) = 0;
    // Ends one wait: the one under way, or else the next. Safe from any task.
    virtual void stop_watching() = 0;
    virtual Peer peer() const { return {}; }
};

class Listener {
public:
    virtual ~Listener() = default;
    // Cancelled after close().
    virtual Result<std::unique_ptr<ByteStream>> accept() = 0;
    virtual void close() = 0;
    virtual Endpoint endpoint() const = 0; // with the port that was assigned
};

class Network {
public:
    virtual ~Network() = default;
    // `from` is the simulated host that connects; the live world has one host and ignores it.
    virtual Result<std::unique_ptr<ByteStream>> connect(HostId const& from, Endpoint const& to) = 0;
    virtual Result<std::unique_ptr<Listener>> listen(HostId const& on, Endpoint const& at) = 0;
};

}
