#pragma once

// One encrypted connection. OpenSSL never touches the socket: it reads from one memory buffer and writes to another,
// and what lies between those and the stream below may block without holding up the other direction.

#include "engine/tls/Tls.h"

#include <openssl/ssl.h>

#include <mutex>

namespace drydock::tls {

struct SslDeleter {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(X509* certificate) const { X509_free(certificate); }
};
template <class T> using Owned = std::unique_ptr<T, SslDeleter>;

// "certificate verify failed", out of OpenSSL's queue of errors; empties it.
std::string openssl_error();

class TlsStream final : public network::ByteStream {
public:
    // `ssl` knows its side (SSL_set_connect_state or SSL_set_accept_state) and has no BIOs yet.
    TlsStream(std::unique_ptr<network::ByteStream> raw, Owned<SSL> ssl, Scheduler&);
    ~TlsStream() override;

    Result<Session> handshake();

    Result<std::size_t> read_some(std::span<char> buffer) override;
    void set_read_timeout(std::optional<Duration> timeout) override { m_raw->set_read_timeout(timeout); }
    Result<void> write_all(std::string_view bytes) override;
    void shutdown_write() override;
    void close() override { m_raw->close(); }
    bool await_departure(network::Departure how) override { return m_raw->await_departure(how); }
    void stop_watching() override { m_raw->stop_watching(); }
    network::Peer peer() const override { return m_raw->peer(); }

private:
    using Lock = std::unique_lock<std::mutex>;
    // Calls `operation` until it needs nothing from below any more; its result, or 0 at the end of the stream.
    Result<int> drive(Lock&, std::function<int()> const& operation);
    Result<void> send_pending(Lock&);
    Result<void> receive(Lock&);
    Error failure(int code);
    std::string subject(Owned<X509> const&) const;

    std::unique_ptr<network::ByteStream> m_raw;
    std::mutex m_mutex; // over all below; never held while the stream below is read or written
    Owned<SSL> m_ssl;
    BIO* m_incoming; // what came from below; both belong to m_ssl
    BIO* m_outgoing; // what is to go there
    std::unique_ptr<Condition> m_turn;
    bool m_sending { false }; // somebody writes below: what OpenSSL made must go out in its order
    bool m_ended { false };   // below has ended
};

}
