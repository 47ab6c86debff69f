#pragma once

// The whole window: top bar, stage, inspector, dock with timeline and terminal, and what lies over them. Holds the
// state of the views alone (which moment, which panel is open, what is selected); everything shown comes in with the
// frame, everything wanted goes out as commands.
//
//   view::Screen screen;
//   window.frame([&](canvas::Canvas& canvas) { screen.draw(canvas, input, commands); });

#include "visual/canvas/Canvas.h"
#include "visual/view/Actions.h"
#include "visual/view/CompareState.h"
#include "visual/view/DaemonSteps.h"
#include "visual/view/Difference.h"
#include "visual/view/Exchanges.h"
#include "visual/view/LessonCards.h"
#include "visual/view/LogIndex.h"
#include "visual/view/Mentions.h"
#include "visual/view/Model.h"
#include "visual/view/Player.h"
#include "visual/view/Presenting.h"
#include "visual/view/TimelineAxis.h"
#include "visual/view/UnionState.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace drydock::view {

enum class Overlay : std::uint8_t { None, Palette, Help, Settings, Export, Course, ConceptTest };
// What stands in the middle of the window. Every one shows the same moment.
enum class MainView : std::uint8_t { Stage, Union, Isolation, Wire, Build, Compare };
// A view as scenarios and command lines name it: "union", or one picture of the comparison: "compare:density".
struct NamedView {
    MainView view { MainView::Stage };
    CompareSection section { CompareSection::Race };
};
std::map<std::string, NamedView> const& named_views();
std::optional<NamedView> view_called(std::string const& name);
enum class DockTab : std::uint8_t { Timeline, Terminal };

// Of the wire view; what it derives from the log is kept until the moment or the filter changes.
struct WireState {
    ExchangeFilter filter;
    std::size_t tab { 0 };
    std::string open; // whose lines are folded
    std::set<std::size_t> folded_request, folded_answer;
    std::vector<std::size_t> shown;
    std::string shown_for;
    std::optional<std::size_t> newest; // of what was shown last: the list goes to its end when another one is
    std::vector<std::uint64_t> inside;
    std::string inside_for;
};

// Of the timeline. Moments are numbers of records, so that they mean the same on either scale.
struct TimelineState {
    float height { 148 }; // of the dock with it
    TimeScale scale { TimeScale::Story };
    std::optional<Stretch> shown; // nothing: all of it
    std::string query;
    std::set<std::string> without; // bands that are left out
    std::optional<std::uint64_t> second;
    std::optional<std::pair<std::uint64_t, std::uint64_t>> loop;
    std::optional<Difference> difference; // between the moments `difference_of`
    std::pair<std::uint64_t, std::uint64_t> difference_of;
    bool drawing { false };        // a range, with the mouse
    std::uint64_t drag_from { 0 }; // where it began
};

// Of the course page.
struct CourseState {
    std::size_t track { 0 };   // 0: all lessons
    bool forgetting { false }; // asked whether what was done is to be forgotten
    std::string revealed;      // the row that was scrolled to last
};

// Of the concept test. What was answered stays until the window is closed, also where the card was closed in between.
struct ConceptTestState {
    TestPhase phase { TestPhase::Before };
    std::size_t item { 0 };
    std::vector<std::optional<std::size_t>> answers;
    bool begun { false };
    bool over { false };
    std::size_t looked_at { 0 }; // of the results
    std::string revealed;
};

// What the views remember between frames.
struct State {
    Player player;
    std::uint64_t run { ~std::uint64_t { 0 } };
    MainView view { MainView::Stage };
    std::string selected; // id of an object, the same in every view (visual/stage/Names.h)
    bool inspector { false };
    std::size_t inspector_tab { 0 };
    DockTab dock { DockTab::Timeline };
    bool presenter { false };
    Presenting presenting;
    bool reduced_motion { false };
    Overlay overlay { Overlay::None };
    std::size_t help_page { 0 };
    std::string export_path; // as typed; empty: to be suggested
    std::size_t export_kind { 0 };
    std::string query; // of the palette
    std::size_t palette_choice { 0 };
    std::string input;                          // of the terminal
    std::vector<std::string> completions;       // that Tab has found
    std::string program_input;                  // for the running program
    std::size_t history_back { 0 };             // 0: the line being typed
    bool terminal_calls { false };              // it has just been opened, and wants the keyboard
    std::map<std::string, std::string> answers; // to predictions, by id
    std::optional<DaemonGame> daemon_game;
    std::vector<std::string> notices_read; // and put away
    bool view_chosen { false };            // by hand, so that a lesson does not change it
    std::string told_view;                 // the lesson's at the moment that was shown last
    bool goals_open { false };
    CourseState course;
    ConceptTestState test;
    std::optional<LessonCard> card_asked;    // for which somebody has asked
    std::optional<LessonCard> card_put_away; // of the moment that is shown
    bool reached_told { false };             // in this run
    std::size_t hints_shown { 0 };
    std::string menu_of;                  // id of the object whose menu is open
    std::optional<canvas::Point> menu_at; // where it was asked for with the mouse
    double dock_open { 1 };               // 0 to 1, sliding
    double inspector_open { 0 };
    UnionState union_view;
    LogIndex index;
    std::string isolated;         // id of the container that the isolation view is of; empty: the one started last
    std::set<std::string> peeled; // kinds of namespaces that it shows as if they were shared
    std::string topic;            // where Up and Down have come to in it
    std::size_t scrolled_to_beat { 0 }; // where the view has less room than it needs
    std::string revealed_topic;         // to be scrolled to in this frame
    WireState wire;
    CompareState compare;
    TimelineState timeline;
    Mentions mentions;
    std::map<std::uint64_t, std::set<std::size_t>> folded_records; // lines of the inspector's raw tab
    std::optional<std::size_t> build_step;            // chosen in the build view; nothing: it follows the build
    std::pair<std::int64_t, float> build_revealed {}; // the step that was scrolled to last, and how high it was
    std::vector<Action> actions;                      // asked for by views in this frame
};

struct Context; // Views.h

class Screen {
public:
    void draw(canvas::Canvas&, FrameInput const&, std::vector<Command>&);
    // Whether something moves, so that another frame is due.
    bool animating() const { return m_animating; }

    Player& player() { return m_state.player; }
    State& state() { return m_state; }
    // Carries out what the table names; views, keys, scenarios and tests all come through here.
    void perform(Action, FrameInput const&, std::vector<Command>&);

private:
    void draw_view(canvas::Canvas const&, canvas::Rect const&, Context&);
    // Where what the beat is about lies, for the stage.
    canvas::Rect draw_view_in(canvas::Canvas const&, canvas::Rect const& room, Context&);
    void take_keys(FrameInput const&, std::vector<Command>&);
    void slide_panels(double seconds);
    void show_next_hint(FrameInput const&);
    void choose_view(MainView);
    void follow_the_lesson();
    void go_on(FrameInput const&, std::vector<Command>&);
    void play_variation(FrameInput const&, std::vector<Command>&);
    void be_the_daemon(FrameInput const&);
    void start_race(FrameInput const&, std::vector<Command>&);
    void perform_on_timeline(Action);
    void keep_in_loop(bool was_playing);

    State m_state;
    bool m_animating { false };
};

}
