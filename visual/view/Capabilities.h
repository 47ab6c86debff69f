#pragma once

// The 41 parts into which Linux divides what root may do, each with what it allows in a few words; capabilities(7).
// The ones that decide whether a container can break out come first.

#include <array>
#include <string_view>

namespace drydock::view {

struct Capability {
    std::string_view name; // without "CAP_"
    std::string_view allows;
};

inline constexpr std::array<Capability, 41> capabilities { {
    { "SYS_ADMIN", "mount and more: nearly root" },
    { "SYS_MODULE", "load code into the kernel" },
    { "SYS_PTRACE", "look into other processes" },
    { "SYS_RAWIO", "use devices directly" },
    { "DAC_READ_SEARCH", "read any file" },
    { "NET_ADMIN", "change routes and firewalls" },
    { "SYS_BOOT", "restart the machine" },
    { "SYS_TIME", "set the clock" },
    { "BPF", "load programs into the kernel" },
    { "PERFMON", "watch the whole machine" },
    { "MKNOD", "make device files" },
    { "NET_RAW", "send raw packets, as ping does" },
    { "DAC_OVERRIDE", "pass by the permissions of files" },
    { "SETUID", "become another user" },
    { "SETGID", "become another group" },
    { "SYS_CHROOT", "use chroot(2)" },
    { "SETFCAP", "give capabilities to files" },
    { "SETPCAP", "hand on or drop capabilities" },
    { "CHOWN", "give files to another owner" },
    { "FOWNER", "treat any file as its own" },
    { "FSETID", "keep set-user-ID bits on change" },
    { "KILL", "signal other users' processes" },
    { "NET_BIND_SERVICE", "listen on ports below 1024" },
    { "AUDIT_WRITE", "write into the audit log" },
    { "AUDIT_CONTROL", "switch auditing on and off" },
    { "AUDIT_READ", "read the audit log" },
    { "BLOCK_SUSPEND", "keep the machine awake" },
    { "CHECKPOINT_RESTORE", "freeze processes to disk and back" },
    { "IPC_LOCK", "lock memory" },
    { "IPC_OWNER", "use any shared memory" },
    { "LEASE", "hold leases on files" },
    { "LINUX_IMMUTABLE", "make files unchangeable" },
    { "MAC_ADMIN", "change the access policy" },
    { "MAC_OVERRIDE", "pass by the access policy" },
    { "NET_BROADCAST", "send broadcasts" },
    { "SYSLOG", "read the kernel's messages" },
    { "SYS_NICE", "take more processor time" },
    { "SYS_PACCT", "switch process accounting" },
    { "SYS_RESOURCE", "pass its resource limits" },
    { "SYS_TTY_CONFIG", "hang up terminals" },
    { "WAKE_ALARM", "wake the machine by an alarm" },
} };

}
