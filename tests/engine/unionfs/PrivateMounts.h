#pragma once

// Mounts that nobody else sees and that are gone with the test program.

#include "tests/support/Catch.h"

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

namespace drydock::tests {

// For this thread and the processes it starts. False, with the reason printed, where this is not permitted.
inline bool have_private_mounts()
{
    static bool const have
        = ::unshare(CLONE_NEWNS) == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    if (!have)
        WARN("skipped: this user may not mount");
    return have;
}

inline bool have_fuse()
{
    if (!have_private_mounts())
        return false;
    bool const have = ::access("/dev/fuse", R_OK | W_OK) == 0;
    if (!have)
        WARN("skipped: /dev/fuse cannot be opened");
    return have;
}

}
