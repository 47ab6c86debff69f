#pragma once

// How drydock-init works and speaks: one step after the other, each reported to the engine as the kernel answered it.
// A step that fails is the end of the launch: it is reported with its call and object, and the process exits. That is
// why no function of this program returns an error: whoever gets a value back goes on.

#include "engine/init/Protocol.h"

#include <string>
#include <vector>

namespace drydock::init {

class Steps {
public:
    explicit Steps(int socket)
        : m_socket(socket)
    {
    }

    // Reports what a system call returned, and passes it on.
    long made(char const* call, std::string arguments, long result);
    // The same for a call without which nothing can go on. `doing` says what for: "mounting /proc".
    long must(std::string const& doing, char const* call, std::string arguments, long result);

    // `fd` travels along; it stays open here.
    void report(Report report, int fd = -1);
    void flush();
    // Waits for the engine's word to go on. The process ends where the engine has gone.
    void await_engine();

    [[noreturn]] void fail(FailureKind, std::string message);
    [[noreturn]] void fail_errno(std::string doing, char const* call, int error);

    int socket() const { return m_socket; }

private:
    int m_socket;
    Writer m_pending;
    std::vector<int> m_fds;
};

// As C source and strace write it: "\"/proc\"", with control bytes escaped.
std::string quoted(std::string const& text);

}
