#include "engine/tls/Tls.h"

#include "engine/tls/TlsStream.h"
#include "sim/core/Verify.h"

#include <openssl/x509v3.h>

namespace fs = std::filesystem;

namespace drydock::tls {

using network::ByteStream;
using network::Endpoint;
using network::Listener;
using network::Network;

namespace {

using Context = std::shared_ptr<SSL_CTX>;

Context make_context(SSL_METHOD const* method)
{
    Context context(SSL_CTX_new(method), SslDeleter {});
    VERIFY(context != nullptr);
    // 1.0 and 1.1 are broken (RFC 8996).
    VERIFY(SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) == 1);
    return context;
}

tl::unexpected<Error> unusable(std::string const& what, fs::path const& file)
{
    return fail(ErrorKind::InvalidInput, what + " " + file.string() + " cannot be used: " + openssl_error());
}

Result<void> trust(Context const& context, fs::path const& authority)
{
    if (SSL_CTX_load_verify_locations(context.get(), authority.c_str(), nullptr) != 1)
        return unusable("the authority's certificate", authority);
    return {};
}

Result<void> identify(Context const& context, Identity const& identity)
{
    if (SSL_CTX_use_certificate_chain_file(context.get(), identity.certificate.c_str()) != 1)
        return unusable("the certificate", identity.certificate);
    if (SSL_CTX_use_PrivateKey_file(context.get(), identity.key.c_str(), SSL_FILETYPE_PEM) != 1)
        return unusable("the key", identity.key);
    if (SSL_CTX_check_private_key(context.get()) != 1)
        return fail(ErrorKind::InvalidInput,
            "the key " + identity.key.string() + " does not belong to the certificate "
                + identity.certificate.string());
    return {};
}

// ---- The client ----

// The certificate must name the host that was asked for (RFC 9525); by SNI the server learns which one that was, so
// that it can show the right certificate (RFC 6066, 3).
void expect_host(SSL* ssl, std::string const& host)
{
    auto* const parameters = SSL_get0_param(ssl);
    if (X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) == 1)
        return;
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    VERIFY(SSL_set1_host(ssl, host.c_str()) == 1);
    // What the macro SSL_set_tlsext_host_name says, without its C casts; OpenSSL only reads the name.
    VERIFY(
        SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(host.c_str())) == 1);
}

class EncryptingNetwork final : public Network {
public:
    EncryptingNetwork(
        Network& below, Scheduler& scheduler, Context context, std::function<void(Session const&)> established)
        : m_below(below)
        , m_scheduler(scheduler)
        , m_context(std::move(context))
        , m_established(std::move(established))
    {
    }

    Result<std::unique_ptr<ByteStream>> connect(HostId const& from, Endpoint const& to) override
    {
        auto raw = TRY(m_below.connect(from, to));
        raw->set_read_timeout(handshake_patience);
        Owned<SSL> ssl(SSL_new(m_context.get()));
        VERIFY(ssl != nullptr);
        SSL_set_connect_state(ssl.get());
        expect_host(ssl.get(), to.host);
        auto stream = std::make_unique<TlsStream>(std::move(raw), std::move(ssl), m_scheduler);
        auto const session = TRY_WITH("connecting to " + to.to_string(), stream->handshake());
        stream->set_read_timeout(std::nullopt);
        if (m_established)
            m_established(session);
        return stream;
    }
    Result<std::unique_ptr<Listener>> listen(HostId const&, Endpoint const&) override
    {
        return fail(ErrorKind::NotSupported, "a client's network listens nowhere");
    }

private:
    static constexpr Duration handshake_patience = std::chrono::seconds(10);

    Network& m_below;
    Scheduler& m_scheduler;
    Context m_context;
    std::function<void(Session const&)> m_established;
};

// ---- The server ----

class EncryptingListener final : public Listener {
public:
    EncryptingListener(std::unique_ptr<Listener> below, Scheduler& scheduler, Context context)
        : m_below(std::move(below))
        , m_scheduler(scheduler)
        , m_context(std::move(context))
    {
    }

    Result<std::unique_ptr<ByteStream>> accept() override
    {
        auto raw = TRY(m_below->accept());
        Owned<SSL> ssl(SSL_new(m_context.get()));
        VERIFY(ssl != nullptr);
        SSL_set_accept_state(ssl.get());
        return std::make_unique<TlsStream>(std::move(raw), std::move(ssl), m_scheduler);
    }
    void close() override { m_below->close(); }
    Endpoint endpoint() const override { return m_below->endpoint(); }

private:
    std::unique_ptr<Listener> m_below;
    Scheduler& m_scheduler;
    Context m_context;
};

}

Result<std::unique_ptr<Network>> encrypting(
    Network& below, Scheduler& scheduler, ClientOptions const& options, std::function<void(Session const&)> established)
{
    auto context = make_context(TLS_client_method());
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    if (options.authorities.empty())
        SSL_CTX_set_default_verify_paths(context.get());
    for (auto const& authority : options.authorities)
        TRY(trust(context, authority));
    if (options.identity)
        TRY(identify(context, *options.identity));
    return std::make_unique<EncryptingNetwork>(below, scheduler, std::move(context), std::move(established));
}

Result<std::unique_ptr<Listener>> encrypting(
    std::unique_ptr<Listener> below, Scheduler& scheduler, ServerOptions const& options)
{
    auto context = make_context(TLS_server_method());
    TRY(identify(context, options.identity));
    if (options.client_authority) {
        TRY(trust(context, *options.client_authority));
        // The names of the authorities whose certificates we take (RFC 8446, 4.2.4).
        SSL_CTX_set_client_CA_list(context.get(), SSL_load_client_CA_file(options.client_authority->c_str()));
        SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
        // Every connection proves anew who it is; a resumed session would only repeat what an earlier one proved.
        SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
        SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
    }
    return std::make_unique<EncryptingListener>(std::move(below), scheduler, std::move(context));
}

Result<Session> handshake(ByteStream& stream)
{
    auto* const encrypted = dynamic_cast<TlsStream*>(&stream);
    VERIFY(encrypted != nullptr);
    return encrypted->handshake();
}

}
