#include "engine/network/Neighbourhood.h"

#include "sim/core/Verify.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>

#include <cerrno>
#include <thread>

namespace drydock::networking {

namespace {

// 10.83.N.0/30 is the cable to machine N: the router has .1, the machine .2.
constexpr Address cable_base = 10U << 24U | 83U << 16U;
constexpr int cable_bits = 30;

struct Space {
    os::Fd descriptor;
    Netlink netlink;
};

// In a namespace of its own; on a thread that ends with it, because unshare(2) moves the thread that calls it.
template <class F> Result<Space> make_space(F prepare)
{
    Result<Space> made = fail(ErrorKind::Internal, "no namespace was made");
    std::thread([&] {
        if (::unshare(CLONE_NEWNET) != 0) {
            made = fail(Error::from_errno("unshare(CLONE_NEWNET)", errno));
            return;
        }
        os::Fd space(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
        if (!space) {
            made = fail(Error::from_errno("open(2)", errno).with_context("/proc/thread-self/ns/net"));
            return;
        }
        made = [&]() -> Result<Space> {
            auto netlink = TRY(Netlink::open());
            TRY(netlink.set_up("lo"));
            TRY(prepare());
            return Space { std::move(space), std::move(netlink) };
        }();
    }).join();
    return made;
}

// A file below /proc/sys/net is that of the namespace in which it is opened.
Result<void> forward_packets()
{
    os::Fd const file(::open("/proc/sys/net/ipv4/ip_forward", O_WRONLY | O_CLOEXEC));
    if (!file || ::write(file.get(), "1", 1) != 1)
        return fail(Error::from_errno("write(2)", errno).with_context("/proc/sys/net/ipv4/ip_forward"));
    return {};
}

}

Result<std::unique_ptr<Neighbourhood>> Neighbourhood::make(std::vector<std::string> const& machines)
{
    auto router = TRY_WITH("making the router", make_space(forward_packets));
    std::unique_ptr<Neighbourhood> all(new Neighbourhood(std::move(router.descriptor), std::move(router.netlink)));
    for (auto const& name : machines)
        TRY_WITH("making the machine " + name, all->add(name));
    return all;
}

Result<void> Neighbourhood::add(std::string const& name)
{
    auto const number = static_cast<Address>(m_machines.size() + 1);
    Address const router = cable_base | number << 8U | 1U;
    Address const address = router + 1;
    auto space = TRY(make_space([]() -> Result<void> { return {}; }));
    auto const cable = fmt::format("to{}", number);
    TRY(m_router.add_cable(cable, "eth0", space.descriptor.get()));
    TRY(m_router.add_address(cable, router, cable_bits));
    TRY(m_router.set_up(cable, name));
    TRY(space.netlink.add_address("eth0", address, cable_bits));
    TRY(space.netlink.set_up("eth0"));
    TRY(space.netlink.add_default_route(router));
    m_machines.emplace(name, Machine { std::move(space.descriptor), address });
    return {};
}

void Neighbourhood::enter(std::string const& machine) const
{
    // A thread that could not enter would work on the wrong machine.
    VERIFY(::setns(m_machines.at(machine).space.get(), CLONE_NEWNET) == 0);
}

Result<void> Neighbourhood::prohibit(std::string const& from, std::string const& to)
{
    return m_router.prohibit(address_of(from), address_of(to));
}

Result<void> Neighbourhood::cut(std::string const& a, std::string const& b)
{
    TRY(m_router.swallow(address_of(a), address_of(b)));
    return m_router.swallow(address_of(b), address_of(a));
}

Result<void> Neighbourhood::mend(std::string const& a, std::string const& b)
{
    TRY(m_router.stop_swallowing(address_of(a), address_of(b)));
    return m_router.stop_swallowing(address_of(b), address_of(a));
}

}
