#pragma once

// The conversation with one drydock-init, from its order to the moment when the program executes. What was made on the
// way goes away with it, unless the launch succeeds and hands it over as LiveProcessParts.

#include "engine/runtime/InitProcess.h"
#include "engine/runtime/LiveProcess.h"
#include "engine/runtime/Narrator.h"
#include "engine/runtime/SocketBroker.h"

namespace drydock::runtime {

class Launch {
public:
    // `init`: one that waits for its order. `host`: the container to enter, null to make one. `cgroup` may be null.
    // `refused_calls`: by the order's seccomp filter, to be told.
    Launch(LaunchSpec const&, init::Spec order, std::vector<std::string> refused_calls, InitProcess init,
        std::shared_ptr<Cgroup>, LiveProcess const* host, trace::Publisher);

    // Returns once the program executes.
    Result<LiveProcessParts> run();

private:
    Result<void> place_order();
    Result<void> open_streams();
    Result<void> open_host();
    Result<void> hear_monitor(); // until the process exists
    Result<void> open_shared();
    Result<void> open_broker();
    void prepare();              // what has to be done before it executes: v1 groups of the host, the network
    Result<void> hear_process(); // until it executes
    Result<void> receive(Arrival);
    Result<void> serve_root(os::Fd device);
    Error explain_death();

    LaunchSpec const& m_spec;
    init::Spec m_order;
    LiveProcess const* m_host;
    trace::Publisher m_publisher;
    Narrator m_narrator;
    LiveProcessParts m_parts;
    std::optional<ReportStream> m_reports;
    std::vector<os::Fd> m_passed; // in the order in which drydock-init takes them
    std::optional<Error> m_failure;
    std::optional<Error> m_attach_failure;
    std::shared_ptr<SocketBroker> m_broker; // null where nobody connects it
    bool m_executing { false };
};

}
