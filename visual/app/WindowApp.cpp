#include "visual/app/WindowApp.h"

#include "sim/timeline/Timeline.h"
#include "sim/trace/TraceFile.h"
#include "visual/app/Conductor.h"
#include "visual/app/Languages.h"
#include "visual/app/Signals.h"
#include "visual/app/SourceLines.h"
#include "visual/platform/Window.h"
#include "visual/view/Describe.h"
#include "visual/view/Screen.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <optional>

namespace drydock::app {

namespace {

std::vector<view::ScenarioEntry> list_scenarios()
{
    std::vector<view::ScenarioEntry> entries;
    for (auto const& file : shipped_scenarios()) {
        if (auto const scenario = load_scenario(file))
            entries.push_back({ scenario->id, scenario->title, scenario->summary, scenario->minutes });
    }
    return entries;
}

// The window and what it shows: an engine that a Conductor runs, or a trace by itself.
class WindowApp {
public:
    static Result<std::unique_ptr<WindowApp>> open()
    {
        auto window = TRY(platform::Window::open({}));
        return std::unique_ptr<WindowApp>(new WindowApp(std::move(window)));
    }

    void show(scenario::Scenario const& scenario, SessionOptions const& options)
    {
        take(scenario);
        m_conductor.emplace(options);
        m_folder = options.folder;
        m_conductor->open(scenario, m_folder);
        m_scenarios = list_scenarios();
    }
    void show(std::shared_ptr<trace::EventLog const> log, std::string name)
    {
        m_state.log = std::move(log);
        m_source = std::move(name);
    }
    void set_depth(int depth) { m_first_depth = depth; }
    void end_on(sigset_t const& signals)
    {
        on_ending_signal(signals, [ended = m_ended] { *ended = true; });
    }

    void run()
    {
        auto last = std::chrono::steady_clock::now();
        while (m_window->is_open() && !*m_ended) {
            bool const news = look_for_news();
            if (!m_window->wait_or_poll(m_screen.animating() || news))
                continue;
            auto const now = std::chrono::steady_clock::now();
            draw_frame(std::chrono::duration<double>(now - last).count());
            last = now;
        }
    }

    trace::EventLog const& log() const { return *m_state.log; }

private:
    explicit WindowApp(std::unique_ptr<platform::Window> window)
        : m_window(std::move(window))
    {
        m_state.log = std::make_shared<trace::EventLog>();
    }

    void take(scenario::Scenario const& scenario)
    {
        m_scenario = scenario;
        m_hints.clear();
        for (auto const& hint : scenario.hints)
            m_hints.push_back({ hint.text, hint.flash, hint.after_failures });
        m_scripted = 0;
        for (auto const& phase : scenario.phases)
            m_scripted += phase.run.size() + phase.show.size();
    }

    // Whether there is something that the last frame did not show.
    bool look_for_news()
    {
        auto const revision = m_state.revision;
        auto const run = m_state.run;
        if (m_conductor)
            m_conductor->look(m_state);
        if (m_state.run != run)
            m_branch.reset();
        auto const& log = shown_log();
        if (!m_timeline || m_state.run != run || &m_timeline->log() != &log) {
            m_timeline.emplace(log);
            ++m_shown;
        }
        bool const grown = log.size() != m_drawn_records;
        return grown || revision != m_state.revision || std::exchange(m_answered, false);
    }

    // The engine's, or that of another branch at which one looks.
    trace::EventLog const& shown_log() const
    {
        return m_branch ? *m_state.history.branches[*m_branch].log : *m_state.log;
    }
    std::int64_t attempts() const
    {
        auto const& history = m_state.history;
        auto const turns = history.branches.empty() ? 0 : history.branches[history.engine].turns.size();
        return static_cast<std::int64_t>(turns - std::min(turns, m_scripted));
    }
    bool shows_engine() const { return !m_branch; }

    void draw_frame(double elapsed)
    {
        auto const& log = shown_log();
        m_drawn_records = log.size();
        view::FrameInput const input { .hints = &m_hints,
            .attempts = attempts(),
            .run = m_shown,
            .begin_at = shows_engine() ? m_state.resumed_at : m_state.history.branches[*m_branch].forked_at,
            .history = &m_state.history,
            .branch = m_branch.value_or(m_state.history.engine),
            .log = &log,
            .timeline = &*m_timeline,
            .live = m_conductor.has_value() && shows_engine(),
            .waiting = false,
            .source = m_source,
            .terminal = &m_state.terminal,
            .scenarios = &m_scenarios,
            .languages = &m_languages,
            .notices = &m_state.notices,
            .theme = m_theme,
            .proofs = m_state.proofs,
            .proof = m_state.proof ? &*m_state.proof : nullptr,
            .source_at = m_source_at ? &*m_source_at : nullptr,
            .elapsed = std::min(elapsed, 0.1) };
        std::vector<view::Command> commands;
        m_window->frame([&](canvas::Canvas& canvas) {
            m_screen.draw(canvas, input, commands);
            if (m_first_depth != 0 && m_screen.player().is_open())
                m_screen.player().set_depth(static_cast<trace::Depth>(std::exchange(m_first_depth, 0)));
        });
        for (auto const& command : commands)
            std::visit([this](auto const& c) { carry_out(c); }, command);
    }

