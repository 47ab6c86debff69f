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

// The same as a bundle's config.json says it. A filter that the process may install without power (no_new_privs) is
// left for the very end: install_filter().
void drop_privileges_of_bundle(Spec const&, Steps&);
void install_filter(Spec const&, Steps&);

}
