#include "engine/runtime/Seccomp.h"

#include "engine/os/Fd.h"

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <memory>

namespace drydock::runtime {

namespace {

struct Gate {
    int capability; // who has it may make these calls; -1: nobody
    std::initializer_list<char const*> calls;
};

// After moby, profiles/seccomp/default.json and docs "Significant syscalls blocked by the default profile".
std::array<Gate, 12> const& gates()
{
    static std::array<Gate, 12> const list { {
        { CAP_SYS_ADMIN,
            { "mount", "umount", "umount2", "pivot_root", "open_tree", "move_mount", "fsopen", "fsconfig", "fsmount",
                "fspick", "mount_setattr", "setns", "unshare", "quotactl", "quotactl_fd", "fanotify_init",
                "lookup_dcookie", "setdomainname", "sethostname" } },
        { CAP_BPF, { "bpf" } },
        { CAP_PERFMON, { "perf_event_open" } },
        { CAP_SYS_BOOT, { "reboot", "kexec_load", "kexec_file_load" } },
        { CAP_SYS_MODULE, { "init_module", "finit_module", "delete_module", "create_module", "query_module" } },
        { CAP_SYS_TIME, { "clock_settime", "clock_adjtime", "settimeofday", "stime", "adjtimex" } },
        { CAP_SYS_RAWIO, { "iopl", "ioperm" } },
        { CAP_SYS_PACCT, { "acct" } },
        { CAP_SYS_TTY_CONFIG, { "vhangup" } },
        { CAP_SYS_PTRACE, { "kcmp", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd" } },
        { CAP_SYS_NICE,
            { "get_mempolicy", "mbind", "set_mempolicy", "set_mempolicy_home_node", "move_pages", "migrate_pages" } },
        { -1,
            { "add_key", "request_key", "keyctl", "open_by_handle_at", "swapon", "swapoff", "userfaultfd", "uselib",
                "ustat", "sysfs", "_sysctl", "nfsservctl", "get_kernel_syms", "vm86", "vm86old", "io_uring_setup",
                "io_uring_enter", "io_uring_register", "syslog" } },
    } };
    return list;
}

constexpr unsigned long namespace_flags
    = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP;

// System call numbers are the same on all architectures from 424 on. 463 is the first of Linux 6.13.
constexpr std::uint32_t first_unknown_call = 463;
constexpr std::uint32_t x32_bit = 0x40000000; // marks the calls of the x32 ABI, which come after all others

// libseccomp can only name calls that it knows, so these four instructions go in front of what it makes; its jumps are
// relative and do not mind.
std::string refusal_of_unknown_calls()
{
    std::array<sock_filter, 4> const code { {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, first_unknown_call, 0, 2),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, x32_bit, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
    } };
    return { reinterpret_cast<char const*>(code.data()), sizeof code };
}

bool has(init::CapabilitySet set, int capability)
{
    return capability >= 0 && (set >> capability & 1) != 0;
}

class FilterBuilder {
public:
    FilterBuilder()
        : m_context(::seccomp_init(SCMP_ACT_ALLOW))
    {
        // 32-bit programs make the same calls by other numbers; they would pass a filter for one architecture.
        if (m_context != nullptr && ::seccomp_arch_native() == SCMP_ARCH_X86_64) {
            add_architecture(SCMP_ARCH_X86);
            add_architecture(SCMP_ARCH_X32);
        }
        // A tree instead of a list of comparisons.
        check(::seccomp_attr_set(m_context, SCMP_FLTATR_CTL_OPTIMIZE, 2));
    }
    ~FilterBuilder() { ::seccomp_release(m_context); }
    FilterBuilder(FilterBuilder const&) = delete;
    FilterBuilder& operator=(FilterBuilder const&) = delete;

    void refuse(char const* call, std::uint32_t error)
    {
        auto const number = ::seccomp_syscall_resolve_name(call);
        if (number == __NR_SCMP_ERROR)
            return;
        check(::seccomp_rule_add(m_context, SCMP_ACT_ERRNO(error), number, 0));
        ++m_rules;
        m_refused.emplace_back(call);
    }
    void refuse_where(int number, scmp_arg_cmp comparison)
    {
        check(::seccomp_rule_add(m_context, SCMP_ACT_ERRNO(EPERM), number, 1, comparison));
        ++m_rules;
    }

    Result<SeccompFilter> finish()
    {
        os::Fd const file(::memfd_create("seccomp", MFD_CLOEXEC));
        if (m_error == 0 && file)
            check(::seccomp_export_bpf(m_context, file.get()));
        auto const size = ::lseek(file.get(), 0, SEEK_END);
        if (m_error != 0 || size <= 0)
            return fail(Error::from_errno("seccomp_rule_add(3)", m_error != 0 ? -m_error : EIO)
                            .with_context("building the system call filter"));
        SeccompFilter filter { std::string(static_cast<std::size_t>(size), '\0'), m_rules, m_refused };
        if (::pread(file.get(), filter.program.data(), filter.program.size(), 0) != size)
            return fail(Error::from_errno("pread(2)", errno).with_context("building the system call filter"));
        return filter;
    }

private:
    void add_architecture(std::uint32_t architecture)
    {
        if (auto const result = ::seccomp_arch_add(m_context, architecture); result != -EEXIST)
            check(result);
    }
    // The first error is kept; EEXIST is a call that two names share, EDOM one that an architecture lacks.
    void check(int result)
    {
        if (result < 0 && result != -EEXIST && result != -EDOM && m_error == 0)
            m_error = result;
    }

    scmp_filter_ctx m_context;
    std::uint32_t m_rules { 0 };
    std::vector<std::string> m_refused;
    int m_error { 0 };
};

}

Result<SeccompFilter> make_seccomp_filter(init::CapabilitySet capabilities)
{
    FilterBuilder filter;
    for (auto const& gate : gates()) {
        for (char const* call : gate.calls) {
            if (!has(capabilities, gate.capability))
                filter.refuse(call, EPERM);
        }
    }
    if (!has(capabilities, CAP_SYS_ADMIN)) {
        for (unsigned long flag = 1; flag <= namespace_flags; flag <<= 1) {
            if ((namespace_flags & flag) != 0)
                filter.refuse_where(SCMP_SYS(clone), SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag));
        }
        // Its flags lie in memory, where a filter cannot look. ENOSYS makes C libraries fall back to clone(2).
        filter.refuse("clone3", ENOSYS);
    }
    // Virtual machine sockets reach the hypervisor past every network namespace.
    filter.refuse_where(SCMP_SYS(socket), SCMP_A0(SCMP_CMP_EQ, AF_VSOCK));
    auto finished = TRY(filter.finish());
    finished.program.insert(0, refusal_of_unknown_calls());
    return finished;
}

}
