#pragma once

// The networks of this daemon and who is on them. A network of the driver "bridge" is a subnet, a bridge on the host,
// and a cable ("veth") to each running container; containers of one network reach each other, by name on those that a
// user made. "host" and "none" are the two ends: the host's own network, and a loopback interface alone.
//
// What exists in the kernel belongs to the daemon's life: bridges are made at its start and go with its end; cables go
// with their containers.
//
//   networks/<id>.json   the record of a network that somebody made

#include "engine/daemon/ContainerConfig.h"
#include "engine/daemon/Daemon.h"
#include "engine/daemon/EventFeed.h"
#include "engine/network/Masquerade.h"
#include "engine/network/NameServer.h"
#include "engine/network/Netlink.h"

#include <map>

namespace drydock::daemon {

struct NetworkRecord {
    std::string id; // 64 hex digits
    std::string name;
    std::string driver; // "bridge", "host", "null"
    std::optional<networking::Subnet> subnet;
    networking::Address gateway { 0 };
    bool internal { false };
    std::map<std::string, std::string> labels;
    Timestamp created;

    bool predefined() const { return name == "bridge" || name == "host" || name == "none"; }
    std::string interface() const { return "dd-" + id.substr(0, 10); } // the bridge on the host
    networking::Reach reach() const { return internal ? networking::Reach::Inside : networking::Reach::Outside; }
};

// One container on one network, while it runs.
struct NetworkEndpoint {
    std::string network; // id
    std::string network_name;
    std::string id; // 64 hex digits
    std::string container_name;
    std::vector<std::string> names; // by which its neighbours find it
    networking::Address address { 0 };
    networking::Subnet subnet;
    networking::Address gateway { 0 };
    std::string interface;        // "eth0"
    std::string hardware_address; // "02:42:ac:11:00:02"
    std::string host_interface() const { return "ddv" + id.substr(0, 10); }
};

// How networks are made: by the kernel, as numbers only (simulated world), or not at all (without root).
enum class Wiring : std::uint8_t { Kernel, Modelled, None };

class Networks {
public:
    Networks(Wiring, Seams&, EventFeed&);
    ~Networks(); // takes every bridge down

    // Loads the records, removes what a crash left, and makes the bridges.
    Result<void> load();
    // What a container is on where it does not say: "bridge" where it can be made, else "none".
    std::string default_mode() const { return m_wiring == Wiring::None ? "none" : "bridge"; }
    Wiring wiring() const { return m_wiring; }
    std::vector<std::string> warnings() const; // for `docker info`

    struct Wanted {
        std::string name;
        std::string driver;
        std::string subnet;
        std::string gateway;
        bool internal { false };
        std::map<std::string, std::string> labels;
    };
    Result<NetworkRecord> create(Wanted const&);
    Result<NetworkRecord> find(std::string const& name_or_id) const; // NotFound "network x not found"
    std::vector<NetworkRecord> list() const;                         // by name
    Result<void> remove(std::string const& name_or_id);

    // Gives a container that is to start an address on the network.
    Result<NetworkEndpoint> join(
        ContainerId const&, std::string const& container_name, std::string const& network, EndpointRequest const&);
    // Lays the cable into the container's network namespace.
    Result<void> connect(NetworkEndpoint const&, runtime::NetworkNamespace&);
    void tell_connected(ContainerId const&, NetworkEndpoint const&);
    Result<void> leave(ContainerId const&, std::string const& network);
    void leave_all(ContainerId const&);
    std::vector<NetworkEndpoint> endpoints(ContainerId const&) const;
    std::vector<std::pair<ContainerId, NetworkEndpoint>> members(std::string const& network_id) const;
    // The address that `name` has for this container, on one of the networks that both are on.
    std::optional<networking::Address> resolve(ContainerId const& who, std::string const& name) const;

private:
    Result<void> make_bridge(NetworkRecord const&);
    Result<void> add_predefined();
    void announce(NetworkRecord const&) const; // in the trace
    std::vector<networking::Subnet> taken_subnets() const;
    void drop_cable(NetworkEndpoint const&);
    void tell(ContainerId const&, NetworkEndpoint const&, std::string const& action);

    Wiring m_wiring;
    std::unique_ptr<networking::Masquerade> m_masquerade; // null where there is none
    std::string m_no_masquerade;                          // why
    Seams& m_seams;
    EventFeed& m_events;
    trace::Publisher m_publisher;
    std::mutex mutable m_mutex;                      // guards the maps
    std::map<std::string, NetworkRecord> m_networks; // by id
    std::map<std::string, networking::AddressPool> m_pools;
    std::map<ContainerId, std::vector<NetworkEndpoint>> m_endpoints;
};

}
