#include "visual/app/Signals.h"

#include <pthread.h>

#include <thread>

namespace drydock::app {

sigset_t block_ending_signals()
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

void on_ending_signal(sigset_t const& blocked, std::function<void()> ended)
{
    // It waits for a signal that may never come, so it belongs to the process and not to anybody who could join it.
    std::thread([blocked, ended = std::move(ended)] {
        int number = 0;
        sigwait(&blocked, &number);
        ended();
    }).detach();
}

}
