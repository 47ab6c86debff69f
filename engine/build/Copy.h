#pragma once

// COPY and ADD: finding what is meant in a tree, the checksum that decides whether an earlier build did just this, and
// the way into the new container's sheet. Sources are read through a UnionMount, so links are followed inside that tree
// and never out of it; the destination is another UnionMount, for which the same holds.

#include "engine/unionfs/UnionMount.h"

#include <optional>

namespace drydock::build {

struct Source {
    unionfs::UnionMount const* tree { nullptr };
    std::string path; // absolute in the tree, links followed
    std::string name; // the last part, as it was written
    bool is_directory { false };
};

// What a pattern names below the tree's root: one source, or those that fit its wildcards (Go's filepath.Match),
// sorted. NotFound "stat nope: file does not exist"; Forbidden for a path that leads outside.
Result<std::vector<Source>> find_sources(unionfs::UnionMount const& tree, std::string const& pattern);

// "file:…" or "dir:…": names, types, modes, owners, links, attributes and contents; no times (docker's TarSum counts
// the same).
Result<std::string> checksum(Source const&);
// Of all: one source's own, or "multi:…".
Result<std::string> checksum(std::vector<Source> const&);

struct Owner {
    std::uint32_t uid { 0 };
    std::uint32_t gid { 0 };
};
// "user", "uid:gid", …: names are looked up in the tree's /etc/passwd and /etc/group.
Result<Owner> find_owner(unionfs::UnionMount const& tree, std::string const& text);

struct CopyOptions {
    std::optional<Owner> owner;        // nothing: root's, unless the source's is kept
    std::optional<std::uint32_t> mode; // nothing: the source's
    bool keep_owner { false };         // of an archive
};

// Copies a file to `target`, or a directory's content into it. `target` is absolute, its parents are made where they
// are missing (0755, root), links on the way are followed.
Result<void> copy_into(Source const&, unionfs::UnionMount& to, std::string const& target, CopyOptions const&);

// The first file or link below the source, as its tree names it ("app/greet.sh"), that is another one at `target`: not
// there, of another type, or with other content. Nothing where all are the same, and where a single file has nothing to
// be compared with.
std::optional<std::string> first_difference(Source const&, unionfs::UnionMount const& to, std::string const& target);

Result<std::string> make_directories(unionfs::UnionMount&, std::string const& path); // yields the path without links
bool is_directory(unionfs::UnionMount const&, std::string const& path);              // links followed
// Absolute, without "." and "..", as Go's filepath.Clean; a slash at the end is dropped.
std::string clean_absolute(std::string_view path);

}
