#pragma once

// Which way a guest machine can run here. "/dev/kvm opens" does not mean that virtual machines are fast: where this
// machine is itself a guest, KVM may be emulated. So each rung is tried, never assumed, from the best to the last:
//
//     our own monitor on KVM ─ QEMU on KVM ─ QEMU with a CPU in software ─ User-Mode Linux ─ the model
//
// Whatever is measured on a rung says which one it was.

#include "sim/core/Result.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace drydock::compare {

enum class Rung : std::uint8_t { OwnMonitor, QemuKvm, QemuSoftware, UserModeLinux, Model };
std::string_view to_string(Rung);

struct RungFinding {
    Rung rung { Rung::Model };
    bool works { false };
    std::string detail; // what there is, or why not
    std::string remedy; // empty where it works or nothing helps
};

struct Ladder {
    std::vector<RungFinding> rungs;              // all, the best first
    bool kvm_opens { false };                    // enough for the tiny built-in guest
    double kvm_rate { 0 };                       // instructions of ring 0 a second; 0: not probed
    std::optional<std::filesystem::path> kernel; // for guests, as it was found

    RungFinding const& best() const; // the first that works; the model always does
    bool works(Rung) const;
};

// What a guest machine starts from, in files.
struct MachineFiles {
    std::filesystem::path drydock; // the program that has our monitor
    std::filesystem::path kernel;  // of no matter to User-Mode Linux, which is one
    std::filesystem::path initramfs;
    std::uint64_t memory { 128 }; // MiB
    bool tells { false };         // by these descriptors how far it is; RunningGuest.h reads them
};
inline constexpr int tells_marks = 3, tells_firmware = 4, tells_kernel = 5;
// The command that runs a guest machine on this rung, its console on standard output. InvalidInput for the model.
Result<std::vector<std::string>> machine_command(Rung, MachineFiles const&);

// `kernel`: the one that was asked for; empty: look for one.
Ladder probe_ladder(std::filesystem::path const& kernel = {});

}
