#pragma once

// The numbers beside the lanes: kernels, memory, disk, time, bytes. What the events tell comes first; what they do not
// is the model's, and says so.

#include "sim/machine/Model.h"
#include "sim/world/World.h"
#include "visual/view/Figures.h"
#include "visual/view/Race.h"

#include <array>

namespace drydock::view {

struct RaceSideFigures {
    std::optional<Told> kernels, memory, disk, ready, moved; // nothing: nobody knows, or not yet
    std::optional<Told> copy; // of the image's files, in memory: nothing on either side, or both
};

// One side of the race at a moment; `lane` or `technology` may be null. `all` are the lanes that stand on the same
// host: kernels are counted of all machines there, the other figures are the lane's own.
RaceSideFigures race_figures(RaceSide, RaceLane const* lane, std::vector<RaceLane> const& all, world::World const&,
    std::uint64_t records, machine::Model const*, machine::Technology const*);

// Machines, or containers, that run on the lane's host at that moment.
std::size_t running_beside(RaceLane const& lane, std::vector<RaceLane> const& all, std::uint64_t records);

// Technologies of that side: those with a kernel of their own, or the others.
std::vector<machine::Technology const*> technologies_of(RaceSide, machine::Model const&);
// The one with that id; else the one that the lane is of, else the usual one, with a hypervisor of that type (0: there
// is none yet); null where the side has none.
machine::Technology const* technology_of(
    RaceSide, std::string_view id, RaceLane const*, std::int64_t hypervisor, machine::Model const*);
// Of the host that the machine stands on, or that is shown.
std::int64_t hypervisor_type(RaceLane const*, world::World const&);

}
