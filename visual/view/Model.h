#pragma once

// The border of the views: what they are given each frame, and what they ask for in return. Views read the World and
// never change it; whoever owns the engine carries the commands out.

#include "sim/machine/Model.h"
#include "sim/timeline/Timeline.h"
#include "sim/trace/EventLog.h"
#include "visual/theme/Theme.h"
#include "visual/view/Ansi.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace drydock::view {

// ---- What views are given ----

struct TerminalLine {
    enum class Kind : std::uint8_t { Typed, Output, Error };
    Kind kind { Kind::Output };
    StyledLine runs; // with the colours that the program chose
};

struct Terminal {
    bool available { false }; // a trace file has none
    bool busy { false };      // a command is running
    bool reads { false };     // and can be given input
    std::vector<TerminalLine> lines;
    std::vector<std::string> history; // what was typed, oldest first
    std::string docker_host;          // where the real docker CLI finds the same daemon; empty where it cannot
};

struct ScenarioEntry {
    enum class Kind : std::uint8_t { Lesson, Demonstration, Task };
    enum class State : std::uint8_t { NotBegun, Begun, Done };
    std::string id;
    std::string title;
    std::string summary;
    std::int64_t minutes { 0 };
    Kind kind { Kind::Lesson };
    int number { 0 };                    // in the course; 0: it has no place there
    std::vector<std::string> refutes {}; // beliefs, a sentence each
    State state { State::NotBegun };
    std::string done_on {}; // "2026-11-26"
};

// A test of what somebody believes, before the course and after it.
struct TestItem {
    std::string belief; // the misconception that it is about
    std::string question;
    std::vector<std::string> choices;
    std::size_t right { 0 };
    std::string why;
    std::string lesson {}; // id of the one that treats it; empty: none is here
};
enum class TestPhase : std::uint8_t { Before, After };
struct TestResult {
    std::string date;
    std::size_t right { 0 };
    std::size_t items { 0 };
};

// What there is to learn beside the scenarios themselves, and where one is in it.
struct Course {
    struct Track {
        std::string name;
        std::vector<std::string> lessons; // ids
    };
    std::vector<Track> tracks;
    std::string last; // id of the lesson that was open last
    std::vector<TestItem> test;
    std::array<std::optional<TestResult>, 2> results; // the last ones, by TestPhase
};

// What was done to the engine since it began, and what was done otherwise after it had been taken back. Every branch
// has a log of its own, whose beginning is its parent's.
struct TurnMark {
    std::string line;
    std::uint64_t records { 0 }; // that had happened before it
};
struct Branch {
    std::shared_ptr<trace::EventLog const> log;
    std::size_t parent { 0 };
    std::uint64_t forked_at { 0 }; // records that are the parent's
    std::vector<TurnMark> turns;
    bool is_bare { false }; // nothing has been done on it yet
};
struct History {
    std::vector<Branch> branches; // empty: the engine cannot be taken back
    std::size_t engine { 0 };     // the branch that the engine is on
    bool can_undo { false };
    bool can_redo { false };
};

// What a proof can be run with: the machine's own shell beside a live engine, the client's commands alone (a simulated
// world is nowhere outside of Drydock), or nothing (a trace that was recorded elsewhere).
enum class ProofMeans : std::uint8_t { Nothing, Client, Shell };

// The proof that was run last. Which command it was, whoever ran it has composed anew.
struct ProofRun {
    std::string object; // id
    std::size_t index { 0 };
    bool running { false };
    std::string output; // of both streams, its beginning
    bool cut { false };
    std::optional<std::int64_t> exit_code; // nothing: it did not end in time, or could not begin
};

// A few lines of Drydock's own source, where it lies at hand.
struct SourceExcerpt {
    std::string file;
    std::uint32_t line { 0 };       // the one that was asked for
    std::uint32_t first { 0 };      // number of lines.front()
    std::vector<std::string> lines; // empty: the file is not here
};

struct Hint {
    std::string text;
    std::string flash;                 // what it points at, as scenarios say it: "container:a"
    std::int64_t after_attempts { 0 }; // offered when so many have not reached the goals
};

