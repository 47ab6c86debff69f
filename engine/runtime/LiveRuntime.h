#pragma once

// Containers on the real kernel. Every launch starts one drydock-init, tells it what to make, and publishes each of its
// steps. Works as root and, with user namespaces, as an ordinary user.

#include "engine/runtime/Cgroup.h"
#include "engine/runtime/InitProcess.h"
#include "engine/runtime/LiveProcess.h"
#include "engine/runtime/Reserve.h"
#include "engine/runtime/Runtime.h"
#include "engine/runtime/Seccomp.h"
#include "sim/time/Scheduler.h"

#include <map>
#include <mutex>

namespace drydock::runtime {

struct LiveOptions {
    std::filesystem::path init_program;      // drydock-init
    std::filesystem::path state_directory;   // ours; an empty directory in it serves as mount point for all containers
    std::optional<bool> user_namespace;      // empty: unless we are root
    std::size_t reserve { 4 };               // idle monitors kept ready
    bool cgroups { true };                   // where there are any
    std::vector<init::ResourceLimit> limits; // of every process; the daemon's own where empty
};

class LiveRuntime final : public Runtime {
public:
    static Result<std::unique_ptr<LiveRuntime>> create(LiveOptions, Scheduler&);
    ~LiveRuntime() override;

    std::string name() const override { return "live"; }
    int cgroup_version() const override; // of those that limit memory here
    Result<std::unique_ptr<ContainerProcess>> launch(LaunchSpec, OutputSink, trace::Publisher) override;
    Result<std::unique_ptr<ContainerProcess>> execute(
        ContainerProcess& in, LaunchSpec, OutputSink, trace::Publisher) override;

private:
    LiveRuntime(LiveOptions, InitProgram, Scheduler&);

    Result<init::Spec> describe(LaunchSpec const&);
    Result<SeccompFilter> filter_for(init::CapabilitySet);
    Result<std::vector<std::string>> refused_calls(LaunchSpec const&, init::Spec const& order);
    Result<void> limit(Cgroup&, LaunchSpec const&, trace::Publisher const&);
    void confine_to_devices(init::Spec&, LaunchSpec const&, Cgroup const*, trace::Publisher const&);
    void warn_of_missing_limits(LaunchSpec const&, trace::Publisher const&);
    Result<LiveProcessParts> make_container(LaunchSpec const&, trace::Publisher const&);
    Result<LiveProcessParts> join_container(LaunchSpec const&, LiveProcess const& host, trace::Publisher const&);
    Result<std::unique_ptr<ContainerProcess>> adopt(
        Result<LiveProcessParts>, LaunchSpec const&, OutputSink, trace::Publisher const&, trace::Span&);
    void warn_once(trace::Publisher const&, std::string what, std::string remedy);

    LiveOptions m_options;
    InitProgram m_program;
    Scheduler& m_scheduler;
    Cgroups m_cgroups;
    Reserve m_reserve;
    std::mutex m_mutex;
    std::map<init::CapabilitySet, SeccompFilter> m_filters;
    std::vector<std::string> m_warned;
    std::atomic<bool> m_withholds_devices { false }; // nothing keeps a container from what it makes a node for
};

}
