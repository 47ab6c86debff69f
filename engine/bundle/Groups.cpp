#include "engine/bundle/Groups.h"

#include "engine/bundle/Mounts.h"
#include "engine/init/Capabilities.h"
#include "engine/os/ReadText.h"
#include "engine/runtime/Hierarchies.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <set>

namespace drydock::bundle {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 14> v1_controllers { "blkio", "cpu", "cpuacct", "cpuset", "debug", "devices",
    "freezer", "hugetlb", "memory", "misc", "net_cls", "net_prio", "perf_event", "pids" };
constexpr int freeze_patience = 2000; // milliseconds, for what the kernel does a moment later

std::string name_of(runtime::Mounted const& mount)
{
    if (mount.type == "cgroup2")
        return "unified";
    std::string name;
    for (auto const& option : mount.options) {
        if (option.starts_with("name="))
            return option.substr(5);
        if (std::find(v1_controllers.begin(), v1_controllers.end(), option) != v1_controllers.end())
            name += (name.empty() ? "" : ",") + option;
    }
    return name;
}

std::string controller_in(std::string const& name)
{
    return name.substr(0, name.find(','));
}

// A cpuset is born empty, and no process may enter it then.
void fill_cpuset(fs::path const& group)
{
    for (char const* file : { "cpuset.cpus", "cpuset.mems" }) {
        if (runtime::split(os::read_text(group / file), '\n') == std::vector<std::string> { "" }
            || os::read_text(group / file).empty())
            static_cast<void>(runtime::write_text(
                group / file, runtime::split(os::read_text(group.parent_path() / file) + "\n", '\n').front()));
    }
}

// Version 2 hands controllers down only where the parent says so. Not every parent may.
void hand_all_down(fs::path const& group)
{
    for (auto const& line : runtime::split(os::read_text(group / "cgroup.controllers"), '\n')) {
        for (auto const& controller : runtime::split(line, ' '))
            static_cast<void>(runtime::write_text(group / "cgroup.subtree_control", "+" + controller));
    }
}

Result<void> make_group(Group const& group, fs::path const& top)
{
    auto at = top;
    for (auto const& part : group.path.lexically_relative(top)) {
        if (group.version == 2)
            hand_all_down(at);
        at /= part;
        if (::mkdir(at.c_str(), 0755) != 0 && errno != EEXIST)
            return fail(Error::from_errno("mkdir(2)", errno).with_context("making the cgroup " + at.string()));
        if (group.name == "cpuset")
            fill_cpuset(at);
    }
    return {};
}

fs::path place_of(runtime::Mounted const& mount, std::string const& name, std::string const& path)
{
    if (path.starts_with('/'))
        return mount.mount_point / tidy(path).substr(1);
    // A relative one is below the group that we are in.
    auto const own = runtime::own_group(mount.type == "cgroup2" ? "" : controller_in(name))
                         .value_or(name == "systemd" ? runtime::own_group("name=systemd").value_or("/") : "/");
    return runtime::below(mount, own) / tidy(path).substr(1);
}

// One in each hierarchy, and where the hierarchy is mounted.
std::vector<std::pair<Group, fs::path>> places_for(std::string const& cgroups_path)
{
    std::vector<std::pair<Group, fs::path>> places;
    for (auto const& mount : runtime::mounted_hierarchies()) {
        Group group { mount.type == "cgroup2" ? 2 : 1, name_of(mount), {} };
        bool const known = std::any_of(
            places.begin(), places.end(), [&](auto const& other) { return other.first.name == group.name; });
        if (known || group.name.empty())
            continue;
        group.path = place_of(mount, group.name, cgroups_path);
        places.emplace_back(std::move(group), mount.mount_point);
    }
    return places;
}

// The devices that every container may use, whatever config.json says of the rest (config-linux.md).
std::vector<DeviceRule> default_device_rules()
{
    std::vector<DeviceRule> rules;
    for (char const* text : { "c *:* m", "b *:* m", "c 1:3 rwm", "c 1:5 rwm", "c 1:7 rwm", "c 1:8 rwm", "c 1:9 rwm",
             "c 5:0 rwm", "c 5:1 rwm", "c 5:2 rwm", "c 136:* rwm" })
        rules.push_back({ true, text });
    return rules;
}

void remove_tree(fs::path const& group)
{
    std::error_code error;
    for (auto const& entry : fs::directory_iterator(group, error)) {
        if (entry.is_directory(error))
            remove_tree(entry.path());
    }
    runtime::remove_group(group);
}

void collect(fs::path const& group, std::set<int>& pids)
{
    for (auto const& line : runtime::split(os::read_text(group / "cgroup.procs"), '\n')) {
        int pid = 0;
        if (std::from_chars(line.data(), line.data() + line.size(), pid).ec == std::errc {})
            pids.insert(pid);
    }
    std::error_code error;
    for (auto const& entry : fs::directory_iterator(group, error)) {
        if (entry.is_directory(error))
            collect(entry.path(), pids);
    }
}

}

Result<Groups> Groups::make(std::string const& cgroups_path, std::vector<std::string>& warnings)
{
    auto const places = places_for(cgroups_path);
    for (auto const& [group, top] : places) {
        std::set<int> others;
        collect(group.path, others);
        if (!others.empty())
            return fail(ErrorKind::Conflict, "the cgroup " + group.path.string() + " holds processes already");
    }
    std::vector<Group> made;
    for (auto const& [group, top] : places) {
        if (auto result = make_group(group, top); !result)
            warnings.push_back(result.error().message());
        else
            made.push_back(group);
    }
    return Groups(std::move(made));
}

