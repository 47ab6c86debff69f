#pragma once

// Mounting into a root filesystem that nobody vouches for. Every target is opened first, by openat2(2) that cannot
// leave the root, and mounted on as /proc/self/fd/N: whatever the image put there (a symlink to the host's /etc, a
// name swapped at the right moment), the mount lands in the container. Reports name the path inside the container.

#include "engine/init/Steps.h"
#include "engine/os/Fd.h"

#include <string>

namespace drydock::init {

struct MountCall {
    std::string source;
    std::string type;          // "bind" for MS_BIND
    unsigned long flags { 0 }; // MS_*
    std::string data;
    std::string shown_source {}; // in reports, where `source` is a /proc/self/fd path

    std::string const& shown() const { return shown_source.empty() ? source : shown_source; }
};

// "nosuid,nodev,ro", as mount(8) lists options.
std::string mount_options(unsigned long flags);
// "MS_NOSUID|MS_NODEV", as the source code spells them.
std::string mount_flags(unsigned long flags);

class Tree {
public:
    Tree(Steps& steps, int root)
        : m_steps(steps)
        , m_root(root)
    {
    }

    // Opens `path` ("/etc/hosts") with symlinks resolved as if the root were "/"; invalid with errno where it fails.
    os::Fd open(std::string const& path, int flags, unsigned mode = 0) const;
    // The same where a symlink on the way means that the image is hostile: the launch ends.
    os::Fd open_strictly(std::string const& path, int flags) const;

    // A directory to mount on, made where it is missing.
    os::Fd directory(std::string const& path);
    // The same for a mount that the user asked for: the image's symlinks are followed inside the root; invalid with
    // errno where it cannot be.
    os::Fd followed_directory(std::string const& path);
    os::Fd file_with_parents(std::string const& path);
    // A file to mount on, made where it is missing; invalid where that cannot be.
    os::Fd file(std::string const& path);

    // The system call alone; the others also report the mount that came of it. `path` is as the container names it.
    bool call_mount(os::Fd const& target, std::string const& path, MountCall const&);
    void mount_on(os::Fd const& target, std::string const& path, MountCall const&);
    bool try_mount_on(os::Fd const& target, std::string const& path, MountCall const&);
    void mount(std::string const& path, MountCall const& call) { mount_on(directory(path), path, call); }
    // Not every kernel and not every user may mount this one; a container can do without it.
    void mount_if_possible(std::string const& path, MountCall const& call, std::string const& remedy);

    Steps& steps() { return m_steps; }

private:
    Steps& m_steps;
    int m_root;
};

std::string fd_path(os::Fd const&); // "/proc/self/fd/7"

}
