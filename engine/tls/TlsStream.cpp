#include "engine/tls/TlsStream.h"

#include "sim/core/Verify.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

namespace drydock::tls {

namespace {

constexpr std::size_t record_bytes = 16 * 1024; // RFC 8446, 5.1

}

std::string openssl_error()
{
    std::string text;
    while (auto const code = ERR_get_error()) {
        if (auto const* reason = ERR_reason_error_string(code); text.empty() && reason != nullptr)
            text = reason;
    }
    return text.empty() ? "TLS failed" : text;
}

TlsStream::TlsStream(std::unique_ptr<network::ByteStream> raw, Owned<SSL> ssl, Scheduler& scheduler)
    : m_raw(std::move(raw))
    , m_ssl(std::move(ssl))
    , m_incoming(BIO_new(BIO_s_mem()))
    , m_outgoing(BIO_new(BIO_s_mem()))
    , m_turn(scheduler.make_condition())
{
    VERIFY(m_incoming != nullptr && m_outgoing != nullptr);
    BIO_set_mem_eof_return(m_incoming, -1); // empty means "not yet", until the stream below has ended
    SSL_set_bio(m_ssl.get(), m_incoming, m_outgoing);
}

TlsStream::~TlsStream()
{
    close();
}

// ---- Between OpenSSL and the stream below ----

Result<void> TlsStream::send_pending(Lock& lock)
{
    m_turn->wait(lock, [this] { return !m_sending; });
    m_sending = true;
    Result<void> sent;
    while (sent && BIO_pending(m_outgoing) > 0) {
        std::string bytes(static_cast<std::size_t>(BIO_pending(m_outgoing)), '\0');
        bytes.resize(static_cast<std::size_t>(BIO_read(m_outgoing, bytes.data(), static_cast<int>(bytes.size()))));
        lock.unlock();
        sent = m_raw->write_all(bytes);
        lock.lock();
    }
    m_sending = false;
    m_turn->notify_all();
    return sent;
}

Result<void> TlsStream::receive(Lock& lock)
{
    std::array<char, record_bytes> buffer;
    lock.unlock();
    auto const count = m_raw->read_some(buffer);
    lock.lock();
    if (!count)
        return fail(count.error());
    m_ended = *count == 0;
    if (m_ended)
        BIO_set_mem_eof_return(m_incoming, 0);
    else
        VERIFY(BIO_write(m_incoming, buffer.data(), static_cast<int>(*count)) == static_cast<int>(*count));
    return {};
}

Result<int> TlsStream::drive(Lock& lock, std::function<int()> const& operation)
{
    for (;;) {
        ERR_clear_error();
        int const result = operation();
        int const code = SSL_get_error(m_ssl.get(), result);
        // Also where it failed: the alert that tells the other side why lies there.
        auto sent = BIO_pending(m_outgoing) > 0 ? send_pending(lock) : Result<void> {};
        if (result > 0) {
            TRY(std::move(sent));
            return result;
        }
        if (code == SSL_ERROR_ZERO_RETURN)
            return 0;
        if (code != SSL_ERROR_WANT_READ || m_ended)
            return fail(failure(code));
        TRY(std::move(sent));
        TRY(receive(lock));
    }
}

Error TlsStream::failure(int code)
{
    auto const verified = SSL_get_verify_result(m_ssl.get());
    auto const text = openssl_error();
    if (verified != X509_V_OK)
        return { ErrorKind::Forbidden,
            std::string("tls: failed to verify certificate: ") + X509_verify_cert_error_string(verified) };
    if (m_ended || code == SSL_ERROR_SYSCALL)
        return { ErrorKind::Unavailable, "tls: the connection was cut" };
    return { ErrorKind::Unavailable, "tls: " + text };
}

// ---- The stream ----

std::string TlsStream::subject(Owned<X509> const& certificate) const
{
    std::array<char, 256> name {};
    if (!certificate
        || X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name.data(), name.size())
            <= 0)
        return {};
    return name.data();
}

Result<Session> TlsStream::handshake()
{
    Lock lock(m_mutex);
    if (TRY(drive(lock, [this] { return SSL_do_handshake(m_ssl.get()); })) == 0)
        return fail(ErrorKind::Unavailable, "tls: the other side hung up in the handshake");
    Owned<X509> own(SSL_get_certificate(m_ssl.get()));
    if (own)
        X509_up_ref(own.get());
    Owned<X509> const theirs(SSL_get1_peer_certificate(m_ssl.get()));
    bool const is_server = SSL_is_server(m_ssl.get()) != 0;
    return Session { .version = SSL_get_version(m_ssl.get()),
        .server = subject(is_server ? own : theirs),
        .client = subject(is_server ? theirs : own) };
}

Result<std::size_t> TlsStream::read_some(std::span<char> buffer)
{
    Lock lock(m_mutex);
    auto const size = static_cast<int>(std::min<std::size_t>(buffer.size(), INT32_MAX));
    auto const count = TRY(drive(lock, [&] { return SSL_read(m_ssl.get(), buffer.data(), size); }));
    return static_cast<std::size_t>(count);
}

Result<void> TlsStream::write_all(std::string_view bytes)
{
    Lock lock(m_mutex);
    while (!bytes.empty()) {
        auto const piece = bytes.substr(0, 4 * record_bytes);
        TRY(drive(lock, [&] { return SSL_write(m_ssl.get(), piece.data(), static_cast<int>(piece.size())); }));
        bytes.remove_prefix(piece.size());
    }
    return {};
}

// close_notify says that our direction ends here and was not cut (RFC 8446, 6.1).
void TlsStream::shutdown_write()
{
    {
        Lock lock(m_mutex);
        ERR_clear_error();
        SSL_shutdown(m_ssl.get());
        static_cast<void>(send_pending(lock));
    }
    m_raw->shutdown_write();
}

}
