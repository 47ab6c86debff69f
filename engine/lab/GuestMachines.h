#pragma once

// The guest machines of one host of the lab, and the hypervisor that gives them the host's hardware:
//
//     drydock vm hypervisor start [--type 1|2] | stop
//     drydock vm start NAME [--microvm] [--memory MIB] | stop NAME | ls
//
// They are modelled (sim/machine): the boot is told phase by phase, in the lab's own time in the simulated world and at
// once in the live one, where nobody would wait for a number. Every event says that it is modelled.

#include "engine/client/DockerClient.h"
#include "sim/machine/Model.h"

#include <map>

namespace drydock::lab {

enum class BootTold : std::uint8_t { InTime, AtOnce };

class GuestMachines {
public:
    // `model`: the file with the numbers. `pen`: the host's, modelled.
    GuestMachines(std::filesystem::path model, Scheduler&, trace::Publisher pen, BootTold);
    ~GuestMachines(); // no guest outlives the lab

    // What follows "drydock vm". Its exit status: 1 where it cannot be done, 2 for wrong usage.
    int run(std::vector<std::string> const& words, client::Terminal const&);
    // Goes on with what runs after these events: the lab has been taken back to that moment.
    void take_up(trace::EventLog const&);

private:
    struct Guest {
        GuestMachineId id;
        machine::Technology const* technology { nullptr };
        std::uint64_t memory { 0 }; // bytes
    };
    struct Wanted {
        std::string name;
        bool micro { false };
        std::optional<std::uint64_t> memory; // MiB
    };

    Result<void> start_hypervisor(std::vector<std::string> const& flags);
    Result<void> stop_hypervisor();
    static Result<Wanted> parse_wanted(std::vector<std::string> const& words);
    Result<void> start_guest(Wanted const&, client::Terminal const&);
    Result<void> stop_guest(std::string const& name);
    void list(client::Terminal const&) const;
    double boot_up(Guest const&); // seconds until it is ready
    void end(Guest const&, std::string const& reason);
    Result<machine::Model const*> model();

    std::filesystem::path m_path;
    Scheduler& m_scheduler;
    trace::Publisher m_pen;
    BootTold m_boot_told;
    std::optional<machine::Model> m_model; // read when somebody first asks
    int m_hypervisor { 0 };                // its type; 0: none runs
    std::map<std::string, Guest> m_guests;
    std::int64_t m_next { 1 };
};

}
