#include "visual/view/Screen.h"

#include "sim/words/Language.h"
#include "visual/canvas/Easing.h"
#include "visual/stage/Names.h"
#include "visual/view/Sight.h"
#include "visual/view/Views.h"

#include <algorithm>

namespace drydock::view {

namespace {

using canvas::Rect;

constexpr float transport_height = 44;

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

std::map<std::string, NamedView> const& named_views()
{
    static std::map<std::string, NamedView> const views { { "stage", { MainView::Stage } },
        { "union", { MainView::Union } }, { "isolation", { MainView::Isolation } }, { "wire", { MainView::Wire } },
        { "build", { MainView::Build } }, { "compare", { MainView::Compare } },
        { "compare:call", { MainView::Compare, CompareSection::Call } },
        { "compare:density", { MainView::Compare, CompareSection::Density } },
        { "compare:ship", { MainView::Compare, CompareSection::Ship } },
        { "compare:isolation", { MainView::Compare, CompareSection::Isolation } },
        { "compare:morph", { MainView::Compare, CompareSection::Morph } } };
    return views;
}

std::optional<NamedView> view_called(std::string const& name)
{
    auto const found = named_views().find(name);
    return found == named_views().end() ? std::nullopt : std::optional(found->second);
}

void Screen::draw(canvas::Canvas& canvas, FrameInput const& input, std::vector<Command>& commands)
{
    if (input.run != m_state.run) {
        m_state.run = input.run;
        m_state.selected.clear();
        m_state.export_path.clear();
        m_state.answers.clear();
        m_state.hints_shown = 0;
        m_state.card_asked.reset();
        m_state.card_put_away.reset();
        m_state.reached_told = false;
        if (input.begin_at == 0) // what is undone is the same lesson
            m_state.told_view = "none yet";
        m_state.daemon_game.reset();
        m_state.menu_of.clear();
        m_state.union_view = {};
        m_state.index = {};
        m_state.isolated.clear();
        m_state.peeled.clear();
        m_state.wire = {};
        m_state.compare.race = {};
        m_state.compare.machine.clear();
        m_state.compare.container.clear();
        m_state.mentions = {};
        m_state.folded_records.clear();
        m_state.build_step.reset();
        m_state.build_revealed = {};
        m_state.timeline.shown.reset();
        m_state.timeline.second.reset();
        m_state.timeline.loop.reset();
        m_state.timeline.difference.reset();
        m_state.player.open(*input.log, *input.timeline, input.begin_at);
    }
    if (words::language() != m_state.player.language())
        m_state.player.retell();
    bool const was_playing = m_state.player.playing();
    bool const covered = m_state.overlay == Overlay::Course || m_state.overlay == Overlay::ConceptTest;
    m_state.player.advance(covered ? 0 : input.elapsed, input.live);
    keep_in_loop(was_playing);
    auto const called = m_state.terminal_calls;
    auto const overlay = m_state.overlay;
    take_keys(input, commands);
    bool const opened = m_state.overlay != overlay;
    if ((m_state.terminal_calls && !called)
        || (opened && (m_state.overlay == Overlay::Palette || m_state.overlay == Overlay::Export)))
        canvas.interaction().await_field();
    follow_the_lesson();
    slide_panels(input.elapsed);
    m_state.index.extend(*input.log);

    Context context { input, m_state, commands };
    auto room = canvas.bounds();
    draw_top_bar(canvas, room.top_part(theme::region::top_bar), context);
    room = room.without_top(theme::region::top_bar);
    // The stage keeps at least the half of the window.
    m_state.timeline.height = std::clamp(m_state.timeline.height, dock_low, std::max(dock_low, room.height * 0.5f));
    // A command's output has a few lines at least.
    auto const dock_height = m_state.dock == DockTab::Terminal ? std::max(m_state.timeline.height, dock_of_terminal)
                                                               : m_state.timeline.height;
    auto const dock = static_cast<float>(m_state.dock_open) * dock_height
        + (1 - static_cast<float>(m_state.dock_open)) * transport_height;
    auto const side = static_cast<float>(m_state.inspector_open) * theme::region::inspector;
    auto const middle = room.without_bottom(dock).without_right(side);
    auto const stage = middle.without_right(difference_beside(m_state, middle));
    draw_view(canvas, stage, context);
    draw_presenting(canvas, stage, context);
    if (m_state.presenting.counting)
        draw_hands(canvas, stage, context);
    else
        draw_prediction(canvas, stage, context);
    draw_goals(canvas, stage, context);
    // One card at a time has the keyboard: a lesson's comes when the dialog is closed, by a key that is not its own.
    if (overlay == Overlay::None && m_state.overlay == Overlay::None)
        draw_lesson_cards(canvas, stage, context);
    draw_daemon_game(canvas, stage, context);
    draw_notices(canvas, stage, context);
    draw_menu(canvas, stage, context);
    if (side > 1) {
        Rect const place { middle.right(), middle.y, theme::region::inspector, middle.height };
        draw_inspector(canvas, place, context);
    }
    draw_difference(canvas, middle, context);
    auto const below = room.bottom_part(dock);
    canvas::panel(canvas, below, canvas::Side::Top);
    draw_transport(canvas, below.top_part(transport_height), context);
    if (dock > transport_height + 40) {
        auto const content = below.without_top(transport_height);
        if (m_state.dock == DockTab::Timeline)
            draw_timeline(canvas, content, context);
        else
            draw_terminal(canvas, content, context);
        draw_dock_handle(canvas, below.top_part(6), context);
    }
    if (m_state.overlay == Overlay::Palette)
        draw_palette(canvas, context);
    if (m_state.overlay == Overlay::Help)
        draw_help(canvas, context);
    if (m_state.overlay == Overlay::Settings)
        draw_settings(canvas, context);
    if (m_state.overlay == Overlay::Export)
        draw_export(canvas, context);
    if (m_state.overlay == Overlay::Course)
        draw_course(canvas, context);
    if (m_state.overlay == Overlay::ConceptTest)
        draw_concept_test(canvas, context);
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
    if (m_state.player.beat() == nullptr && m_state.view != MainView::Compare) // which has the model's to show
        return draw_welcome(canvas, rect, context);
    canvas::stage_ground(canvas, rect);
    canvas::Clip const clip(canvas, rect);
    auto place = rect;
    if (m_state.view != MainView::Stage) { // which has the narration on it
        auto const zoom = sight_of(m_state.view, rect, canvas.size(), m_state.presenter).zoom;
        Rect const whole { rect.x / zoom, rect.y / zoom, rect.width / zoom, rect.height / zoom };
        auto const strip = narration_strip_height(whole, m_state);
        draw_narration_strip(canvas.zoomed(zoom, { 0, 0 }), whole.bottom_part(strip), m_state);
        place = rect.without_bottom(strip * zoom);
    }
    auto const sight = sight_of(m_state.view, place, canvas.size(), m_state.presenter);
    auto const large = canvas.zoomed(sight.zoom, { 0, 0 });
    if (!sight.scrolled) {
        draw_view_in(large, sight.room, context);
        return;
    }
    canvas::ScrollArea area(large, "view", { sight.room.x, sight.room.y, sight.room.width, place.height / sight.zoom });
    auto const lit = draw_view_in(area.canvas(), { 0, 0, area.width(), sight.room.height }, context);
    auto const beat = m_state.player.beat_index();
    if (std::exchange(m_state.scrolled_to_beat, beat) != beat)
        area.reveal(lit);
    area.set_content_height(sight.room.height);
}

Rect Screen::draw_view_in(canvas::Canvas const& canvas, Rect const& room, Context& context)
{
    switch (m_state.view) {
    case MainView::Stage: return draw_stage(canvas, room, context);
    case MainView::Union: draw_union(canvas, room, context); break;
    case MainView::Isolation: draw_isolation(canvas, room, context); break;
    case MainView::Wire: draw_wire(canvas, room, context); break;
    case MainView::Build: draw_build(canvas, room, context); break;
    case MainView::Compare: draw_compare(canvas, room, context); break;
    }
    return {};
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
                || info.action == Action::Help || info.action == Action::Settings || info.action == Action::Export
                || info.action == Action::Course || info.action == Action::ConceptTest;
            if (!stage_has_keys && !is_chrome)
                continue;
            bool const repeats = info.action == Action::NextRecord || info.action == Action::PreviousRecord
                || (info.action >= Action::TimelineIn && info.action <= Action::TimelineRight);
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
    case Action::PlayPause: return go_on(input, commands);
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
    case Action::ViewStage: return choose_view(MainView::Stage);
    case Action::ViewUnion: return choose_view(MainView::Union);
    case Action::ViewIsolation: return choose_view(MainView::Isolation);
    case Action::ViewWire: return choose_view(MainView::Wire);
    case Action::ViewBuild: return choose_view(MainView::Build);
    case Action::ViewCompare: return choose_view(MainView::Compare);
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
    case Action::TallTimeline:
    case Action::TimelineIn:
    case Action::TimelineOut:
    case Action::TimelineLeft:
    case Action::TimelineRight:
    case Action::TimelineFit:
    case Action::TimelineScale:
    case Action::LoopRange:
    case Action::SecondCursor: return perform_on_timeline(action);
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
    case Action::Hint: return show_next_hint(input);
    case Action::BeTheDaemon: return be_the_daemon(input);
    case Action::StartRace: return start_race(input, commands);
    case Action::Mark: commands.push_back(MarkRecording {}); return;
    case Action::SaveRecording: commands.push_back(SaveRecording {}); return;
    case Action::Goals: m_state.goals_open = !m_state.goals_open; return;
    case Action::OpeningCard: return toggle_card(m_state, input, LessonCard::Opening);
    case Action::ClosingCard: return toggle_card(m_state, input, LessonCard::Closing);
    case Action::Variation: return play_variation(input, commands);
    case Action::NextLesson:
        if (input.lesson != nullptr && !input.lesson->next_lesson.empty())
            commands.push_back(OpenScenario { input.lesson->next_lesson });
        return;
    case Action::Course:
        m_state.overlay = m_state.overlay == Overlay::Course ? Overlay::None : Overlay::Course;
        m_state.course.forgetting = false;
        return;
    case Action::ConceptTest:
        m_state.overlay = m_state.overlay == Overlay::ConceptTest ? Overlay::None : Overlay::ConceptTest;
        return;
    case Action::Menu:
        m_state.menu_of = m_state.selected;
        m_state.menu_at.reset();
        return;
    case Action::Undo: commands.push_back(UndoTurn {}); return;
    case Action::Redo: commands.push_back(RedoTurn {}); return;
    case Action::GoOnFromHere:
        if (player.is_open() && player.beat() != nullptr)
            commands.push_back(TakeEngineBack { input.branch, player.records() });
        return;
    case Action::Restart: commands.push_back(RestartScenario {}); return;
    case Action::Close:
        if (m_state.overlay != Overlay::None)
            m_state.overlay = Overlay::None;
        else if (m_state.union_view.list != UnionList::None)
            m_state.union_view.list = UnionList::None;
        else if (auto const card = card_shown(m_state, input))
            put_away(m_state, *card);
        else if (m_state.presenting.counting)
            m_state.presenting.counting = false;
        else if (!m_state.presenting.strokes.empty())
            m_state.presenting.strokes.clear();
        else if (m_state.hints_shown > 0)
            m_state.hints_shown = 0;
        else if (m_state.goals_open)
            m_state.goals_open = false;
        else if (!m_state.selected.empty())
            m_state.selected.clear();
        else
            m_state.inspector = false;
        return;
    }
}

void Screen::choose_view(MainView view)
{
    m_state.view = view;
    m_state.view_chosen = true;
}

// Each moment of a lesson is shown in the view that the lesson names for it; whoever has chosen another one keeps it.
void Screen::follow_the_lesson()
{
    if (!m_state.player.is_open() || m_state.player.beat() == nullptr)
        return;
    auto const& scenario = m_state.player.world().scenario;
    auto const told = scenario ? scenario->view : "";
    if (told == m_state.told_view)
        return;
    m_state.told_view = told;
    if (m_state.view_chosen)
        return;
    auto const named = view_called(told).value_or(NamedView {});
    m_state.view = named.view;
    m_state.compare.section = named.section;
}

void Screen::go_on(FrameInput const& input, std::vector<Command>& commands)
{
    if (card_shown(m_state, input) == LessonCard::Opening) {
        if (!m_state.card_asked)
            m_state.player.play();
        return put_away(m_state, LessonCard::Opening);
    }
    if (m_state.player.held() && input.waiting)
        commands.push_back(ContinueScenario {});
    m_state.player.toggle();
}

void Screen::play_variation(FrameInput const& input, std::vector<Command>& commands)
{
    if (input.lesson == nullptr || input.lesson->variation.empty() || m_state.player.beat() == nullptr)
        return;
    m_state.card_asked.reset(); // what comes is to be seen
    if (input.lesson->varied) {
        commands.push_back(TakeVariationBack {});
    } else if (goals_are_met(m_state.player.world())) {
        commands.push_back(PlayVariation {});
        m_state.player.play_on();
    } else {
        m_state.card_asked = LessonCard::Closing; // says that the goals come first
    }
}

void Screen::be_the_daemon(FrameInput const& input)
{
    if (m_state.daemon_game)
        return m_state.daemon_game.reset();
    if (auto steps = daemon_steps(*input.log, input.log->size()); !steps.empty())
        m_state.daemon_game.emplace(std::move(steps));
}

// One key press starts both: whoever owns the engine runs the lines one after another.
void Screen::start_race(FrameInput const& input, std::vector<Command>& commands)
{
    if (input.terminal == nullptr || !input.terminal->available || input.terminal->busy)
        return;
    choose_view(MainView::Compare);
    m_state.compare.section = CompareSection::Race;
    m_state.compare.machine.clear();
    m_state.compare.container.clear();
    for (auto& line : race_commands(input.timeline->world_at(input.log->size())))
        commands.push_back(RunCommandLine { std::move(line) });
    m_state.player.follow();
}

// One plainer at each press; after the last one the card goes away.
void Screen::show_next_hint(FrameInput const& input)
{
    m_state.hints_shown = input.hints == nullptr ? 0 : (m_state.hints_shown + 1) % (input.hints->size() + 1);
    if (m_state.hints_shown == 0 || m_state.player.beat() == nullptr)
        return;
    auto const& flash = (*input.hints)[m_state.hints_shown - 1].flash;
    if (auto id = stage::resolve(flash, m_state.player.world()); !id.empty())
        m_state.selected = std::move(id);
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
