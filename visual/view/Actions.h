#pragma once

// Everything that can be done from the keyboard or the palette, in one table: id, words, keys. The help sheet and the
// palette show this table; tests hold it to "every action has keys of its own".

#include "visual/canvas/Keys.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace drydock::view {

enum class Action : std::uint8_t {
    PlayPause,
    NextBeat,
    PreviousBeat,
    NextRecord,
    PreviousRecord,
    ToStart,
    ToEnd,
    Slower,
    Faster,
    DepthRole,
    DepthObject,
    DepthMetal,
    ViewStage,
    ViewUnion,
    ViewIsolation,
    ViewWire,
    ViewBuild,
    NextTheme,
    NextLanguage,
    Presenter,
    Blackout,
    Spotlight,
    Pen,
    CountHands,
    Inspector,
    TerminalPanel,
    TallTimeline,
    TimelineIn,
    TimelineOut,
    TimelineLeft,
    TimelineRight,
    TimelineFit,
    TimelineScale,
    LoopRange,
    SecondCursor,
    Palette,
    Settings,
    Export,
    Help,
    Undo,
    Redo,
    GoOnFromHere,
    Restart,
    BeTheDaemon,
    Mark,
    SaveRecording,
    Goals,
    Hint,
    OpeningCard,
    ClosingCard,
    Variation,
    NextLesson,
    Course,
    ConceptTest,
    Menu,
    Follow,
    ReducedMotion,
    ZoomIn,
    ZoomOut,
    Fullscreen,
    Close,
};

struct ActionInfo {
    Action action;
    std::string_view id; // for scenarios and tests
    std::string_view label;
    std::array<std::string_view, 2> keys;
};