Group const* Groups::with(std::string const& controller) const
{
    for (auto const& group : m_groups) {
        auto const names = runtime::split(group.name, ',');
        if (group.version == 1 && std::find(names.begin(), names.end(), controller) != names.end())
            return &group;
    }
    for (auto const& group : m_groups) {
        auto const names = runtime::split(
            runtime::split(os::read_text(group.path / "cgroup.controllers") + "\n", '\n').front(), ' ');
        if (group.version == 2 && std::find(names.begin(), names.end(), controller) != names.end())
            return &group;
    }
    return nullptr;
}

void Groups::limit(Config& config) const
{
    for (auto const& setting : config.limits) {
        // One controller has two names: "blkio" is "io" in version 2.
        auto const* group = with(setting.v1_file.substr(0, setting.v1_file.find('.')));
        if (group == nullptr)
            group = with(setting.v2_file.substr(0, setting.v2_file.find('.')));
        auto const& file = group != nullptr && group->version == 1 ? setting.v1_file : setting.v2_file;
        auto const& text = group != nullptr && group->version == 1 ? setting.v1_text : setting.v2_text;
        if (group == nullptr)
            config.warnings.push_back(setting.field + " has no effect: there is no cgroup for it here");
        else if (file.empty())
            continue; // said by another setting in this version
        else if (auto result = runtime::write_text(group->path / file, text); !result)
            config.warnings.push_back(setting.field + " has no effect: " + result.error().message());
    }
    if (!config.device_rules.empty())
        enforce_device_rules(config);
}

// Without them a container that may make device nodes may read the host's disks. In a user namespace nobody may.
void Groups::enforce_device_rules(Config& config) const
{
    auto const* group = with("devices");
    Result<void> result = group != nullptr && group->version == 1
        ? Result<void>()
        : fail(ErrorKind::NotSupported, "there is no devices controller of version 1 here");
    auto rules = config.device_rules;
    for (auto& rule : default_device_rules())
        rules.push_back(std::move(rule));
    for (auto const& rule : rules) {
        if (result)
            result = runtime::write_text(group->path / (rule.allow ? "devices.allow" : "devices.deny"), rule.text);
    }
    if (result || config.order.user_namespace)
        return;
    config.warnings.push_back(
        "linux.resources.devices has no effect, so CAP_MKNOD is withheld: " + result.error().message());
    auto& sets = config.order.bundle.capabilities;
    for (auto* set : { &sets.bounding, &sets.effective, &sets.permitted, &sets.inheritable, &sets.ambient })
        *set &= ~*init::parse_capability("CAP_MKNOD");
}

void Groups::attach(int pid, std::vector<std::string>& warnings) const
{
    for (auto const& group : m_groups) {
        if (auto result = runtime::write_text(group.path / "cgroup.procs", std::to_string(pid)); !result)
            warnings.push_back(result.error().message());
    }
}

std::vector<int> Groups::processes() const
{
    std::set<int> pids;
    for (auto const& group : m_groups)
        collect(group.path, pids);
    return { pids.begin(), pids.end() };
}

Result<void> Groups::freeze() const
{
    auto const* freezer = with("freezer");
    if (freezer != nullptr) {
        TRY(runtime::write_text(freezer->path / "freezer.state", "FROZEN"));
        for (int i = 0; i < freeze_patience && !frozen(); ++i)
            runtime::pause_briefly();
        return {};
    }
    for (auto const& group : m_groups) {
        if (group.version == 2)
            return runtime::write_text(group.path / "cgroup.freeze", "1");
    }
    return fail(ErrorKind::NotSupported, "there is no cgroup here that can freeze processes");
}

Result<void> Groups::thaw() const
{
    if (auto const* freezer = with("freezer"))
        return runtime::write_text(freezer->path / "freezer.state", "THAWED");
    for (auto const& group : m_groups) {
        if (group.version == 2)
            return runtime::write_text(group.path / "cgroup.freeze", "0");
    }
    return {};
}

bool Groups::frozen() const
{
    if (auto const* freezer = with("freezer"))
        return os::read_text(freezer->path / "freezer.state").starts_with("FROZEN");
    return std::any_of(m_groups.begin(), m_groups.end(), [](auto const& group) {
        return group.version == 2 && os::read_text(group.path / "cgroup.freeze").starts_with('1');
    });
}

void Groups::remove() const
{
    for (auto const& group : m_groups)
        remove_tree(group.path);
}

std::vector<init::BundleMount> Groups::mounts_for(init::BundleMount const& mount) const
{
    auto const show = [&](Group const& group, std::string const& target) {
        auto bound = mount;
        bound.deed = init::MountDeed::Bind;
        bound.source = group.path.string();
        bound.target = target;
        bound.type = "bind";
        bound.data.clear();
        bound.flags = (mount.flags & ~static_cast<std::uint64_t>(MS_REC)) | MS_BIND;
        bound.propagation.clear();
        return bound;
    };
    if (m_groups.size() == 1 && m_groups.front().version == 2)
        return { show(m_groups.front(), mount.target) };
    auto base = mount;
    base.type = base.source = "tmpfs";
    base.data = "mode=755";
    base.flags &= ~static_cast<std::uint64_t>(MS_RDONLY);
    std::vector<init::BundleMount> mounts { base };
    for (auto const& group : m_groups) {
        mounts.push_back(show(group, mount.target + "/" + group.name));
        auto const names = runtime::split(group.name, ',');
        for (auto const& name : names) {
            if (names.size() > 1)
                mounts.push_back(
                    { init::MountDeed::Link, group.name, mount.target + "/" + name, {}, {}, 0, {}, false });
        }
    }
    if ((mount.flags & MS_RDONLY) != 0)
        mounts.push_back({ init::MountDeed::Remount, {}, mount.target, {}, {}, mount.flags, {}, false });
    return mounts;
}

}
