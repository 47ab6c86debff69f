#pragma once

// Between the window and the engine: a task of its own opens sessions, plays scenarios, runs what is typed, judges the
// goals and takes the engine back in time, so that the window never waits. The window looks at what has become of it
// once a frame.
//
// Taking the engine back begins a new branch: a log whose beginning is the old one's. Nothing is lost; the engine can
// be taken to any moment between two turns of any branch.

#include "visual/app/ProofShell.h"
#include "visual/app/Session.h"
#include "visual/view/Model.h"

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <thread>

namespace drydock::app {

class Conductor {
public:
    explicit Conductor(SessionOptions);
    ~Conductor(); // stops what runs, and the engine with it

    // A fresh engine with that scenario playing on it; its commands may read files below `folder`.
    void open(scenario::Scenario, std::filesystem::path folder);
    // One command line, behind those that wait already.
    void run(std::string line);
    // What the running program reads; nothing is the end of its input. Only a live one reads.
    void give_input(std::optional<std::string> text);
    // Runs the proof `index` of `object`: in a shell beside a live engine, else as a command of the client.
    void prove(std::string object, std::size_t index, std::string command);
    // As Ctrl+C does: SIGINT to the container that the running command or scenario made last; the second time, SIGKILL.
    void interrupt();
    // The engine as it was before the last turn; as it was before the last undo.
    void undo();
    void redo();
    // The engine as it was at the last moment between two turns of that branch when `records` had happened.
    void go_back(std::size_t branch, std::uint64_t records);

    // What the scenario breaks on purpose; and the engine as it was before that.
    void play_variation();
    void take_variation_back();

    // What is done from now on is another part of the recording.
    void mark_recording();
    // Writes what was done on the engine's branch as a scenario into that folder; a notice says where, or why not.
    void save_recording(std::filesystem::path folder);

    // What the window needs to know. Equal revisions: nothing but the logs has changed.
    struct State {
        std::uint64_t revision { 0 };
        std::uint64_t run { 0 };                    // counts the engines
        std::uint64_t resumed_at { 0 };             // records that this engine's log began with
        std::shared_ptr<trace::EventLog const> log; // of the engine; never null
        std::vector<std::string> notices;
        bool varied { false }; // the variation was played, and can be taken back
        view::Terminal terminal;
        view::History history;
        view::ProofMeans proofs { view::ProofMeans::Nothing };
        std::optional<view::ProofRun> proof;
    };
    // Replaces `state` if there is anything new.
    void look(State& state) const;

private:
    struct OpenScenario {
        scenario::Scenario scenario;
        std::filesystem::path folder;
    };
    struct RunLine {
        std::string line;
    };
    struct Mark { };
    struct Save {
        std::filesystem::path folder;
    };
    struct Vary { };
    struct TakeVariationBack { };
    struct ProveByClient {
        std::string line;
    };
    // A moment between two turns: how many there were, of which branch.
    struct Place {
        std::size_t branch { 0 };
        std::size_t turns { 0 };
        bool operator==(Place const&) const = default;
    };
    struct GoTo {
        enum class Where : std::uint8_t { Undo, Redo, Moment } where;
        std::size_t branch { 0 };
        std::uint64_t records { 0 };
    };
    using Job = std::variant<OpenScenario, RunLine, ProveByClient, GoTo, Mark, Save, Vary, TakeVariationBack>;
    struct Branch {
        Past past; // of the engine's own only as it was when it began
        std::size_t parent { 0 };
        std::size_t inherited { 0 };   // turns that are the parent's
        std::uint64_t forked_at { 0 }; // records that are
    };

    void post(Job);
    void work();
    void carry_out(OpenScenario&);
    void carry_out(RunLine const&);
    void carry_out(GoTo const&);
    void carry_out(Mark const&);
    void carry_out(Save const&);
    void carry_out(Vary const&);
    void carry_out(TakeVariationBack const&);
    void go_to(Place);
    void go_on_from(Place, Past, bool at_its_end);
    void use(std::unique_ptr<Session>, std::uint64_t resumed_at);
    void close_session();
    void judge();
    void look_after_others();
    view::History history();
    void tell_history();
    Past const& past_of(std::size_t branch);
    Place plain(Place) const;
    void carry_out(ProveByClient const&);
    void prove_by_shell(std::string const& command);
    void finish_proof(ShellOutput const&);
    client::Terminal terminal_of(Session const&);
    void print(bool to_stderr, std::string_view text);
    void add(view::TerminalLine::Kind, std::string_view text);
    template <class F> void change(F f);

    SessionOptions m_options;
    std::mutex mutable m_mutex; // guards what follows
    std::condition_variable m_more;
    std::deque<Job> m_jobs;
    State m_state;
    std::array<view::AnsiReader, 2> m_readers; // of standard output and standard error
    std::optional<std::size_t> m_open;         // whose line is the terminal's last, without its end yet
    std::deque<std::string> m_input;           // for the running program; an empty one is its end
    bool m_reading_over { false };
    std::condition_variable m_typed;
    int m_interrupts { 0 };
    std::uint64_t m_command_began { 0 };   // size of the log then
    std::atomic<bool> m_stop { false };    // the whole
    std::atomic<bool> m_restart { false }; // the scenario that plays
    std::shared_ptr<Session> m_session;

    // Of the worker alone.
    std::optional<scenario::Scenario> m_scenario;
    std::unique_ptr<scenario::Judge> m_judge; // of the session
    std::vector<std::optional<scenario::Verdict>> m_verdicts;
    std::uint64_t m_judged { 0 }; // records then
    std::vector<Branch> m_branches;
    std::size_t m_branch { 0 }; // the engine's
    std::vector<Place> m_undone;
    std::optional<std::pair<Place, Past>> m_before_variation;
    std::set<std::size_t> m_marks; // turns before which a part of the recording begins

    std::jthread m_worker;
    std::jthread m_prover; // at most one proof runs at a time
};

}
