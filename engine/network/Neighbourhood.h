#pragma once

// Several machines on one: each is a network namespace (network_namespaces(7)), and one more namespace between them is
// the router that they are cabled to. What the router's firewall prohibits is answered, so that nobody waits.
//
//   laptop 10.83.1.2 ──┐
//   test   10.83.2.2 ──┤ router ├── 10.83.3.2  reg.corp
//
// Everything goes with the object: a namespace lives as long as somebody holds its descriptor or is in it.

#include "engine/network/Netlink.h"

#include <map>

namespace drydock::networking {

class Neighbourhood {
public:
    // Forbidden without the right to make network namespaces (root).
    static Result<std::unique_ptr<Neighbourhood>> make(std::vector<std::string> const& machines);

    Address address_of(std::string const& machine) const { return m_machines.at(machine).address; }
    // Moves the calling thread into the machine's namespace: sockets, interfaces and children that it makes from then
    // on are there.
    void enter(std::string const& machine) const;
    // The router's firewall: no packet passes from the one to the other. Connections between them fail with
    // EHOSTUNREACH.
    Result<void> prohibit(std::string const& from, std::string const& to);
    // Both ways: packets vanish without an answer, until it is mended.
    Result<void> cut(std::string const& a, std::string const& b);
    Result<void> mend(std::string const& a, std::string const& b);

private:
    struct Machine {
        os::Fd space;
        Address address { 0 };
    };
    Neighbourhood(os::Fd space, Netlink router)
        : m_space(std::move(space))
        , m_router(std::move(router))
    {
    }
    Result<void> add(std::string const& name);

    os::Fd m_space; // of the router
    Netlink m_router;
    std::map<std::string, Machine> m_machines;
};

}
