#include "sim/words/Language.h"
#include "visual/stage/Names.h"
#include "visual/view/DescribeParts.h"

#include <fmt/format.h>

#include <algorithm>

namespace drydock::view {

namespace {

using words::say;
using words::tr;

Description describe_hypervisor(trace::HypervisorStarted const& hypervisor, world::World const& world)
{
    Description d { .kind = std::string(tr("Hypervisor")), .name = hypervisor.name };
    d.words
        = { std::string(tr("It lends guest machines a CPU and memory, and takes the CPU back when a guest needs what "
                           "only the host can do.")),
              std::string(hypervisor.type == 1
                      ? tr("Type 1: it runs on the bare hardware, where otherwise a kernel does.")
                      : tr("Type 2: it runs on the host's kernel or is a part of it, beside ordinary programs.")) };
    auto const& machines = world.guest_machines;
    auto const guests = std::count_if(machines.begin(), machines.end(),
        [&](auto const& it) { return it.second.host == hypervisor.host && !it.second.stopped; });
    add_field(d, "host", hypervisor.host.value);
    add_field(d, "type", std::to_string(hypervisor.type));
    add_field(d, "guests", std::to_string(guests));
    return d;
}

void add_exits(Description& d, world::GuestMachine const& machine)
{
    for (auto const& [reason, count] : machine.exits) {
        auto const name = reason.port < 0
            ? reason.reason
            : fmt::format("{} {:#x}, {}", reason.reason, reason.port, reason.out ? "out" : "in");
        d.fields.push_back({ name, std::to_string(count) });
    }
}

Description describe_guest_machine(world::GuestMachine const& machine)
{
    Description d { .kind = std::string(tr("Guest machine")), .name = machine.name };
    d.words
        = { std::string(tr("To the programs in it, it is a computer. To the host it is a process with much memory.")),
              std::string(tr("A system call stays in the guest: its own kernel answers.")) };
    add_field(d, "monitor", machine.monitor);
    add_field(d, "memory", human_size(machine.memory));
    add_field(d, "virtual CPUs", std::to_string(machine.cpus));
    for (auto const& reached : machine.phases)
        d.fields.push_back({ std::string(tr(reached.phase)), human_duration(Duration(reached.elapsed)) });
    add_exits(d, machine);
    if (machine.stopped)
        add_field(d, "stopped", *machine.stopped);
    if (!machine.console.empty())
        add_field(d, "console", machine.console);
    return d;
}

Description describe_guest_kernel(world::GuestMachine const& machine)
{
    Description d { .kind = std::string(tr("Kernel")), .name = say("the kernel of {}", machine.name) };
    d.words = { std::string(tr("A kernel of its own: it serves this machine alone, and a fault in it ends this machine "
                               "alone.")) };
    if (auto const& kernel = machine.kernel) {
        add_field(d, "file", kernel->kernel);
        add_field(d, "format", kernel->format);
        add_field(d, "size", human_size(kernel->size));
        add_field(d, "root filesystem", human_size(kernel->initramfs));
        add_field(d, "command line", kernel->command_line);
    }
    return d;
}

}

Description describe_guest(std::string_view id, Moment const& moment)
{
    for (auto const& [host, hypervisor] : moment.world.hypervisors) {
        if (id == stage::hypervisor_id(host))
            return describe_hypervisor(hypervisor, moment.world);
    }
    for (auto const& [machine_id, machine] : moment.world.guest_machines) {
        // Whoever only watches a monitor, or reads a model, does not hear of a hypervisor.
        if (id == stage::hypervisor_id(machine.host))
            return { .kind = std::string(tr("Hypervisor")),
                .name = std::string(tr("Hypervisor")),
                .words = { std::string(tr("Nothing has told which one it is.")) } };
        if (id == stage::guest_kernel_id(machine_id))
            return describe_guest_kernel(machine);
        if (id == stage::guest_id(machine_id) || id == stage::guest_console_id(machine_id))
            return describe_guest_machine(machine);
    }
    return {};
}

}
