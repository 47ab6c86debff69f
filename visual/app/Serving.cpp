#include "visual/app/Serving.h"

#include "engine/registry/Location.h"

#include <fmt/format.h>

namespace drydock::app {

namespace {

constexpr std::string_view unguarded
    = "whoever reaches this port is root on this machine: the API is served without encryption and without asking who "
      "is there";

bool is_tcp(std::string const& host)
{
    return host.starts_with("tcp://");
}

}

Result<void> ServingOptions::apply(SessionOptions& session) const
{
    if (host.empty())
        return {};
    auto endpoint = TRY(network::Endpoint::parse(host));
    if (tls.verify && (tls.authority.empty() || tls.certificate.empty() || tls.key.empty()))
        return fail(ErrorKind::InvalidInput, "--tlsverify needs --tlscacert, --tlscert and --tlskey");
    if (is_tcp(host) && !tls.verify) {
        if (!registry::is_loopback(endpoint.host))
            return fail(ErrorKind::InvalidInput,
                "plain TCP is served on 127.0.0.1 only. For other machines: --tlsverify --tlscacert CA --tlscert CERT "
                "--tlskey KEY");
        if (!allow_plain_tcp)
            return fail(ErrorKind::InvalidInput,
                fmt::format("{}. Use a unix socket, or --tlsverify, or insist with --allow-plain-tcp", unguarded));
    }
    if (tls.verify)
        session.tls = tls::ServerOptions { { tls.certificate, tls.key }, tls.authority };
    session.listen = std::move(endpoint);
    return {};
}

std::string ServingOptions::warning() const
{
    return is_tcp(host) && !tls.verify ? std::string(unguarded) : std::string();
}

}
