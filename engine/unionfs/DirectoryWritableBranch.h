#pragma once

// The container's sheet in the live world: a real upper directory, with a work directory beside it on the same
// filesystem, exactly as the kernel's overlayfs keeps them. What must appear whole is made in `work` and renamed.

#include "engine/unionfs/DirectoryBranch.h"
#include "engine/unionfs/WritableBranch.h"

#include <atomic>

namespace drydock::unionfs {

// Where owners go: onto the files, or into user.drydock.stat where this process may not chown(2).
enum class Owners : std::uint8_t { AsPermitted, InXattrs };

// What a crash must not show half made: any object of a tree in use, or only a new tree as a whole, which its maker
// syncs and then renames.
enum class Atomic : std::uint8_t { EveryObject, TheWholeTree };

class DirectoryWritableBranch final : public WritableBranch {
public:
    // Both directories must exist; what an earlier crash left in `work` is removed.
    static Result<std::shared_ptr<DirectoryWritableBranch>> open(std::filesystem::path const& upper,
        std::filesystem::path const& work, Owners = Owners::AsPermitted, Atomic = Atomic::EveryObject);

    Result<Found> look_up(std::string const& path) const override { return m_tree->look_up(path); }
    Result<std::vector<std::pair<std::string, Found>>> list(std::string const& path) const override
    {
        return m_tree->list(path);
    }
    Result<std::shared_ptr<content::ReadableFile const>> open(std::string const& path) const override
    {
        return m_tree->open(path);
    }
    Result<std::string> read_link(std::string const& path) const override { return m_tree->read_link(path); }
    Result<std::map<std::string, std::string>> xattrs(std::string const& path) const override
    {
        return m_tree->xattrs(path);
    }

    Result<Vacancy> make(std::string const& path, NewObject const&) override;
    Result<void> make_whiteout(std::string const& path) override;
    Result<void> make_opaque(std::string const& path) override;
    Result<void> remove(std::string const& path) override;
    Result<void> rename(std::string const& from, std::string const& to, Vacancy left_behind) override;
    Result<Vacancy> link(std::string const& existing, std::string const& path) override;
    Result<void> change(std::string const& path, MetadataChange const&) override;
    Result<void> set_xattr(std::string const& path, std::string const& name, std::string_view value) override;
    Result<void> remove_xattr(std::string const& path, std::string const& name) override;
    Result<std::shared_ptr<WritableFile>> open_for_writing(std::string const& path) override;
    Space space() const override;
    Result<void> sync() const; // the filesystem it lies on

private:
    DirectoryWritableBranch(std::shared_ptr<DirectoryBranch> tree, Beneath work, Atomic atomic)
        : m_tree(std::move(tree))
        , m_work(std::move(work))
        , m_atomic(atomic)
    {
    }
    Result<Place> place(std::string const& path) const { return m_tree->beneath().place(path); }
    Place next_work_place();
    bool owners_in_xattrs() const { return m_tree->keeps_owners_in_xattrs(); }
    Result<void> decide_owners(Owners);

    Result<Vacancy> make_at(Place const&, NewObject const&);
    Result<void> create(Place const&, NewObject const&);
    Result<void> fill(Place const&, NewObject const&);
    Result<Vacancy> move_over_whiteout(Place const& from, Place const& to, FileType);
    Result<void> set_wanted_stat(Place const&, Attributes const&);

    std::shared_ptr<DirectoryBranch> m_tree;
    Beneath m_work;
    Atomic m_atomic;
    std::atomic<std::uint64_t> m_next_name { 0 };
};

}
