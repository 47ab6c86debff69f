#include "sim/network/Network.h"

#include <fmt/format.h>

#include <charconv>

namespace drydock::network {

namespace {

constexpr std::string_view unix_scheme = "unix://";
constexpr std::string_view tcp_scheme = "tcp://";

tl::unexpected<Error> malformed(std::string_view uri)
{
    return fail(ErrorKind::InvalidInput,
        fmt::format("\"{}\" is no endpoint: unix:///PATH or tcp://HOST:PORT is expected", uri));
}

// "host:port" or "[v6 address]:port".
Result<Endpoint> parse_tcp(std::string_view uri, std::string_view authority)
{
    auto const colon = authority.rfind(':');
    if (colon == std::string_view::npos)
        return malformed(uri);
    auto host = authority.substr(0, colon);
    auto const digits = authority.substr(colon + 1);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
    else if (host.find_first_of("[]:/") != std::string_view::npos)
        return malformed(uri);
    std::uint16_t port = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (host.empty() || digits.empty() || error != std::errc {} || end != digits.data() + digits.size())
        return malformed(uri);
    return Endpoint { .kind = Endpoint::Kind::Tcp, .path = {}, .host = std::string(host), .port = port };
}

}

Result<Endpoint> Endpoint::parse(std::string_view uri)
{
    if (uri.starts_with(unix_scheme)) {
        auto const path = uri.substr(unix_scheme.size());
        if (!path.starts_with('/') || path.find('\0') != std::string_view::npos)
            return malformed(uri);
        return Endpoint { .kind = Kind::Unix, .path = std::string(path), .host = {}, .port = 0 };
    }
    if (uri.starts_with(tcp_scheme))
        return parse_tcp(uri, uri.substr(tcp_scheme.size()));
    return malformed(uri);
}

std::string Endpoint::to_string() const
{
    if (kind == Kind::Unix)
        return fmt::format("{}{}", unix_scheme, path);
    if (host.find(':') != std::string::npos)
        return fmt::format("{}[{}]:{}", tcp_scheme, host, port);
    return fmt::format("{}{}:{}", tcp_scheme, host, port);
}

}
