#include "engine/network/Netlink.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <linux/fib_rules.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstring>

namespace drydock::networking {

// One request, put together: a header, a fixed part, and attributes that may hold attributes.
class Netlink::Message {
public:
    template <class Fixed> Message(std::uint16_t type, unsigned flags, Fixed const& fixed)
    {
        nlmsghdr header {};
        header.nlmsg_type = type;
        header.nlmsg_flags = static_cast<__u16>(NLM_F_REQUEST | NLM_F_ACK | flags);
        append(&header, sizeof header);
        append(&fixed, sizeof fixed);
    }

    Message& text(unsigned short type, std::string const& value)
    {
        return bytes(type, value.c_str(), value.size() + 1);
    }
    template <class T> Message& value(unsigned short type, T const& value) { return bytes(type, &value, sizeof value); }
    // Begins an attribute whose content follows; `end` closes it.
    std::size_t begin(unsigned short type)
    {
        auto const at = m_bytes.size();
        rtattr const header { 0, type };
        append(&header, sizeof header);
        return at;
    }
    template <class Fixed> void fixed(Fixed const& value) { append(&value, sizeof value); }
    void end(std::size_t at)
    {
        auto const length = static_cast<unsigned short>(m_bytes.size() - at);
        std::memcpy(m_bytes.data() + at, &length, sizeof length);
    }
    // Of a question that is answered by a list, which needs no acknowledgement.
    std::string finish_dump()
    {
        finish();
        constexpr auto flags = static_cast<__u16>(NLM_F_REQUEST | NLM_F_DUMP);
        std::memcpy(m_bytes.data() + offsetof(nlmsghdr, nlmsg_flags), &flags, sizeof flags);
        return m_bytes;
    }
    std::string_view finish()
    {
        auto const length = static_cast<__u32>(m_bytes.size());
        std::memcpy(m_bytes.data(), &length, sizeof length);
        return m_bytes;
    }

private:
    Message& bytes(unsigned short type, void const* data, std::size_t size)
    {
        auto const at = begin(type);
        m_bytes.append(static_cast<char const*>(data), size);
        end(at);
        m_bytes.resize(RTA_ALIGN(m_bytes.size()), '\0');
        return *this;
    }
    void append(void const* data, std::size_t size)
    {
        m_bytes.append(static_cast<char const*>(data), size);
        m_bytes.resize(NLMSG_ALIGN(m_bytes.size()), '\0');
    }
    std::string m_bytes;
};

namespace {

ifreq request_for(std::string const& name)
{
    ifreq request {};
    name.copy(request.ifr_name, IFNAMSIZ - 1);
    return request;
}

}

Result<Netlink> Netlink::open()
{
    os::Fd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    if (!socket)
        return fail(Error::from_errno("socket(2)", errno).with_context("opening a netlink socket"));
    return Netlink(std::move(socket));
}

Result<void> Netlink::ask(std::string_view message, std::string const& doing)
{
    if (::send(m_socket.get(), message.data(), message.size(), 0) < 0)
        return fail(Error::from_errno("send(2)", errno).with_context(doing));
    alignas(nlmsghdr) std::array<char, 8192> buffer {};
    auto const size = ::recv(m_socket.get(), buffer.data(), buffer.size(), 0);
    nlmsghdr header {};
    if (size < static_cast<ssize_t>(sizeof header + sizeof(nlmsgerr)))
        return fail(Error::from_errno("recv(2)", size < 0 ? errno : EIO).with_context(doing));
    std::memcpy(&header, buffer.data(), sizeof header);
    nlmsgerr answer {};
    std::memcpy(&answer, buffer.data() + sizeof header, sizeof answer);
    if (header.nlmsg_type != NLMSG_ERROR || answer.error != 0)
        return fail(Error::from_errno("rtnetlink(7)", header.nlmsg_type == NLMSG_ERROR ? -answer.error : EPROTO)
                        .with_context(doing));
    return {};
}

Result<void> Netlink::add_bridge(std::string const& name)
{
    Message message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, ifinfomsg {});
    message.text(IFLA_IFNAME, name);
    auto const info = message.begin(IFLA_LINKINFO);
    message.text(IFLA_INFO_KIND, "bridge");
    message.end(info);
    return ask(message.finish(), "making the bridge " + name);
}

