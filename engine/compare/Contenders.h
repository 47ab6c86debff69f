#pragma once

// Who takes part: every way to put a program into a box of its own that this machine has. All of them run the same
// static program in the same tree; each is a command to start, and a way to clear up after it.

#include "engine/compare/Ladder.h"
#include "sim/core/Units.h"

#include <functional>
#include <string>
#include <vector>

namespace drydock::compare {

// What the programs stand for, in files.
struct Workplace {
    std::filesystem::path directory;  // of this comparison alone; what is written is written here
    std::filesystem::path root;       // the tree that every box sees
    std::filesystem::path drydock;    // the program itself: our runtime and our monitor
    std::filesystem::path guest_init; // drydock-guest-init
    std::filesystem::path kernel;     // for guests; empty: there is none

    std::filesystem::path initramfs(std::string const& mode) const { return directory / ("initramfs-" + mode); }
};

// Makes the tree with drydock-yardstick in it and, where guests can run, the archives that they start from.
Result<Workplace> prepare_workplace(
    std::filesystem::path const& directory, std::filesystem::path const& drydock, Ladder const&);

struct Contender {
    std::string name;
    std::string how; // the command, as it is told
    // What to run for this mode of the yardstick; several instances at a time have different numbers.
    std::function<Result<std::vector<std::string>>(std::string const& mode, int instance)> command;
    std::function<void(int instance)> clear {}; // what is left when the command has ended, or was ended
    int memory_instances { 10 };
};

struct Absent {
    std::string name;
    std::string why;
};

struct LineUp {
    std::vector<Contender> contenders;
    std::vector<Absent> absent;
};

LineUp line_up(Workplace const&, Ladder const&);

inline constexpr char const* first_line = "drydock-yardstick: ahoy";

}