    void carry_out(view::RunCommandLine const& command)
    {
        if (m_conductor)
            m_conductor->run(command.text);
    }
    void carry_out(view::TypeInput const& command)
    {
        if (m_conductor)
            m_conductor->give_input(command.text);
    }
    void carry_out(view::InterruptCommand const&)
    {
        if (m_conductor)
            m_conductor->interrupt();
    }
    void carry_out(view::CopyText const& command) { m_window->copy(command.text); }
    void carry_out(view::ChooseTheme const& command)
    {
        m_theme = command.theme;
        m_window->set_theme(theme::theme(m_theme));
    }
    void carry_out(view::ChooseLanguage const& command)
    {
        if (auto const done = speak(command.code); !done)
            complain(done.error());
    }
    void carry_out(view::ChangeZoom const& command)
    {
        constexpr float step = 0.25f;
        m_window->set_zoom(command.steps == 0
                ? 1
                : std::clamp(m_window->zoom() + step * static_cast<float>(command.steps), 0.75f, 2.5f));
    }
    void carry_out(view::OpenScenario const& command)
    {
        auto const path = find_scenario(command.id);
        auto const scenario = path ? load_scenario(*path) : std::nullopt;
        if (scenario && m_conductor) {
            take(*scenario);
            m_first_depth = static_cast<int>(scenario->depth);
            m_folder = folder_of(*path);
            speak_also_of(*path);
            m_conductor->open(*scenario, m_folder);
        }
    }
    void carry_out(view::RestartScenario const&)
    {
        if (m_conductor && m_scenario)
            m_conductor->open(*m_scenario, m_folder);
    }
    void carry_out(view::MarkRecording const&)
    {
        if (m_conductor)
            m_conductor->mark_recording();
    }
    void carry_out(view::SaveRecording const&)
    {
        if (m_conductor)
            m_conductor->save_recording(std::filesystem::current_path());
    }
    void carry_out(view::UndoTurn const&)
    {
        if (m_conductor)
            m_conductor->undo();
    }
    void carry_out(view::RedoTurn const&)
    {
        if (m_conductor)
            m_conductor->redo();
    }
    void carry_out(view::TakeEngineBack const& command)
    {
        if (m_conductor)
            m_conductor->go_back(command.branch, command.records);
    }
    void carry_out(view::ShowBranch const& command)
    {
        auto const& history = m_state.history;
        if (command.branch >= history.branches.size())
            return;
        m_branch = command.branch == history.engine ? std::nullopt : std::optional(command.branch);
    }
    void carry_out(view::ContinueScenario const&) { m_screen.player().play(); }
    void carry_out(view::AnswerPrediction const&) { } // the view keeps it; nothing leaves the machine
    void carry_out(view::ToggleFullscreen const&) { m_window->toggle_fullscreen(); }
    // The command is composed again from what the engine told: nothing that a view or a trace says is run.
    void carry_out(view::RunProof const& wanted)
    {
        auto& player = m_screen.player();
        view::Moment const moment { player.world(), player.log(), m_screen.state().index, player.records() };
        auto const proofs = view::describe(wanted.object, moment).proofs;
        if (m_conductor && wanted.index < proofs.size())
            m_conductor->prove(wanted.object, wanted.index, proofs[wanted.index].command);
    }
    void carry_out(view::ShowSource const& wanted)
    {
        m_source_at = source_lines(wanted.file, wanted.line);
        m_answered = true;
    }

    std::unique_ptr<platform::Window> m_window;
    view::Screen m_screen;
    std::optional<Conductor> m_conductor; // none for a trace
    std::optional<scenario::Scenario> m_scenario;
    std::filesystem::path m_folder; // the scenario's own
    std::vector<view::Hint> m_hints;
    std::size_t m_scripted { 0 }; // turns that are the scenario's own
    std::vector<view::ScenarioEntry> m_scenarios;
    std::vector<view::LanguageEntry> m_languages { installed_languages() };
    Conductor::State m_state;
    std::optional<std::size_t> m_branch; // that is shown; nothing: the engine's
    std::uint64_t m_shown { 0 };         // counts the logs that were
    std::optional<timeline::Timeline> m_timeline;
    std::uint64_t m_drawn_records { 0 };
    std::string m_source;
    std::optional<view::SourceExcerpt> m_source_at;
    bool m_answered { false }; // something that no engine tells is to be drawn
    theme::ThemeName m_theme { theme::ThemeName::Dark };
    int m_first_depth { 0 };
    std::shared_ptr<std::atomic<bool>> m_ended { std::make_shared<std::atomic<bool>>(false) }; // by a signal
};

}

int show_scenario(scenario::Scenario const& scenario, PlayOptions const& options)
{
    auto const signals = block_ending_signals();
    auto app = WindowApp::open();
    if (!app)
        return complain(app.error());
    (*app)->end_on(signals);
    (*app)->set_depth(options.depth != 0 ? options.depth : static_cast<int>(scenario.depth));
    (*app)->show(scenario, options.session);
    (*app)->run();
    if (options.record.empty())
        return 0;
    auto const saved = trace::save_trace((*app)->log(), options.record);
    return saved ? 0 : complain(saved.error());
}

int show_trace(std::shared_ptr<trace::EventLog const> log, std::string const& name, int depth)
{
    auto app = WindowApp::open();
    if (!app)
        return complain(app.error());
    (*app)->set_depth(depth);
    (*app)->show(std::move(log), name);
    (*app)->run();
    return 0;
}

}
