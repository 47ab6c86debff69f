#include "engine/daemon/Places.h"

namespace drydock::daemon {

std::string plain_path(std::string const& path)
{
    auto plain = ("/" + path);
    plain = std::filesystem::path(plain).lexically_normal().string();
    while (plain.size() > 1 && plain.ends_with('/'))
        plain.pop_back();
    return plain.starts_with("//") ? plain.substr(1) : plain;
}

Result<FilePlace> find_place(Engine& engine, Container const& container, std::string const& path, Purpose purpose)
{
    auto const record = container.record();
    FilePlace place { .tree = nullptr, .path = plain_path(path), .read_only = record.host.read_only_root };
    bool const held_by_kernel = engine.roots.driver() == StorageDriver::Overlay && record.state.running();
    if (held_by_kernel && purpose == Purpose::Writing)
        return fail(ErrorKind::Conflict,
            "container " + record.name
                + " is running on the kernel's overlayfs, whose layers must not be changed behind its back: stop it "
                  "first, or run the daemon with --storage-driver fuse");
    if (held_by_kernel)
        place.tree = TRY(engine.roots.look_into(record));
    else
        place.tree = TRY(engine.roots.open(record));
    return place;
}

}
