#include "engine/runtime/Sysctls.h"

#include <sched.h>

#include <algorithm>
#include <filesystem>
#include <string_view>

namespace drydock::runtime {

namespace {

constexpr std::string_view all_sysctls = "/proc/sys/";

}

std::string sysctl_path(std::string const& name)
{
    auto path = name;
    if (path.find('/') == path.npos)
        std::replace(path.begin(), path.end(), '.', '/');
    return std::string(all_sysctls) + path;
}

std::uint64_t owner_of_sysctl(std::string const& path)
{
    if (std::filesystem::path(path).lexically_normal() != path || !path.starts_with(all_sysctls))
        return 0; // "net/../kernel/core_pattern"
    auto const name = std::string_view(path).substr(all_sysctls.size());
    if (name.starts_with("net/"))
        return CLONE_NEWNET;
    if (name.starts_with("fs/mqueue/"))
        return CLONE_NEWIPC;
    for (char const* ipc : { "kernel/msgmax", "kernel/msgmnb", "kernel/msgmni", "kernel/sem", "kernel/shmall",
             "kernel/shmmax", "kernel/shmmni", "kernel/shm_rmid_forced" }) {
        if (name == ipc)
            return CLONE_NEWIPC;
    }
    return name == "kernel/domainname" || name == "kernel/hostname" ? CLONE_NEWUTS : 0;
}

Result<void> add_sysctls(init::Spec& order, LaunchSpec const& spec)
{
    bool const own_network = !spec.host_network;
    for (auto const& [name, value] : spec.sysctls) {
        auto const path = sysctl_path(name);
        auto const owner = owner_of_sysctl(path);
        if (owner == 0)
            return fail(ErrorKind::InvalidInput, "sysctl \"" + name + "\" is not in a separate kernel namespace");
        if (owner == CLONE_NEWNET && !own_network)
            return fail(ErrorKind::InvalidInput, "sysctl \"" + name + "\" not allowed in host network namespace");
        if (value.find('\n') != std::string::npos)
            return fail(ErrorKind::InvalidInput, "the value of sysctl \"" + name + "\" has more than one line");
        order.sysctls.push_back({ path, value });
    }
    return {};
}

}
