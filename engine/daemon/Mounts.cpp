#include "engine/daemon/Mounts.h"

#include "engine/daemon/Json.h"
#include "engine/daemon/Places.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace drydock::daemon {

namespace {

constexpr std::array<std::string_view, 3> mount_kinds { "bind", "volume", "tmpfs" };

std::vector<std::string> split_at(std::string const& text, char separator)
{
    std::vector<std::string> parts;
    std::string::size_type begin = 0;
    while (true) {
        auto const end = text.find(separator, begin);
        parts.push_back(text.substr(begin, end - begin));
        if (end == std::string::npos)
            return parts;
        begin = end + 1;
    }
}

Result<std::string> checked_target(std::string const& target, std::string const& specification)
{
    if (!target.starts_with('/'))
        return fail(ErrorKind::InvalidInput,
            "invalid volume specification: '" + specification + "': invalid mount path: '" + target
                + "' mount path must be absolute");
    auto plain = plain_path(target);
    if (plain == "/")
        return fail(
            ErrorKind::InvalidInput, "invalid volume specification: '" + specification + "': destination can't be '/'");
    return plain;
}

bool is_propagation(std::string const& word)
{
    static constexpr std::array<std::string_view, 6> words { "private", "rprivate", "shared", "rshared", "slave",
        "rslave" };
    return std::find(words.begin(), words.end(), word) != words.end();
}

Result<void> take_mode(MountPoint& mount, std::string const& mode, std::string const& specification)
{
    static std::map<std::string, char const*> const groups { { "ro", "access" }, { "rw", "access" }, { "z", "label" },
        { "Z", "label" }, { "nocopy", "copy" }, { "copy", "copy" }, { "cached", "consistency" },
        { "delegated", "consistency" }, { "consistent", "consistency" } };
    std::set<std::string> seen; // of each group one
    mount.mode = mode;
    for (auto const& option : split_at(mode, ',')) {
        auto const group = groups.find(option);
        if ((group == groups.end() && !is_propagation(option))
            || !seen.insert(group == groups.end() ? "propagation" : group->second).second)
            return fail(ErrorKind::InvalidInput, "invalid mode: " + mode);
        if (option == "ro")
            mount.read_only = true;
        else if (option == "nocopy")
            mount.copy_image = false;
        else if (is_propagation(option))
            mount.options = option;
    }
    if (mount.kind == MountKind::Volume && !mount.options.empty())
        return fail(ErrorKind::InvalidInput,
            "invalid volume specification: '" + specification
                + "': invalid mount config for type \"volume\": field BindOptions must not be specified");
    return {};
}

Result<MountPoint> parse_bind(std::string const& text)
{
    auto const parts = split_at(text, ':');
    if (parts.size() < 2 || parts.size() > 3 || parts[0].empty())
        return fail(ErrorKind::InvalidInput, "invalid volume specification: '" + text + "'");
    auto target = TRY(checked_target(parts[1], text));
    MountPoint mount { .kind = parts[0].starts_with('/') ? MountKind::Bind : MountKind::Volume,
        .source = parts[0].starts_with('/') ? plain_path(parts[0]) : parts[0],
        .target = std::move(target),
        .source_missing = IfMissing::Make };
    if (parts.size() == 3)
        TRY(take_mode(mount, parts[2], text));
    if (mount.mode.empty() && mount.kind == MountKind::Volume)
        mount.mode = "z"; // dockerd's, whether anything is labelled or not
    return mount;
}

Result<MountPoint> parse_mount(json const& object)
{
    if (!object.is_object())
        return fail(ErrorKind::InvalidInput, "invalid JSON: Mounts must be a list of objects");
    ObjectReader reader(object);
    auto const type = reader.text("Type");
    auto const* const kind = std::find(mount_kinds.begin(), mount_kinds.end(), type);
    if (kind == mount_kinds.end())
        return fail(ErrorKind::InvalidInput, "invalid mount config for type \"" + type + "\": mount type unknown");
    MountPoint mount { .kind = static_cast<MountKind>(kind - mount_kinds.begin()),
        .source = reader.text("Source"),
        .target = reader.text("Target"),
        .read_only = reader.flag("ReadOnly") };
    auto const invalid = [&](std::string const& why) {
        return fail(ErrorKind::InvalidInput, "invalid mount config for type \"" + type + "\": " + why);
    };
    if (mount.target.empty())
        return invalid("field Target must not be empty");
    if (!mount.target.starts_with('/'))
        return invalid("invalid mount path: '" + mount.target + "' mount path must be absolute");
    mount.target = plain_path(mount.target);
    if (mount.target == "/")
        return invalid("invalid specification: destination can't be '/'");
    auto const bind_options = reader.object("BindOptions");
    if (mount.kind != MountKind::Bind && !bind_options.empty())
        return invalid("field BindOptions must not be specified");
    if (mount.kind == MountKind::Bind) {
        if (!mount.source.starts_with('/'))
            return invalid(mount.source.empty()
                    ? "field Source must not be empty"
                    : "invalid mount path: '" + mount.source + "' mount path must be absolute");
        ObjectReader options(bind_options);
        mount.source_missing = options.flag("CreateMountpoint") ? IfMissing::Make : IfMissing::Refuse;
        mount.options = options.text("Propagation");
        if (!mount.options.empty() && !is_propagation(mount.options))
            return invalid("invalid propagation mode: " + mount.options);
    }
    if (mount.kind == MountKind::Tmpfs) {
        if (!mount.source.empty())
            return invalid("field Source must not be specified");
        ObjectReader options(reader.object("TmpfsOptions"));
        if (auto const size = options.number("SizeBytes"); size > 0)
            mount.options = "size=" + std::to_string(size);
        if (auto const mode = options.number("Mode"); mode > 0) {
            std::array<char, 16> octal {};
            std::snprintf(octal.data(), octal.size(), "mode=%o", static_cast<unsigned>(mode & 07777));
            mount.options += (mount.options.empty() ? "" : ",") + std::string(octal.data());
        }
        TRY(options.finish());
    }
    if (mount.kind == MountKind::Volume) {
        ObjectReader options(reader.object("VolumeOptions"));
        mount.copy_image = !options.flag("NoCopy");
        mount.labels = options.texts("Labels");
        auto const driver = ObjectReader(options.object("DriverConfig")).text("Name");
        if (!driver.empty() && driver != "local")
            return invalid("error looking up volume plugin " + driver + ": plugin \"" + driver + "\" not found");
        mount.anonymous = mount.source.empty();
        TRY(options.finish());
    }
    TRY(reader.finish());
    return mount;
}

}

