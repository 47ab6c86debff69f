#include "engine/runtime/Cgroup.h"

#include "engine/os/ReadText.h"
#include "engine/runtime/Hierarchies.h"
#include "sim/core/Units.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <sstream>

namespace drydock::runtime {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 3> wanted { "memory", "pids", "cpu" };
constexpr std::int64_t cpu_period = 100'000; // microseconds

bool holds_word(std::string const& text, std::string_view word)
{
    std::istringstream words(text);
    return std::find(std::istream_iterator<std::string>(words), {}, word) != std::istream_iterator<std::string>();
}

bool writable(fs::path const& directory)
{
    return ::access(directory.c_str(), W_OK) == 0 && ::access((directory / "cgroup.procs").c_str(), W_OK) == 0;
}

// Controllers reach a group only where its parent hands them down, and a group that does so may hold no processes
// itself (cgroups(7), "no internal processes"). So the nearest of our ancestors that can serves as the base.
void hand_down(fs::path const& group)
{
    for (auto const controller : wanted) {
        if (holds_word(os::read_text(group / "cgroup.controllers"), controller))
            static_cast<void>(write_text(group / "cgroup.subtree_control", "+" + std::string(controller)));
    }
}

std::vector<std::string> handed_down(fs::path const& group)
{
    auto const text = os::read_text(group / "cgroup.subtree_control");
    std::vector<std::string> controllers;
    for (auto const controller : wanted) {
        if (holds_word(text, controller))
            controllers.emplace_back(controller);
    }
    return controllers;
}

std::optional<CgroupTree> usable_v2(Mounted const& mount)
{
    auto const own = own_group("");
    if (!own)
        return {};
    std::optional<CgroupTree> best;
    for (auto group = below(mount, *own);; group = group.parent_path()) {
        if (writable(group)) {
            if (os::read_text(group / "cgroup.controllers").find("pids") != std::string::npos)
                hand_down(group);
            CgroupTree tree { 2, handed_down(group), group };
            if (!best || tree.controllers.size() > best->controllers.size())
                best = std::move(tree);
        }
        if (group == mount.mount_point || group == group.root_path())
            break;
    }
    return best;
}

std::optional<CgroupTree> usable_v1(Mounted const& mount)
{
    CgroupTree tree { 1, {}, {} };
    for (auto const controller : wanted) {
        if (std::find(mount.options.begin(), mount.options.end(), controller) != mount.options.end())
            tree.controllers.emplace_back(controller);
    }
    auto const own = tree.controllers.empty() ? std::nullopt : own_group(tree.controllers.front());
    if (!own)
        return {};
    tree.base = below(mount, *own);
    return writable(tree.base) ? std::optional(std::move(tree)) : std::nullopt;
}

bool has_controller(CgroupTree const& tree, std::string_view controller)
{
    return std::find(tree.controllers.begin(), tree.controllers.end(), controller) != tree.controllers.end();
}

struct Setting {
    std::string_view controller;
    std::string file;
    std::string text;
    bool where_possible { false }; // a kernel without swap accounting has no such file
};

// The first version counts memory and swap together, the second swap alone.
Setting swap_setting(int version, Limits const& limits)
{
    auto const memory = static_cast<std::int64_t>(limits.memory);
    auto const both = limits.memory_swap == 0 ? memory * 2 : limits.memory_swap;
    auto const value = version == 1 ? both : std::max<std::int64_t>(0, both - memory);
    auto const unlimited = version == 1 ? "-1" : "max";
    return { "memory", version == 1 ? "memory.memsw.limit_in_bytes" : "memory.swap.max",
        both < 0 ? unlimited : std::to_string(value), true };
}

std::vector<Setting> settings_for(int version, Limits const& limits)
{
    // The monitor is born in the v1 groups with its container and counts there.
    auto const pids = limits.most_processes() + (version == 1 ? 1 : 0);
    auto const quota = std::max<std::int64_t>(1000, limits.nano_cpus / 1000 * cpu_period / 1'000'000);
    std::vector<Setting> settings { { "pids", "pids.max", std::to_string(pids) } };
    if (limits.memory > 0) {
        // Both ways round, for neither may pass the other: it goes first to rise, and last to fall.
        settings.push_back(swap_setting(version, limits));
        settings.push_back(
            { "memory", version == 2 ? "memory.max" : "memory.limit_in_bytes", std::to_string(limits.memory) });
        settings.push_back(swap_setting(version, limits));
    }
    if (limits.nano_cpus > 0 && version == 2)
        settings.push_back({ "cpu", "cpu.max", fmt::format("{} {}", quota, cpu_period) });
    if (limits.nano_cpus > 0 && version == 1)
        settings.push_back({ "cpu", "cpu.cfs_quota_us", std::to_string(quota) });
    return settings;
}

std::string describe(std::string_view controller, Limits const& limits)
{
    if (controller == "memory")
        return "memory " + human_size(limits.memory);
    if (controller == "pids")
        return fmt::format("{} processes", limits.most_processes());
    return fmt::format("{:g} processors", static_cast<double>(limits.nano_cpus) / 1e9);
}

Result<void> make_group(fs::path const& group)
{
    if (::mkdir(group.c_str(), 0755) != 0 && errno != EEXIST) // another container may have made the common one
        return fail(Error::from_errno("mkdir(2)", errno).with_context("making the cgroup " + group.string()));
    return {};
}

constexpr std::string_view group_prefix = "drydock-";

// "drydock-4711-2": the second runtime of process 4711. With one group for both, each would take the other's idle
// monitors for its own.
std::string new_group_name()
{
    static std::atomic<unsigned> runtimes { 0 };
    return fmt::format("{}{}-{}", group_prefix, ::getpid(), ++runtimes);
}

bool leads_to(fs::path const& path, os::Fd const& open)
{
    struct stat named { };
    struct stat opened { };
    return ::stat(path.c_str(), &named) == 0 && ::fstat(open.get(), &opened) == 0 && named.st_ino == opened.st_ino;
}

os::Fd opened(fs::path const& group)
{
    return os::Fd(::open(group.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

// The lock of a new group; nothing where somebody has one of that name. Where none can be made, whoever makes a
// container meets the same failure and reports it.
std::optional<os::Fd> claim(fs::path const& group)
{
    if (::mkdir(group.c_str(), 0755) != 0)
        return errno == EEXIST ? std::nullopt : std::optional(os::Fd {});
    auto lock = opened(group);
    if (!lock)
        return errno == ENOENT ? std::nullopt : std::optional(os::Fd {}); // swept before it was opened
    if (::flock(lock.get(), LOCK_EX) != 0)
        return os::Fd {};
    return leads_to(group, lock) ? std::optional(std::move(lock)) : std::nullopt; // swept before it was locked
}

// A group belongs to whoever holds its lock, and to nobody when that process has ended: its containers are dead, but
// nobody has removed their groups. The pid in its name does not tell, for in another pid namespace of the same machine
// the number is another process's.
void sweep(fs::path const& directory)
{
    std::error_code error;
    for (auto const& entry : fs::directory_iterator(directory, error)) {
        if (!entry.path().filename().string().starts_with(group_prefix))
            continue;
        auto const lock = opened(entry.path());
        if (!lock || ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0)
            continue;
        for (auto const& group : fs::directory_iterator(entry.path(), error))
            ::rmdir(group.path().c_str());
        ::rmdir(entry.path().c_str());
    }
}

Result<std::string> apply(CgroupTree const& tree, fs::path const& group, Limits const& limits)
{
    std::string applied;
    for (auto const& setting : settings_for(tree.version, limits)) {
        if (!has_controller(tree, setting.controller))
            continue;
        auto const written = write_text(group / setting.file, setting.text);
        if (setting.where_possible)
            continue;
        TRY(written);
        applied += (applied.empty() ? "" : ", ") + describe(setting.controller, limits);
    }
    return applied;
}

}

// ---- One container's groups ----

Cgroup::~Cgroup()
{
    m_directory.reset();
    if (!m_v2.empty())
        remove_group(m_v2);
    for (auto const& group : m_v1)
        remove_group(group.path);
}

Result<void> Cgroup::attach_v1(int pid) const
{
    for (auto const& group : m_v1)
        TRY(write_text(group.path / "cgroup.procs", std::to_string(pid)));
    return {};
}

Result<void> Cgroup::freeze() const
{
    TRY(write_text(m_v2 / "cgroup.freeze", "1"));
    while (os::read_text(m_v2 / "cgroup.events").find("frozen 1") == std::string::npos)
        pause_briefly();
    return {};
}

Result<void> Cgroup::thaw() const
{
    return write_text(m_v2 / "cgroup.freeze", "0");
}

Result<void> Cgroup::kill() const
{
    TRY(write_text(m_v2 / "cgroup.kill", "1"));
    while (os::read_text(m_v2 / "cgroup.events").find("populated 1") != std::string::npos)
        pause_briefly();
    return {};
}

std::vector<std::int64_t> Cgroup::processes() const
{
    std::vector<std::int64_t> pids;
    for (auto const& line : split(os::read_text(m_v2 / "cgroup.procs"), '\n')) {
        if (!line.empty())
            pids.push_back(std::stoll(line));
    }
    std::sort(pids.begin(), pids.end());
    return pids;
}

// cgroups(7): "memory.events" of version 2 and, since Linux 4.13, "memory.oom_control" of version 1 count them.
bool Cgroup::has_run_out_of_memory() const
{
    auto const counts_kills = [](fs::path const& file) {
        for (auto const& line : split(os::read_text(file), '\n')) {
            if (line.starts_with("oom_kill ") && line != "oom_kill 0")
                return true;
        }
        return false;
    };
    for (auto const& group : m_v1) {
        if (counts_kills(group.path / "memory.oom_control"))
            return true;
    }
    return !m_v2.empty() && counts_kills(m_v2 / "memory.events");
}

namespace {

std::uint64_t number_in(std::string const& text)
{
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value); // "max" and nothing are 0
    return value;
}

// The value behind `key` in lines of "key value".
std::uint64_t value_of(fs::path const& file, std::string_view key)
{
    for (auto const& line : split(os::read_text(file), '\n')) {
        if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == ' ')
            return number_in(line.substr(key.size() + 1));
    }
    return 0;
}

// "8:0 rbytes=4096 wbytes=0 …", a line each device (cgroup-v2.rst, "IO Interface Files").
std::uint64_t sum_of(fs::path const& file, std::string_view key)
{
    std::uint64_t sum = 0;
    for (auto const& line : split(os::read_text(file), '\n')) {
        for (auto const& word : split(line, ' ')) {
            if (word.starts_with(key))
                sum += number_in(word.substr(key.size()));
        }
    }
    return sum;
}

void read_v2(fs::path const& group, Usage& usage)
{
    usage.cpu_nanoseconds = value_of(group / "cpu.stat", "usage_usec") * 1000;
    usage.memory = number_in(os::read_text(group / "memory.current"));
    usage.inactive_file = value_of(group / "memory.stat", "inactive_file");
    usage.pids = number_in(os::read_text(group / "pids.current"));
    usage.read_bytes = sum_of(group / "io.stat", "rbytes=");
    usage.written_bytes = sum_of(group / "io.stat", "wbytes=");
}

}

Usage Cgroup::usage() const
{
    Usage usage;
    if (!m_v2.empty())
        read_v2(m_v2, usage);
    for (auto const& [tree, path] : m_limited) {
        if (tree.version != 1)
            continue;
        usage.version_2 = false;
        if (has_controller(tree, "memory")) {
            usage.memory = number_in(os::read_text(path / "memory.usage_in_bytes"));
            usage.inactive_file = value_of(path / "memory.stat", "total_inactive_file");
        }
        if (has_controller(tree, "pids")) // the monitor is one of them
            usage.pids = std::max<std::uint64_t>(1, number_in(os::read_text(path / "pids.current"))) - 1;
        if (has_controller(tree, "cpu"))
            usage.cpu_nanoseconds = number_in(os::read_text(path / "cpuacct.usage"));
    }
    return usage;
}

Result<void> Cgroup::limit(Limits const& limits)
{
    for (std::size_t i = 0; i < m_limited.size(); ++i)
        m_groups[i].limits = TRY(apply(m_limited[i].tree, m_limited[i].path, limits));
    return {};
}

// ---- All of them ----

Cgroups Cgroups::discover()
{
    Cgroups cgroups;
    for (auto const& mount : mounted_hierarchies()) {
        auto tree = mount.type == "cgroup2" ? usable_v2(mount) : usable_v1(mount);
        // A tree may be mounted more than once; a controller stands in one version 1 tree only.
        auto const known = tree && std::any_of(cgroups.m_trees.begin(), cgroups.m_trees.end(), [&](auto const& other) {
            return tree->version == other.version && (tree->version == 2 || tree->controllers == other.controllers);
        });
        if (tree && !known)
            cgroups.m_trees.push_back(std::move(*tree));
    }
    for (auto const& tree : cgroups.m_trees)
        sweep(tree.base);
    while (!cgroups.claim_groups(new_group_name())) { }
    return cgroups;
}

// One name in all trees.
bool Cgroups::claim_groups(std::string const& name)
{
    std::vector<os::Fd> locks;
    for (auto const& tree : m_trees) {
        auto lock = claim(tree.base / name);
        if (!lock) {
            for (std::size_t i = 0; i < locks.size(); ++i)
                ::rmdir((m_trees[i].base / name).c_str());
            return false;
        }
        locks.push_back(std::move(*lock));
    }
    for (auto& tree : m_trees)
        tree.base /= name;
    m_locks = std::move(locks);
    return true;
}

Cgroups::~Cgroups()
{
    for (auto const& tree : m_trees)
        ::rmdir(tree.base.c_str());
}

bool Cgroups::has(std::string_view controller) const
{
    return std::any_of(
        m_trees.begin(), m_trees.end(), [&](auto const& tree) { return has_controller(tree, controller); });
}

Result<std::shared_ptr<Cgroup>> Cgroups::prepare(std::string const& name) const
{
    std::shared_ptr<Cgroup> cgroup(new Cgroup);
    for (std::size_t i = 0; i < m_trees.size(); ++i) {
        auto const& tree = m_trees[i];
        if (tree.version != 1)
            continue;
        TRY(make_group(tree.base));
        TRY(make_group(tree.base / name));
        cgroup->m_v1.push_back({ i, tree.base / name });
    }
    return cgroup;
}

Result<void> Cgroups::assign(Cgroup& cgroup, ContainerId const& container, Limits const& limits) const
{
    for (auto& group : cgroup.m_v1) {
        auto const& tree = m_trees[group.tree];
        auto const path = tree.base / container.value;
        if (::rename(group.path.c_str(), path.c_str()) != 0)
            return fail(Error::from_errno("rename(2)", errno).with_context("naming the cgroup " + path.string()));
        group.path = path;
        auto controllers = TRY(apply(tree, path, limits));
        cgroup.m_groups.push_back({ path, std::move(controllers) });
        cgroup.m_limited.push_back({ tree, path });
    }
    for (auto const& tree : m_trees) {
        if (tree.version != 2)
            continue;
        TRY(make_group(tree.base));
        hand_down(tree.base);
        cgroup.m_v2 = tree.base / container.value;
        TRY(make_group(cgroup.m_v2));
        auto controllers = TRY(apply(tree, cgroup.m_v2, limits));
        cgroup.m_groups.push_back({ cgroup.m_v2, std::move(controllers) });
        cgroup.m_limited.push_back({ tree, cgroup.m_v2 });
        cgroup.m_directory = os::Fd(::open(cgroup.m_v2.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    }
    return {};
}

}
