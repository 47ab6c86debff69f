#include "visual/export/Camera.h"

#include "sim/core/Verify.h"

namespace drydock::exporting {

Camera::Camera(trace::EventLog const& log, CameraSettings const& settings)
    : m_log(log)
    , m_settings(settings)
    , m_timeline(log)
    , m_offscreen(theme::theme(settings.theme))
{
    VERIFY(log.size() > 0);
    auto& state = m_screen.state();
    state.presenter = !settings.whole_window;
    state.dock_open = settings.whole_window ? 1 : 0;
    if (settings.view) {
        state.view = settings.view->view;
        state.compare.section = settings.view->section;
        state.view_chosen = true;
    }
    state.reduced_motion = settings.reduced_motion;
    state.run = view::FrameInput {}.run;
    m_screen.player().open(m_log, m_timeline);
    m_screen.player().set_depth(settings.depth);
    m_screen.player().pause();
}

canvas::Surface Camera::at(double story)
{
    m_screen.player().seek(story);
    view::FrameInput const input {
        .log = &m_log, .timeline = &m_timeline, .theme = m_settings.theme, .model = m_settings.model.get()
    };
    std::vector<view::Command> ignored;
    auto const draw = [&] {
        return m_offscreen.render_frame(width(), height(), theme::scale_for_height(static_cast<float>(height())), 0,
            [&](canvas::Canvas& canvas) { m_screen.draw(canvas, input, ignored); });
    };
    // A list scrolls to what the moment is about once it knows how long it is.
    auto picture = draw();
    return m_screen.state().view == view::MainView::Stage ? std::move(picture) : draw();
}

}
