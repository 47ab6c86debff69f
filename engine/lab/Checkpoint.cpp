#include "engine/lab/Checkpoint.h"

#include "engine/os/Program.h"

#include <algorithm>
#include <array>
#include <vector>

namespace fs = std::filesystem;

namespace drydock::lab {

namespace {

bool is_never_written_in_place(std::string const& name)
{
    static constexpr std::array<std::string_view, 3> immutable { "blobs", "layers", "snapshots" };
    return std::find(immutable.begin(), immutable.end(), name) != immutable.end();
}

std::vector<fs::path> children(fs::path const& directory)
{
    std::error_code error;
    std::vector<fs::path> found;
    for (auto const& entry : fs::directory_iterator(directory, error))
        found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
}

// The storages and disks below a data root, as LiveLab lays them out: relative paths.
std::vector<fs::path> storages_below(fs::path const& data_root)
{
    std::vector<fs::path> found { "daemon", "disk", "hub" };
    for (auto const& registry : children(data_root / "registries"))
        found.push_back(fs::path("registries") / registry.filename());
    for (auto const& host : children(data_root / "hosts")) {
        found.push_back(fs::path("hosts") / host.filename() / "daemon");
        found.push_back(fs::path("hosts") / host.filename() / "disk");
    }
    std::erase_if(found, [&](fs::path const& storage) {
        std::error_code error;
        return !fs::is_directory(data_root / storage, error);
    });
    return found;
}

// cp(1) knows what there is to a file: owners, times, extended attributes, holes, devices.
Result<void> copy(std::vector<std::string> how, std::vector<fs::path> const& what, fs::path const& into)
{
    if (what.empty())
        return {};
    how.insert(how.begin(), "cp");
    how.emplace_back("--");
    for (auto const& path : what)
        how.push_back(path.string());
    how.push_back(into.string());
    return os::run_program(how);
}

Result<void> copy_storage(fs::path const& from, fs::path const& to)
{
    std::error_code error;
    fs::create_directories(to, error);
    if (error)
        return fail(Error::from_errno("mkdir(2)", error.value()).with_context("making " + to.string()));
    bool const is_disk = from.filename() == "disk"; // whatever lies on it, programs write it in place
    std::vector<fs::path> shared, copied;
    for (auto const& child : children(from)) {
        auto const name = child.filename().string();
        if (!is_disk && is_never_written_in_place(name))
            shared.push_back(child);
        else if (name != "lock") // the storage's owner is alive, or will make its own
            copied.push_back(child);
    }
    TRY(copy({ "-al" }, shared, to));
    return copy({ "-a", "--reflink=auto" }, copied, to);
}

}

Result<void> take_checkpoint(fs::path const& data_root, fs::path const& into)
{
    for (auto const& storage : storages_below(data_root))
        TRY_WITH("keeping " + storage.string(), copy_storage(data_root / storage, into / storage));
    return {};
}

Result<void> restore_checkpoint(fs::path const& checkpoint, fs::path const& data_root)
{
    for (auto const& storage : storages_below(data_root)) {
        std::error_code error;
        fs::remove_all(data_root / storage, error);
        if (error)
            return fail(Error::from_errno("unlink(2)", error.value()).with_context("clearing " + storage.string()));
    }
    for (auto const& storage : storages_below(checkpoint))
        TRY_WITH("bringing back " + storage.string(), copy_storage(checkpoint / storage, data_root / storage));
    return {};
}

}
