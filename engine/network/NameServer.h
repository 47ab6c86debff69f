#pragma once

// The resolver that containers of a user-defined network find at 127.0.0.11: it answers the names of their neighbours
// and passes everything else on to the host's resolvers, as docker's does. It lives in the daemon; only its socket was
// made in the container's network namespace.

#include "engine/network/Dns.h"
#include "engine/os/Fd.h"
#include "sim/time/Scheduler.h"

#include <functional>
#include <memory>

namespace drydock::networking {

inline constexpr Address resolver_address = 127U << 24U | 11U;

class NameServer {
public:
    using LookUp = std::function<std::optional<Address>(std::string const& name)>;

    // `socket`: a UDP socket of the container's network namespace, not yet bound. `upstream`: the host's resolvers.
    static Result<std::unique_ptr<NameServer>> start(
        Scheduler&, os::Fd socket, std::vector<Address> upstream, LookUp look_up);
    ~NameServer(); // ends its task

private:
    NameServer(os::Fd socket, os::Fd stop, std::vector<Address> upstream, LookUp look_up);
    void serve();
    std::string answer_to(std::string_view datagram) const;
    std::string pass_on(DnsQuestion const&, std::string_view datagram) const;

    os::Fd m_socket;
    os::Fd m_stop; // an eventfd
    std::vector<Address> m_upstream;
    LookUp m_look_up;
    std::unique_ptr<Task> m_task; // last: it uses all of the above
};

// The nameservers of a resolv.conf(5) that are IPv4 addresses.
std::vector<Address> nameservers_in(std::string_view resolv_conf);

}
