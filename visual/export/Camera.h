#pragma once

// Takes pictures of a trace at any moment of its story, without a display: exactly what the window shows then.

#include "sim/timeline/Timeline.h"
#include "visual/platform/Offscreen.h"
#include "visual/view/Screen.h"

#include <memory>

namespace drydock::exporting {

struct CameraSettings {
    theme::ThemeName theme { theme::ThemeName::Dark };
    int height { 720 }; // device pixels; 16:9
    trace::Depth depth { trace::Depth::Role };
    bool whole_window { false };                    // with timeline, instead of presenter mode
    std::optional<view::NamedView> view {};         // nothing: what the scenario names, or the stage
    bool reduced_motion { false };                  // stills only
    std::shared_ptr<machine::Model const> model {}; // of the comparison; null: it shows what happened alone
};

class Camera {
public:
    // The log must outlive the camera, and has at least one record.
    Camera(trace::EventLog const&, CameraSettings const&);

    int width() const { return m_settings.height * 16 / 9; }
    int height() const { return m_settings.height; }
    std::vector<stage::Beat> const& beats() { return m_screen.player().choreography().beats(); }
    double length() { return m_screen.player().length(); }
    world::World const& world_after(stage::Beat const& beat) { return m_timeline.world_at(beat.end_record); }

    canvas::Surface at(double story);
    // The still in which a beat ends.
    canvas::Surface still(stage::Beat const& beat) { return at(beat.end - 1e-3); }

private:
    trace::EventLog const& m_log;
    CameraSettings m_settings;
    timeline::Timeline m_timeline;
    platform::Offscreen m_offscreen;
    view::Screen m_screen;
};

}
