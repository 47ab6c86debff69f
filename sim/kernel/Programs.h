#pragma once

// The programs of the simulated world: the applets of one busybox-like executable, and the shell. They speak as
// BusyBox 1.35 does; tests compare them with the real one.

#include "sim/kernel/System.h"

#include <map>
#include <string>

namespace drydock::kernel {

using Program = int (*)(System&, Args const& args); // args[0] is the name; the exit status

std::map<std::string, Program> const& programs();

}