std::string_view to_string(MountKind kind)
{
    return mount_kinds.at(static_cast<std::size_t>(kind));
}

Result<std::vector<MountPoint>> parse_mounts(MountRequests const& requests, json const& mounts)
{
    std::vector<MountPoint> all;
    for (auto const& text : requests.binds)
        all.push_back(TRY(parse_bind(text)));
    for (auto const& object : mounts)
        all.push_back(TRY(parse_mount(object)));
    for (auto const& [target, options] : requests.tmpfs) {
        TRY(parse_tmpfs_options(options));
        if (!target.starts_with('/'))
            return fail(ErrorKind::InvalidInput, "invalid mount path: '" + target + "' mount path must be absolute");
        if (plain_path(target) == "/")
            return fail(ErrorKind::InvalidInput, "invalid specification: destination can't be '/'");
        auto plain = plain_path(target);
        MountPoint mount { .kind = MountKind::Tmpfs, .source = {}, .target = std::move(plain) };
        mount.options = options;
        all.push_back(std::move(mount));
    }
    std::set<std::string> targets;
    for (auto const& mount : all) {
        if (!targets.insert(mount.target).second)
            return fail(ErrorKind::InvalidInput, "Duplicate mount point: " + mount.target);
        if (mount.target == "/proc" || mount.target.starts_with("/proc/"))
            return fail(
                ErrorKind::InvalidInput, "\"" + mount.target + "\" cannot be mounted because it is inside /proc");
    }
    // What the user mounts there takes the place of an image's volume.
    for (auto const& text : requests.volumes) {
        auto const target = TRY(checked_target(text, text));
        if (targets.insert(target).second)
            all.push_back({ .kind = MountKind::Volume, .source = {}, .target = target, .anonymous = true });
    }
    // A mount below another comes after it.
    std::stable_sort(all.begin(), all.end(), [](MountPoint const& a, MountPoint const& b) {
        return std::count(a.target.begin(), a.target.end(), '/') < std::count(b.target.begin(), b.target.end(), '/');
    });
    return all;
}

json to_record(std::vector<MountPoint> const& mounts)
{
    json list = json::array();
    for (auto const& mount : mounts)
        list.push_back({ { "Kind", to_string(mount.kind) }, { "Source", mount.source }, { "Target", mount.target },
            { "ReadOnly", mount.read_only }, { "Anonymous", mount.anonymous }, { "Options", mount.options },
            { "Mode", mount.mode } });
    return list;
}

Result<std::vector<MountPoint>> mounts_from_record(json const& list)
{
    std::vector<MountPoint> mounts;
    for (auto const& object : list.is_array() ? list : json::array()) {
        ObjectReader reader(object);
        auto const* const kind = std::find(mount_kinds.begin(), mount_kinds.end(), reader.text("Kind"));
        if (kind == mount_kinds.end())
            return fail(ErrorKind::Corrupt, "unknown kind of mount " + reader.text("Kind"));
        mounts.push_back({ .kind = static_cast<MountKind>(kind - mount_kinds.begin()),
            .source = reader.text("Source"),
            .target = reader.text("Target"),
            .read_only = reader.flag("ReadOnly"),
            .anonymous = reader.flag("Anonymous") });
        mounts.back().options = reader.text("Options");
        mounts.back().mode = reader.text("Mode");
        TRY(reader.finish());
    }
    return mounts;
}

Result<TmpfsOptions> parse_tmpfs_options(std::string const& text)
{
    TmpfsOptions options;
    static std::set<std::string> const ignored { "", "rw", "nosuid", "nodev", "noexec", "relatime", "private",
        "rprivate" };
    for (auto const& option : split_at(text, ',')) {
        auto const name = option.substr(0, option.find('='));
        if (option == "ro")
            options.read_only = true;
        else if (option == "exec")
            options.executable = true;
        else if (name == "size" || name == "mode" || name == "uid" || name == "gid" || name == "nr_inodes")
            options.data += (options.data.empty() ? "" : ",") + option;
        else if (!ignored.contains(option))
            return fail(ErrorKind::InvalidInput, "invalid tmpfs option [\"" + option + "\"]");
    }
    return options;
}

}
