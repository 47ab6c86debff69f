#pragma once

// The 41 parts into which Linux divides what root may do, each with what it allows in a few words; capabilities(7).
// The ones that decide whether a container can break out come first.

#include "sim/words/Language.h"

#include <array>
#include <string_view>

namespace drydock::view {

struct Capability {
    std::string_view name; // without "CAP_"
    std::string_view allows;
};

inline constexpr std::array<Capability, 41> capabilities { {
    { "SYS_ADMIN", words::key("mount and more: nearly root") },
    { "SYS_MODULE", words::key("load code into the kernel") },
    { "SYS_PTRACE", words::key("look into other processes") },
    { "SYS_RAWIO", words::key("use devices directly") },
    { "DAC_READ_SEARCH", words::key("read any file") },
    { "NET_ADMIN", words::key("change routes and firewalls") },
    { "SYS_BOOT", words::key("restart the machine") },
    { "SYS_TIME", words::key("set the clock") },
    { "BPF", words::key("load programs into the kernel") },
    { "PERFMON", words::key("watch the whole machine") },
    { "MKNOD", words::key("make device files") },
    { "NET_RAW", words::key("send raw packets, as ping does") },
    { "DAC_OVERRIDE", words::key("pass by the permissions of files") },
    { "SETUID", words::key("become another user") },
    { "SETGID", words::key("become another group") },
    { "SYS_CHROOT", words::key("use chroot(2)") },
    { "SETFCAP", words::key("give capabilities to files") },
    { "SETPCAP", words::key("hand on or drop capabilities") },
    { "CHOWN", words::key("give files to another owner") },
    { "FOWNER", words::key("treat any file as its own") },
    { "FSETID", words::key("keep set-user-ID bits on change") },
    { "KILL", words::key("signal other users' processes") },
    { "NET_BIND_SERVICE", words::key("listen on ports below 1024") },
    { "AUDIT_WRITE", words::key("write into the audit log") },
    { "AUDIT_CONTROL", words::key("switch auditing on and off") },
    { "AUDIT_READ", words::key("read the audit log") },
    { "BLOCK_SUSPEND", words::key("keep the machine awake") },
    { "CHECKPOINT_RESTORE", words::key("freeze processes to disk and back") },
    { "IPC_LOCK", words::key("lock memory") },
    { "IPC_OWNER", words::key("use any shared memory") },
    { "LEASE", words::key("hold leases on files") },
    { "LINUX_IMMUTABLE", words::key("make files unchangeable") },
    { "MAC_ADMIN", words::key("change the access policy") },
    { "MAC_OVERRIDE", words::key("pass by the access policy") },
    { "NET_BROADCAST", words::key("send broadcasts") },
    { "SYSLOG", words::key("read the kernel's messages") },
    { "SYS_NICE", words::key("take more processor time") },
    { "SYS_PACCT", words::key("switch process accounting") },
    { "SYS_RESOURCE", words::key("pass its resource limits") },
    { "SYS_TTY_CONFIG", words::key("hang up terminals") },
    { "WAKE_ALARM", words::key("wake the machine by an alarm") },
} };

}