// `message` has the near end's attributes already; `where` says how the far end's namespace is named.
Result<void> Netlink::make_cable(
    Message& message, std::string const& name, std::string const& peer, unsigned short where, std::uint32_t space)
{
    auto const info = message.begin(IFLA_LINKINFO);
    message.text(IFLA_INFO_KIND, "veth");
    auto const data = message.begin(IFLA_INFO_DATA);
    auto const other = message.begin(VETH_INFO_PEER);
    message.fixed(ifinfomsg {});
    message.text(IFLA_IFNAME, peer).value(where, space);
    message.end(other);
    message.end(data);
    message.end(info);
    return ask(message.finish(), "making the cable " + name);
}

Result<void> Netlink::add_veth(
    std::string const& name, std::string const& bridge, std::string const& peer, std::int64_t peer_process)
{
    auto const master = TRY(index_of(bridge));
    Message message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, ifinfomsg {});
    message.text(IFLA_IFNAME, name).value(IFLA_MASTER, static_cast<std::uint32_t>(master));
    return make_cable(message, name, peer, IFLA_NET_NS_PID, static_cast<std::uint32_t>(peer_process));
}

Result<void> Netlink::add_cable(std::string const& name, std::string const& peer, int peer_namespace)
{
    Message message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, ifinfomsg {});
    message.text(IFLA_IFNAME, name);
    return make_cable(message, name, peer, IFLA_NET_NS_FD, static_cast<std::uint32_t>(peer_namespace));
}

// A rule of the router about packets from one address to another (ip-rule(8)).
Result<void> Netlink::rule(std::uint16_t type, std::uint8_t action, Address from, Address to, std::string const& what)
{
    fib_rule_hdr rule {};
    rule.family = AF_INET;
    rule.src_len = rule.dst_len = 32;
    rule.action = action;
    Message message(type, type == RTM_NEWRULE ? NLM_F_CREATE | NLM_F_EXCL : 0, rule);
    message.value(FRA_SRC, htonl(from)).value(FRA_DST, htonl(to));
    return ask(message.finish(), what + " the way from " + to_text(from) + " to " + to_text(to));
}

Result<void> Netlink::prohibit(Address from, Address to)
{
    return rule(RTM_NEWRULE, FR_ACT_PROHIBIT, from, to, "prohibiting");
}

Result<void> Netlink::swallow(Address from, Address to)
{
    return rule(RTM_NEWRULE, FR_ACT_BLACKHOLE, from, to, "cutting");
}

Result<void> Netlink::stop_swallowing(Address from, Address to)
{
    return rule(RTM_DELRULE, FR_ACT_BLACKHOLE, from, to, "mending");
}

Result<int> Netlink::index_of(std::string const& name)
{
    auto request = request_for(name);
    if (::ioctl(m_socket.get(), SIOCGIFINDEX, &request) != 0)
        return fail(Error::from_errno("ioctl(SIOCGIFINDEX)", errno).with_context("interface " + name));
    return request.ifr_ifindex;
}

Result<void> Netlink::delete_link(std::string const& name)
{
    auto const index = index_of(name);
    if (!index)
        return fail(ErrorKind::NotFound, "there is no interface " + name);
    ifinfomsg link {};
    link.ifi_index = *index;
    return ask(Message(RTM_DELLINK, 0, link).finish(), "removing the interface " + name);
}

Result<void> Netlink::set_up(std::string const& name, std::string const& alias)
{
    ifinfomsg link {};
    link.ifi_index = TRY(index_of(name));
    link.ifi_flags = IFF_UP;
    link.ifi_change = IFF_UP;
    Message message(RTM_NEWLINK, 0, link);
    if (!alias.empty())
        message.text(IFLA_IFALIAS, alias);
    return ask(message.finish(), "bringing up " + name);
}

Result<void> Netlink::add_address(std::string const& name, Address address, int bits)
{
    ifaddrmsg target {};
    target.ifa_family = AF_INET;
    target.ifa_prefixlen = static_cast<unsigned char>(bits);
    target.ifa_index = static_cast<unsigned>(TRY(index_of(name)));
    Message message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, target);
    auto const value = htonl(address);
    auto const broadcast = htonl(address | ~(~Address { 0 } << static_cast<unsigned>(32 - bits)));
    message.value(IFA_LOCAL, value).value(IFA_ADDRESS, value).value(IFA_BROADCAST, broadcast);
    return ask(message.finish(), "giving " + name + " the address " + to_text(address));
}

