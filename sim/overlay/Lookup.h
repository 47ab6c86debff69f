#pragma once

// How overlayfs finds a path (Documentation/filesystems/overlayfs.rst): name by name, from the topmost branch down.
// The first branch that has the name answers; a directory goes on merging with directories below it; a whiteout, a
// file, or an opaque directory ends the search.
//
//   read-write   layer 2        layer 1
//     –            whiteout       motd      → there is no motd
//     –            –              motd      → layer 1 answers
//     motd         –              motd      → the read-write layer answers, and hides layer 1's

#include "sim/overlay/Branch.h"

namespace drydock::overlay {

using Stack = std::vector<Branch const*>; // topmost first; none is null

// The way of one search through the branches.
struct Ray {
    std::string path;                 // what was looked for when it ended: the path, or a directory above it
    std::vector<std::size_t> visited; // branches asked, in order: those that have part of the directory
    std::optional<std::size_t> answered;
    std::optional<std::size_t> whited_out;
    Object object {}; // of the branch that answered
    bool operator==(Ray const&) const = default;
};

Ray look_up(std::span<Branch const* const> top_to_bottom, std::string_view path);

// What a branch's copy of a path is for the merged tree.
enum class Part : std::uint8_t {
    Answers,  // it is what a program sees
    Merges,   // a directory below the one that answers: its names show through
    Hidden,   // it is there, and nobody sees it
    Whiteout, // it hides what lies below
};

// One search through branches that have the directory, a name at a time; Merged uses the same rules for whole trees.
class Search {
public:
    // What the next branch down has there. Not to be asked once it is over.
    Part consider(std::size_t branch, Object const&);
    bool is_over() const { return m_over; }
    std::optional<std::size_t> answered() const { return m_answered; }
    std::optional<std::size_t> whited_out() const { return m_whited_out; }
    // The branch that ended it: who hides what comes below.
    std::size_t ended_by() const { return m_ended_by; }

private:
    std::optional<std::size_t> m_answered, m_whited_out;
    std::size_t m_ended_by { 0 };
    bool m_over { false };
};

}
