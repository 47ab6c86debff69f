#pragma once

// rtnetlink(7): interfaces, addresses and routes, asked for with messages to the kernel instead of the program `ip`.
// A socket speaks of the network namespace in which it was made, whoever uses it afterwards.

#include "engine/network/Subnet.h"
#include "engine/os/Fd.h"

#include <array>
#include <map>

namespace drydock::networking {

class Netlink {
public:
    // In the caller's own network namespace.
    static Result<Netlink> open();
    explicit Netlink(os::Fd socket)
        : m_socket(std::move(socket))
    {
    }

    Result<void> add_bridge(std::string const& name);
    // Two ends of a cable (veth(4)): `name` here, on the bridge; `peer` in the namespace of the process.
    Result<void> add_veth(
        std::string const& name, std::string const& bridge, std::string const& peer, std::int64_t peer_process);
    // The same without a bridge; `peer` in the namespace that the descriptor stands for.
    Result<void> add_cable(std::string const& name, std::string const& peer, int peer_namespace);
    // A routing rule (ip-rule(8)): what comes from there and goes there is answered with "prohibited" (ICMP).
    Result<void> prohibit(Address from, Address to);
    // Another one: it vanishes without an answer, until the rule is taken away.
    Result<void> swallow(Address from, Address to);
    Result<void> stop_swallowing(Address from, Address to);
    Result<void> delete_link(std::string const& name); // NotFound where there is none
    // The alias is a note to people and tests, shown by `ip link`.
    Result<void> set_up(std::string const& name, std::string const& alias = {});
    Result<void> add_address(std::string const& name, Address, int bits);
    Result<void> add_default_route(Address gateway);
    // While it is down.
    Result<void> set_hardware_address(std::string const& name, std::array<std::uint8_t, 6> const&);

    // The notes of all interfaces that have one, by name.
    Result<std::map<std::string, std::string>> aliases();

private:
    class Message;
    Result<void> make_cable(
        Message&, std::string const& name, std::string const& peer, unsigned short where, std::uint32_t space);
    Result<void> rule(std::uint16_t type, std::uint8_t action, Address from, Address to, std::string const& what);
    Result<void> ask(std::string_view message, std::string const& doing);
    Result<int> index_of(std::string const& name);

    os::Fd m_socket;
};

// What this machine's interfaces have; a new network must not overlap them.
std::vector<Subnet> subnets_in_use();

}
