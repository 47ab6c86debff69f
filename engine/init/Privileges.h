#pragma once

// Giving up power, in the one order that works: resource limits, groups and user while the right to change them is
// still there, then capabilities, then no_new_privs, and the seccomp filter last, because it judges every call after
// it.

#include "engine/init/Identity.h"
#include "engine/init/Steps.h"

namespace drydock::init {

// Reads the container's /etc/passwd and /etc/group; "/" must be the container's root.
Identity look_up_identity(Spec const&, Steps&);

void drop_privileges(Spec const&, Identity const&, Steps&);

}
