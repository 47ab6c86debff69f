#pragma once

// Random layers and random file operations, the same for the same seed. Few names, so that they meet often.

#include "sim/core/Random.h"
#include "tests/engine/unionfs/Stacks.h"

namespace drydock::tests {

enum class Call : std::uint8_t {
    Create,
    Write,
    Append,
    Truncate,
    Read,
    MakeDirectory,
    RemoveDirectory,
    Unlink,
    Rename,
    Link,
    Symlink,
    MakeFifo,
    ChangeMode,
    ChangeOwner,
    SetTimes,
    SetXattr,
    RemoveXattr,
    ListXattrs,
    Stat,
    List,
    ReadLink,
};
inline constexpr std::uint64_t call_count = 21;

struct Operation {
    Call call { Call::Stat };
    std::string path;  // "a/b", without leading slash
    std::string other; // second path, symlink target, content
    std::uint64_t number { 0 };
};

// What an operation gave: 0 or errno, and what it told.
struct Outcome {
    int error { 0 };
    std::string told;
    bool operator==(Outcome const&) const = default;
};

std::string to_string(Operation const&);

std::string random_path(Random&);
Operation random_operation(Random&);
std::vector<LayerBuilder> random_layers(Random&); // topmost first

Outcome perform_on_union(unionfs::UnionMount&, Operation const&);
Outcome perform_in_directory(std::string const& root, Operation const&); // by system calls

// All objects below the root, one a line: type, mode, owner, links, size, content, target, xattrs.
std::string tree_of(unionfs::UnionMount const&);
std::string tree_of_directory(std::string const& root);
// What a branch itself holds: names, types, whiteouts, opaque marks.
std::string marks_of(unionfs::Branch const&);

}
