#pragma once

// What the new process does before it is the container's program: the whole recipe of a container, one step a line.

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
    os::Fd joined_network;
};

// The first process of a new container, already in its namespaces.
[[noreturn]] void become_container(Spec const&, Endowment&, Steps&);
// One more process in a running container; it still has to enter all namespaces but the pid and user ones.
[[noreturn]] void join_container(Spec const&, Endowment&, Steps&);

}
