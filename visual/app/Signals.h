#pragma once

// What ends a program from outside: SIGINT, SIGTERM, SIGHUP. Blocked in every thread and taken by one place, so that no
// handler runs in the middle of anything. (Programs that we start get the normal mask back: LiveRuntime sees to it.)

#include <csignal>
#include <functional>

namespace drydock::app {

// Blocks them for this thread and all that it makes; call it before there are others.
sigset_t block_ending_signals();

// Calls `ended` on a thread of its own when one arrives, once. For programs whose main thread has other work.
void on_ending_signal(sigset_t const& blocked, std::function<void()> ended);

}
