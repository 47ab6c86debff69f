#pragma once

// Guest machines on the stage: the hypervisor on the host's kernel (type 2) or beside it on the bare hardware (type 1),
// and the machines that stand on it, each with a kernel of its own at its foot.

#include "visual/stage/Layout.h"

namespace drydock::stage {

// The part of the stage that they take, from the room where objects stand and from the kernel's slab; empty where there
// are neither guests nor a hypervisor on that machine.
struct GuestRoom {
    Rect guests;
    Rect hypervisor;
};
GuestRoom take_guest_room(world::World const&, HostId const&, Rect& objects, Rect& kernel);

void place_guests(world::World const&, HostId const&, GuestRoom const&, std::vector<Node>& nodes);

}
