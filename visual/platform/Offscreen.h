#pragma once

// Pictures without a display: for tests, thumbnails and export. Equal calls give equal bytes.

#include "visual/canvas/Surface.h"
#include "visual/platform/Frame.h"

namespace drydock::platform {

class Offscreen {
public:
    explicit Offscreen(theme::Theme const& theme = theme::theme(theme::ThemeName::Dark)) { set_theme(theme); }

    void set_theme(theme::Theme const& theme) { m_frame.set_theme(theme); }
    canvas::Interaction& interaction() { return m_frame.interaction(); }

    // Draws twice: windows that fit their content know their size only in the second frame.
    canvas::Surface render(int width, int height, float scale, Draw const&);
    // One further frame, at that moment of the hands' time.
    canvas::Surface render_frame(int width, int height, float scale, double wall_seconds, Draw const&);

    Frame& frame() { return m_frame; }

private:
    Frame m_frame;
};

}
