#pragma once

// The border of the views: what they are given each frame, and what they ask for in return. Views read the World and
// never change it; whoever owns the engine carries the commands out.

#include "sim/timeline/Timeline.h"
#include "sim/trace/EventLog.h"
#include "visual/theme/Theme.h"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace drydock::view {

// ---- What views are given ----

struct TerminalLine {
    enum class Kind : std::uint8_t { Typed, Output, Error };
    Kind kind { Kind::Output };
    std::string text; // without escape sequences
};

struct Terminal {
    bool available { false }; // a trace file has none
    bool busy { false };      // a command is running
    std::vector<TerminalLine> lines;
    std::vector<std::string> history; // what was typed, oldest first
    std::string docker_host;          // where the real docker CLI finds the same daemon; empty where it cannot
};

struct ScenarioEntry {
    std::string id;
    std::string title;
    std::string summary;
    std::int64_t minutes { 0 };
};

struct LanguageEntry {
    std::string code; // "de"
    std::string name; // as its speakers call it
};

// An export under way or over, for its card.
struct ExportState {
    enum class Phase : std::uint8_t { Idle, Working, Done, Failed };
    Phase phase { Phase::Idle };
    int percent { 0 };
    std::string path {};
    std::string message {}; // why it failed
};

struct FrameInput {
    std::vector<std::string> const* hints { nullptr }; // of the scenario, the plainest last
    std::uint64_t run { 0 };                           // another number is another log: the view starts anew
    trace::EventLog const* log { nullptr };
    timeline::Timeline* timeline { nullptr };
    bool live { false };    // the log may still grow
    bool waiting { false }; // the scenario waits for Continue
    std::string source;     // what is shown where no scenario is: "Sandbox", "trace.jsonl"
    Terminal const* terminal { nullptr };
    std::vector<ScenarioEntry> const* scenarios { nullptr };
    std::vector<LanguageEntry> const* languages { nullptr };
    ExportState const* exporting { nullptr };
    std::string export_place {}; // where an export goes if nothing else is typed; without an ending
    std::vector<std::string> const* notices { nullptr }; // what is missing on this machine, and said so
    theme::ThemeName theme { theme::ThemeName::Dark };
    float zoom { 1 };      // the user's factor, 0.75 to 2.5
    int first_depth { 0 }; // with which a lesson begins; 0: its own
    double elapsed { 0 };  // seconds of wall time since the last frame
};

// ---- What they ask for ----

struct RunCommandLine {
    std::string text;
};
struct InterruptCommand { };
struct CopyText {
    std::string text;
};
struct ChooseTheme {
    theme::ThemeName theme;
};
struct ChooseLanguage {
    std::string code;
};
struct StartExport {
    std::string path; // its ending says what it becomes
    std::size_t beat; // of a picture
};
struct StopExport { };
struct ChooseFirstDepth {
    int depth; // 0: the lesson's own
};
struct ChangeZoom {
    int steps; // +1, -1; 0: back to the normal size
};
struct OpenScenario {
    std::string id;
};
struct RestartScenario { };
struct ContinueScenario { };
struct AnswerPrediction {
    std::string id;
    std::string answer;
};
struct ToggleFullscreen { };

using Command = std::variant<StartExport, StopExport, RunCommandLine, InterruptCommand, CopyText, ChooseTheme,
    ChooseLanguage, ChooseFirstDepth, ChangeZoom, OpenScenario, RestartScenario, ContinueScenario, AnswerPrediction,
    ToggleFullscreen>;

}
