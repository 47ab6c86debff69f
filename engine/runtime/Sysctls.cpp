#include "engine/runtime/Sysctls.h"

#include <sched.h>

#include <algorithm>
#include <filesystem>
#include <string_view>

namespace drydock::runtime {

namespace {

constexpr std::string_view all_sysctls = "/proc/sys/";

struct HostKind {
    kernel::NamespaceKind kind;
    std::uint64_t flag; // as owner_of_sysctl() gives it
    char const* words;
};
constexpr HostKind host_kinds[] { { kernel::NamespaceKind::Net, CLONE_NEWNET, "network" },
    { kernel::NamespaceKind::Ipc, CLONE_NEWIPC, "IPC" }, { kernel::NamespaceKind::Uts, CLONE_NEWUTS, "UTS" } };

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

namespace {

// moby, oci WithSysctls: ports below 1024 and ping(8) need no capability in a network namespace of the container's own.
void open_network(init::Spec& order, LaunchSpec const& spec)
{
    if (spec.shared.contains(kernel::NamespaceKind::Net) || spec.on_host)
        return;
    auto const set = [&](char const* name, char const* value) {
        if (auto path = sysctl_path(name); std::filesystem::exists(path)) // not in every kernel
            order.sysctls.push_back({ std::move(path), value });
    };
    set("net.ipv4.ip_unprivileged_port_start", "0");
    if (!order.user_namespace) // there the range would have to be of groups that it maps
        set("net.ipv4.ping_group_range", "0 2147483647");
}

}

Result<void> add_sysctls(init::Spec& order, LaunchSpec const& spec)
{
    open_network(order, spec);
    for (auto const& [name, value] : spec.sysctls) {
        auto const path = sysctl_path(name);
        auto const owner = owner_of_sysctl(path);
        if (owner == 0)
            return fail(ErrorKind::InvalidInput, "sysctl \"" + name + "\" is not in a separate kernel namespace");
        for (auto const& [kind, flag, words] : host_kinds) {
            if (owner == flag && spec.has_hosts(kind))
                return fail(
                    ErrorKind::InvalidInput, "sysctl \"" + name + "\" not allowed in host " + words + " namespace");
        }
        if (value.find('\n') != std::string::npos)
            return fail(ErrorKind::InvalidInput, "the value of sysctl \"" + name + "\" has more than one line");
        order.sysctls.push_back({ path, value });
    }
    return {};
}

}
