#pragma once

// What the new process does before it is the container's program: the whole recipe of a container, one step a line.

#include "engine/init/Identity.h"
#include "engine/init/Steps.h"
#include "engine/os/Fd.h"

namespace drydock::init {

// What came along with the Spec; invalid where the Spec has no use for it.
struct Endowment {
    os::Fd standard_input;
    os::Fd standard_output;
    os::Fd standard_error;
    os::Fd cgroup;
    os::Fd joined_process; // pidfd of the running container's first process
    os::Fd joined_user_namespace;
    std::vector<os::Fd> shared;    // namespaces of other containers, in the order of Spec::shared
    os::Fd shared_shm;             // /dev/shm of the one whose ipc namespace it is: a mount that is nowhere yet
    os::Fd start_signal;           // of a bundle: both ends of a fifo
    std::vector<os::Fd> preserved; // of a bundle: the program's descriptors from 3 on
};

// The first process of a new container, already in its namespaces.
[[noreturn]] void become_container(Spec const&, Endowment&, Steps&);
// One more process in a running container; it still has to enter all namespaces but the pid and user ones.
[[noreturn]] void join_container(Spec const&, Endowment&, Steps&);

// The entry of `kind` (CLONE_NEW*) in Spec::shared; null: it has one of its own.
SharedNamespace const* shared_namespace(Spec const&, std::uint64_t kind);
std::uint64_t without_shared(Spec const&, std::uint64_t kinds); // those of `kinds` that are in no such entry
std::string namespace_flags(std::uint64_t kinds);               // "CLONE_NEWNS|CLONE_NEWPID"

// ---- Steps that bundles have as well ----

// A new network namespace has a loopback interface, but it is down.
void bring_up_loopback(Steps&);
// A session of its own; with a terminal, that controls it.
void attach_streams(Endowment const&, os::Fd const& terminal, Steps&);
// /dev/stdout is opened anew by name, which takes ownership of the pipe or terminal behind it.
void give_streams_to(Identity const&, Steps&);

}
