#pragma once

// What the engine and drydock-init tell each other. The engine sends one Spec; drydock-init answers with Reports: every
// system call it made, every namespace, mount and privilege that came of it, and how the process ended. Both sides
// compile this file, and an unknown or cut message is refused, so they cannot drift apart.

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace drydock::init {

// The engine's half of the control socket in a freshly started drydock-init.
constexpr int control_fd = 3;
// Descriptors that come along with a Spec, at most.
constexpr std::size_t max_fds = 24;

enum class RootKind : std::uint8_t { Overlay, Fuse, Directory };

struct File {
    std::string path; // inside the container
    std::string content;
};

// A bind of the host's `source`, or a tmpfs with `data`.
struct MountOrder {
    std::string source;
    std::string below {}; // where `source` is looked for: as in a root of its own, whatever symlinks say; empty: "/"
    std::string target;   // inside the container
    bool tmpfs { false };
    bool read_only { false };
    bool executable { false };
    std::string data; // of a tmpfs its options; of a bind its propagation, "rslave": empty is "rprivate"
};

struct ResourceLimit {
    std::uint32_t resource { 0 }; // RLIMIT_*
    std::uint64_t soft { 0 };
    std::uint64_t hard { 0 };
};

// A device node to make, with the host's numbers.
struct DeviceOrder {
    std::string path;
    std::string source;       // the host's, to be bound where nobody may make one
    std::uint32_t mode { 0 }; // kind and permissions
    std::uint32_t major { 0 };
    std::uint32_t minor { 0 };
    std::uint32_t uid { 0 };
    std::uint32_t gid { 0 };
};

// ---- Of a bundle: what its config.json asks for, where that is not what every container of ours has. ----

enum class MountDeed : std::uint8_t { Mount, Bind, Remount, Link };

struct BundleMount {
    MountDeed deed { MountDeed::Mount };
    std::string source; // of a link: what it says
    std::string target; // inside the container
    std::string type;
    std::string data;
    std::uint64_t flags { 0 };              // MS_*
    std::vector<std::uint64_t> propagation; // MS_PRIVATE, MS_SLAVE and the like, in this order
    bool copy_up { false };                 // begin with what the mount covers
};

struct NamespacePath {
    std::uint64_t kind { 0 }; // CLONE_NEW*
    std::string path;
};

struct CapabilitySets { // capabilities(7)
    std::uint64_t bounding { 0 };
    std::uint64_t effective { 0 };
    std::uint64_t permitted { 0 };
    std::uint64_t inheritable { 0 };
    std::uint64_t ambient { 0 };
};

struct BundleSpec {
    bool present { false };
    bool waits_for_start { false };     // a descriptor comes along; a byte on it is the word to execute
    std::uint64_t namespaces { 0 };     // CLONE_NEW*: to make; with `join`, to enter
    std::vector<NamespacePath> entered; // others' namespaces, the user namespace first
    std::string root;
    std::uint64_t propagation { 0 }; // of all mounts that were there before
    std::vector<BundleMount> mounts;
    std::vector<std::string> masked;
    std::vector<std::string> read_only;
    std::uint32_t uid { 0 };
    std::uint32_t gid { 0 };
    std::vector<std::uint32_t> groups;
    std::uint32_t umask { 022 };
    CapabilitySets capabilities;
    bool no_new_privileges { false };
    std::uint32_t preserved { 0 }; // descriptors that come along and become 3, 4, … of the program
};

// A namespace that the container does not get of its own. Another container's comes as a descriptor; with the ipc one
// comes a second, of that container's mount namespace, out of which /dev/shm is taken.
struct SharedNamespace {
    std::uint64_t kind { 0 }; // CLONE_NEW*
    std::string owner;        // the other container; empty: it is the host's
};

// What to make and what to execute in it. With `join` nothing is made: the process enters the namespaces of a running
// container, which come as descriptors.
struct Spec {
    bool join { false };
    bool user_namespace { false };
    bool into_cgroup { false };     // a descriptor of a v2 cgroup comes along, and the process is born in it
    bool mount_cgroup { false };    // /sys/fs/cgroup shows the container's own v2 cgroup
    bool wait_for_engine { false }; // before executing: the engine still attaches v1 cgroups or connects a network
    bool broker { false };          // a descriptor comes along on which the engine asks for sockets (SocketRequest)
    std::vector<SharedNamespace> shared;

    std::string hostname;
    std::vector<std::string> args;
    std::vector<std::string> env;
    std::string working_dir;
    std::string user;
    std::vector<std::string> groups; // names or numbers, besides those that the image gives the user
    bool tty { false };
    bool open_stdin { false };
    bool reaper { false }; // PID 1 reaps, and the program is its child
    std::uint16_t rows { 0 };
    std::uint16_t columns { 0 };

    RootKind root { RootKind::Overlay };
    bool read_only_root { false };
    std::vector<std::string> lower; // topmost first
    std::string upper;
    std::string work;
    std::string directory;          // of RootKind::Directory: the root as it is
    std::string mount_point;        // an empty directory of the host; everything is mounted on it, seen by nobody else
    std::vector<MountOrder> mounts; // volumes and the like; a mount below another comes after it
    std::string shm_options;        // of /dev/shm: "size=65536k"; empty: there is none
    std::vector<File> files;        // bound over the image's: hostname, hosts, resolv.conf
    std::vector<DeviceOrder> devices;
    std::vector<File> sysctls; // path below /proc/sys and what to write there
    bool privileged { false }; // nothing of /proc and /sys is masked or read-only

    std::uint64_t capabilities { 0 }; // a bit each, by number
    std::string seccomp;              // the BPF program, as seccomp(2) takes it
    std::uint32_t seccomp_rules { 0 };
    std::vector<ResourceLimit> limits;

    BundleSpec bundle;
};

// The engine asks for a socket of the container's network namespace; drydock-init, which may enter it where the engine
// may not, answers with an errno and, for 0, the descriptor.
struct SocketRequest {
    std::int32_t domain { 0 };
    std::int32_t type { 0 };
    std::int32_t protocol { 0 };
};

// ---- Reports ----

// The steps after it belong to this part of the launch.
struct PhaseReport {
    std::string name;
};
struct SyscallReport {
    std::string call;
    std::string arguments;
    std::int64_t result { 0 };
    std::int32_t error { 0 };
};
struct NamespaceReport {
    std::string kind;
    std::uint64_t inode { 0 };
};
struct JoinedReport { // another container's namespace
    std::string kind;
    std::uint64_t inode { 0 };
    std::string owner;
};
struct IdMapReport {
    std::string file;
    std::string text;
};
struct UnionReport { // with the /dev/fuse descriptor where the driver is fuse
    std::string driver;
    std::string target;
};
struct MountReport {
    std::string source;
    std::string target;
    std::string type;
    std::string flags;
};
struct PivotReport {
    std::string new_root;
};
struct HostnameReport {
    std::string hostname;
};
struct PrivilegesReport {
    std::uint64_t capabilities { 0 };
    bool no_new_privileges { false };
    std::uint32_t filtered_syscalls { 0 };
};
struct TerminalReport { }; // with the descriptor of the terminal's master side
struct WarningReport {
    std::string what;
    std::string remedy;
};
struct ClonedReport { // with the pidfd
    std::int32_t pid { 0 };
};
struct ExecutingReport {
    std::string path;
};
enum class FailureKind : std::uint8_t { FromErrno, NotFound, Forbidden, InvalidInput, NotSupported };
// The last word of a launch that did not work. `message` is the whole text unless the kind is FromErrno.
struct FailureReport {
    FailureKind kind { FailureKind::FromErrno };
    std::string message;
    std::string call;
    std::int32_t error { 0 };
};
struct ExitReport {
    std::int32_t code { 0 };
    std::int32_t signal { 0 };
};

using Report = std::variant<PhaseReport, SyscallReport, NamespaceReport, JoinedReport, IdMapReport, UnionReport,
    MountReport, PivotReport, HostnameReport, PrivilegesReport, TerminalReport, WarningReport, ClonedReport,
    ExecutingReport, FailureReport, ExitReport>;

// ---- Encoding: integers as 8 bytes in the machine's order (both ends are one machine), text and lists with their
// length before them, structs field by field. ----

template <class Archive> void fields(Archive& a, File& v)
{
    a(v.path, v.content);
}
template <class Archive> void fields(Archive& a, MountOrder& v)
{
    a(v.source, v.below, v.target, v.tmpfs, v.read_only, v.executable, v.data);
}
template <class Archive> void fields(Archive& a, ResourceLimit& v)
{
    a(v.resource, v.soft, v.hard);
}
template <class Archive> void fields(Archive& a, BundleMount& v)
{
    a(v.deed, v.source, v.target, v.type, v.data, v.flags, v.propagation, v.copy_up);
}
template <class Archive> void fields(Archive& a, DeviceOrder& v)
{
    a(v.path, v.source, v.mode, v.major, v.minor, v.uid, v.gid);
}
template <class Archive> void fields(Archive& a, NamespacePath& v)
{
    a(v.kind, v.path);
}
template <class Archive> void fields(Archive& a, CapabilitySets& v)
{
    a(v.bounding, v.effective, v.permitted, v.inheritable, v.ambient);
}
template <class Archive> void fields(Archive& a, BundleSpec& v)
{
    a(v.present, v.waits_for_start, v.namespaces, v.entered, v.root, v.propagation, v.mounts);
    a(v.masked, v.read_only, v.uid, v.gid, v.groups, v.umask, v.capabilities, v.no_new_privileges, v.preserved);
}
template <class Archive> void fields(Archive& a, SharedNamespace& v)
{
    a(v.kind, v.owner);
}
template <class Archive> void fields(Archive& a, Spec& v)
{
    a(v.join, v.user_namespace, v.into_cgroup, v.mount_cgroup, v.wait_for_engine, v.broker, v.shared);
    a(v.hostname, v.args, v.env, v.working_dir, v.user, v.groups, v.tty, v.open_stdin, v.reaper, v.rows, v.columns);
    a(v.root, v.read_only_root, v.lower, v.upper, v.work, v.directory, v.mount_point, v.mounts, v.shm_options, v.files,
        v.devices, v.sysctls, v.privileged);
    a(v.capabilities, v.seccomp, v.seccomp_rules, v.limits, v.bundle);
}
template <class Archive> void fields(Archive& a, PhaseReport& v)
{
    a(v.name);
}
template <class Archive> void fields(Archive& a, SyscallReport& v)
{
    a(v.call, v.arguments, v.result, v.error);
}
template <class Archive> void fields(Archive& a, NamespaceReport& v)
{
    a(v.kind, v.inode);
}
template <class Archive> void fields(Archive& a, JoinedReport& v)
{
    a(v.kind, v.inode, v.owner);
}
template <class Archive> void fields(Archive& a, IdMapReport& v)
{
    a(v.file, v.text);
}
template <class Archive> void fields(Archive& a, UnionReport& v)
{
    a(v.driver, v.target);
}
template <class Archive> void fields(Archive& a, MountReport& v)
{
    a(v.source, v.target, v.type, v.flags);
}
template <class Archive> void fields(Archive& a, PivotReport& v)
{
    a(v.new_root);
}
template <class Archive> void fields(Archive& a, HostnameReport& v)
{
    a(v.hostname);
}
template <class Archive> void fields(Archive& a, PrivilegesReport& v)
{
    a(v.capabilities, v.no_new_privileges, v.filtered_syscalls);
}
template <class Archive> void fields(Archive&, TerminalReport&) { }
template <class Archive> void fields(Archive& a, WarningReport& v)
{
    a(v.what, v.remedy);
}
template <class Archive> void fields(Archive& a, ClonedReport& v)
{
    a(v.pid);
}
template <class Archive> void fields(Archive& a, ExecutingReport& v)
{
    a(v.path);
}
template <class Archive> void fields(Archive& a, FailureReport& v)
{
    a(v.kind, v.message, v.call, v.error);
}
template <class Archive> void fields(Archive& a, ExitReport& v)
{
    a(v.code, v.signal);
}

class Writer {
public:
    template <class... Values> void operator()(Values&... values) { (put(values), ...); }
    std::string take() { return std::exchange(m_bytes, {}); }
    std::size_t size() const { return m_bytes.size(); }

private:
    template <class T> void put(T& value)
    {
        if constexpr (std::is_integral_v<T> || std::is_enum_v<T>)
            integer(static_cast<std::uint64_t>(value));
        else
            fields(*this, value);
    }
    void put(std::string& text)
    {
        integer(text.size());
        m_bytes += text;
    }
    template <class T> void put(std::vector<T>& list)
    {
        integer(list.size());
        for (auto& element : list)
            put(element);
    }
    void integer(std::uint64_t value)
    {
        std::array<char, sizeof value> bytes {};
        std::memcpy(bytes.data(), &value, sizeof value);
        m_bytes.append(bytes.data(), bytes.size());
    }

    std::string m_bytes;
};

class Reader {
public:
    explicit Reader(std::string_view bytes)
        : m_rest(bytes)
    {
    }
    template <class... Values> void operator()(Values&... values) { (get(values), ...); }
    // False once something was asked for that the message does not hold.
    bool intact() const { return m_intact; }
    bool at_end() const { return m_rest.empty(); }

private:
    template <class T> void get(T& value)
    {
        if constexpr (std::is_same_v<T, bool>)
            value = integer() != 0;
        else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>)
            value = static_cast<T>(integer());
        else
            fields(*this, value);
    }
    void get(std::string& text)
    {
        auto const size = integer();
        if (size > m_rest.size())
            return broken();
        text = m_rest.substr(0, size);
        m_rest.remove_prefix(size);
    }
    template <class T> void get(std::vector<T>& list)
    {
        auto const count = integer();
        // Each element takes at least 8 bytes, so a false count cannot make us allocate more than the message.
        if (count > m_rest.size() / 8)
            return broken();
        list.resize(count);
        for (auto& element : list)
            get(element);
    }
    std::uint64_t integer()
    {
        std::uint64_t value = 0;
        if (m_rest.size() < sizeof value) {
            broken();
            return 0;
        }
        std::memcpy(&value, m_rest.data(), sizeof value);
        m_rest.remove_prefix(sizeof value);
        return value;
    }
    void broken()
    {
        m_intact = false;
        m_rest = {};
    }

    std::string_view m_rest;
    bool m_intact { true };
};

inline void append_report(Writer& writer, Report& report)
{
    auto tag = report.index();
    writer(tag);
    std::visit([&](auto& alternative) { writer(alternative); }, report);
}

// Reads one report; false where the bytes are none.
template <std::size_t Index = 0> bool read_alternative(Reader& reader, std::uint64_t tag, Report& report)
{
    if constexpr (Index < std::variant_size_v<Report>) {
        if (tag != Index)
            return read_alternative<Index + 1>(reader, tag, report);
        reader(report.emplace<Index>());
        return reader.intact();
    }
    return false;
}

inline bool read_report(Reader& reader, Report& report)
{
    std::uint64_t tag = 0;
    reader(tag);
    return reader.intact() && read_alternative(reader, tag, report);
}

}
