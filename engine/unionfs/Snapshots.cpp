#include "engine/unionfs/Snapshots.h"

#include "engine/unionfs/DirectoryWritableBranch.h"
#include "engine/unionfs/LayerBranch.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <unordered_map>

namespace drydock::unionfs {

namespace fs = std::filesystem;

namespace {

Error filesystem_error(std::string_view call, fs::path const& path, std::error_code const& error)
{
    return Error::from_errno(call, error.value()).with_context(path.string());
}

// Copies the tree of one branch into another; both know the same objects and marks.
class Extraction {
public:
    Extraction(LayerBranch const& from, DirectoryWritableBranch& to)
        : m_from(from)
        , m_to(to)
    {
    }

    Result<void> run()
    {
        auto const root = TRY(m_from.look_up(""));
        TRY(fill(""));
        auto const& a = root.attributes;
        TRY(m_to.change("", { .mode = a.mode, .uid = a.uid, .gid = a.gid, .atime = a.mtime, .mtime = a.mtime }));
        return root.opaque ? m_to.make_opaque("") : Result<void> {};
    }

private:
    Result<void> fill(std::string const& directory)
    {
        for (auto const& [name, found] : TRY(m_from.list(directory))) {
            auto const path = directory.empty() ? name : directory + "/" + name;
            TRY_WITH("extracting " + path, put(path, found));
        }
        return {};
    }

    Result<void> put(std::string const& path, Found const& found)
    {
        if (found.lookup == Lookup::WhitedOut)
            return m_to.make_whiteout(path);
        auto const& a = found.attributes;
        if (a.type == FileType::Directory)
            return put_directory(path, found);
        if (a.links > 1) {
            auto const [first, is_first] = m_first_names.try_emplace(a.inode, path);
            if (!is_first) {
                TRY(m_to.link(first->second, path));
                return {};
            }
        }
        return make(path, a);
    }

    Result<void> make(std::string const& path, Attributes const& attributes)
    {
        auto const image = TRY(image_of(m_from, path, attributes));
        TRY(m_to.make(path, image));
        return {};
    }

    Result<void> put_directory(std::string const& path, Found const& found)
    {
        TRY(make(path, found.attributes));
        if (found.opaque)
            TRY(m_to.make_opaque(path));
        TRY(fill(path));
        // Filling it has changed its times.
        return m_to.change(path, { .atime = found.attributes.mtime, .mtime = found.attributes.mtime });
    }

    LayerBranch const& m_from;
    DirectoryWritableBranch& m_to;
    std::unordered_map<std::uint64_t, std::string> m_first_names; // of hard links
};

}

Result<std::unique_ptr<Snapshots>> Snapshots::open(fs::path const& root)
{
    std::error_code error;
    fs::remove_all(root / "new", error);
    fs::create_directories(root / "new", error);
    if (error)
        return fail(filesystem_error("mkdir(2)", root / "new", error));
    return std::unique_ptr<Snapshots>(new Snapshots(root));
}

Result<fs::path> Snapshots::directory_of(std::shared_ptr<layer::Layer const> const& layer)
{
    std::lock_guard const lock(m_mutex); // two containers of one image shall not extract it twice
    auto target = m_root / layer->diff_id.digest.hex();
    if (!fs::exists(target))
        TRY_WITH("extracting layer " + layer->diff_id.digest.to_string(), extract(layer, target));
    return target;
}

Result<void> Snapshots::extract(std::shared_ptr<layer::Layer const> const& layer, fs::path const& target)
{
    auto const aside = m_root / "new" / target.filename();
    std::error_code error;
    fs::remove_all(aside, error);
    fs::create_directories(aside / "tree", error);
    fs::create_directories(aside / "work", error);
    if (error)
        return fail(filesystem_error("mkdir(2)", aside, error));
    auto const from = TRY(LayerBranch::create(layer));
    auto const to
        = TRY(DirectoryWritableBranch::open(aside / "tree", aside / "work", Owners::AsPermitted, Atomic::TheWholeTree));
    if (auto extracted = Extraction(*from, *to).run(); !extracted) {
        fs::remove_all(aside, error); // a full disk gets its space back at once
        return extracted;
    }
    TRY(to->sync());
    fs::rename(aside / "tree", target, error);
    if (error)
        return fail(filesystem_error("rename(2)", target, error));
    fs::remove_all(aside, error);
    return {};
}

Result<std::vector<fs::path>> Snapshots::lower(std::span<std::shared_ptr<layer::Layer const> const> layers)
{
    std::vector<fs::path> directories;
    for (auto const& layer : layers) {
        auto directory = TRY(directory_of(layer));
        // overlayfs refuses a directory twice (ELOOP); where an image has a layer twice, the upper one covers it all.
        if (std::find(directories.begin(), directories.end(), directory) != directories.end())
            continue;
        directories.push_back(std::move(directory));
        if (get_xattr(directories.back().string(), "user.overlay.opaque") == "y")
            break;
    }
    return directories;
}

Result<void> Snapshots::remove(oci::DiffId const& id)
{
    std::lock_guard const lock(m_mutex);
    std::error_code error;
    fs::remove_all(m_root / id.digest.hex(), error);
    return error ? fail(filesystem_error("unlink(2)", m_root / id.digest.hex(), error)) : Result<void> {};
}

}
