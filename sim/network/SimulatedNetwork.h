#pragma once

// The network of the simulated world: hosts, links between them, firewalls and faults. A write of n bytes occupies its
// direction of the link for n / bandwidth, after what is on its way already, and arrives one latency later; so
// transfers that share a link share its bandwidth, and the same bytes always take the same time.
//
// Unix sockets belong to one host. "localhost" is the host that asks.

#include "sim/network/Network.h"
#include "sim/time/Scheduler.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace drydock::network {

struct LinkShape {
    Duration latency { std::chrono::milliseconds(20) };
    std::uint64_t bits_per_second { 20'000'000 };
};

// What a firewall does with a new connection; those that stand already are let be.
enum class FirewallAction : std::uint8_t {
    Accept,
    Reject, // answers at once, as a router that prohibits it: EHOSTUNREACH, "No route to host"
    Drop,   // answers nothing: the client gives up after connect_patience
};

// An empty host or a port of 0 matches any.
struct FirewallRule {
    HostId from;
    HostId to;
    std::uint16_t port { 0 };
    FirewallAction action { FirewallAction::Accept };
};

class SimulatedNetwork final : public Network {
public:
    // Linux gives up a connect(2) after six retries, see tcp(7), tcp_syn_retries.
    static constexpr Duration connect_patience = std::chrono::seconds(127);
    // How long the two ends of a cut link go on hoping; as with TCP keepalives at docker's interval of 30 s.
    static constexpr Duration cut_patience = std::chrono::seconds(30);

    explicit SimulatedNetwork(Scheduler&);
    ~SimulatedNetwork() override; // streams may outlive it

    // Its id is a name of it as well.
    void add_host(HostId const&, std::vector<std::string> const& names = {});
    // Both ways. Hosts without a link of their own are joined by one of LinkShape's defaults.
    void set_link(HostId const& a, HostId const& b, LinkShape);
    // The first rule that matches decides; where none does, the connection is accepted.
    void set_firewall(std::vector<FirewallRule>);

    bool knows(HostId const& from, std::string const& name) const;
    // There and back, of an empty packet; nothing while the link is cut or where there is no such host.
    std::optional<Duration> round_trip(HostId const& from, std::string const& name) const;

    // Nothing passes until the link is mended. What was on its way arrives afterwards; connections that waited longer
    // than cut_patience are lost (ETIMEDOUT).
    void cut(HostId const& a, HostId const& b);
    void mend(HostId const& a, HostId const& b);
    // Lets `bytes` more pass, then resets the connection that carries the next one (ECONNRESET at both ends). Once.
    void reset_after(HostId const& a, HostId const& b, std::uint64_t bytes);

    Result<std::unique_ptr<ByteStream>> connect(HostId const& from, Endpoint const& to) override;
    Result<std::unique_ptr<Listener>> listen(HostId const& on, Endpoint const& at) override;

private:
    struct State;
    struct Link;
    struct Connection;
    struct Port;
    class Stream;
    class PortListener;

    std::unique_ptr<ByteStream> open_connection(
        HostId const& from, HostId const& host, Port& port, std::shared_ptr<Link> link);

    std::shared_ptr<State> m_state;
};

}
