#include "engine/network/Subnet.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace drydock::networking {

Result<Subnet> Subnet::parse(std::string_view text)
{
    auto const slash = text.find('/');
    auto const address = parse_address(text.substr(0, slash));
    int bits = 0;
    auto const rest = slash == std::string_view::npos ? std::string_view {} : text.substr(slash + 1);
    auto const [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), bits);
    if (!address || error != std::errc() || end != rest.data() + rest.size() || bits < 8 || bits > 30)
        return fail(ErrorKind::InvalidInput,
            "invalid subnet " + std::string(text) + ": must be like 10.55.0.0/24, with 8 to 30 bits");
    Subnet const subnet { *address, bits };
    if ((*address & subnet.mask()) != *address)
        return fail(ErrorKind::InvalidInput,
            "invalid network config: invalid subnet " + std::string(text) + ": it should be "
                + Subnet { *address & subnet.mask(), bits }.to_string());
    return subnet;
}

std::string Subnet::to_string() const
{
    return fmt::format("{}/{}", to_text(base), bits);
}

Result<Subnet> free_subnet(std::vector<Subnet> const& taken)
{
    std::vector<Subnet> pool;
    for (Address second = 17; second < 32; ++second)
        pool.push_back({ 172U << 24U | second << 16U, 16 });
    for (Address third = 0; third < 256; third += 16)
        pool.push_back({ 192U << 24U | 168U << 16U | third << 8U, 20 });
    for (auto const& subnet : pool) {
        if (std::none_of(taken.begin(), taken.end(), [&](Subnet const& other) { return other.overlaps(subnet); }))
            return subnet;
    }
    return fail(ErrorKind::Conflict,
        "all predefined address pools have been fully subnetted: remove a network, or say --subnet");
}

AddressPool::AddressPool(Subnet subnet, Address gateway)
    : m_subnet(subnet)
    , m_taken { gateway }
{
}

Result<Address> AddressPool::take(std::optional<Address> wanted)
{
    if (wanted) {
        if (!m_subnet.contains(*wanted) || *wanted == m_subnet.base || *wanted == m_subnet.last())
            return fail(ErrorKind::InvalidInput,
                "invalid endpoint settings: no configured subnet contains IP address " + to_text(*wanted));
        if (!m_taken.insert(*wanted).second)
            return fail(ErrorKind::Conflict, "Address already in use");
        return *wanted;
    }
    for (Address address = m_subnet.base + 1; address < m_subnet.last(); ++address) {
        if (m_taken.insert(address).second)
            return address;
    }
    return fail(ErrorKind::Conflict, "no available IPv4 addresses on this network's address pools");
}

}
