#pragma once

// `docker run --init`: a PID 1 that does what the kernel expects of one. It reaps whatever is orphaned in its pid
// namespace, passes signals on to the program, and ends as the program ends. A program that is PID 1 itself would
// ignore every signal it has no handler for (pid_namespaces(7)), and few programs reap.

#include "engine/init/Steps.h"

namespace drydock::init {

// Comes back in the child, which is to become the program; the calling process becomes the reaper for good.
void fork_from_reaper(Steps&);

}
