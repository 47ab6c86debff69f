// A container and its networks: what is laid before its program runs, and taken away after it.

#include "engine/daemon/ContainerManager.h"
#include "engine/daemon/Json.h"
#include "engine/network/Sockets.h"
#include "engine/os/SocketAddress.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <system_error>

namespace drydock::daemon {

namespace {

std::string host_file(char const* path)
{
    std::ifstream file(path);
    return { std::istreambuf_iterator<char>(file), {} };
}

// The networks that a container wants. One that was taken off all of them goes back to its mode with the next start.
std::map<std::string, EndpointRequest> wanted_networks(ContainerRecord const& record)
{
    auto wanted = record.endpoints;
    if (wanted.empty())
        wanted.try_emplace(record.host.network_mode);
    return wanted;
}

constexpr std::string_view shared_network = "container:";

// docker gives names on networks that a user made, not on the default one.
bool has_resolver(std::vector<NetworkEndpoint> const& endpoints)
{
    return std::any_of(
        endpoints.begin(), endpoints.end(), [](auto const& endpoint) { return endpoint.network_name != "bridge"; });
}

bool is_end(std::string const& mode)
{
    return mode == "none" || mode == "host";
}

// "80/tcp" → "tcp"
std::string protocol_of(std::string const& port)
{
    return port.substr(port.find('/') + 1);
}

// "80/tcp" → 80
std::uint16_t port_number(std::string const& text)
{
    return static_cast<std::uint16_t>(std::strtoul(text.c_str(), nullptr, 10));
}

// What is to be published: the ports that were asked for, and with -P all that the image exposes.
std::map<std::string, std::vector<PortBinding>> wanted_ports(ContainerRecord const& record)
{
    auto ports = record.host.ports;
    if (record.host.publish_all) {
        for (auto const& port : record.config.exposed_ports)
            ports.try_emplace(port, std::vector<PortBinding> { {} });
    }
    return ports;
}

// The full name comes first where there is a domain, as hosts(5) has it.
std::string hosts_line(NetworkEndpoint const& endpoint, ContainerConfig const& config)
{
    auto const full = config.domain_name.empty() ? "" : config.hostname + "." + config.domain_name + " ";
    return networking::to_text(endpoint.address) + "\t" + full + config.hostname + "\n";
}

std::string without(std::string text, std::string const& line)
{
    if (auto const at = text.find(line); at != std::string::npos)
        text.erase(at, line.size());
    return text;
}

std::string hosts_text(ContainerRecord const& record, std::vector<NetworkEndpoint> const& endpoints)
{
    std::string text = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n";
    for (auto const& extra : record.host.extra_hosts) {
        auto const separator = extra.find_first_of("=:");
        auto address = separator == std::string::npos ? "" : extra.substr(separator + 1);
        if (address == "host-gateway")
            address = endpoints.empty() ? "127.0.0.1" : networking::to_text(endpoints.front().gateway);
        text += address + "\t" + extra.substr(0, separator) + "\n";
    }
    for (auto const& endpoint : endpoints)
        text += hosts_line(endpoint, record.config);
    return endpoints.empty() ? text + "127.0.0.1\t" + record.config.hostname + "\n" : text;
}

std::string resolver_text(HostConfig const& host, bool own_resolver)
{
    std::string text; // in docker's order
    if (!host.dns_search.empty())
        text += fmt::format("search {}\n", fmt::join(host.dns_search, " "));
    if (own_resolver)
        text += "nameserver 127.0.0.11\n";
    else
        for (auto const& server : host.dns)
            text += "nameserver " + server + "\n";
    if (!host.dns_options.empty())
        text += fmt::format("options {}\n", fmt::join(host.dns_options, " "));
    else if (own_resolver)
        text += "options ndots:0\n";
    return text; // empty: as the host has it
}

}

// "default" becomes what it stands for, "container:NAME" the id of that container.
Result<void> ContainerManager::resolve_network_mode(CreateBody& body, ContainerId const& id) const
{
    if (body.host.uts_mode == "host" && !body.config.hostname.empty())
        return fail(ErrorKind::InvalidInput, "conflicting options: hostname and the UTS mode");
    auto& mode = body.host.network_mode;
    if (mode == "default" || mode == "bridge") {
        auto const standard = m_parts.networks.default_mode();
        if (mode == "bridge" && standard != "bridge")
            return fail(ErrorKind::NotSupported, m_parts.networks.warnings().front());
        if (auto own = body.endpoints.extract("default"); !own.empty() && !body.endpoints.contains(standard)) {
            own.key() = standard;
            body.endpoints.insert(std::move(own));
        }
        mode = standard;
    }
    if (mode.starts_with(shared_network)) {
        auto const conflict
            = [](std::string const& with) { return fail(ErrorKind::InvalidInput, "conflicting options: " + with); };
        if (!body.config.hostname.empty())
            return conflict("hostname and the network mode");
        if (!body.host.ports.empty() || body.host.publish_all)
            return conflict("port publishing and the container type network mode");
        if (!body.config.exposed_ports.empty())
            return conflict("port exposing and the container type network mode");
        auto const found = find(mode.substr(shared_network.size()));
        if (!found) // "not found" would make a client pull the image
            return fail(ErrorKind::InvalidInput, found.error().message());
        auto const& other = *found;
        mode = std::string(shared_network) + other->id().value;
        body.endpoints.clear();
        body.config.hostname = other->record().config.hostname;
    }
    if (!mode.starts_with(shared_network))
        body.endpoints.try_emplace(mode);
    if (body.config.hostname.empty())
        body.config.hostname = id.short_form();
    return {};
}

// The other one's interfaces, its /etc/hosts and its resolver; a process of its own, so it must run.
Result<void> ContainerManager::share_network(runtime::LaunchSpec& spec, std::string const& with) const
{
    auto const other = TRY(find(with));
    auto const record = other->record();
    auto const process = other->process();
    if (process == nullptr)
        return fail(ErrorKind::Conflict, "cannot join network of a non running container: " + record.id.value);
    auto const endpoints = m_parts.networks.endpoints(record.id);
    spec.shared[kernel::NamespaceKind::Net] = record.host.network_mode == "host"
        ? runtime::SharedNamespace {}
        : runtime::SharedNamespace { process->host_pid(), record.id };
    spec.hosts = hosts_text(record, endpoints);
    spec.resolv_conf = resolver_text(record.host, has_resolver(endpoints));
    return {};
}

Result<void> ContainerManager::join_networks(runtime::LaunchSpec& spec, ContainerRecord const& record)
{
    auto const& mode = record.host.network_mode;
    if (mode.starts_with(shared_network))
        return share_network(spec, mode.substr(shared_network.size()));
    auto const ports = wanted_ports(record);
    bool const kernel = m_parts.networks.wiring() != Wiring::Modelled;
    if (!is_end(mode)) {
        for (auto const& [name, request] : wanted_networks(record)) {
            if (!is_end(TRY(m_parts.networks.find(name)).name))
                TRY(m_parts.networks.join(record.id, record.name, name, request));
        }
    }
    auto const endpoints = m_parts.networks.endpoints(record.id);
    bool const own_resolver = has_resolver(endpoints);
    bool const is_hosts = mode == "host";
    if (is_hosts)
        spec.shared[kernel::NamespaceKind::Net] = {};
    spec.hosts = is_hosts && kernel ? host_file("/etc/hosts") : hosts_text(record, endpoints);
    TRY(add_links(spec, record));
    spec.resolv_conf = resolver_text(record.host, own_resolver);
    if (is_hosts || (endpoints.empty() && ports.empty()))
        return {};
    spec.connect = [this, id = record.id, own_resolver](std::shared_ptr<runtime::NetworkNamespace> const& inside) {
        return connect(id, inside, own_resolver);
    };
    return {};
}

// Called while the container's first process waits to execute.
Result<void> ContainerManager::connect(
    ContainerId const& id, std::shared_ptr<runtime::NetworkNamespace> const& inside, bool own_resolver)
{
    auto const container = TRY(find(id.value));
    auto connection = std::make_shared<Connection>();
    connection->inside = inside;
    for (auto const& endpoint : m_parts.networks.endpoints(id)) {
        TRY_WITH("connecting to network " + endpoint.network_name, m_parts.networks.connect(endpoint, *inside));
        m_parts.networks.tell_connected(id, endpoint);
    }
    if (own_resolver)
        TRY(start_resolver(container->record(), *connection));
    TRY(publish_ports(*container, *connection));
    std::lock_guard const lock(m_mutex);
    m_connections[id] = std::move(connection);
    return {};
}

Result<void> ContainerManager::start_resolver(ContainerRecord const& record, Connection& connection)
{
    auto const answer = [this, id = record.id](std::string const& name) { return look_up(id, name); };
    connection.has_resolver = true;
    if (auto* const modelled = connection.inside->modelled()) {
        modelled->set_resolver(answer);
        return {};
    }
    auto const upstream = record.host.dns.empty() ? networking::nameservers_in(host_file("/etc/resolv.conf"))
                                                  : networking::nameservers_in(resolver_text(record.host, false));
    auto const socket = TRY(connection.inside->make_socket(AF_INET, SOCK_DGRAM, 0));
    connection.name_server
        = TRY(networking::NameServer::start(m_parts.seams.scheduler, os::Fd(socket), upstream, answer));
    return {};
}

// A running container that comes onto its first network with names: it gets a resolver now, and is told of it.
Result<void> ContainerManager::tell_of_network(
    Container& container, Connection& connection, NetworkEndpoint const& endpoint)
{
    auto const record = container.record();
    auto const process = container.process();
    if (process == nullptr)
        return {}; // it has just ended
    if (has_resolver({ endpoint }) && !connection.has_resolver) {
        TRY(start_resolver(record, connection));
        TRY(process->rewrite_file(
            "/etc/resolv.conf", [&](std::string const&) { return resolver_text(record.host, true); }));
    }
    auto const line = hosts_line(endpoint, record.config);
    return process->rewrite_file("/etc/hosts", [&](std::string const& text) { return text + line; });
}

std::optional<networking::Address> ContainerManager::look_up(ContainerId const& who, std::string const& name)
{
    auto const address = m_parts.networks.resolve(who, name);
    m_publisher.publish(trace::NameResolved {
        .container = who, .name = name, .address = address ? networking::to_text(*address) : "" });
    return address;
}

// The simulated network has no IPv6, and a machine may have been started without.
bool ContainerManager::hears_ipv6(Connection const& connection)
{
    return connection.inside->modelled() == nullptr
        && m_parts.seams.network.listen(m_publisher.origin().host, { network::Endpoint::Kind::Tcp, {}, "::1", 0 });
}

// Without an address a port is published on all of them, which are two to the kernel: 0.0.0.0 and [::].
Result<void> ContainerManager::publish_ports(Container& container, Connection& connection)
{
    container.set_published({});
    for (auto const& [port, bindings] : wanted_ports(container.record())) {
        for (auto const& binding : bindings) {
            PublishedPort one { .port = port,
                .host_address = binding.host_address.empty() ? "0.0.0.0" : binding.host_address,
                .host_port = port_number(binding.host_port) };
            one.host_port = TRY(publish_port(container, connection, one));
            auto published = container.published();
            published.push_back(one);
            m_publisher.publish(trace::PortPublished { .container = container.id(),
                .protocol = protocol_of(port),
                .host_address = one.host_address,
                .host_port = one.host_port,
                .container_port = port_number(port) });
            if (binding.host_address.empty() && hears_ipv6(connection)) {
                PublishedPort other { .port = port, .host_address = "::", .host_port = one.host_port, .follows = true };
                auto got = publish_port(container, connection, other);
                if (!got && port_number(binding.host_port) == 0) { // free for IPv4 is not free for IPv6
                    other.host_port = 0;
                    got = publish_port(container, connection, other);
                }
                other.host_port = TRY(std::move(got));
                published.push_back(other);
            }
            container.set_published(std::move(published));
        }
    }
    return {};
}

// Yields the host's port.
Result<std::uint16_t> ContainerManager::publish_port(
    Container& container, Connection& connection, PublishedPort const& wanted)
{
    auto const endpoints = m_parts.networks.endpoints(container.id());
    // A container without an interface listens on its loopback, or nowhere.
    auto const address = endpoints.empty() ? networking::loopback : endpoints.front().address;
    auto const inner = port_number(wanted.port);
    if (protocol_of(wanted.port) == "udp") {
        if (connection.inside->modelled() != nullptr)
            return fail(
                ErrorKind::NotSupported, "the simulated world has no UDP: " + wanted.port + " cannot be published");
        auto relay = networking::DatagramRelay::start(m_parts.seams.scheduler,
            TRY(os::numeric_address(wanted.host_address, wanted.host_port)), address, inner,
            [inside = connection.inside] { return inside->make_socket(AF_INET, SOCK_DGRAM, 0); });
        if (!relay)
            return fail(not_published(container, wanted, relay.error()));
        connection.datagram_relays.push_back(std::move(*relay));
        return connection.datagram_relays.back()->port();
    }
    auto listener = m_parts.seams.network.listen(
        m_publisher.origin().host, { network::Endpoint::Kind::Tcp, {}, wanted.host_address, wanted.host_port });
    if (!listener)
        return fail(not_published(container, wanted, listener.error()));
    connection.relays.push_back(std::make_unique<networking::PortRelay>(
        m_parts.seams.scheduler, std::move(*listener), [inside = connection.inside, address, inner] {
            if (auto* const modelled = inside->modelled())
                return modelled->connect(address, inner);
            return networking::connect_in([&] { return inside->make_socket(AF_INET, SOCK_STREAM, 0); }, address, inner);
        }));
    return connection.relays.back()->port();
}

// In dockerd's words, which tell a port that another container has from one that a program of the host has.
Error ContainerManager::not_published(Container const& container, PublishedPort const& wanted, Error const& why) const
{
    auto const is_same = [&](PublishedPort const& other) {
        return other.host_address == wanted.host_address && other.host_port == wanted.host_port
            && protocol_of(other.port) == protocol_of(wanted.port);
    };
    auto const containers = list();
    bool const is_ours
        = why.errno_code() == EADDRINUSE && std::any_of(containers.begin(), containers.end(), [&](auto const& each) {
              auto const published = each->published();
              return std::any_of(published.begin(), published.end(), is_same);
          });
    bool const v6 = wanted.host_address.find(':') != std::string::npos;
    auto const endpoints = m_parts.networks.endpoints(container.id());
    auto const begin
        = fmt::format("driver failed programming external connectivity on endpoint {} ({}): ", container.record().name,
            endpoints.empty() ? "" : endpoints.front().id);
    if (is_ours)
        return { ErrorKind::Conflict,
            fmt::format(
                "{}Bind for {}:{} failed: port is already allocated", begin, wanted.host_address, wanted.host_port) };
    auto reason = why.errno_code() == 0 ? why.message() : std::generic_category().message(why.errno_code());
    reason.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(reason.front())));
    return { ErrorKind::Conflict,
        fmt::format("{}Error starting userland proxy: listen {}{} {}{}{}:{}: bind: {}", begin, protocol_of(wanted.port),
            v6 ? '6' : '4', v6 ? "[" : "", wanted.host_address, v6 ? "]" : "", wanted.host_port, reason) };
}

