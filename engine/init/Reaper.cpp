#include "engine/init/Reaper.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace drydock::init {

namespace {

// Collects all that have ended; ends with the program.
void reap(pid_t program)
{
    int status = 0;
    for (pid_t pid = ::waitpid(-1, &status, WNOHANG); pid > 0; pid = ::waitpid(-1, &status, WNOHANG)) {
        if (pid != program)
            continue;
        ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    }
}

[[noreturn]] void watch_over(pid_t program)
{
    // The streams and reports belong to the program: their end must be its end.
    int const null = ::open("/dev/null", O_RDWR | O_NOCTTY);
    for (int const standard : { 0, 1, 2 })
        ::dup2(null, standard);
    ::syscall(SYS_close_range, 3U, ~0U, 0U);
    sigset_t all;
    ::sigfillset(&all);
    while (true) {
        int const signal = ::sigwaitinfo(&all, nullptr);
        if (signal == SIGCHLD)
            reap(program);
        else if (signal > 0)
            ::kill(program, signal);
    }
}

}

void fork_from_reaper(Steps& steps)
{
    // A blocked signal reaches PID 1 even without a handler, and waits until somebody asks.
    sigset_t all;
    ::sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, nullptr);
    steps.flush();
    auto const pid = static_cast<pid_t>(steps.must("starting the program below a reaper", "fork(2)", "", ::fork()));
    if (pid > 0)
        watch_over(pid);
    // A process group of its own in front of the terminal: Ctrl+C is for the program, and the reaper need not pass it
    // on.
    ::setpgid(0, 0);
    ::tcsetpgrp(0, ::getpid());
}

}
