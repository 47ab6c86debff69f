#pragma once

// IPv4 address management ("IPAM"): which subnets a new network may take, and which addresses of it are free.

#include "sim/core/Result.h"
#include "sim/network/Address.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::networking {

using network::Address;
using network::parse_address;
using network::to_text;

struct Subnet {
    Address base { 0 };
    int bits { 0 }; // of the prefix: 24 in "10.0.0.0/24"

    // InvalidInput unless it is ADDRESS/BITS with 8 to 30 bits and no host part.
    static Result<Subnet> parse(std::string_view text);
    std::string to_string() const;
    Address mask() const { return ~Address { 0 } << static_cast<unsigned>(32 - bits); }
    bool contains(Address address) const { return (address & mask()) == base; }
    bool overlaps(Subnet const& other) const { return contains(other.base) || other.contains(base); }
    Address last() const { return base | ~mask(); } // broadcast
    bool operator==(Subnet const&) const = default;
};

// docker's pools: 172.17.0.0/16 to 172.31.0.0/16, then 192.168.0.0/20 and on. Conflict when all are taken.
Result<Subnet> free_subnet(std::vector<Subnet> const& taken);

// The addresses of one network. The gateway is taken from the start.
class AddressPool {
public:
    AddressPool(Subnet subnet, Address gateway);
    // The lowest free one, or the wanted one. Conflict "Address already in use", InvalidInput outside the subnet.
    Result<Address> take(std::optional<Address> wanted = std::nullopt);
    void give_back(Address address) { m_taken.erase(address); }

private:
    Subnet m_subnet;
    std::set<Address> m_taken;
};

}
