// What a container gets beside its layers, from its creation to its end.

#include "engine/daemon/ContainerManager.h"
#include "engine/daemon/Json.h"
#include "engine/daemon/Spool.h"
#include "engine/unionfs/Archive.h"

#include <cerrno>
#include <fstream>
#include <sstream>

namespace drydock::daemon {

namespace fs = std::filesystem;

namespace {

// On a disk of the lab's: a way through symlinks stays on it.
Result<void> check_source_on(unionfs::UnionMount& disk, MountPoint const& mount)
{
    if (disk.resolve(mount.source))
        return {};
    if (mount.source_missing == IfMissing::Refuse)
        return fail(ErrorKind::InvalidInput,
            "invalid mount config for type \"bind\": bind source path does not exist: " + mount.source);
    for (std::size_t end = 0; end != std::string::npos;) {
        end = mount.source.find('/', end + 1);
        auto const part = mount.source.substr(0, end);
        if (!disk.resolve(part))
            TRY_WITH(
                "error while creating mount source path '" + mount.source + "'", disk.make_directory(part, 0755, {}));
    }
    return {};
}

Result<void> check_bind_source(MountPoint const& mount, runtime::HostDisk* disk)
{
    if (disk != nullptr) {
        auto const tree = TRY(disk->tree());
        return check_source_on(*tree, mount);
    }
    std::error_code error;
    if (fs::exists(mount.source, error))
        return {};
    if (mount.source_missing == IfMissing::Refuse)
        return fail(ErrorKind::InvalidInput,
            "invalid mount config for type \"bind\": bind source path does not exist: " + mount.source);
    fs::create_directories(mount.source, error);
    if (error)
        return fail(Error::from_errno("mkdir(2)", error.value())
                        .with_context("error while creating mount source path '" + mount.source + "'"));
    return {};
}

}

Result<void> ContainerManager::prepare_mounts(ContainerRecord& record)
{
    record.mounts = TRY(parse_mounts({ record.host.binds, record.host.tmpfs, record.config.volumes }, json::array()));
    // Those of --mount were parsed with the rest of the request; all of them make one list.
    for (auto const& extra : record.host.mounts) {
        std::erase_if(
            record.mounts, [&](MountPoint const& mount) { return mount.anonymous && mount.target == extra.target; });
        for (auto const& mount : record.mounts) {
            if (mount.target == extra.target)
                return fail(ErrorKind::InvalidInput, "Duplicate mount point: " + extra.target);
        }
        record.mounts.push_back(extra);
    }
    TRY(add_mounts_of_others(record));
    std::stable_sort(record.mounts.begin(), record.mounts.end(), [](MountPoint const& a, MountPoint const& b) {
        return std::count(a.target.begin(), a.target.end(), '/') < std::count(b.target.begin(), b.target.end(), '/');
    });
    bool const simulated = m_parts.roots.driver() == StorageDriver::Simulated;
    for (auto& mount : record.mounts) {
        if (mount.kind == MountKind::Bind && simulated && m_parts.disk == nullptr)
            return fail(ErrorKind::NotSupported,
                "the simulated world has no host directories to bind (" + mount.source + "): use a named volume");
        if (mount.kind == MountKind::Bind)
            TRY(check_bind_source(mount, m_parts.disk));
        if (mount.kind != MountKind::Volume)
            continue;
        auto const volume = TRY(m_parts.volumes.create({ .name = mount.source, .labels = mount.labels }));
        mount.source = volume.name;
        if (mount.copy_image)
            TRY_WITH("filling volume " + volume.name, fill_volume(record, mount));
    }
    return {};
}

// Its own mounts win, but for an image's volumes: those are what the others share.
Result<void> ContainerManager::add_mounts_of_others(ContainerRecord& record) const
{
    for (auto const& from : record.host.volumes_from) {
        auto const colon = from.find(':');
        auto const mode = colon == std::string::npos ? "" : from.substr(colon + 1);
        if (mode != "" && mode != "ro" && mode != "rw" && mode != "z" && mode != "Z")
            return fail(ErrorKind::InvalidInput, "invalid mode for volumes-from: " + mode);
        auto const found = find(from.substr(0, colon));
        if (!found) // "not found" would make a client pull the image
            return fail(ErrorKind::InvalidInput, found.error().message());
        auto const& other = *found;
        for (auto mount : other->record().mounts) {
            if (mount.kind == MountKind::Tmpfs)
                continue; // nothing that could be shared
            std::erase_if(
                record.mounts, [&](MountPoint const& mine) { return mine.anonymous && mine.target == mount.target; });
            bool const has_own = std::any_of(record.mounts.begin(), record.mounts.end(),
                [&](MountPoint const& mine) { return mine.target == mount.target; });
            if (has_own)
                continue;
            mount.read_only = mount.read_only || mode == "ro";
            mount.copy_image = false; // it was filled for the other
            mount.anonymous = false;  // and it goes with the other
            record.mounts.push_back(std::move(mount));
        }
    }
    return {};
}

Result<void> ContainerManager::fill_volume(ContainerRecord const& record, MountPoint const& mount)
{
    auto const image = TRY(m_parts.roots.look_below(record));
    auto const source = image->resolve(mount.target);
    if (!source || TRY(image->stat(*source)).type != unionfs::FileType::Directory)
        return {}; // the image has nothing there
    auto const volume = TRY(m_parts.volumes.open(mount.source));
    if (!TRY(volume->list("/")).empty())
        return {};
    auto const spool = TRY(Spool::make(m_parts.seams.storage, m_parts.seams.random));
    TRY(unionfs::write_archive(*image, *source, "", [&](std::string_view bytes) { return spool->write(bytes); }));
    auto const entries = TRY(spool->finish());
    TRY(unionfs::apply_archive(*volume, "/", entries, spool->tar(), unionfs::Overwrite::Anything));
    auto const root = TRY(image->stat(*source));
    TRY(volume->change_mode("/", root.mode));
    if (root.uid != 0 || root.gid != 0)
        TRY(volume->change_owner("/", root.uid, root.gid));
    return {};
}

Result<void> ContainerManager::remove_anonymous_volumes(ContainerRecord const& record)
{
    for (auto const& mount : record.mounts) {
        // Somebody may have mounted it by its name meanwhile.
        if (mount.kind == MountKind::Volume && mount.anonymous && users_of_volume(mount.source).empty())
            TRY(m_parts.volumes.remove(mount.source));
    }
    return {};
}

std::vector<std::shared_ptr<Container>> ContainerManager::users_of_volume(std::string const& name) const
{
    std::vector<std::shared_ptr<Container>> users;
    for (auto const& container : list()) {
        auto const record = container->record();
        bool const uses = std::any_of(record.mounts.begin(), record.mounts.end(),
            [&](MountPoint const& mount) { return mount.kind == MountKind::Volume && mount.source == name; });
        if (uses)
            users.push_back(container);
    }
    return users;
}

namespace {

// "\\040" → " ", as the kernel writes what would end a field (proc_pid_mountinfo(5)).
std::string unescaped(std::string const& field)
{
    std::string text;
    for (std::size_t i = 0; i < field.size(); ++i) {
        if (field[i] == '\\' && i + 3 < field.size()) {
            text += static_cast<char>(std::stoi(field.substr(i + 1, 3), nullptr, 8));
            i += 3;
        } else {
            text += field[i];
        }
    }
    return text;
}

// A line of /proc/self/mountinfo: where it is mounted, and its peer groups ("shared:1 master:2").
struct MountLine {
    std::string point;
    std::string groups;
};

// The mount that `path` lies on: the deepest, and of those that cover each other the last.
MountLine mount_under(std::string const& path)
{
    MountLine found;
    std::ifstream table("/proc/self/mountinfo");
    for (std::string line; std::getline(table, line);) {
        std::istringstream fields(line);
        std::string skipped;
        MountLine mount;
        fields >> skipped >> skipped >> skipped >> skipped >> mount.point >> skipped;
        for (std::string group; fields >> group && group != "-";)
            mount.groups += group + " ";
        mount.point = unescaped(mount.point);
        auto const below = mount.point.ends_with('/') ? mount.point : mount.point + "/";
        if ((path == mount.point || path.starts_with(below)) && mount.point.size() >= found.point.size())
            found = std::move(mount);
    }
    return found;
}

// As dockerd: between mounts that are in no peer group nothing travels (mount_namespaces(7)).
Result<void> check_propagation(fs::path const& below, MountPoint const& mount)
{
    bool const shared = mount.options.ends_with("shared");
    if (!shared && !mount.options.ends_with("slave"))
        return {};
    auto const source = below / fs::path(mount.source).relative_path();
    std::error_code error;
    auto const real = fs::canonical(below.empty() ? fs::path(mount.source) : source, error);
    if (error)
        return fail(Error::from_errno("realpath(3)", error.value()).with_context(mount.source));
    auto const under = mount_under(real.string());
    bool const fits = under.groups.find("shared:") != std::string::npos
        || (!shared && under.groups.find("master:") != std::string::npos);
    if (!fits)
        return fail(ErrorKind::InvalidInput,
            "path " + mount.source + " is mounted on " + under.point + " but it is not a shared "
                + (shared ? "mount" : "or slave mount"));
    return {};
}

}

Result<void> ContainerManager::add_mounts(runtime::LaunchSpec& spec, ContainerRecord const& record)
{
    bool const simulated = m_parts.roots.driver() == StorageDriver::Simulated;
    for (auto const& mount : record.mounts) {
        runtime::Mount wanted { .source = mount.source, .target = mount.target, .read_only = mount.read_only };
        switch (mount.kind) {
        case MountKind::Bind:
            wanted.kind = runtime::Mount::Kind::Bind;
            wanted.data = mount.options;
            if (m_parts.disk != nullptr)
                wanted.below = m_parts.disk->directory();
            if (!simulated) {
                TRY(check_propagation(wanted.below, mount));
            } else if (m_parts.disk != nullptr) {
                wanted.tree = TRY(m_parts.disk->tree());
                wanted.source = TRY(wanted.tree->resolve(mount.source));
            }
            break;
        case MountKind::Tmpfs: {
            auto const options = TRY(parse_tmpfs_options(mount.options));
            wanted.kind = runtime::Mount::Kind::Tmpfs;
            wanted.read_only = mount.read_only || options.read_only;
            wanted.executable = options.executable;
            wanted.data = options.data;
            break;
        }
        case MountKind::Volume:
            wanted.kind = runtime::Mount::Kind::Volume;
            wanted.name = mount.source;
            TRY(m_parts.volumes.find(mount.source));
            wanted.source = m_parts.volumes.mount_point(mount.source);
            if (simulated)
                wanted.tree = TRY(m_parts.volumes.open(mount.source));
            break;
        }
        spec.mounts.push_back(std::move(wanted));
    }
    return {};
}

void ContainerManager::tell_of_mounts(Container const& container, std::string const& action)
{
    for (auto const& mount : container.record().mounts) {
        if (action == "mount")
            m_publisher.publish(trace::VolumeMounted { .container = container.id(),
                .kind = std::string(to_string(mount.kind)),
                .source = mount.source,
                .target = mount.target,
                .read_only = mount.read_only });
        if (mount.kind != MountKind::Volume)
            continue;
        std::map<std::string, std::string> attributes { { "container", container.id().value }, { "driver", "local" } };
        if (action == "mount") {
            attributes["destination"] = mount.target;
            attributes["propagation"] = "";
            attributes["read/write"] = mount.read_only ? "false" : "true";
        }
        m_parts.events.publish("volume", action, mount.source, std::move(attributes));
    }
}

}
