#pragma once

// Where everything stands: a pure function of the World and the room there is. No physics and no memory, so the same
// state always looks the same, however one came to it. From left to right: client, daemon, registry; the daemon's
// things rest on each other as they do in truth: containers on the layers of their image, everything on one kernel.
//
//   client ─── daemon ─────────── registry
//              containers
//              ▔▔▔▔▔▔ image
//              ══════ layers
//   ▓▓▓▓▓▓ kernel ▓▓▓▓▓▓

#include "sim/trace/EventLog.h"
#include "sim/world/World.h"
#include "visual/canvas/Draw.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::stage {

using canvas::Point;
using canvas::Rect;

enum class NodeKind : std::uint8_t {
    Host,
    Machine, // one of several, in the row of all
    Kernel,
    Client, // with its terminal
    Daemon,
    Registry,
    RegistryItem, // what the registry holds of the image that is pulled
    Wire,
    Store, // where the images will stand, while there are none
    Layer,
    Image, // the lid on a stack of layers
    Blob,  // on its way
    Container,
    Hypervisor,
    Guest, // a machine with a kernel of its own
    GuestKernel,
    GuestConsole,
    Crowd, // the containers that find no place of their own
    Namespace,
    Fact, // something else that the kernel gave a container
    Process,
    Sheet, // a container's read-write layer
    SheetEntry,
    LayerFile, // the original of a file that was copied up
    Column,    // what a container sees through: sheet and layers as one tree
    Ray,       // a lookup on its way down
    Narration,
    Trouble,
};

// How far along an object is, for its looks.
enum class Phase : std::uint8_t { Plain, Expected, Arriving, Verified, Refused, Done };

struct Node {
    std::string id;
    NodeKind kind { NodeKind::Host };
    Rect rect;
    std::string title {};
    std::string subtitle {};
    std::string note {};
    std::vector<std::string> lines {};
    Phase phase { Phase::Plain };
    canvas::StateMark state { canvas::StateMark::Created };
    float progress { 0 };       // Blob: how much of its way; Column: 1 when it is the root
    float words_end { 1e6f };   // Layer: its words end this far from its left side
    float header { 0 };         // Container: the height of its name and state
    std::uint64_t bytes { 0 };  // Blob: all of it
    std::vector<Point> path {}; // Blob, Wire, Ray
    std::string enters_from {}; // id of what it comes out of
    std::string fault {};       // what somebody has broken about it: "registry down"
    bool operator==(Node const&) const = default;
};

struct Layout {
    std::vector<Node> nodes; // in drawing order

    Node const* find(std::string_view id) const;
};

// How much room text takes: canvas::Measure in the program, a fixed grid in snapshots.
struct Ruler {
    std::function<float(theme::Style, std::string_view)> width;
    std::function<float(theme::Style, std::string_view, float)> paragraph_height;
    float scale { 1 }; // rulers of one scale measure alike
};

struct View {
    Rect room; // logical pixels
    trace::Depth depth { trace::Depth::Role };
    bool operator==(View const&) const = default;
};

// Boxes are cut to the words in them, hence the ruler.
Layout layout(world::World const&, View const&, Ruler const&);

}
