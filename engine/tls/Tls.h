#pragma once

// TLS 1.2 and 1.3 (RFC 5246, RFC 8446) over any byte stream: who is at the other end is proved by a certificate, and
// nobody on the way can read or change a byte. A client checks that the certificate names the host it wanted and that
// an authority it trusts has signed it; a server may ask for the same in return ("mutual TLS", docker's --tlsverify).
//
// It stands between the network and HTTP, on the network's own seam: what connects over an encrypting network, or is
// accepted from an encrypting listener, is a ByteStream like any other. OpenSSL stays inside the .cpp files.

#include "sim/core/Result.h"
#include "sim/network/Network.h"
#include "sim/time/Scheduler.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace drydock::tls {

// Files in PEM form (RFC 7468).
struct Identity {
    std::filesystem::path certificate; // ours, with those that lead to its authority behind it
    std::filesystem::path key;         // to our certificate
};

struct ClientOptions {
    std::vector<std::filesystem::path> authorities {}; // whom we trust; empty: whom the system trusts
    std::optional<Identity> identity {};               // for servers that ask
};

struct ServerOptions {
    Identity identity;
    std::optional<std::filesystem::path> client_authority {}; // clients must show a certificate of it
};

// What two ends have agreed on.
struct Session {
    std::string version; // "TLSv1.3"
    std::string server;  // the common name in the server's certificate
    std::string client;  // in the client's; empty where it showed none
};

// Connects over `below` (which outlives it), encrypted; `established` hears of each session. Errors name the file that
// cannot be used; a failed handshake is Unavailable, a certificate that does not prove the host Forbidden.
Result<std::unique_ptr<network::Network>> encrypting(
    network::Network& below, Scheduler&, ClientOptions const&, std::function<void(Session const&)> established = {});

// Accepts encrypted connections. A client that is slow with its handshake keeps nobody waiting: it happens on the
// task that first reads, or in `handshake`.
Result<std::unique_ptr<network::Listener>> encrypting(
    std::unique_ptr<network::Listener>, Scheduler&, ServerOptions const&);

// Completes the handshake of a connection that such a listener accepted.
Result<Session> handshake(network::ByteStream&);

}
