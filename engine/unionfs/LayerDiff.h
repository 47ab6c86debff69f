#pragma once

// What a container changed, written down as a layer: the tar whose members, laid over the layers below, give what the
// container sees (image-spec layer.md, "Change Types", "Whiteouts").
//
// The same change gives the same bytes whichever driver kept it. So members come in the order of their names, times
// are whole seconds (as docker writes them), and where drivers have two ways to say the same, one is chosen: a whiteout
// stands only over something that is there, an opaque mark only on a directory that hides something.

#include "engine/layer/Decompressor.h"
#include "engine/unionfs/UnionMount.h"

namespace drydock::unionfs {

// Streams the tar of `sheet` against the layers below it into `sink`; yields how many members it has. Sockets are left
// out. InvalidInput for a name that a layer cannot hold (".wh.x" would delete x), Conflict for a file that became
// shorter while it was read.
Result<std::uint64_t> write_layer_diff(Branch const& sheet, UnionMount const& below, layer::ByteSink const& sink);

}
