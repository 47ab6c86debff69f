#include "engine/init/Privileges.h"

#include "engine/init/Capabilities.h"
#include "engine/init/UserNamespace.h"
#include "engine/os/Fd.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace drydock::init {

namespace {

constexpr std::size_t database_limit = 1 << 20; // bytes of /etc/passwd that are read

// Empty where there is none. The image decides what lies there, so nothing but a plain file is read: a fifo would
// block for ever.
std::string read_database(char const* path)
{
    os::Fd const file(::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat status { };
    if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
        return {};
    std::string text(database_limit, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        auto const count = ::read(file.get(), text.data() + size, text.size() - size);
        if (count <= 0)
            break;
        size += static_cast<std::size_t>(count);
    }
    text.resize(size);
    return text;
}

void limit_resources(Spec const& spec, Steps& steps)
{
    for (auto const& limit : spec.limits) {
        rlimit const values { limit.soft, limit.hard };
        auto const arguments = std::to_string(limit.resource) + ", {" + std::to_string(limit.soft) + ", "
            + std::to_string(limit.hard) + "}";
        if (steps.made("setrlimit(2)", arguments, ::setrlimit(static_cast<__rlimit_resource>(limit.resource), &values))
            == 0)
            continue;
        // Raising a hard limit takes CAP_SYS_RESOURCE, which even root may lack.
        if (errno != EPERM)
            steps.fail_errno("limiting resource " + std::to_string(limit.resource), "setrlimit(2)", errno);
        steps.report(
            WarningReport { "resource limit " + std::to_string(limit.resource) + " stays as it is: not permitted",
                "raise the hard limit of the daemon itself, or run it with CAP_SYS_RESOURCE" });
    }
}

CapabilitySet permitted()
{
    __user_cap_header_struct header { _LINUX_CAPABILITY_VERSION_3, 0 };
    std::array<__user_cap_data_struct, 2> data {};
    ::syscall(SYS_capget, &header, data.data());
    return data[0].permitted | CapabilitySet { data[1].permitted } << 32;
}

// What the bounding set has lost no program can get back, set-user-ID or not.
void limit_bounding_set(CapabilitySet kept, Steps& steps)
{
    for (unsigned long number = 0; number < 64; ++number) {
        if (::prctl(PR_CAPBSET_READ, number, 0, 0, 0) != 1 || (kept >> number & 1) != 0)
            continue;
        auto const name
            = number < capability_names.size() ? std::string(capability_names[number]) : std::to_string(number);
        steps.must("limiting the bounding set", "prctl(2)", "PR_CAPBSET_DROP, " + name,
            ::prctl(PR_CAPBSET_DROP, number, 0, 0, 0));
    }
}

void keep_capabilities(CapabilitySet kept, Steps& steps)
{
    __user_cap_header_struct header { _LINUX_CAPABILITY_VERSION_3, 0 };
    auto const low = static_cast<std::uint32_t>(kept);
    auto const high = static_cast<std::uint32_t>(kept >> 32);
    std::array<__user_cap_data_struct, 2> const data { { { low, low, 0 }, { high, high, 0 } } };
    steps.must("setting capabilities", "capset(2)", std::to_string(names_of(kept).size()) + " kept, none inheritable",
        ::syscall(SYS_capset, &header, data.data()));
    // CVE-2022-24769: inheritable and ambient capabilities would survive a change of program.
    steps.must("clearing ambient capabilities", "prctl(2)", "PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL",
        ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
}

// An unprivileged user may map one id only, and it is already 0 here. One more user namespace gives it the number
// the container asks for; files of its own then appear to belong to that user.
void become_by_mapping(Identity const& identity, Steps& steps)
{
    // Only a dumpable process may open its own maps (proc(5)); the engine's descriptors are all closed on exec.
    ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    enter_user_namespace({ identity.uid, 0 }, { identity.gid, 0 }, steps);
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void become_ids(uid_t uid, gid_t gid, Steps& steps)
{
    auto const thrice
        = [](auto id) { return std::to_string(id) + ", " + std::to_string(id) + ", " + std::to_string(id); };
    steps.must("becoming gid " + std::to_string(gid), "setresgid(2)", thrice(gid), ::setresgid(gid, gid, gid));
    steps.must("becoming uid " + std::to_string(uid), "setresuid(2)", thrice(uid), ::setresuid(uid, uid, uid));
}

void become_by_number(Identity const& identity, Steps& steps)
{
    // CVE-2022-36109: the daemon's own supplementary groups must not stay.
    auto const& groups = identity.groups;
    steps.must("setting groups", "setgroups(2)", std::to_string(groups.size()) + " groups",
        ::setgroups(groups.size(), groups.data()));
    become_ids(identity.uid, identity.gid, steps);
}

void become(Spec const& spec, Identity const& identity, Steps& steps)
{
    if (!spec.user_namespace)
        become_by_number(identity, steps);
    else if (identity.uid != 0 || identity.gid != 0)
        become_by_mapping(identity, steps);
}

// What the process does not have it cannot keep; that is no more than asked for.
CapabilitySets within(CapabilitySet possible, CapabilitySets sets)
{
    for (auto* set : { &sets.effective, &sets.permitted, &sets.inheritable, &sets.ambient })
        *set &= possible;
    return sets;
}

void set_capabilities(CapabilitySets const& sets, Steps& steps)
{
    __user_cap_header_struct header { _LINUX_CAPABILITY_VERSION_3, 0 };
    auto const low = [](CapabilitySet set) { return static_cast<std::uint32_t>(set); };
    auto const high = [](CapabilitySet set) { return static_cast<std::uint32_t>(set >> 32); };
    std::array<__user_cap_data_struct, 2> const data { {
        { low(sets.effective), low(sets.permitted), low(sets.inheritable) },
        { high(sets.effective), high(sets.permitted), high(sets.inheritable) },
    } };
    steps.must("setting capabilities", "capset(2)", std::to_string(names_of(sets.permitted).size()) + " permitted",
        ::syscall(SYS_capset, &header, data.data()));
    steps.must("clearing ambient capabilities", "prctl(2)", "PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL",
        ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
    for (unsigned long number = 0; number < capability_names.size(); ++number) {
        // Only what is permitted and inheritable may be ambient; the kernel refuses the rest.
        if ((sets.ambient >> number & 1) != 0)
            steps.made("prctl(2)", "PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, " + std::string(capability_names[number]),
                ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0));
    }
}

// A user namespace made by an ordinary user has given up setgroups(2) for good, and with it other groups.
void become_user_of_bundle(Spec const& spec, Steps& steps)
{
    auto const& bundle = spec.bundle;
    auto const set = steps.made("setgroups(2)", std::to_string(bundle.groups.size()) + " groups",
        ::setgroups(bundle.groups.size(), bundle.groups.data()));
    if (set != 0 && !(spec.user_namespace && bundle.groups.empty()))
        steps.fail_errno("setting groups", "setgroups(2)", errno);
    become_ids(bundle.uid, bundle.gid, steps);
}

}

void install_filter(Spec const& spec, Steps& steps)
{
    if (spec.seccomp.empty())
        return;
    std::vector<sock_filter> program(spec.seccomp.size() / sizeof(sock_filter));
    std::memcpy(program.data(), spec.seccomp.data(), program.size() * sizeof(sock_filter));
    sock_fprog const filter { static_cast<unsigned short>(program.size()), program.data() };
    steps.must("installing the system call filter", "seccomp(2)",
        "SECCOMP_SET_MODE_FILTER, 0, {" + std::to_string(program.size()) + " BPF instructions}",
        ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter));
}

Identity look_up_identity(Spec const& spec, Steps& steps)
{
    auto identity = resolve_identity(spec.user, read_database("/etc/passwd"), read_database("/etc/group"), spec.groups);
    if (!identity)
        steps.fail(FailureKind::InvalidInput, identity.error().message());
    return *identity;
}

void drop_privileges(Spec const& spec, Identity const& identity, Steps& steps)
{
    limit_resources(spec, steps);
    auto const kept = spec.capabilities & permitted();
    limit_bounding_set(spec.capabilities, steps);
    become(spec, identity, steps);
    auto const effective = identity.uid == 0 ? kept : 0;
    keep_capabilities(effective, steps);
    steps.must(
        "forbidding new privileges", "prctl(2)", "PR_SET_NO_NEW_PRIVS, 1", ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    install_filter(spec, steps);
    steps.report(PrivilegesReport { effective, true, spec.seccomp_rules });
}

void drop_privileges_of_bundle(Spec const& spec, Steps& steps)
{
    auto const& bundle = spec.bundle;
    limit_resources(spec, steps);
    if (!bundle.no_new_privileges)
        install_filter(spec, steps); // takes CAP_SYS_ADMIN, so it comes before that goes
    auto const sets = within(permitted(), bundle.capabilities);
    limit_bounding_set(sets.bounding, steps);
    // Another uid would cost all of them; kept this far, capset(2) says which stay.
    steps.must("keeping capabilities", "prctl(2)", "PR_SET_KEEPCAPS, 1", ::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
    become_user_of_bundle(spec, steps);
    steps.must("keeping no more", "prctl(2)", "PR_SET_KEEPCAPS, 0", ::prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0));
    set_capabilities(sets, steps);
    if (bundle.no_new_privileges)
        steps.must("forbidding new privileges", "prctl(2)", "PR_SET_NO_NEW_PRIVS, 1",
            ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

}
