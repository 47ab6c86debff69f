#pragma once

// Between the window and the engine: a task of its own opens sessions, plays scenarios and runs what is typed, so that
// the window never waits. The window looks at what has become of it once a frame.

#include "visual/app/ProofShell.h"
#include "visual/app/Session.h"
#include "visual/view/Model.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
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
    // Runs the proof `index` of `object`: in a shell beside a live engine, else as a command of the client.
    void prove(std::string object, std::size_t index, std::string command);
    // As Ctrl+C does: SIGINT to the container that the running command or scenario made last; the second time, SIGKILL.
    void interrupt();

    // What the window needs to know. Equal revisions: nothing but the log has changed.
    struct State {
        std::uint64_t revision { 0 };
        std::uint64_t run { 0 };                    // counts the engines
        std::shared_ptr<trace::EventLog const> log; // never null
        std::vector<std::string> notices;
        view::Terminal terminal;
        view::ProofMeans proofs { view::ProofMeans::Nothing };
        std::optional<view::ProofRun> proof;
    };
    // Replaces `state` if there is anything new.
    void look(State& state) const;

private:
    struct Job {
        std::optional<scenario::Scenario> scenario;
        std::string line;
        std::filesystem::path folder;
        bool is_proof { false };
    };
    void work();
    void start(Job const&);
    void type(std::string const& line);
    void prove_by_client(std::string const& line);
    void prove_by_shell(std::string const& command);
    void finish_proof(ShellOutput const&);
    void print(bool to_stderr, std::string_view text);
    void add(view::TerminalLine::Kind, std::string_view text);
    template <class F> void change(F f);

    SessionOptions m_options;
    std::mutex mutable m_mutex; // guards what follows
    std::condition_variable m_more;
    std::deque<Job> m_jobs;
    State m_state;
    bool m_line_open { false }; // the last terminal line has no newline yet
    int m_interrupts { 0 };
    std::uint64_t m_command_began { 0 };   // size of the log then
    std::atomic<bool> m_stop { false };    // the whole
    std::atomic<bool> m_restart { false }; // the scenario that plays
    std::shared_ptr<Session> m_session;
    std::jthread m_worker;
    std::jthread m_prover; // at most one proof runs at a time
};

}
