#include "engine/daemon/Registries.h"

#include "engine/daemon/Json.h"
#include "engine/registry/Location.h"
#include "engine/tls/Tls.h"
#include "sim/core/Base64.h"

#include <algorithm>

namespace fs = std::filesystem;

namespace drydock::daemon {

namespace {

constexpr std::size_t max_header = 64 * 1024;

RegistryRoute const* route_of(Config const& config, std::string const& name)
{
    for (auto const& route : config.registries) {
        if (route.registry == name)
            return &route;
    }
    return nullptr;
}

Result<network::Endpoint> endpoint_of(std::string const& name, bool encrypted)
{
    bool const has_port = name.find(':', name.find(']') + 1) != std::string::npos;
    return network::Endpoint::parse("tcp://" + name + (has_port ? "" : encrypted ? ":443" : ":80"));
}

// The files of certs.d/HOST:PORT, sorted, so that errors do not depend on the directory's order.
std::vector<fs::path> files_in(fs::path const& directory, std::string_view extension)
{
    std::vector<fs::path> files;
    std::error_code ignored;
    for (auto const& entry : fs::directory_iterator(directory, ignored)) {
        if (entry.path().extension() == extension)
            files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

tls::ClientOptions certificates_in(fs::path const& directory)
{
    tls::ClientOptions options { .authorities = files_in(directory, ".crt") };
    std::error_code ignored;
    auto const certificate = directory / "client.cert";
    if (fs::exists(certificate, ignored))
        options.identity = tls::Identity { certificate, directory / "client.key" };
    return options;
}

// OpenSSL says what is wrong, not what to do about it.
Error with_remedy(Error error, fs::path const& directory)
{
    if (error.kind() != ErrorKind::Forbidden)
        return error;
    return Error(error.kind(),
        error.message() + ". To trust the registry, put its authority's certificate into "
            + (directory / "ca.crt").string());
}

// Adds the remedy to whatever the encrypted network refuses.
class AdvisingNetwork final : public network::Network {
public:
    AdvisingNetwork(std::unique_ptr<network::Network> network, fs::path directory)
        : m_network(std::move(network))
        , m_directory(std::move(directory))
    {
    }
    Result<std::unique_ptr<network::ByteStream>> connect(HostId const& from, network::Endpoint const& to) override
    {
        return m_network->connect(from, to).map_error(
            [this](Error const& error) { return with_remedy(error, m_directory); });
    }
    Result<std::unique_ptr<network::Listener>> listen(HostId const& on, network::Endpoint const& at) override
    {
        return m_network->listen(on, at);
    }

private:
    std::unique_ptr<network::Network> m_network;
    fs::path m_directory;
};

Result<std::unique_ptr<network::Network>> encrypted_network(network::Network& below, Scheduler& scheduler,
    trace::Publisher const& its_publisher, std::string const& name, fs::path const& directory)
{
    // A client's connections have no number of their own in the log; the registry's name tells them apart.
    auto const established = [publisher = its_publisher, name](tls::Session const& session) {
        publisher.publish(trace::TlsEstablished { .connection = ConnectionId { "tls-" + name },
            .version = session.version,
            .server = session.server,
            .client = session.client });
    };
    auto network = TRY(tls::encrypting(below, scheduler, certificates_in(directory), established));
    return std::make_unique<AdvisingNetwork>(std::move(network), directory);
}

Result<json> decode_header(std::string const& text)
{
    if (text.size() > max_header)
        return fail(ErrorKind::LimitExceeded, "the registry credentials are too long");
    auto const decoded = TRY(base64_decode(text));
    auto object = TRY(parse_json(decoded.empty() ? "{}" : decoded));
    if (!object.is_object())
        return fail(ErrorKind::InvalidInput, "the registry credentials are no JSON object");
    return object;
}

Result<std::optional<registry::Credentials>> read_credentials(json const& object)
{
    ObjectReader reader(object);
    registry::Credentials credentials { .username = reader.text("username"),
        .password = reader.text("password"),
        .identity_token = reader.text("identitytoken"),
        .registry_token = reader.text("registrytoken") };
    TRY(reader.finish());
    bool const any
        = !credentials.username.empty() || !credentials.identity_token.empty() || !credentials.registry_token.empty();
    return any ? std::optional(std::move(credentials)) : std::nullopt;
}

}

Result<OpenRegistry> open_registry(Config const& config, network::Network& plain, Scheduler& scheduler,
    trace::Publisher const& publisher, std::string const& name, std::optional<registry::Credentials> credentials,
    std::stop_token stop)
{
    OpenRegistry open;
    registry::Site site { .endpoint = {}, .actor = { "registry:" + name }, .credentials = std::move(credentials) };
    if (auto const* route = route_of(config, name)) {
        site.endpoint = route->endpoint;
        site.actor = route->actor;
    } else {
        auto const directory = config.certificates / name;
        std::error_code ignored;
        auto const host = TRY(endpoint_of(name, true)).host;
        site.encrypted = config.encryption && (fs::is_directory(directory, ignored) || !registry::is_loopback(host));
        site.endpoint = TRY(endpoint_of(name, site.encrypted));
        if (site.encrypted)
            open.encrypted = TRY(encrypted_network(plain, scheduler, publisher, name, directory));
    }
    auto& network = open.encrypted ? *open.encrypted : plain;
    open.client = std::make_unique<registry::RegistryClient>(
        network, scheduler, config.host, std::move(site), publisher, std::move(stop));
    return open;
}

Result<std::optional<registry::Credentials>> credentials_of(http::Exchange const& exchange)
{
    auto const header = exchange.headers().get("X-Registry-Auth");
    if (!header)
        return std::nullopt;
    auto const object = TRY_WITH("X-Registry-Auth", decode_header(*header));
    return TRY_WITH("X-Registry-Auth", read_credentials(object));
}

Result<std::optional<registry::Credentials>> credentials_for(
    http::Exchange const& exchange, std::string const& registry)
{
    auto const header = exchange.headers().get("X-Registry-Config");
    if (!header)
        return std::nullopt;
    auto const object = TRY_WITH("X-Registry-Config", decode_header(*header));
    // Docker's clients file the hub under the address of its old index.
    auto const key = registry == "docker.io" ? std::string("https://index.docker.io/v1/") : registry;
    if (!object.contains(key) || !object[key].is_object())
        return std::nullopt;
    return TRY_WITH("X-Registry-Config", read_credentials(object[key]));
}

}
