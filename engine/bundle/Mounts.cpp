#include "engine/bundle/Mounts.h"

#include "engine/bundle/Fields.h"

#include <sys/mount.h>

#include <algorithm>
#include <array>

namespace drydock::bundle {

namespace {

struct Option {
    std::string_view word;
    std::uint64_t set;
    std::uint64_t clear;
};
constexpr std::array<Option, 28> options { {
    { "async", 0, MS_SYNCHRONOUS },
    { "atime", 0, MS_NOATIME },
    { "bind", MS_BIND, 0 },
    { "defaults", 0, 0 },
    { "dev", 0, MS_NODEV },
    { "diratime", 0, MS_NODIRATIME },
    { "dirsync", MS_DIRSYNC, 0 },
    { "exec", 0, MS_NOEXEC },
    { "iversion", MS_I_VERSION, 0 },
    { "lazytime", MS_LAZYTIME, 0 },
    { "loud", 0, MS_SILENT },
    { "mand", MS_MANDLOCK, 0 },
    { "noatime", MS_NOATIME, 0 },
    { "nodev", MS_NODEV, 0 },
    { "nodiratime", MS_NODIRATIME, 0 },
    { "noexec", MS_NOEXEC, 0 },
    { "norelatime", 0, MS_RELATIME },
    { "nostrictatime", 0, MS_STRICTATIME },
    { "nosuid", MS_NOSUID, 0 },
    { "rbind", MS_BIND | MS_REC, 0 },
    { "relatime", MS_RELATIME, 0 },
    { "remount", MS_REMOUNT, 0 },
    { "ro", MS_RDONLY, 0 },
    { "rw", 0, MS_RDONLY },
    { "strictatime", MS_STRICTATIME, 0 },
    { "suid", 0, MS_NOSUID },
    { "sync", MS_SYNCHRONOUS, 0 },
    { "silent", MS_SILENT, 0 },
} };

constexpr std::array<std::pair<std::string_view, std::uint64_t>, 8> propagations { {
    { "private", MS_PRIVATE },
    { "rprivate", MS_PRIVATE | MS_REC },
    { "rshared", MS_SHARED | MS_REC },
    { "rslave", MS_SLAVE | MS_REC },
    { "runbindable", MS_UNBINDABLE | MS_REC },
    { "shared", MS_SHARED },
    { "slave", MS_SLAVE },
    { "unbindable", MS_UNBINDABLE },
} };

// Flags that hold for a whole tree of mounts, and ids shifted: both would be less than asked for if left out.
constexpr std::array<std::string_view, 10> refused { "rro", "rnosuid", "rnodev", "rnoexec", "rnoatime", "rnodiratime",
    "rrelatime", "rstrictatime", "idmap", "ridmap" };

void apply(std::string const& word, init::BundleMount& mount)
{
    auto const* const option
        = std::find_if(options.begin(), options.end(), [&](auto const& entry) { return entry.word == word; });
    if (option != options.end())
        mount.flags = (mount.flags & ~option->clear) | option->set;
    else if (auto const propagation = propagation_of(word); propagation != 0)
        mount.propagation.push_back(propagation);
    else if (word == "tmpcopyup")
        mount.copy_up = true;
    else
        mount.data += (mount.data.empty() ? "" : ",") + word; // the file system's own
}

}

std::string tidy(std::string const& path)
{
    auto tidied = std::filesystem::path("/" + path).lexically_normal().string();
    while (tidied.size() > 1 && tidied.back() == '/')
        tidied.pop_back();
    while (tidied.starts_with("//"))
        tidied.erase(0, 1);
    return tidied;
}

std::uint64_t propagation_of(std::string_view word)
{
    for (auto const& [name, flag] : propagations) {
        if (name == word)
            return flag;
    }
    return 0;
}

Result<init::BundleMount> read_mount(oci::JsonObject const& from, std::filesystem::path const& bundle)
{
    init::BundleMount mount;
    mount.target = tidy(TRY(from.string("destination")));
    mount.type = TRY(from.string_or_empty("type"));
    mount.source = TRY(from.string_or_empty("source"));
    for (auto const& word : TRY(from.strings("options"))) {
        if (std::find(refused.begin(), refused.end(), word) != refused.end())
            return unsupported(from, "options", word);
        apply(word, mount);
    }
    TRY(refuse_if_present(from, { "uidMappings", "gidMappings" }));
    if (mount.target == "/")
        return from.invalid("destination", "is the root itself");
    if (mount.type == "bind" && (mount.flags & MS_BIND) == 0)
        mount.flags |= MS_BIND;
    if ((mount.flags & MS_BIND) == 0) {
        if (mount.type.empty())
            return from.invalid("type", "is missing");
        if (mount.source.empty())
            mount.source = mount.type;
        if (mount.copy_up && mount.type != "tmpfs")
            return unsupported(from, "options", "tmpcopyup of what is no tmpfs");
        return mount;
    }
    if (mount.source.empty())
        return from.invalid("source", "is missing");
    if (mount.copy_up)
        return unsupported(from, "options", "tmpcopyup of what is no tmpfs");
    mount.deed = init::MountDeed::Bind;
    mount.type = "bind";
    mount.data.clear(); // a bind has no file system of its own
    mount.source = (bundle / mount.source).lexically_normal().string();
    return mount;
}

}
