#include "visual/view/Screen.h"

#include "sim/words/Language.h"
#include "visual/canvas/Easing.h"
#include "visual/view/Views.h"

#include <algorithm>

namespace drydock::view {

namespace {

using canvas::Rect;

constexpr float dock_height = 148, transport_height = 44;

theme::ThemeName next(theme::ThemeName name)
{
    auto const index = static_cast<std::size_t>(name) + 1;
    return theme::all_themes.at(index % theme::all_themes.size());
}

// The one after the language that is on.
ChooseLanguage next(std::vector<LanguageEntry> const& languages)
{
    auto const on
        = std::find_if(languages.begin(), languages.end(), [](auto const& l) { return l.code == words::language(); });
    auto const index = static_cast<std::size_t>(on - languages.begin()) + 1;
    return { languages[index % languages.size()].code };
}

double towards(double value, double target, double step)
{
    return value < target ? std::min(target, value + step) : std::max(target, value - step);
}

}

void Screen::draw(canvas::Canvas& canvas, FrameInput const& input, std::vector<Command>& commands)
{
    if (input.run != m_state.run) {
        m_state.run = input.run;
        m_state.selected.clear();
        m_state.export_path.clear();
        m_state.answers.clear();
        m_state.hints_shown = 0;
        m_state.spans_of_records = 0;
        m_state.player.open(*input.log, *input.timeline);
    }
    if (words::language() != m_state.player.language())
        m_state.player.retell();
    m_state.player.advance(input.elapsed, input.live);
    take_keys(input, commands);
    slide_panels(input.elapsed);
    if (m_state.spans_of_records != input.log->size()) {
        m_state.spans_of_records = input.log->size();
        m_state.spans = trace::spans_of(*input.log, m_state.spans_of_records);
    }

    Context context { input, m_state, commands };
    auto room = canvas.bounds();
    draw_top_bar(canvas, room.top_part(theme::region::top_bar), context);
    room = room.without_top(theme::region::top_bar);
    auto const dock = static_cast<float>(m_state.dock_open) * dock_height
        + (1 - static_cast<float>(m_state.dock_open)) * transport_height;
    auto const side = static_cast<float>(m_state.inspector_open) * theme::region::inspector;
    auto const stage = room.without_bottom(dock).without_right(side);
    draw_view(canvas, stage, context);
    draw_presenting(canvas, stage, context);
    if (m_state.presenting.counting)
        draw_hands(canvas, stage, context);
    else
        draw_prediction(canvas, stage, context);
    draw_hint(canvas, stage, context);
    if (side > 1) {
        Rect const place { stage.right(), stage.y, theme::region::inspector, stage.height };
        draw_inspector(canvas, place, context);
    }
    auto const below = room.bottom_part(dock);
    canvas::panel(canvas, below, canvas::Side::Top);
    draw_transport(canvas, below.top_part(transport_height), context);
    if (dock > transport_height + 40) {
        auto const content = below.without_top(transport_height);
        if (m_state.dock == DockTab::Timeline)
            draw_timeline(canvas, content, context);
        else
            draw_terminal(canvas, content, context);
    }
    if (m_state.overlay == Overlay::Palette)
        draw_palette(canvas, context);
    if (m_state.overlay == Overlay::Help)
        draw_help(canvas, context);
    if (m_state.overlay == Overlay::Settings)
        draw_settings(canvas, context);
    if (m_state.overlay == Overlay::Export)
        draw_export(canvas, context);
    draw_blackout(canvas, m_state);

    for (auto const action : std::exchange(m_state.actions, {}))
        perform(action, input, commands);
    bool const sliding = m_state.dock_open != (m_state.presenter ? 0 : 1)
        || m_state.inspector_open != (m_state.inspector && !m_state.presenter ? 1 : 0);
    // At the end of what is known nothing moves, however long one waits for more.
    m_animating = (m_state.player.playing() && !m_state.player.at_end()) || sliding;
}

void Screen::draw_view(canvas::Canvas const& canvas, Rect const& rect, Context& context)
{
    if (m_state.player.beat() == nullptr)
        return draw_welcome(canvas, rect, context);
    switch (m_state.view) {
    case MainView::Stage: return draw_stage(canvas, rect, context);
    case MainView::Union: return draw_union(canvas, rect, context);
    case MainView::Isolation: return draw_isolation(canvas, rect, context);
    case MainView::Wire: return draw_wire(canvas, rect, context);
    case MainView::Build: return draw_build(canvas, rect, context);
    }
}

void Screen::take_keys(FrameInput const& input, std::vector<Command>& commands)
{
    if (take_clicker(m_state))
        return;
    bool const stage_has_keys = m_state.overlay == Overlay::None;
    for (auto const& info : actions) {
        for (auto const key : info.keys) {
            auto const chord = canvas::Chord::parse(key);
            if (!chord)
                continue;
            bool const is_chrome = info.action == Action::Palette || info.action == Action::Close
                || info.action == Action::Help || info.action == Action::Settings || info.action == Action::Export;
            if (!stage_has_keys && !is_chrome)
                continue;
            bool const repeats = info.action == Action::NextRecord || info.action == Action::PreviousRecord;
            if (repeats ? canvas::pressed_or_repeated(*chord) : canvas::pressed(*chord))
                perform(info.action, input, commands);
        }
    }
}

void Screen::slide_panels(double seconds)
{
    auto const step = m_state.reduced_motion ? 1 : seconds / 0.24;
    m_state.dock_open = towards(m_state.dock_open, m_state.presenter ? 0 : 1, step);
    m_state.inspector_open = towards(m_state.inspector_open, m_state.inspector && !m_state.presenter ? 1 : 0, step);
}

void Screen::perform(Action action, FrameInput const& input, std::vector<Command>& commands)
{
    auto& player = m_state.player;
    switch (action) {
    case Action::PlayPause:
        if (player.held() && input.waiting)
            commands.push_back(ContinueScenario {});
        return player.toggle();
    case Action::NextBeat: return player.next_beat();
    case Action::PreviousBeat: return player.previous_beat();
    case Action::NextRecord: return player.step_records(+1);
    case Action::PreviousRecord: return player.step_records(-1);
    case Action::ToStart: return player.seek(0);
    case Action::ToEnd: return player.to_end();
    case Action::Slower: return player.slower();
    case Action::Faster: return player.faster();
    case Action::DepthRole: return player.set_depth(trace::Depth::Role);
    case Action::DepthObject: return player.set_depth(trace::Depth::Object);
    case Action::DepthMetal: return player.set_depth(trace::Depth::Metal);
    case Action::Follow: return player.follow();
    case Action::ViewStage: m_state.view = MainView::Stage; return;
    case Action::ViewUnion: m_state.view = MainView::Union; return;
    case Action::ViewIsolation: m_state.view = MainView::Isolation; return;
    case Action::ViewWire: m_state.view = MainView::Wire; return;
    case Action::ViewBuild: m_state.view = MainView::Build; return;
    case Action::NextTheme: commands.push_back(ChooseTheme { next(input.theme) }); return;
    case Action::NextLanguage:
        if (input.languages != nullptr && !input.languages->empty())
            commands.push_back(next(*input.languages));
        return;
    case Action::Presenter: m_state.presenter = !m_state.presenter; return;
    case Action::Blackout: m_state.presenting.blackout = !m_state.presenting.blackout; return;
    case Action::Spotlight: m_state.presenting.spotlight = !m_state.presenting.spotlight; return;
    case Action::Pen:
        m_state.presenting.pen = !m_state.presenting.pen;
        m_state.presenting.strokes.clear();
        return;
    case Action::CountHands:
        m_state.presenting.counting = !m_state.presenting.counting;
        m_state.presenting.revealed = false;
        if (m_state.presenting.counting)
            player.pause();
        return;
    case Action::ReducedMotion: m_state.reduced_motion = !m_state.reduced_motion; return;
    case Action::ZoomIn: commands.push_back(ChangeZoom { +1 }); return;
    case Action::ZoomOut: commands.push_back(ChangeZoom { -1 }); return;
    case Action::Fullscreen: commands.push_back(ToggleFullscreen {}); return;
    case Action::Inspector: m_state.inspector = !m_state.inspector; return;
    case Action::TerminalPanel:
        m_state.dock = m_state.dock == DockTab::Terminal ? DockTab::Timeline : DockTab::Terminal;
        m_state.presenter = false;
        m_state.terminal_calls = m_state.dock == DockTab::Terminal;
        return;
    case Action::Palette:
        m_state.overlay = m_state.overlay == Overlay::Palette ? Overlay::None : Overlay::Palette;
        m_state.query.clear();
        m_state.palette_choice = 0;
        return;
    case Action::Settings:
        m_state.overlay = m_state.overlay == Overlay::Settings ? Overlay::None : Overlay::Settings;
        return;
    case Action::Export: m_state.overlay = m_state.overlay == Overlay::Export ? Overlay::None : Overlay::Export; return;
    case Action::Help: m_state.overlay = m_state.overlay == Overlay::Help ? Overlay::None : Overlay::Help; return;
    case Action::Hint:
        // One plainer at each press; after the last one the card goes away.
        m_state.hints_shown = input.hints == nullptr ? 0 : (m_state.hints_shown + 1) % (input.hints->size() + 1);
        return;
    case Action::Restart: commands.push_back(RestartScenario {}); return;
    case Action::Close:
        if (m_state.overlay != Overlay::None)
            m_state.overlay = Overlay::None;
        else if (m_state.presenting.counting)
            m_state.presenting.counting = false;
        else if (!m_state.presenting.strokes.empty())
            m_state.presenting.strokes.clear();
        else if (m_state.hints_shown > 0)
            m_state.hints_shown = 0;
        else if (!m_state.selected.empty())
            m_state.selected.clear();
        else
            m_state.inspector = false;
        return;
    }
}

bool action_button(
    canvas::Canvas const& canvas, Rect const& rect, theme::Icon icon, Action action, Context& context, bool active)
{
    auto const& info = info_of(action);
    bool const pressed = canvas::icon_button(canvas, info.id, rect, icon,
        { .emphasis = canvas::Emphasis::Quiet,
            .hint = words::tr(info.label),
            .chord = chord_of(action),
            .active = active });
    if (pressed)
        context.ask(action);
    return pressed;
}

}
