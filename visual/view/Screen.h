#pragma once

// The whole window: top bar, stage, inspector, dock with timeline and terminal, and what lies over them. Holds the
// state of the views alone (which moment, which panel is open, what is selected); everything shown comes in with the
// frame, everything wanted goes out as commands.
//
//   view::Screen screen;
//   window.frame([&](canvas::Canvas& canvas) { screen.draw(canvas, input, commands); });

#include "sim/trace/SpanTree.h"
#include "visual/canvas/Canvas.h"
#include "visual/view/Actions.h"
#include "visual/view/Model.h"
#include "visual/view/Player.h"
#include "visual/view/Presenting.h"

#include <map>
#include <string>
#include <vector>

namespace drydock::view {

enum class Overlay : std::uint8_t { None, Palette, Help, Settings, Export };
// What stands in the middle of the window. Every one shows the same moment.
enum class MainView : std::uint8_t { Stage, Union, Isolation, Wire, Build };
enum class DockTab : std::uint8_t { Timeline, Terminal };

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
    std::string export_path; // as typed; empty: to be suggested
    std::size_t export_kind { 0 };
    std::string query; // of the palette
    std::size_t palette_choice { 0 };
    std::string input;                          // of the terminal
    std::size_t history_back { 0 };             // 0: the line being typed
    bool terminal_calls { false };              // it has just been opened, and wants the keyboard
    std::map<std::string, std::string> answers; // to predictions, by id
    std::size_t hints_shown { 0 };
    double dock_open { 1 }; // 0 to 1, sliding
    double inspector_open { 0 };
    std::vector<trace::SpanRun> spans; // of the first `spans_of_records` records, for the timeline
    std::uint64_t spans_of_records { 0 };
    std::vector<Action> actions; // asked for by views in this frame
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
    void take_keys(FrameInput const&, std::vector<Command>&);
    void slide_panels(double seconds);

    State m_state;
    bool m_animating { false };
};

}
