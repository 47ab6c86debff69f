#pragma once

// A pseudo-terminal of the container's own devpts, so that tty(1) inside names a device that is there. The engine gets
// the master side, the program the slave.

#include "engine/init/Mounts.h"

namespace drydock::init {

os::Fd make_terminal(Spec const&, Tree&);  // while the root is built; also shown as /dev/console
os::Fd open_terminal(Spec const&, Steps&); // for one more process inside

}
