#pragma once

// A container's own sheet: the one branch that changes. It knows nothing of the layers below; it makes, moves and
// removes objects, whiteouts and opaque marks exactly where it is told. UnionMount decides what overlayfs would do.
//
// Every call that changes the tree is atomic: after a crash the path shows what was there before or what came.

#include "engine/unionfs/Branch.h"

#include <functional>
#include <optional>

namespace drydock::unionfs {

// What to change; the rest stays.
struct MetadataChange {
    std::optional<std::uint32_t> mode {};
    std::optional<std::uint32_t> uid {};
    std::optional<std::uint32_t> gid {};
    std::optional<std::int64_t> atime {};
    std::optional<std::int64_t> mtime {};
};

// An open object of a writable branch; it works on when its last name is gone.
class WritableFile : public content::ReadableFile {
public:
    virtual Result<void> write_at(std::uint64_t offset, std::string_view bytes) = 0;
    virtual Result<void> truncate(std::uint64_t size) = 0;
    virtual Result<void> sync() = 0; // fsync(2)
    virtual Result<Attributes> attributes() const = 0;
    virtual Result<void> change(MetadataChange const&) = 0;
};

// What a new object shall be. Its times are "now" unless given.
struct NewObject {
    FileType type { FileType::Regular };
    std::uint32_t mode { 0644 };
    std::uint32_t uid { 0 };
    std::uint32_t gid { 0 };
    std::uint32_t device_major { 0 };
    std::uint32_t device_minor { 0 };
    std::string target {}; // of a symlink
    std::map<std::string, std::string> xattrs {};
    std::optional<std::int64_t> atime {}; // nanoseconds since the Unix epoch
    std::optional<std::int64_t> mtime {};
    // The content of a regular file: copied before the object gets its name. Null: empty.
    std::shared_ptr<content::ReadableFile const> content {};
    // Nothing changes in its directory as the users of the union see it (a copy-up): the directory's times stay.
    bool unseen { false };
};

// What stood at a path before something was made there, or stays when it moves away.
enum class Vacancy : std::uint8_t { Nothing, Whiteout };

struct Space {
    std::uint64_t capacity { 0 }; // bytes
    std::uint64_t free { 0 };
};

// What to make elsewhere so that it looks like a branch's object.
Result<NewObject> image_of(Branch const&, std::string const& path, Attributes const&);

class WritableBranch : public Branch {
public:
    // Makes an object where nothing or a whiteout is, and says which; EEXIST for anything else. A directory made over a
    // whiteout is opaque from the start, or what was deleted below would come back.
    virtual Result<Vacancy> make(std::string const& path, NewObject const&) = 0;
    // In place of whatever is there; a directory must hold nothing but whiteouts (ENOTEMPTY).
    virtual Result<void> make_whiteout(std::string const& path) = 0;
    virtual Result<void> make_opaque(std::string const& path) = 0;
    // A file, or a directory that holds nothing but whiteouts.
    virtual Result<void> remove(std::string const& path) = 0;
    // Replaces a file, a whiteout, or a directory that holds nothing but whiteouts.
    virtual Result<void> rename(std::string const& from, std::string const& to, Vacancy left_behind) = 0;
    virtual Result<Vacancy> link(std::string const& existing, std::string const& path) = 0;
    virtual Result<void> change(std::string const& path, MetadataChange const&) = 0;
    virtual Result<void> set_xattr(std::string const& path, std::string const& name, std::string_view value) = 0;
    virtual Result<void> remove_xattr(std::string const& path, std::string const& name) = 0; // ENODATA
    virtual Result<std::shared_ptr<WritableFile>> open_for_writing(std::string const& path) = 0;
    virtual Space space() const = 0;
};

}