Result<void> Netlink::add_default_route(Address gateway)
{
    rtmsg route {};
    route.rtm_family = AF_INET;
    route.rtm_table = RT_TABLE_MAIN;
    route.rtm_protocol = RTPROT_BOOT;
    route.rtm_scope = RT_SCOPE_UNIVERSE;
    route.rtm_type = RTN_UNICAST;
    Message message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, route);
    message.value(RTA_GATEWAY, htonl(gateway));
    return ask(message.finish(), "routing by way of " + to_text(gateway));
}

Result<void> Netlink::set_hardware_address(std::string const& name, std::array<std::uint8_t, 6> const& address)
{
    auto request = request_for(name);
    request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
    std::memcpy(request.ifr_hwaddr.sa_data, address.data(), address.size());
    if (::ioctl(m_socket.get(), SIOCSIFHWADDR, &request) != 0)
        return fail(Error::from_errno("ioctl(SIOCSIFHWADDR)", errno).with_context("interface " + name));
    return {};
}

namespace {

// Name and alias out of one RTM_NEWLINK.
std::pair<std::string, std::string> read_link(char const* message, std::size_t size)
{
    std::pair<std::string, std::string> found;
    auto at = NLMSG_ALIGN(sizeof(nlmsghdr)) + NLMSG_ALIGN(sizeof(ifinfomsg));
    while (at + sizeof(rtattr) <= size) {
        rtattr attribute {};
        std::memcpy(&attribute, message + at, sizeof attribute);
        if (attribute.rta_len < sizeof attribute || at + attribute.rta_len > size)
            break;
        std::string text(message + at + sizeof attribute, attribute.rta_len - sizeof attribute);
        text.resize(std::min(text.find('\0'), text.size()));
        if (attribute.rta_type == IFLA_IFNAME)
            found.first = std::move(text);
        else if (attribute.rta_type == IFLA_IFALIAS)
            found.second = std::move(text);
        at += RTA_ALIGN(attribute.rta_len);
    }
    return found;
}

}

Result<std::map<std::string, std::string>> Netlink::aliases()
{
    auto const message = Message(RTM_GETLINK, NLM_F_DUMP, ifinfomsg {}).finish_dump();
    if (::send(m_socket.get(), message.data(), message.size(), 0) < 0)
        return fail(Error::from_errno("send(2)", errno).with_context("listing the interfaces"));
    std::map<std::string, std::string> all;
    std::vector<char> buffer(std::size_t { 64 } << 10U);
    for (;;) {
        auto const received = ::recv(m_socket.get(), buffer.data(), buffer.size(), 0);
        if (received <= 0)
            return fail(
                Error::from_errno("recv(2)", received < 0 ? errno : EIO).with_context("listing the interfaces"));
        auto const size = static_cast<std::size_t>(received);
        for (std::size_t at = 0; at + sizeof(nlmsghdr) <= size;) {
            nlmsghdr header {};
            std::memcpy(&header, buffer.data() + at, sizeof header);
            if (header.nlmsg_len < sizeof header || at + header.nlmsg_len > size)
                return fail(ErrorKind::Corrupt, "a netlink message that does not end");
            if (header.nlmsg_type == NLMSG_DONE || header.nlmsg_type == NLMSG_ERROR)
                return all;
            auto [name, alias] = read_link(buffer.data() + at, header.nlmsg_len);
            if (!alias.empty())
                all[std::move(name)] = std::move(alias);
            at += NLMSG_ALIGN(header.nlmsg_len);
        }
    }
}

std::vector<Subnet> subnets_in_use()
{
    std::vector<Subnet> found;
    ifaddrs* all = nullptr;
    if (::getifaddrs(&all) != 0)
        return found;
    for (auto const* each = all; each != nullptr; each = each->ifa_next) {
        if (each->ifa_addr == nullptr || each->ifa_netmask == nullptr || each->ifa_addr->sa_family != AF_INET)
            continue;
        sockaddr_in address {};
        sockaddr_in mask {};
        std::memcpy(&address, each->ifa_addr, sizeof address);
        std::memcpy(&mask, each->ifa_netmask, sizeof mask);
        auto const netmask = ntohl(mask.sin_addr.s_addr);
        found.push_back({ ntohl(address.sin_addr.s_addr) & netmask, std::popcount(netmask) });
    }
    ::freeifaddrs(all);
    return found;
}

}
