#pragma once

// Containers on the simulated kernel (sim/kernel): the same steps as a live launch, made in that kernel's own tables
// and published alike. Programs are its built-in applets; they live on the container's UnionMount.

#include "engine/runtime/Runtime.h"
#include "sim/kernel/Kernel.h"

namespace drydock::runtime {

class SimulatedRuntime final : public Runtime {
public:
    // Both outlive it and its containers.
    SimulatedRuntime(kernel::Kernel&, Scheduler&);

    std::string name() const override { return "simulated"; }
    Result<std::unique_ptr<ContainerProcess>> launch(LaunchSpec, OutputSink, trace::Publisher) override;
    Result<std::unique_ptr<ContainerProcess>> execute(
        ContainerProcess& in, LaunchSpec, OutputSink, trace::Publisher) override;

private:
    kernel::Kernel& m_kernel;
    Scheduler& m_scheduler;
};

}
