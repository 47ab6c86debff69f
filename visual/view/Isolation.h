#pragma once

// A container against its host, namespace by namespace: what is seen inside, what the host sees of the same, and
// whether there is a wall between the two. Pure: all of it is from the World and the log; what they do not tell is said
// to be unknown.

#include "sim/world/World.h"
#include "visual/view/LogIndex.h"

#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::view {

enum class Wall : std::uint8_t {
    Own,    // a namespace of its own, or another container's
    Shared, // the host's, in truth
    Peeled, // a namespace of its own, shown as if it were shared
};

// One line of a side: "4711" and "sleep 3600".
struct SideLine {
    std::string key;
    std::string value;
    std::string object; // id of what it speaks of, as visual/stage/Names.h makes them; may be empty
};

struct IsolationSide {
    std::vector<SideLine> lines;
    std::string note; // one sentence below them
};

struct IsolationTopic {
    std::string kind;  // "pid"
    std::string title; // "Processes"
    Wall wall { Wall::Own };
    std::optional<std::uint64_t> inode;      // of the container's namespace
    std::optional<std::uint64_t> host_inode; // of the daemon's
    std::string owner;                       // the container that it was made for, where that is another one
    IsolationSide inside, outside;
};

inline constexpr std::array<std::string_view, 7> namespace_kinds { "pid", "uts", "user", "net", "ipc", "cgroup",
    "mnt" };

// The container that is selected, or the one that was started last of those that run, or the last one; null where there
// is none.
world::Container const* isolated_container(std::string_view selected, world::World const&, LogIndex const&);

// In the order of namespace_kinds. `peeled` are those that are shown as if they were shared.
std::vector<IsolationTopic> isolation_of(
    world::Container const&, world::World const&, LogIndex const&, std::set<std::string> const& peeled);

}
