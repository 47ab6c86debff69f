#include "engine/init/UserNamespace.h"

#include "engine/os/Fd.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

namespace drydock::init {

namespace {

void write_map(char const* file, std::string const& text, Steps& steps)
{
    auto const path = std::string("/proc/self/") + file;
    os::Fd const map(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    steps.must("mapping ids", "write(2)", quoted(path) + ", " + quoted(text),
        map ? ::write(map.get(), text.data(), text.size()) : -1);
    steps.report(IdMapReport { file, text });
}

std::string line_of(IdMapping mapping)
{
    return std::to_string(mapping.inside) + " " + std::to_string(mapping.outside) + " 1";
}

}

// An unprivileged process may map its own uid and gid and nothing else, and only after giving up setgroups(2) for good
// (user_namespaces(7), "Defining user and group ID mappings"). More would take the set-user-ID helpers newuidmap and
// newgidmap; one id is enough to be root inside.
void enter_user_namespace(IdMapping uid, IdMapping gid, Steps& steps)
{
    steps.must("making a user namespace", "unshare(2)", "CLONE_NEWUSER", ::unshare(CLONE_NEWUSER));
    write_map("setgroups", "deny", steps);
    write_map("uid_map", line_of(uid), steps);
    write_map("gid_map", line_of(gid), steps);
}

void become_root_inside(Steps& steps)
{
    // Asked before: afterwards all ids show as the overflow id until they are mapped.
    IdMapping const uid { 0, ::geteuid() };
    IdMapping const gid { 0, ::getegid() };
    enter_user_namespace(uid, gid, steps);
}

}