inline constexpr std::array actions {
    ActionInfo { Action::PlayPause, "play.toggle", "Play or pause", { "Space" } },
    ActionInfo { Action::NextBeat, "play.next", "Next beat", { "Right", "PgDn" } },
    ActionInfo { Action::PreviousBeat, "play.previous", "Previous beat", { "Left", "PgUp" } },
    ActionInfo { Action::NextRecord, "play.next-record", "Next record", { "Shift+Right" } },
    ActionInfo { Action::PreviousRecord, "play.previous-record", "Previous record", { "Shift+Left" } },
    ActionInfo { Action::ToStart, "play.start", "To the beginning", { "Home" } },
    ActionInfo { Action::ToEnd, "play.end", "To the end", { "End" } },
    ActionInfo { Action::Slower, "play.slower", "Slower", { "," } },
    ActionInfo { Action::Faster, "play.faster", "Faster", { "." } },
    ActionInfo { Action::DepthRole, "depth.role", "Depth 1: roles", { "1" } },
    ActionInfo { Action::DepthObject, "depth.object", "Depth 2: objects", { "2" } },
    ActionInfo { Action::DepthMetal, "depth.metal", "Depth 3: metal", { "3" } },
    ActionInfo { Action::ViewStage, "view.stage", "Stage: who does what", { "Ctrl+1" } },
    ActionInfo { Action::ViewUnion, "view.union", "Union: files through the layers", { "Ctrl+2" } },
    ActionInfo { Action::ViewIsolation, "view.isolation", "Isolation: inside against outside", { "Ctrl+3" } },
    ActionInfo { Action::ViewWire, "view.wire", "Wire: every request and answer", { "Ctrl+4" } },
    ActionInfo { Action::ViewBuild, "view.build", "Build: Dockerfile, layers, config", { "Ctrl+5" } },
    ActionInfo { Action::NextTheme, "look.theme", "Next theme: dark, light, projector", { "T" } },
    ActionInfo { Action::NextLanguage, "look.language", "Next language", { "Ctrl+L" } },
    ActionInfo { Action::Presenter, "look.presenter", "Presenter mode", { "P" } },
    ActionInfo { Action::Blackout, "present.blackout", "Black screen", { "Ctrl+B" } },
    ActionInfo { Action::Spotlight, "present.spotlight", "Spotlight under the pointer", { "Shift+L" } },
    ActionInfo { Action::Pen, "present.pen", "Pen: draw over the stage", { "Shift+P" } },
    ActionInfo { Action::CountHands, "present.hands", "Ask the class and count hands", { "Shift+Q" } },
    ActionInfo { Action::ReducedMotion, "look.reduced-motion", "Reduced motion", { "M" } },
    ActionInfo { Action::ZoomIn, "look.zoom-in", "Larger", { "+" } },
    ActionInfo { Action::ZoomOut, "look.zoom-out", "Smaller", { "-" } },
    ActionInfo { Action::Fullscreen, "look.fullscreen", "Full screen", { "F11" } },
    ActionInfo { Action::Inspector, "panel.inspector", "Inspector", { "I" } },
    ActionInfo { Action::TerminalPanel, "panel.terminal", "Terminal", { "`", "Ctrl+T" } },
    ActionInfo { Action::TallTimeline, "timeline.tall", "Timeline higher or lower", { "U" } },
    ActionInfo { Action::TimelineIn, "timeline.in", "Timeline: closer", { "W" } },
    ActionInfo { Action::TimelineOut, "timeline.out", "Timeline: farther", { "S" } },
    ActionInfo { Action::TimelineLeft, "timeline.left", "Timeline: earlier", { "A" } },
    ActionInfo { Action::TimelineRight, "timeline.right", "Timeline: later", { "D" } },
    ActionInfo { Action::TimelineFit, "timeline.fit", "Timeline: all of it", { "0" } },
    ActionInfo { Action::TimelineScale, "timeline.scale", "Timeline: story or clock", { "C" } },
    ActionInfo { Action::LoopRange, "timeline.loop", "Loop a range, or this part", { "L" } },
    ActionInfo { Action::SecondCursor, "timeline.second", "Compare with this moment", { "B" } },
    ActionInfo { Action::Palette, "panel.palette", "Command palette", { "Ctrl+K", "Ctrl+Shift+P" } },
    ActionInfo { Action::Settings, "panel.settings", "Settings", { "F2" } },
    ActionInfo { Action::Export, "panel.export", "Export: picture, film, page, storyboard", { "Ctrl+E" } },
    ActionInfo { Action::Help, "panel.help", "Keys and legend", { "?" } },
    ActionInfo { Action::Follow, "play.follow", "Follow what happens now", { "F" } },
    ActionInfo { Action::Undo, "engine.undo", "Undo the last command", { "Ctrl+Z" } },
    ActionInfo { Action::Redo, "engine.redo", "Redo what was undone", { "Ctrl+Y", "Ctrl+Shift+Z" } },
    ActionInfo { Action::GoOnFromHere, "engine.go-on", "Take the engine back to here", { "Ctrl+G" } },
    ActionInfo { Action::Restart, "scenario.restart", "Reset to a fresh engine", { "R" } },
    ActionInfo { Action::BeTheDaemon, "daemon.be", "Be the daemon", { "Ctrl+D" } },
    ActionInfo { Action::Mark, "recording.mark", "Begin a new part of the recording", { "K" } },
    ActionInfo { Action::SaveRecording, "recording.save", "Save what was done as a scenario", { "Ctrl+S" } },
    ActionInfo { Action::Goals, "scenario.goals", "Goals, and why not yet", { "G" } },
    ActionInfo { Action::Menu, "object.menu", "What can be done to it", { "X" } },
    ActionInfo { Action::Hint, "scenario.hint", "A hint, then a plainer one", { "H" } },
    ActionInfo { Action::OpeningCard, "lesson.opening", "What you will meet in this lesson", { "O" } },
    ActionInfo { Action::ClosingCard, "lesson.closing", "What is reached, what to try next", { "E" } },
    ActionInfo { Action::Variation, "lesson.variation", "Break it on purpose; take it back", { "V" } },
    ActionInfo { Action::NextLesson, "lesson.next", "Next lesson", { "N" } },
    ActionInfo { Action::Course, "course.open", "Course: lessons and tasks", { "F3" } },
    ActionInfo { Action::ConceptTest, "course.test", "Concept test", { "F4" } },
    ActionInfo { Action::Close, "panel.close", "Close", { "Esc" } },
};

ActionInfo const& info_of(Action);
// The first key of the action, for hints.
std::optional<canvas::Chord> chord_of(Action);

}
