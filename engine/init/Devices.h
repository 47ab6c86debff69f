#pragma once

// Device nodes and kernel parameters that somebody asked for, besides those that every container has.

#include "engine/init/Mounts.h"

namespace drydock::init {

// Makes the nodes of the order. In a user namespace nobody may, so the host's are bound.
void make_ordered_devices(Spec const&, Tree&);
// Before the change of root: they are written through the host's procfs, which no image can have replaced
// (CVE-2025-52881); whose value it is, the namespaces of the writer decide.
void set_sysctls(Spec const&, Steps&);

}
