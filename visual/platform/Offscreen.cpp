#include "visual/platform/Offscreen.h"

#include "visual/canvas/Rasterizer.h"

namespace drydock::platform {

namespace {
}

canvas::Surface Offscreen::render(int width, int height, float scale, Draw const& draw)
{
    auto const now = m_frame.interaction().now();
    m_frame.run(width, height, scale, now, static_cast<float>(frame_time), draw);
    return render_frame(width, height, scale, now, draw);
}

canvas::Surface Offscreen::render_frame(int width, int height, float scale, double wall_seconds, Draw const& draw)
{
    auto const& data = m_frame.run(width, height, scale, wall_seconds, static_cast<float>(frame_time), draw);
    canvas::Surface surface(width, height, m_frame.theme().stage);
    canvas::rasterize(data, canvas::Coverage::of(m_frame.fonts(scale).atlas()), surface);
    return surface;
}

}
