#pragma once

// The whole of a union mount at once: every path that any branch knows, with what each branch has there and which part
// it plays in the merged tree. Paths that are deleted or hidden are in it too: seeing what nobody sees is the point.

#include "sim/overlay/Lookup.h"

namespace drydock::overlay {

struct Copy {
    std::size_t branch { 0 }; // 0 is the topmost
    Object object {};
    Part part { Part::Hidden };
    std::size_t hidden_by { 0 }; // where Hidden: the branch whose file, whiteout or opaque directory is in the way
    bool operator==(Copy const&) const = default;
};

struct Row {
    std::string path; // "/etc/motd"
    std::size_t depth { 0 };
    std::size_t end { 0 };       // the rows from the next one up to here lie below it
    std::vector<Copy> copies {}; // topmost first

    std::string_view name() const { return std::string_view(path).substr(path.rfind('/') + 1); }
    // What the merged tree shows; null where it shows nothing.
    Copy const* answer() const;
    Copy const* in_branch(std::size_t branch) const;
    bool is_directory() const; // in the merged tree or, where it is deleted, in a branch
};

struct Merged {
    std::vector<Row> rows; // below the root, depth first, by name

    Row const* find(std::string_view path) const;
};

Merged merge(std::span<Branch const* const> top_to_bottom);

// ---- What each branch weighs ----

struct HiddenPath {
    std::string path;          // a file, or a directory with all below it
    std::uint64_t bytes { 0 }; // of this branch
    std::size_t by { 0 };      // the branch that hides it
    bool deleted { false };    // else overwritten
    bool operator==(HiddenPath const&) const = default;
};

// Bytes of file content. What is hidden is still stored, and travels with every push and pull.
struct Weight {
    std::uint64_t visible { 0 };
    std::uint64_t deleted { 0 };
    std::uint64_t overwritten { 0 };
    std::vector<HiddenPath> hidden; // largest first; without what is empty
    std::uint64_t total() const { return visible + deleted + overwritten; }
};

// One for each branch, topmost first.
std::vector<Weight> weights(Merged const&, std::size_t branches);

}
