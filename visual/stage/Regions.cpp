#include "visual/stage/Regions.h"

#include <algorithm>

namespace drydock::stage {

using namespace theme::space;

Regions regions_of(Rect const& room, std::size_t machines, std::size_t registries)
{
    Regions r;
    auto const inner = room.inset(wide, snug);
    auto const registry_width = std::clamp(inner.width * 0.19f, 212.0f, 280.0f);
    auto const far = std::clamp(inner.width * 0.05f, 44.0f, 96.0f); // the registry is in the distance
    auto const near = std::clamp(inner.width * 0.04f, 40.0f, 80.0f);
    r.host = inner.without_right(registry_width + far);
    if (machines > 1) {
        r.machines = r.host.top_part(size::machine);
        r.host = r.host.without_top(size::machine + snug);
    }
    auto const inside = r.host.inset(normal, normal);
    r.kernel = inside.bottom_part(size::kernel);
    auto const above = inside.without_bottom(size::kernel + snug);
    r.client = above.left_part(std::clamp(inner.width * 0.19f, 192.0f, 280.0f));
    auto const work = above.without_left(r.client.width + near);
    r.daemon = work.top_part(size::actor);
    r.objects = work.without_top(size::actor + normal);

    auto const remote = inner.right_part(registry_width).without_top(r.daemon.y - inner.y);
    r.registry = remote.top_part(size::actor);
    auto const others = registries > 1 ? size::item * static_cast<float>(registries - 1) : 0.0f;
    r.other_registries = remote.without_top(size::actor + snug).top_part(others);
    r.registry_items = remote.without_top(size::actor + snug + others);
    r.wire = r.daemon.y + size::head + (size::actor - size::head) / 2 - 2;
    return r;
}

}
