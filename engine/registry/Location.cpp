#include "engine/registry/Location.h"

#include <fmt/format.h>

namespace drydock::registry {

Result<Location> Location::parse(std::string_view text)
{
    if (text.starts_with('/') && !text.starts_with("//"))
        return Location { false, std::nullopt, std::string(text) };
    constexpr std::string_view plain = "http://";
    constexpr std::string_view encrypted = "https://";
    bool const is_encrypted = text.starts_with(encrypted);
    if (!is_encrypted && !text.starts_with(plain))
        return fail(ErrorKind::NotSupported, fmt::format("\"{}\" is no address with http or https", text));
    auto const rest = text.substr(is_encrypted ? encrypted.size() : plain.size());
    auto const end = rest.find_first_of("/?");
    auto const authority = rest.substr(0, end);
    bool const has_port = authority.find(':', authority.find(']') + 1) != std::string_view::npos;
    std::string const port = has_port ? "" : is_encrypted ? ":443" : ":80";
    auto const endpoint = TRY(network::Endpoint::parse("tcp://" + std::string(authority) + port));
    auto target = end == std::string_view::npos ? std::string("/") : std::string(rest.substr(end));
    if (target.starts_with('?'))
        target.insert(0, "/");
    return Location { is_encrypted, endpoint, std::move(target) };
}

std::string host_and_port(network::Endpoint const& endpoint)
{
    if (endpoint.kind != network::Endpoint::Kind::Tcp)
        return "localhost";
    bool const is_v6 = endpoint.host.find(':') != std::string::npos;
    return fmt::format("{}{}{}:{}", is_v6 ? "[" : "", endpoint.host, is_v6 ? "]" : "", endpoint.port);
}

bool is_loopback(std::string_view host)
{
    bool const numeric = !host.empty() && host.find_first_not_of("0123456789.") == std::string_view::npos;
    return host == "localhost" || host == "::1" || (numeric && host.starts_with("127."));
}

}
