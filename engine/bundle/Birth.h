#pragma once

// The conversation with drydock-init that makes a process: a new container's first one, or one more in a running
// container. The process lives on without us, and its parent is whoever called us (or the nearest subreaper).

#include "engine/bundle/Groups.h"
#include "engine/os/Fd.h"

#include <functional>

namespace drydock::bundle {

struct BirthOptions {
    std::filesystem::path init_program;
    os::Fd const* start_signal { nullptr }; // null: it executes at once
    int joined { -1 };                      // pidfd of the container to enter
    int preserved { 0 };                    // descriptors from 3 on that the program gets as well
};

struct Born {
    int pid { 0 };
    os::Fd pidfd;
    os::Fd terminal; // the master's side
};

// `in_place` is called once the file system stands, before the change of root; its failure ends the process.
Result<Born> give_birth(Config&, Groups const&, BirthOptions const&, std::function<Result<void>(int pid)> in_place);

// Passes the terminal on to who waits at the socket, as `--console-socket` wants it.
Result<void> send_terminal(os::Fd const& terminal, std::string const& socket);

}