// What the run had goes with it, or with a start that failed.
void ContainerManager::disconnect(Container& container)
{
    std::shared_ptr<Connection> connection; // its tasks end outside the lock
    {
        std::lock_guard const lock(m_mutex);
        auto const found = m_connections.find(container.id());
        if (found != m_connections.end()) {
            connection = std::move(found->second);
            m_connections.erase(found);
        }
    }
    connection.reset();
    for (auto const& port : container.published()) {
        if (!port.follows)
            m_publisher.publish(trace::PortUnpublished { .container = container.id(),
                .protocol = protocol_of(port.port),
                .host_port = port.host_port,
                .container_port = port_number(port.port) });
    }
    container.set_published({});
    m_parts.networks.leave_all(container.id());
}

Result<void> ContainerManager::connect_network(
    Container& container, std::string const& name, EndpointRequest const& request)
{
    Container::Turn const turn(container);
    auto const network = TRY(m_parts.networks.find(name));
    auto const record = container.record();
    if (network.name == "host" || record.host.network_mode == "host")
        return fail(
            ErrorKind::Forbidden, "container cannot be disconnected from host network or connected to host network");
    if (is_end(network.name) || is_end(record.host.network_mode)
        || record.host.network_mode.starts_with(shared_network))
        return fail(ErrorKind::InvalidInput,
            "container cannot be connected to network " + network.name + ": it is on " + record.host.network_mode);
    if (record.endpoints.contains(network.name))
        return fail(
            ErrorKind::Forbidden, "endpoint with name " + record.name + " already exists in network " + network.name);
    if (record.state.running()) {
        auto const endpoint = TRY(m_parts.networks.join(record.id, record.name, network.id, request));
        std::shared_ptr<Connection> connection;
        {
            std::lock_guard const lock(m_mutex);
            connection = m_connections.contains(record.id) ? m_connections.at(record.id) : nullptr;
        }
        auto wired = connection == nullptr ? Result<void>() : m_parts.networks.connect(endpoint, *connection->inside);
        if (wired && connection != nullptr)
            wired = tell_of_network(container, *connection, endpoint);
        if (!wired) {
            static_cast<void>(m_parts.networks.leave(record.id, network.id)); // it was just joined
            return wired;
        }
        m_parts.networks.tell_connected(record.id, endpoint);
    }
    container.change([&](ContainerRecord& its) { its.endpoints[network.name] = request; });
    return container.save();
}

Result<void> ContainerManager::disconnect_network(Container& container, std::string const& name)
{
    Container::Turn const turn(container);
    auto const network = TRY(m_parts.networks.find(name));
    auto const record = container.record();
    if (!record.endpoints.contains(network.name))
        return fail(
            ErrorKind::NotFound, "container " + record.id.value + " is not connected to network " + network.name);
    if (record.state.running()) {
        auto const endpoints = m_parts.networks.endpoints(record.id);
        TRY(m_parts.networks.leave(record.id, network.id));
        for (auto const& endpoint : endpoints) {
            auto const process = endpoint.network == network.id ? container.process() : nullptr;
            if (process != nullptr)
                TRY(process->rewrite_file("/etc/hosts",
                    [&](std::string const& text) { return without(text, hosts_line(endpoint, record.config)); }));
        }
        std::lock_guard const lock(m_mutex);
        auto const connection = m_connections.find(record.id);
        if (connection != m_connections.end() && connection->second->inside->modelled() != nullptr)
            connection->second->inside->modelled()->unplug(network.id);
    }
    container.change([&](ContainerRecord& its) { its.endpoints.erase(network.name); });
    return container.save();
}

}
