#pragma once

// The part of drydock-init that stays outside the container: it starts the first process in new namespaces, waits for
// it, and tells the engine how it ended. When the engine goes away, however suddenly, the control socket closes, and
// the monitor kills the container: see docs/decisions/0003-containers-die-with-the-daemon.md.

namespace drydock::init {

int run_monitor();

}
