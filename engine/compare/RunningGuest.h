#pragma once

// A guest machine with Linux that runs beside us, on whichever rung of the ladder works. Its boot is told phase by
// phase as it happens and what it prints as it comes; nothing of it is left when the object goes.
//
//     create ─► firmware ─► boot loader ─► kernel ─► init ─► app ─► first output
//
// Our own monitor knows its phases. QEMU and User-Mode Linux are read while they start, by descriptors that they are
// given (Ladder.h): a letter from our init for each of its marks, by a port of QEMU's or a serial line of User-Mode
// Linux's; the debug output of QEMU's firmware; the kernel's first lines, which it says before it is told to be quiet.
// User-Mode Linux has neither firmware nor boot loader: its process finds out about its host, and is the kernel.

#include "engine/compare/Ladder.h"
#include "sim/time/Scheduler.h"
#include "sim/trace/EventLog.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace drydock::compare {

struct GuestPlan {
    GuestMachineId id;
    std::string name;
    Rung rung { Rung::Model };
    MachineFiles files;
    std::string image;                  // whose tree the initramfs holds: "greeter:1"
    std::uint64_t tree { 0 };           // bytes of that
    std::filesystem::path directory {}; // where the files lie that go with the machine; empty: nowhere
    std::function<void(std::string_view)> console {};
};

class RunningGuest {
public:
    // Publishes GuestMachineCreated as soon as there is a process, or a machine of our monitor's, and then what becomes
    // of it, as long as it lasts, to the span that is current now until its program has answered.
    static Result<std::unique_ptr<RunningGuest>> start(GuestPlan, trace::Publisher, Clock const&);
    virtual ~RunningGuest() = default; // stops it

    // Until its program has written something, or runs and stays silent for half a second: how long that took since
    // the machine was begun. Unavailable, with the end of what it said, where it ended before; LimitExceeded.
    virtual Result<Duration> wait_until_ready(Duration limit) = 0;
    // Until it ends by itself: its exit status. LimitExceeded.
    virtual Result<int> wait(Duration limit) = 0;
    virtual bool has_ended() const = 0;
    // Ends it; GuestMachineStopped says why.
    virtual void stop(std::string reason) = 0;
};

}
