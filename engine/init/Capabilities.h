#pragma once

// The pieces that root's power is cut into (capabilities(7)), by number and by name, and the fourteen that Docker
// leaves to a container.

#include "sim/core/Result.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::init {

using CapabilitySet = std::uint64_t; // bit n: the capability with number n of <linux/capability.h>

constexpr std::array<std::string_view, 41> capability_names { "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER",
    "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE",
    "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG",
    "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE" };

constexpr CapabilitySet all_capabilities = (CapabilitySet { 1 } << capability_names.size()) - 1;

// "NET_ADMIN", "CAP_NET_ADMIN", "cap_net_admin", "ALL"; empty where it is none.
inline std::optional<CapabilitySet> parse_capability(std::string_view text)
{
    std::string name(text);
    for (char& c : name) {
        if (c >= 'a' && c <= 'z')
            c = static_cast<char>(c - 'a' + 'A');
    }
    if (name == "ALL")
        return all_capabilities;
    if (!name.starts_with("CAP_"))
        name = "CAP_" + name;
    for (std::size_t number = 0; number < capability_names.size(); ++number) {
        if (capability_names[number] == name)
            return CapabilitySet { 1 } << number;
    }
    return {};
}

// Docker's --cap-drop and --cap-add, in that order; either may say ALL. InvalidInput names what is no capability.
inline Result<CapabilitySet> adjusted(
    CapabilitySet set, std::vector<std::string> const& drop, std::vector<std::string> const& add)
{
    for (auto const* names : { &drop, &add }) {
        for (auto const& name : *names) {
            auto const capability = parse_capability(name);
            if (!capability)
                return fail(ErrorKind::InvalidInput, "invalid capability: \"" + name + "\"");
            set = names == &add ? set | *capability : set & ~*capability;
        }
    }
    return set;
}

inline std::vector<std::string> names_of(CapabilitySet set)
{
    std::vector<std::string> names;
    for (std::size_t number = 0; number < capability_names.size(); ++number) {
        if ((set >> number & 1) != 0)
            names.emplace_back(capability_names[number]);
    }
    return names;
}

// moby, oci/caps/defaults.go
constexpr CapabilitySet docker_default_capabilities()
{
    CapabilitySet set = 0;
    for (std::string_view const name : { "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD",
             "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE",
             "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE" }) {
        for (std::size_t number = 0; number < capability_names.size(); ++number) {
            if (capability_names[number] == name)
                set |= CapabilitySet { 1 } << number;
        }
    }
    return set;
}

}
