#pragma once

// A part of a union mount as a tar, and a tar poured into one: what `docker cp` and `docker export` move. Both work on
// the merged tree, whatever branch a file comes from; content streams through a buffer, however large a file is. Names
// in an archive are a stranger's: they are resolved inside the mount, so the worst one lands somewhere in the
// container.

#include "engine/layer/Entry.h"
#include "engine/unionfs/UnionMount.h"

#include <functional>

namespace drydock::unionfs {

// Takes the next bytes of a tar; a failure ends the archive.
using ArchiveSink = std::function<Result<void>(std::string_view)>;

struct ArchiveCount {
    std::uint64_t entries { 0 };
    std::uint64_t bytes { 0 }; // of the tar
};

// The object at `path` under the name `name`, and what lies below it as "name/…"; for the name "" the members begin
// with what lies below. Hard links stay links; sockets are left out, as tar has no word for them.
Result<ArchiveCount> write_archive(
    UnionMount const&, std::string const& path, std::string const& name, ArchiveSink const&);

enum class Overwrite : std::uint8_t {
    Anything,
    SameKind, // no directory by a file and no file by a directory (docker's noOverwriteDirNonDir)
};

// Makes the members of a tar below `directory`: owners, modes, times, links and extended attributes as they say.
// Parents that the archive leaves out are made. `entries` is what layer::TarReader found in `tar`. InvalidInput for
// what Overwrite forbids.
Result<std::uint64_t> apply_archive(UnionMount&, std::string const& directory, std::vector<layer::Entry> const& entries,
    content::ReadableFile const& tar, Overwrite);

// Everything at `path`, contents of directories first.
Result<void> remove_all(UnionMount&, std::string const& path);

}
