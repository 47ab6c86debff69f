#include "engine/daemon/Networks.h"

#include "engine/daemon/Json.h"
#include "engine/daemon/Names.h"

#include <fmt/format.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <sstream>

namespace drydock::daemon {

using networking::Address;
using networking::Netlink;
using networking::Subnet;

namespace {

constexpr std::size_t network_digits = 64;

std::string network_document(NetworkRecord const& network)
{
    return to_text({ { "Id", network.id }, { "Name", network.name }, { "Driver", network.driver },
        { "Subnet", network.subnet ? network.subnet->to_string() : "" },
        { "Gateway", networking::to_text(network.gateway) }, { "Internal", network.internal },
        { "Labels", network.labels }, { "Created", network.created.nanoseconds } });
}

Result<NetworkRecord> parse_network(std::string_view document)
{
    auto const object = TRY(parse_json(document));
    if (!object.is_object())
        return fail(ErrorKind::Corrupt, "a network's record must be an object");
    ObjectReader reader(object);
    NetworkRecord network { .id = reader.text("Id"),
        .name = reader.text("Name"),
        .driver = reader.text("Driver"),
        .subnet = std::nullopt,
        .gateway = networking::parse_address(reader.text("Gateway")).value_or(0),
        .internal = reader.flag("Internal"),
        .labels = reader.texts("Labels"),
        .created = { reader.number("Created") } };
    if (auto const subnet = reader.text("Subnet"); !subnet.empty())
        network.subnet = TRY(Subnet::parse(subnet));
    TRY(reader.finish());
    if (network.id.size() != network_digits)
        return fail(ErrorKind::Corrupt, "a network's id must have 64 digits");
    return network;
}

// Process ids mean something only together with the namespace that they are counted in.
std::string pid_namespace()
{
    std::error_code ignored;
    return std::filesystem::read_symlink("/proc/self/ns/pid", ignored).string(); // "pid:[4026531836]"
}

// Whose interface it is: several daemons may share a machine. "drydock 4711 pid:[4026531836]"
std::string owner_note()
{
    return fmt::format("drydock {} {}", ::getpid(), pid_namespace());
}

bool owner_is_gone(std::string const& note)
{
    std::istringstream words(note);
    std::string mark;
    pid_t pid = 0;
    std::string space;
    words >> mark >> pid >> space;
    return mark == "drydock" && pid > 0 && space == pid_namespace() && ::kill(pid, 0) != 0 && errno == ESRCH;
}

// The bridges of daemons that were killed: each would hold a subnet for good.
void remove_orphans()
{
    auto netlink = Netlink::open();
    auto const notes = netlink ? netlink->aliases() : tl::unexpected(netlink.error());
    if (!notes)
        return; // then a subnet stays taken, no more
    for (auto const& [name, note] : *notes) {
        if (name.starts_with("dd-") && owner_is_gone(note))
            static_cast<void>(netlink->delete_link(name)); // another daemon may have been faster
    }
}

// As docker makes it of the address, locally administered: whoever gets the address of one that has gone is reached at
// once, as nobody's table of neighbours is out of date.
std::array<std::uint8_t, 6> hardware_address_of(Address address)
{
    auto const byte = [&](unsigned shift) { return static_cast<std::uint8_t>(address >> shift & 255U); };
    return { 0x02, 0x42, byte(24), byte(16), byte(8), byte(0) };
}

// "02:42:ac:11:00:02"; of a network card, so not one of a group's (the lowest bit of the first byte).
std::optional<std::array<std::uint8_t, 6>> parse_hardware_address(std::string const& text)
{
    std::array<unsigned, 6> bytes {};
    int end = 0;
    int const count = std::sscanf(text.c_str(), "%2x:%2x:%2x:%2x:%2x:%2x%n", &bytes[0], &bytes[1], &bytes[2], &bytes[3],
        &bytes[4], &bytes[5], &end);
    if (count != 6 || static_cast<std::size_t>(end) != text.size() || (bytes[0] & 1U) != 0)
        return std::nullopt;
    std::array<std::uint8_t, 6> address {};
    std::transform(
        bytes.begin(), bytes.end(), address.begin(), [](unsigned b) { return static_cast<std::uint8_t>(b); });
    return address;
}

std::string to_text(std::array<std::uint8_t, 6> const& hardware)
{
    return fmt::format("{:02x}", fmt::join(hardware, ":"));
}

}

Networks::Networks(Wiring wiring, Seams& seams, EventFeed& events)
    : m_wiring(wiring)
    , m_seams(seams)
    , m_events(events)
    , m_publisher(seams.publisher)
{
}

Networks::~Networks()
{
    if (m_wiring != Wiring::Kernel)
        return;
    auto netlink = Netlink::open();
    for (auto const& [id, network] : m_networks) {
        if (netlink && network.driver == "bridge")
            static_cast<void>(netlink->delete_link(network.interface())); // one that was never made is not there
    }
}

std::vector<std::string> Networks::warnings() const
{
    if (m_wiring == Wiring::None)
        return { "Containers get no network but a loopback interface: bridges and cables on the host take root. "
                 "Published ports (-p) work." };
    if (m_wiring == Wiring::Kernel && m_masquerade == nullptr)
        return { "Containers reach each other and this machine, not what lies beyond: " + m_no_masquerade + "." };
    if (m_masquerade != nullptr) {
        if (auto const passed = m_masquerade->pass_foreign_filter(); !passed)
            return { "Containers may not reach what lies beyond this machine: " + passed.error().message() + "." };
    }
    return {};
}

Result<void> Networks::load()
{
    for (auto const& file : m_seams.storage.list("networks")) {
        auto const document = TRY(m_seams.storage.read("networks/" + file));
        auto network = TRY_WITH("loading network " + file, parse_network(document));
        if (network.subnet)
            m_pools.emplace(network.id, networking::AddressPool(*network.subnet, network.gateway));
        m_networks[network.id] = std::move(network);
    }
    TRY(add_predefined());
    if (m_wiring == Wiring::Kernel) {
        if (auto made = networking::Masquerade::begin())
            m_masquerade = std::move(*made);
        else
            m_no_masquerade = made.error().message();
    }
    for (auto const& [id, network] : m_networks) {
        auto const made
            = network.driver == "bridge" && m_wiring == Wiring::Kernel ? make_bridge(network) : Result<void>();
        if (made) {
            announce(network);
            continue;
        }
        m_publisher.publish(trace::WarningRaised { .what = "network " + network.name + ": " + made.error().message(),
            .remedy = "containers can be run with --network none or host" });
        if (network.name == "bridge")
            m_wiring = Wiring::None;
    }
    return {};
}

void Networks::announce(NetworkRecord const& network) const
{
    m_publisher.publish(trace::NetworkCreated { .network = network.id,
        .name = network.name,
        .driver = network.driver,
        .subnet = network.subnet ? network.subnet->to_string() : "",
        .gateway = network.subnet ? networking::to_text(network.gateway) : "" });
}

// Their ids stay the same as long as the data root does.
Result<void> Networks::add_predefined()
{
    auto const seed = m_seams.storage.directory() ? m_seams.storage.directory()->string() : "memory";
    auto const make = [&](std::string const& name, std::string const& driver) {
        NetworkRecord network { .id = oci::Digest::of("drydock network " + name + " " + seed).hex(),
            .name = name,
            .driver = driver,
            .subnet = std::nullopt,
            .labels = {},
            .created = m_seams.scheduler.now() };
        return network;
    };
    for (auto const& network : { make("none", "null"), make("host", "host") })
        m_networks[network.id] = network;
    if (m_wiring == Wiring::None)
        return {};
    auto bridge = make("bridge", "bridge");
    if (m_wiring == Wiring::Kernel) { // what a killed daemon left would count as taken
        remove_orphans();
        if (auto netlink = Netlink::open())
            static_cast<void>(netlink->delete_link(bridge.interface()));
    }
    auto const subnet = networking::free_subnet(taken_subnets());
    if (!subnet) {
        m_publisher.publish(trace::WarningRaised { .what = "network bridge: " + subnet.error().message(),
            .remedy = "remove networks of other programs, or run containers with --network none or host" });
        m_wiring = Wiring::None;
        return {};
    }
    bridge.subnet = *subnet;
    bridge.gateway = bridge.subnet->base + 1;
    m_pools.emplace(bridge.id, networking::AddressPool(*bridge.subnet, bridge.gateway));
    m_networks[bridge.id] = bridge;
    return {};
}

std::vector<Subnet> Networks::taken_subnets() const
{
    auto taken = m_wiring == Wiring::Kernel ? networking::subnets_in_use() : std::vector<Subnet> {};
    for (auto const& [id, network] : m_networks) {
        if (network.subnet)
            taken.push_back(*network.subnet);
    }
    return taken;
}

Result<void> Networks::make_bridge(NetworkRecord const& network)
{
    auto netlink = TRY(Netlink::open());
    static_cast<void>(netlink.delete_link(network.interface())); // what a killed daemon left
    TRY(netlink.add_bridge(network.interface()));
    TRY(netlink.add_address(network.interface(), network.gateway, network.subnet->bits));
    TRY(netlink.set_up(network.interface(), owner_note()));
    if (m_masquerade)
        TRY(m_masquerade->add(*network.subnet, network.interface(), network.reach()));
    return {};
}

Result<NetworkRecord> Networks::create(Wanted const& wanted)
{
    for (auto const* reserved : { "bridge", "host", "none" }) {
        if (wanted.name == reserved)
            return fail(ErrorKind::Forbidden, "operation is not permitted on predefined " + wanted.name + " network");
    }
    if (wanted.driver == "host" || wanted.driver == "null")
        return fail(ErrorKind::Forbidden, "only one instance of \"" + wanted.driver + "\" network is allowed");
    if (!check_name(wanted.name))
        return fail(ErrorKind::InvalidInput,
            "invalid network name \"" + wanted.name + "\": only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
    if (!wanted.driver.empty() && wanted.driver != "bridge")
        return fail(
            ErrorKind::NotFound, "could not find plugin " + wanted.driver + " in v1 plugin registry: plugin not found");
    if (m_wiring == Wiring::None)
        return fail(ErrorKind::NotSupported,
            "networks between containers need bridges and cables on the host: run the daemon as root");
    NetworkRecord network { .id = m_seams.random.hex(network_digits),
        .name = wanted.name,
        .driver = "bridge",
        .subnet = std::nullopt,
        .internal = wanted.internal,
        .labels = wanted.labels,
        .created = m_seams.scheduler.now() };
    std::optional<Subnet> asked;
    if (!wanted.subnet.empty())
        asked = TRY(Subnet::parse(wanted.subnet));
    {
        std::lock_guard const lock(m_mutex);
        for (auto const& [id, other] : m_networks) {
            if (other.name == wanted.name)
                return fail(ErrorKind::Conflict, "network with name " + wanted.name + " already exists");
        }
        auto const taken = taken_subnets();
        network.subnet = asked ? *asked : TRY(networking::free_subnet(taken));
        if (std::any_of(taken.begin(), taken.end(), [&](auto const& other) { return other.overlaps(*network.subnet); }))
            return fail(
                ErrorKind::Forbidden, "invalid pool request: Pool overlaps with other one on this address space");
        network.gateway = networking::parse_address(wanted.gateway).value_or(network.subnet->base + 1);
        if (!network.subnet->contains(network.gateway))
            return fail(ErrorKind::InvalidInput, "no matching subnet for gateway " + wanted.gateway);
        m_networks[network.id] = network;
        m_pools.emplace(network.id, networking::AddressPool(*network.subnet, network.gateway));
    }
    auto made = m_seams.storage.write_atomically("networks/" + network.id + ".json", network_document(network));
    if (made && m_wiring == Wiring::Kernel)
        made = make_bridge(network);
    if (!made) {
        static_cast<void>(m_seams.storage.remove("networks/" + network.id + ".json"));
        std::lock_guard const lock(m_mutex);
        m_networks.erase(network.id);
        m_pools.erase(network.id);
        return fail(made.error());
    }
    announce(network);
    m_events.publish("network", "create", network.id, { { "name", network.name }, { "type", network.driver } });
    return network;
}

Result<NetworkRecord> Networks::find(std::string const& name) const
{
    std::lock_guard const lock(m_mutex);
    for (auto const& [id, network] : m_networks) {
        if (network.name == name || id == name)
            return network;
    }
    auto const first = m_networks.lower_bound(name);
    if (!name.empty() && first != m_networks.end() && first->first.starts_with(name)) {
        auto const next = std::next(first);
        if (next != m_networks.end() && next->first.starts_with(name))
            return fail(
                ErrorKind::InvalidInput, "network " + name + " is ambiguous (2 matches found based on ID prefix)");
        return first->second;
    }
    return fail(ErrorKind::NotFound, "network " + name + " not found");
}

std::vector<NetworkRecord> Networks::list() const
{
    std::lock_guard const lock(m_mutex);
    std::vector<NetworkRecord> all;
    for (auto const& [id, network] : m_networks)
        all.push_back(network);
    std::sort(all.begin(), all.end(), [](auto const& a, auto const& b) { return a.name < b.name; });
    return all;
}

Result<void> Networks::remove(std::string const& name)
{
    auto const network = TRY(find(name));
    if (network.predefined())
        return fail(ErrorKind::Forbidden, network.name + " is a pre-defined network and cannot be removed");
    if (auto const on = members(network.id); !on.empty()) {
        auto const& [container, endpoint] = on.front();
        return fail(ErrorKind::Forbidden,
            "error while removing network: network " + network.name + " has active endpoints (name:\""
                + endpoint.container_name + "\" id:\"" + endpoint.id.substr(0, 12) + "\")");
    }
    TRY(m_seams.storage.remove("networks/" + network.id + ".json"));
    {
        std::lock_guard const lock(m_mutex);
        m_networks.erase(network.id);
        m_pools.erase(network.id);
    }
    if (m_wiring == Wiring::Kernel)
        static_cast<void>(TRY(Netlink::open()).delete_link(network.interface())); // gone is what it should be
    if (m_masquerade)
        static_cast<void>(m_masquerade->remove(*network.subnet, network.interface(), network.reach()));
    m_publisher.publish(trace::NetworkRemoved { .network = network.id });
    m_events.publish("network", "destroy", network.id, { { "name", network.name }, { "type", network.driver } });
    return {};
}

Result<NetworkEndpoint> Networks::join(ContainerId const& container, std::string const& container_name,
    std::string const& name, EndpointRequest const& request)
{
    auto const network = TRY(find(name));
    std::optional<Address> wanted;
    if (!request.address.empty()) {
        wanted = networking::parse_address(request.address);
        if (!wanted)
            return fail(ErrorKind::InvalidInput, "invalid IPv4 address: " + request.address);
        if (network.predefined())
            return fail(ErrorKind::InvalidInput,
                "invalid config for network " + network.name
                    + ": user specified IP address is supported on user defined networks only");
    }
    auto const hardware
        = request.hardware_address.empty() ? std::nullopt : parse_hardware_address(request.hardware_address);
    if (!request.hardware_address.empty() && !hardware)
        return fail(ErrorKind::InvalidInput, "invalid MAC address: " + request.hardware_address);
    NetworkEndpoint endpoint { .network = network.id,
        .network_name = network.name,
        .id = m_seams.random.hex(network_digits),
        .container_name = container_name,
        .names = request.aliases,
        .subnet = *network.subnet,
        .gateway = network.gateway };
    endpoint.names.insert(endpoint.names.begin(), { container_name, std::string(container.short_form()) });
    std::lock_guard const lock(m_mutex);
    auto& mine = m_endpoints[container];
    endpoint.interface = "eth" + std::to_string(mine.size());
    endpoint.address = TRY(m_pools.at(network.id).take(wanted));
    endpoint.hardware_address = to_text(hardware.value_or(hardware_address_of(endpoint.address)));
    mine.push_back(endpoint);
    return endpoint;
}

Result<void> Networks::connect(NetworkEndpoint const& endpoint, runtime::NetworkNamespace& into)
{
    auto const network = TRY(find(endpoint.network));
    auto const first = endpoint.interface == "eth0";
    if (auto* const modelled = into.modelled()) {
        modelled->plug({ .name = endpoint.interface,
            .address = endpoint.address,
            .bits = endpoint.subnet.bits,
            .gateway = network.internal ? 0 : endpoint.gateway,
            .network = network.id,
            .hardware_address = endpoint.hardware_address });
        return {};
    }
    auto host = TRY(Netlink::open());
    TRY(host.add_veth(endpoint.host_interface(), network.interface(), endpoint.interface, into.process()));
    TRY(host.set_up(endpoint.host_interface(), owner_note()));
    auto const socket = TRY(into.make_socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
    Netlink inside { os::Fd(socket) };
    TRY(inside.set_up("lo")); // the container does so too, but perhaps later than somebody listens there
    TRY(inside.add_address(endpoint.interface, endpoint.address, endpoint.subnet.bits));
    TRY(inside.set_hardware_address(endpoint.interface,
        parse_hardware_address(endpoint.hardware_address).value_or(hardware_address_of(endpoint.address))));
    TRY(inside.set_up(endpoint.interface));
    if (first && !network.internal)
        TRY(inside.add_default_route(endpoint.gateway));
    return {};
}

void Networks::tell_connected(ContainerId const& container, NetworkEndpoint const& endpoint)
{
    m_publisher.publish(trace::NetworkConnected { .container = container,
        .network = endpoint.network,
        .address = networking::to_text(endpoint.address),
        .interface = endpoint.interface });
    tell(container, endpoint, "connect");
}

void Networks::tell(ContainerId const& container, NetworkEndpoint const& endpoint, std::string const& action)
{
    m_events.publish("network", action, endpoint.network,
        { { "container", container.value }, { "name", endpoint.network_name }, { "type", "bridge" } });
}

void Networks::drop_cable(NetworkEndpoint const& endpoint)
{
    if (m_wiring != Wiring::Kernel)
        return;
    // The kernel takes both ends away with the namespace, but not at once.
    if (auto netlink = Netlink::open())
        static_cast<void>(netlink->delete_link(endpoint.host_interface()));
}

Result<void> Networks::leave(ContainerId const& container, std::string const& name)
{
    auto const network = TRY(find(name));
    std::optional<NetworkEndpoint> gone;
    {
        std::lock_guard const lock(m_mutex);
        auto& mine = m_endpoints[container];
        auto const found = std::find_if(
            mine.begin(), mine.end(), [&](auto const& endpoint) { return endpoint.network == network.id; });
        if (found == mine.end())
            return fail(
                ErrorKind::NotFound, "container " + container.value + " is not connected to network " + network.name);
        gone = *found;
        mine.erase(found);
        m_pools.at(network.id).give_back(gone->address);
    }
    drop_cable(*gone);
    m_publisher.publish(trace::NetworkDisconnected { .container = container, .network = network.id });
    tell(container, *gone, "disconnect");
    return {};
}

void Networks::leave_all(ContainerId const& container)
{
    for (auto const& endpoint : endpoints(container))
        static_cast<void>(leave(container, endpoint.network)); // it is on it
    std::lock_guard const lock(m_mutex);
    m_endpoints.erase(container);
}

std::vector<NetworkEndpoint> Networks::endpoints(ContainerId const& container) const
{
    std::lock_guard const lock(m_mutex);
    auto const found = m_endpoints.find(container);
    return found == m_endpoints.end() ? std::vector<NetworkEndpoint> {} : found->second;
}

std::vector<std::pair<ContainerId, NetworkEndpoint>> Networks::members(std::string const& network_id) const
{
    std::lock_guard const lock(m_mutex);
    std::vector<std::pair<ContainerId, NetworkEndpoint>> on;
    for (auto const& [container, endpoints] : m_endpoints) {
        for (auto const& endpoint : endpoints) {
            if (endpoint.network == network_id)
                on.emplace_back(container, endpoint);
        }
    }
    return on;
}

std::optional<Address> Networks::resolve(ContainerId const& who, std::string const& name) const
{
    for (auto const& mine : endpoints(who)) {
        if (mine.network_name == "bridge")
            continue; // docker gives no names on the default network
        for (auto const& [container, endpoint] : members(mine.network)) {
            if (std::find(endpoint.names.begin(), endpoint.names.end(), name) != endpoint.names.end())
                return endpoint.address;
        }
    }
    return std::nullopt;
}

}
