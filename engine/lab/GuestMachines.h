#pragma once

// The guest machines of one host of the lab, and the hypervisor that gives them the host's hardware:
//
//     drydock vm hypervisor start [--type 1|2] | stop
//     drydock vm start NAME [--microvm] [--memory MIB] [IMAGE [COMMAND…]] | stop NAME | ls
//
// In the live world a hypervisor of type 2 is the best rung of the ladder (engine/compare/Ladder.h), where there is
// one: its guests boot a kernel of their own and run what a container of the image would run. Everywhere else they are
// modelled (sim/machine), and it is said why: the boot is told phase by phase, in the lab's own time in the simulated
// world and at once in the live one, where nobody would wait for a number. Every event says which of the two it is.

#include "engine/client/DockerClient.h"
#include "engine/compare/RunningGuest.h"
#include "engine/vmm/LayoutImage.h"
#include "sim/machine/Model.h"

#include <map>

namespace drydock::lab {

enum class BootTold : std::uint8_t { InTime, AtOnce };

struct GuestSetting {
    std::filesystem::path model;       // the file with the numbers
    std::filesystem::path programs {}; // where drydock and drydock-guest-init lie; empty: no guest is real
    std::function<Result<vmm::LayoutImage>(std::string const& name)> image {}; // as a container would see it
    BootTold boot_told { BootTold::InTime };
};

class GuestMachines {
public:
    // The pens are the host's: one for what is modelled, one for what happens.
    GuestMachines(GuestSetting, Scheduler&, trace::Publisher modelled, trace::Publisher real);
    ~GuestMachines(); // no guest outlives the lab

    // What follows "drydock vm". Its exit status: 1 where it cannot be done, 2 for wrong usage.
    int run(std::vector<std::string> const& words, client::Terminal const&);
    // Goes on with what runs after these events: the lab has been taken back to that moment. Real guests begin anew.
    void take_up(trace::EventLog const&);

private:
    struct Guest {
        GuestMachineId id;
        machine::Technology const* technology { nullptr }; // of a modelled one
        std::uint64_t memory { 0 };                        // bytes
        std::shared_ptr<compare::RunningGuest> real {};    // null: modelled
    };
    struct Wanted {
        std::string name;
        bool micro { false };
        std::optional<std::uint64_t> memory {}; // MiB
        std::string image {};                   // empty: it was left open
        std::vector<std::string> command {};    // empty: the image's own
    };

    Result<void> start_hypervisor(std::vector<std::string> const& flags, client::Terminal const&);
    Result<void> stop_hypervisor();
    static Result<Wanted> parse_wanted(std::vector<std::string> const& words);
    Result<void> start_guest(Wanted const&, client::Terminal const&);
    Result<Duration> start_real(Wanted const&); // how long until it was ready
    Result<void> start_modelled(Wanted const&, client::Terminal const&);
    Result<void> stop_guest(std::string const& name);
    void list(client::Terminal const&) const;
    double boot_up(Guest const&, std::string const& image, std::uint64_t tree); // seconds until it is ready
    void end(Guest const&, std::string const& reason);
    void forget_ended();
    GuestMachineId next_id();
    Result<machine::Model const*> model();

    GuestSetting m_setting;
    Scheduler& m_scheduler;
    trace::Publisher m_pen, m_real_pen;
    std::optional<machine::Model> m_model;   // read when somebody first asks
    int m_hypervisor { 0 };                  // its type; 0: none runs
    std::optional<compare::Ladder> m_ladder; // of a hypervisor whose guests are real
    std::map<std::string, Guest> m_guests;
    std::int64_t m_next { 1 };
};

}
