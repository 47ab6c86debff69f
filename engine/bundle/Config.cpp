#include "engine/bundle/Config.h"

#include "engine/bundle/Fields.h"
#include "engine/bundle/Filter.h"
#include "engine/bundle/Mounts.h"
#include "engine/bundle/Process.h"
#include "engine/bundle/Resources.h"
#include "engine/runtime/Sysctls.h"

#include <nlohmann/json.hpp>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstring>

namespace drydock::bundle {

namespace {

constexpr std::size_t config_limit = 16 << 20; // bytes

constexpr std::array<std::pair<std::string_view, std::uint64_t>, 7> namespace_kinds { {
    { "pid", CLONE_NEWPID },
    { "network", CLONE_NEWNET },
    { "mount", CLONE_NEWNS },
    { "ipc", CLONE_NEWIPC },
    { "uts", CLONE_NEWUTS },
    { "user", CLONE_NEWUSER },
    { "cgroup", CLONE_NEWCGROUP },
} };

// config-linux.md, "Default Devices"
constexpr std::array<std::pair<char const*, std::array<std::uint32_t, 2>>, 6> default_devices { {
    { "/dev/null", { 1, 3 } },
    { "/dev/zero", { 1, 5 } },
    { "/dev/full", { 1, 7 } },
    { "/dev/random", { 1, 8 } },
    { "/dev/urandom", { 1, 9 } },
    { "/dev/tty", { 5, 0 } },
} };

Result<std::vector<Hook>> read_hook_list(oci::JsonObject const& hooks, char const* name)
{
    std::vector<Hook> list;
    for (auto const& from : TRY(list_of(hooks, name))) {
        Hook hook;
        hook.path = TRY(from.string("path"));
        hook.args = TRY(from.strings("args"));
        hook.env = TRY(from.strings("env"));
        hook.timeout = TRY(from.unsigned_integer("timeout"));
        if (!hook.path.starts_with('/'))
            return from.invalid("path", "is not an absolute path");
        if (from.has("timeout") && (hook.timeout == 0 || hook.timeout > 86'400))
            return from.invalid("timeout", "is not between 1 second and a day");
        list.push_back(std::move(hook));
    }
    return list;
}

Result<Hooks> read_hooks(oci::JsonObject const& config)
{
    Hooks hooks;
    if (!config.has("hooks"))
        return hooks;
    auto const from = TRY(config.object("hooks"));
    hooks.prestart = TRY(read_hook_list(from, "prestart"));
    hooks.create_runtime = TRY(read_hook_list(from, "createRuntime"));
    hooks.create_container = TRY(read_hook_list(from, "createContainer"));
    hooks.start_container = TRY(read_hook_list(from, "startContainer"));
    hooks.poststart = TRY(read_hook_list(from, "poststart"));
    hooks.poststop = TRY(read_hook_list(from, "poststop"));
    return hooks;
}

Result<void> read_root(oci::JsonObject const& config, std::filesystem::path const& bundle, init::Spec& order)
{
    auto const root = TRY(config.object("root"));
    auto const path = bundle / TRY(root.string("path"));
    std::error_code error;
    auto const real = std::filesystem::canonical(path, error);
    if (error || !std::filesystem::is_directory(real, error))
        return root.invalid("path", "is no directory: " + path.string());
    if (real == "/")
        return root.invalid("path", "is the root of the host");
    order.bundle.root = real.string();
    order.read_only_root = TRY(root.boolean("readonly"));
    return {};
}

Result<void> read_namespaces(oci::JsonObject const& linux_part, init::BundleSpec& bundle)
{
    std::uint64_t seen = 0;
    for (auto const& from : TRY(list_of(linux_part, "namespaces"))) {
        auto const type = TRY(from.string("type"));
        auto const path = TRY(from.string_or_empty("path"));
        auto const* const kind = std::find_if(
            namespace_kinds.begin(), namespace_kinds.end(), [&](auto const& entry) { return entry.first == type; });
        if (type == "time")
            return unsupported(from, "type", "time namespaces");
        if (kind == namespace_kinds.end())
            return from.invalid("type", "is no kind of namespace: \"" + type + "\"");
        if ((seen & kind->second) != 0)
            return from.invalid("type", "is there twice: \"" + type + "\"");
        seen |= kind->second;
        if (path.empty())
            bundle.namespaces |= kind->second;
        else if (type == "mount")
            return unsupported(from, "path", "a container gets a mount namespace of its own");
        else if (!path.starts_with('/'))
            return from.invalid("path", "is not an absolute path");
        else if (type == "user")
            bundle.entered.insert(bundle.entered.begin(), { kind->second, path });
        else
            bundle.entered.push_back({ kind->second, path });
    }
    if ((bundle.namespaces & CLONE_NEWNS) == 0)
        return unsupported(
            linux_part, "namespaces", "without a mount namespace the host's files would be the container's");
    return {};
}

bool lives_in_own(init::BundleSpec const& bundle, std::uint64_t kind)
{
    return (bundle.namespaces & kind) != 0
        || std::any_of(bundle.entered.begin(), bundle.entered.end(), [&](auto const& e) { return e.kind == kind; });
}

Result<std::string> read_map(oci::JsonObject const& linux_part, char const* name)
{
    std::string map;
    for (auto const& line : TRY(list_of(linux_part, name))) {
        auto const inside = TRY(line.unsigned_integer("containerID"));
        auto const outside = TRY(line.unsigned_integer("hostID"));
        auto const size = TRY(line.unsigned_integer("size"));
        if (inside > UINT32_MAX || outside > UINT32_MAX || size == 0 || size > UINT32_MAX)
            return line.invalid("size", "or an id is out of range");
        map += std::to_string(inside) + " " + std::to_string(outside) + " " + std::to_string(size) + "\n";
    }
    return map;
}

Result<void> read_maps(oci::JsonObject const& linux_part, Config& config)
{
    config.uid_map = TRY(read_map(linux_part, "uidMappings"));
    config.gid_map = TRY(read_map(linux_part, "gidMappings"));
    bool const makes_one = (config.order.bundle.namespaces & CLONE_NEWUSER) != 0;
    config.order.user_namespace = lives_in_own(config.order.bundle, CLONE_NEWUSER);
    if (makes_one && (config.uid_map.empty() || config.gid_map.empty()))
        return linux_part.invalid(config.uid_map.empty() ? "uidMappings" : "gidMappings", "is missing");
    if (!config.order.user_namespace && !(config.uid_map.empty() && config.gid_map.empty()))
        return linux_part.invalid("uidMappings", "needs a user namespace in linux.namespaces");
    if (!makes_one) {
        config.uid_map.clear(); // those of the namespace that is entered hold
        config.gid_map.clear();
    }
    return {};
}

Result<init::DeviceOrder> read_device(oci::JsonObject const& from)
{
    init::DeviceOrder device;
    auto const type = TRY(from.string("type"));
    device.path = tidy(TRY(from.string("path")));
    device.source = device.path;
    device.mode = TRY(number32(from, "fileMode", 0666)) & 07777;
    device.uid = TRY(number32(from, "uid"));
    device.gid = TRY(number32(from, "gid"));
    device.major = TRY(number32(from, "major"));
    device.minor = TRY(number32(from, "minor"));
    if (type == "c" || type == "u")
        device.mode |= S_IFCHR;
    else if (type == "b")
        device.mode |= S_IFBLK;
    else if (type == "p")
        device.mode |= S_IFIFO;
    else
        return from.invalid("type", "is none of b, c, p, u");
    return device;
}

Result<void> read_devices(oci::JsonObject const& linux_part, std::vector<init::DeviceOrder>& devices)
{
    for (auto const& from : TRY(list_of(linux_part, "devices")))
        devices.push_back(TRY(read_device(from)));
    for (auto const& [path, number] : default_devices) {
        bool const there = std::any_of(devices.begin(), devices.end(),
            [name = std::string_view(path)](auto const& device) { return device.path == name; });
        if (!there)
            devices.push_back({ path, path, S_IFCHR | 0666, number[0], number[1], 0, 0 });
    }
    return {};
}

Result<void> read_sysctls(oci::JsonObject const& linux_part, init::Spec& order)
{
    for (auto [name, value] : TRY(linux_part.string_map("sysctl"))) {
        auto const path = runtime::sysctl_path(name);
        auto const owner = runtime::owner_of_sysctl(path);
        auto const field = "sysctl." + name;
        if (owner == 0)
            return linux_part.invalid(field, "is a parameter of the host's, not of a namespace");
        if (!lives_in_own(order.bundle, owner))
            return linux_part.invalid(field, "belongs to a namespace that is the host's here");
        order.sysctls.push_back({ path, value });
    }
    return {};
}

Result<std::vector<std::string>> read_paths(oci::JsonObject const& linux_part, char const* name)
{
    std::vector<std::string> paths;
    for (auto const& path : TRY(linux_part.strings(name))) {
        if (!path.starts_with('/'))
            return linux_part.invalid(name, "holds what is no absolute path: \"" + path + "\"");
        paths.push_back(tidy(path));
    }
    return paths;
}

Result<void> read_propagation(oci::JsonObject const& linux_part, init::BundleSpec& bundle)
{
    auto const word = TRY(linux_part.string_or_empty("rootfsPropagation"));
    bundle.propagation = word.empty() ? MS_SLAVE | MS_REC : propagation_of(word);
    if (bundle.propagation == 0)
        return linux_part.invalid("rootfsPropagation", "is no propagation: \"" + word + "\"");
    // What the container mounts would reach the host.
    if ((bundle.propagation & MS_SHARED) != 0)
        return unsupported(linux_part, "rootfsPropagation", word);
    if ((bundle.propagation & MS_UNBINDABLE) != 0)
        bundle.propagation = MS_PRIVATE | MS_REC; // ours has to be bound once before
    bundle.propagation |= MS_REC;
    return {};
}

Result<void> read_linux(oci::JsonObject const& linux_part, Config& config)
{
    auto& bundle = config.order.bundle;
    TRY(read_namespaces(linux_part, bundle));
    TRY(read_maps(linux_part, config));
    TRY(read_devices(linux_part, config.order.devices));
    TRY(read_sysctls(linux_part, config.order));
    TRY(read_propagation(linux_part, bundle));
    bundle.masked = TRY(read_paths(linux_part, "maskedPaths"));
    bundle.read_only = TRY(read_paths(linux_part, "readonlyPaths"));
    config.cgroups_path = TRY(linux_part.string_or_empty("cgroupsPath"));
    if (linux_part.has("resources")) {
        auto const resources = TRY(linux_part.object("resources"));
        TRY(read_resources(resources, config));
    }
    if (linux_part.has("seccomp")) {
        auto const seccomp = TRY(linux_part.object("seccomp"));
        auto filter = TRY(read_filter(seccomp));
        config.order.seccomp = std::move(filter.program);
        config.order.seccomp_rules = filter.rules;
    }
    TRY(refuse_text(linux_part, { "mountLabel" }));
    return refuse_if_present(linux_part, { "intelRdt", "personality", "timeOffsets" });
}

Result<void> check_version(oci::JsonObject const& config)
{
    auto const version = TRY(config.string("ociVersion"));
    if (!version.starts_with("1."))
        return config.invalid("ociVersion", "is not 1.x: \"" + version + "\"");
    return {};
}

Result<void> read_parts(oci::JsonObject const& from, std::filesystem::path const& bundle, Config& config)
{
    auto& order = config.order;
    order.bundle.present = true;
    TRY(check_version(from));
    TRY(read_root(from, bundle, order));
    if (!from.has("linux"))
        return from.invalid("linux", "is missing");
    auto const linux_part = TRY(from.object("linux"));
    TRY(read_linux(linux_part, config));
    order.hostname = TRY(from.string_or_empty("hostname"));
    if (!order.hostname.empty() && !lives_in_own(order.bundle, CLONE_NEWUTS))
        return from.invalid("hostname", "needs a uts namespace in linux.namespaces");
    if (order.hostname.size() > 64)
        return from.invalid("hostname", "is longer than 64 bytes");
    TRY(refuse_text(from, { "domainname" }));
    for (auto const& mount : TRY(list_of(from, "mounts")))
        order.bundle.mounts.push_back(TRY(read_mount(mount, bundle)));
    if (from.has("process")) {
        auto const process = TRY(from.object("process"));
        TRY(read_process_object(process, config));
    }
    config.hooks = TRY(read_hooks(from));
    config.annotations = TRY(from.string_map("annotations"));
    return refuse_if_present(from, { "vm", "windows", "solaris", "zos" });
}

}

Result<Config> read_config(std::string_view text, std::filesystem::path const& bundle)
{
    auto const document = TRY(oci::parse_json(text, "config.json", config_limit));
    auto const root = TRY(oci::JsonObject::root(document, "config.json"));
    Config config;
    TRY(read_parts(root, bundle, config));
    return config;
}

}