// What the lesson that is open offers beyond its events; a trace has none.
struct LessonOffer {
    std::vector<std::string> next {}; // what to try now, a sentence each
    std::string variation {};         // what it breaks on purpose; empty: nothing
    bool varied { false };            // that has been done, and can be taken back
    std::string next_lesson {};       // id; empty: it is the last
    std::string next_title {};
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
    std::vector<Hint> const* hints { nullptr }; // of the scenario, the plainest last
    std::int64_t attempts { 0 };                // commands that the learner has typed in it
    LessonOffer const* lesson { nullptr };
    std::uint64_t run { 0 };      // another number is another log: the view starts anew
    std::uint64_t begin_at { 0 }; // with what has happened after so many records
    History const* history { nullptr };
    std::size_t branch { 0 }; // of the history: whose log is shown
    trace::EventLog const* log { nullptr };
    timeline::Timeline* timeline { nullptr };
    bool live { false };    // the log may still grow
    bool waiting { false }; // the scenario waits for Continue
    std::string source;     // what is shown where no scenario is: "Sandbox", "trace.jsonl"
    Terminal const* terminal { nullptr };
    std::vector<ScenarioEntry> const* scenarios { nullptr };
    Course const* course { nullptr };
    std::vector<LanguageEntry> const* languages { nullptr };
    ExportState const* exporting { nullptr };
    std::string export_place {}; // where an export goes if nothing else is typed; without an ending
    std::vector<std::string> const* notices { nullptr }; // what is missing on this machine, and said so
    theme::ThemeName theme { theme::ThemeName::Dark };
    ProofMeans proofs { ProofMeans::Nothing };
    ProofRun const* proof { nullptr };          // null: none yet
    SourceExcerpt const* source_at { nullptr }; // the answer to ShowSource
    machine::Model const* model { nullptr };    // of the comparison; null: its file could not be read
    float zoom { 1 };                           // the user's factor, 0.75 to 2.5
    int first_depth { 0 };                      // with which a lesson begins; 0: its own
    double elapsed { 0 };                       // seconds of wall time since the last frame
};

// ---- What they ask for ----

struct RunCommandLine {
    std::string text;
};
// For the running program to read; nothing: the end of its input, as Ctrl+D says it.
struct TypeInput {
    std::optional<std::string> text;
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
// The same, at the part that was seen last.
struct ResumeScenario {
    std::string id;
};
struct ForgetProgress { };
// The test is over; what was skipped has no answer.
struct KeepTest {
    TestPhase phase { TestPhase::Before };
    std::vector<std::optional<std::size_t>> answers;
};
struct RestartScenario { };
// The goals are reached, and whoever learns has seen it.
struct LessonReached { };
// What the lesson breaks on purpose; and the engine as it was before.
struct PlayVariation { };
struct TakeVariationBack { };
// What is done from now on is another part of the recording.
struct MarkRecording { };
struct SaveRecording { };
struct UndoTurn { };
struct RedoTurn { };
// The engine to the last moment between two turns when so many records had happened.
struct TakeEngineBack {
    std::size_t branch { 0 };
    std::uint64_t records { 0 };
};
struct ShowBranch {
    std::size_t branch { 0 };
};
struct ContinueScenario { };
struct AnswerPrediction {
    std::string id;
    std::string answer;
};
struct ToggleFullscreen { };
// Runs what Describe.h gives as the proof with that number: never a text that came with a trace.
struct RunProof {
    std::string object;
    std::size_t index { 0 };
};
struct ShowSource {
    std::string file;
    std::uint32_t line { 0 };
};

using Command = std::variant<StartExport, StopExport, RunCommandLine, TypeInput, InterruptCommand, CopyText,
    ChooseTheme, ChooseLanguage, ChooseFirstDepth, ChangeZoom, OpenScenario, ResumeScenario, ForgetProgress, KeepTest,
    RestartScenario, ContinueScenario, LessonReached, PlayVariation, TakeVariationBack, AnswerPrediction,
    ToggleFullscreen, MarkRecording, SaveRecording, UndoTurn, RedoTurn, TakeEngineBack, ShowBranch, RunProof,
    ShowSource>;

}
