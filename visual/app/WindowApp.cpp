#include "visual/app/WindowApp.h"

#include "sim/timeline/Timeline.h"
#include "sim/trace/TraceFile.h"
#include "sim/words/Language.h"
#include "visual/app/ComparisonModel.h"
#include "visual/app/Conductor.h"
#include "visual/app/Coursework.h"
#include "visual/app/Exporter.h"
#include "visual/app/Languages.h"
#include "visual/app/Notes.h"
#include "visual/app/Signals.h"
#include "visual/app/SourceLines.h"
#include "visual/platform/Window.h"
#include "visual/settings/Settings.h"
#include "visual/view/Describe.h"
#include "visual/view/Screen.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <optional>

namespace drydock::app {

namespace {

// The window and what it shows: an engine that a Conductor runs, or a trace by itself.
class WindowApp {
public:
    static Result<std::unique_ptr<WindowApp>> open()
    {
        auto const kept = settings::load();
        platform::WindowSettings window_settings;
        if (kept.width > 0 && kept.height > 0)
            window_settings.pixels = { static_cast<float>(kept.width), static_cast<float>(kept.height) };
        auto window = TRY(platform::Window::open(window_settings));
        return std::unique_ptr<WindowApp>(new WindowApp(std::move(window), kept));
    }

    void show(scenario::Scenario const& scenario, SessionOptions const& options)
    {
        m_first_depth = m_first_depth != 0 ? m_first_depth : depth_for(scenario);
        take(scenario);
        m_conductor.emplace(options);
        m_folder = options.folder;
        m_conductor->open(scenario, m_folder);
    }
    // Who has been here before is asked where to go on.
    void offer_the_course()
    {
        if (!m_coursework.course().last.empty())
            m_screen.state().overlay = view::Overlay::Course;
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
            if (m_drawn == m_shown) // else the views still stand on the log before
                serve_notes();
            if (!m_window->wait_or_poll(m_screen.animating() || news))
                continue;
            auto const now = std::chrono::steady_clock::now();
            draw_frame(std::chrono::duration<double>(now - last).count());
            last = now;
            m_notes_line.clear(); // what is shown has changed
        }
        if (!m_window->is_fullscreen()) {
            m_settings.width = static_cast<std::int64_t>(m_window->size().width);
            m_settings.height = static_cast<std::int64_t>(m_window->size().height);
        }
        keep_settings();
    }

    trace::EventLog const& log() const { return *m_state.log; }

private:
    WindowApp(std::unique_ptr<platform::Window> window, settings::Settings const& kept)
        : m_window(std::move(window))
        , m_settings(kept)
        , m_kept(kept)
    {
        m_state.log = std::make_shared<trace::EventLog>();
        m_window->set_theme(theme::theme(m_settings.theme));
        m_window->set_zoom(static_cast<float>(m_settings.scale));
        m_screen.state().reduced_motion = m_settings.reduced_motion;
        m_screen.player().set_speed(m_settings.speed);
        open_notes();
    }

    // Writes what was chosen since the last time; most frames have nothing to write.
    void keep_settings()
    {
        m_settings.reduced_motion = m_screen.state().reduced_motion;
        m_settings.speed = m_screen.player().speed();
        m_settings.scale = static_cast<double>(m_window->zoom());
        if (m_settings == m_kept)
            return;
        m_kept = m_settings;
        if (auto const saved = settings::save(m_settings, settings::path()); !saved)
            complain(saved.error());
    }

    // With which depth a lesson begins.
    int depth_for(scenario::Scenario const& scenario) const
    {
        return static_cast<int>(m_settings.depth != 0 ? m_settings.depth : scenario.depth);
    }

    // What the presenter reads beside the window; the whole of it in one line.
    std::string notes_line()
    {
        using Json = nlohmann::ordered_json;
        auto& player = m_screen.player();
        auto const minute
            = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - m_opened);
        Json line { { "title", m_source }, { "clock", minute.count() },
            { "black", m_screen.state().presenting.blackout } };
        if (auto const* beat = player.is_open() ? player.beat() : nullptr) {
            auto const& beats = player.choreography().beats();
            auto const index = player.beat_index();
            line["caption"] = beat->caption;
            line["next"] = index + 1 < beats.size() ? beats[index + 1].caption : std::string();
            line["beat"] = index + 1;
            line["beats"] = beats.size();
            if (auto const& shown = player.world().scenario)
                tell_scenario(line, *shown);
        }
        return line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    }

    void tell_scenario(nlohmann::ordered_json& line, world::Scenario const& shown) const
    {
        line["title"] = words::tr(shown.title);
        line["phase"] = shown.phase + 1;
        line["name"] = words::tr(shown.phase_name);
        line["say"] = words::tr(shown.say);
        if (m_scenario && shown.phase >= 0 && shown.phase < static_cast<std::int64_t>(m_scenario->phases.size())) {
            line["phases"] = m_scenario->phases.size();
            line["notes"] = words::tr(m_scenario->phases[static_cast<std::size_t>(shown.phase)].notes);
        }
        if (shown.predictions.empty())
            return;
        auto const& last = shown.predictions.back();
        line["question"] = words::tr(last.question);
        for (std::uint64_t i = 0; i < m_state.log->size(); ++i) {
            auto const* resolved = (*m_state.log)[i].event.get_if<trace::PredictionResolved>();
            if (resolved != nullptr && resolved->id == last.id)
                line["answer"] = fmt::format("{}. {}", words::tr(resolved->answer), words::tr(resolved->why));
        }
    }

    void serve_notes()
    {
        if (!m_notes)
            return;
        auto const now = std::chrono::steady_clock::now();
        if (m_notes_line.empty() || now - m_noted > std::chrono::seconds(1)) { // the clock goes on
            m_notes_line = notes_line();
            m_noted = now;
        }
        m_notes->serve(m_notes_line);
    }

    // Without notes the window works as well; why there are none is said once.
    void open_notes()
    {
        auto const folder = notes_folder();
        auto opened = folder ? NotesSocket::open(notes_socket_of(*folder, ::getpid())) : tl::unexpected(folder.error());
        if (opened)
            m_notes = std::move(*opened);
        else
            complain(opened.error());
    }

    void take(scenario::Scenario const& scenario)
    {
        m_scenario = scenario;
        m_offer = { .next = scenario.next, .variation = scenario.variation ? scenario.variation->name : std::string() };
        if (auto const* next = m_coursework.after(scenario.id); next != nullptr) {
            m_offer.next_lesson = next->id;
            m_offer.next_title = next->title;
        }
        m_resume_at.reset();
        m_hints.clear();
        for (auto const& hint : scenario.hints)
            m_hints.push_back({ hint.text, hint.flash, hint.after_failures });
        m_scripted = 0;
        for (auto const& phase : scenario.phases)
            m_scripted += phase.run.size() + phase.show.size();
    }

    // In the home directory, called as the lesson is.
    std::string export_place() const
    {
        auto const* home = std::getenv("HOME");
        std::filesystem::path const folder = home != nullptr && *home == '/' ? home : "/tmp";
        return (folder / (m_scenario ? m_scenario->id : "drydock")).string();
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
        bool const exported = m_exporter.look();
        bool const grown = log.size() != m_drawn_records;
        return grown || exported || revision != m_state.revision || std::exchange(m_answered, false);
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
        m_offer.varied = m_state.varied;
        auto const& log = shown_log();
        m_drawn_records = log.size();
        m_drawn = m_shown;
        view::FrameInput const input { .hints = &m_hints,
            .attempts = attempts(),
            .lesson = m_conductor && m_scenario ? &m_offer : nullptr,
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
            .scenarios = &m_coursework.scenarios(),
            .course = m_conductor ? &m_coursework.course() : nullptr,
            .languages = &m_languages,
            .exporting = &m_exporter.state(),
            .export_place = export_place(),
            .notices = &m_state.notices,
            .theme = m_settings.theme,
            .proofs = m_state.proofs,
            .proof = m_state.proof ? &*m_state.proof : nullptr,
            .source_at = m_source_at ? &*m_source_at : nullptr,
            .model = m_model.get(),
            .zoom = m_window->zoom(),
            .first_depth = static_cast<int>(m_settings.depth),
            .elapsed = std::min(elapsed, 0.1) };
        std::vector<view::Command> commands;
        m_window->frame([&](canvas::Canvas& canvas) {
            m_screen.draw(canvas, input, commands);
            if (m_first_depth != 0 && m_screen.player().is_open())
                m_screen.player().set_depth(static_cast<trace::Depth>(std::exchange(m_first_depth, 0)));
        });
        for (auto const& command : commands)
            std::visit([this](auto const& c) { carry_out(c); }, command);
        resume_where_it_was();
        keep_settings();
        keep_progress();
    }

    // At the part that was seen last, as soon as it has been played again.
    void resume_where_it_was()
    {
        auto& player = m_screen.player();
        if (!m_resume_at || m_drawn != m_shown || !player.is_open() || player.beat() == nullptr)
            return;
        bool is_its_log = false; // that of the lesson before is shown until the engine is there
        auto const told = player.choreography().beats().back().end_record; // the log may have grown since
        for (std::uint64_t i = 0; i < told; ++i) {
            if (auto const* began = player.log()[i].event.get_if<trace::ScenarioBegan>())
                is_its_log = m_scenario && began->id == m_scenario->id;
            auto const* phase = player.log()[i].event.get_if<trace::PhaseBegan>();
            if (!is_its_log || phase == nullptr || phase->index != *m_resume_at)
                continue;
            player.seek_to_record(i);
            m_resume_at.reset();
            m_answered = true;
            return;
        }
    }

    // Which part of which lesson is seen; what somebody only opens is not begun.
    void keep_progress()
    {
        auto const& player = m_screen.player();
        if (!m_conductor || m_resume_at || m_screen.state().overlay == view::Overlay::Course || !player.is_open()
            || player.beat() == nullptr)
            return;
        if (auto const& shown = player.world().scenario; shown && shown->phase >= 0)
            m_coursework.see(shown->id, shown->phase);
    }

    void open_scenario(std::string const& id)
    {
        auto const path = find_scenario(id);
        auto const scenario = path ? load_scenario(*path) : std::nullopt;
        if (!scenario || !m_conductor)
            return;
        take(*scenario);
        m_first_depth = depth_for(*scenario);
        m_folder = folder_of(*path);
        speak_also_of(*path);
        m_screen.state().view_chosen = false;
        m_screen.state().goals_open = scenario->kind == scenario::Kind::Task;
        m_conductor->open(*scenario, m_folder);
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
        m_settings.theme = command.theme;
        m_window->set_theme(theme::theme(m_settings.theme));
    }
    void carry_out(view::ChooseLanguage const& command)
    {
        if (auto const done = speak(command.code); !done)
            complain(done.error());
        else
            m_settings.language = command.code;
    }
    void carry_out(view::StartExport const& command)
    {
        m_exporter.start(*m_state.log,
            { "--theme", std::string(theme::theme(m_settings.theme).name), "--depth",
                std::to_string(static_cast<int>(m_screen.player().depth())), "--at",
                fmt::format("beat {}", command.beat) },
            command.path);
    }
    void carry_out(view::StopExport const&) { m_exporter.stop(); }
    void carry_out(view::ChooseFirstDepth const& command) { m_settings.depth = command.depth; }
    void carry_out(view::ChangeZoom const& command)
    {
        constexpr float step = 0.25f;
        m_window->set_zoom(command.steps == 0
                ? 1
                : std::clamp(m_window->zoom() + step * static_cast<float>(command.steps), 0.75f, 2.5f));
    }
    void carry_out(view::OpenScenario const& command) { open_scenario(command.id); }
    void carry_out(view::ResumeScenario const& command)
    {
        if (!m_scenario || m_scenario->id != command.id)
            open_scenario(command.id);
        m_resume_at = m_coursework.phase_of(command.id);
    }
    void carry_out(view::ForgetProgress const&) { m_coursework.forget(); }
    void carry_out(view::KeepTest const& command)
    {
        auto const phase
            = command.phase == view::TestPhase::Before ? scenario::TestPhase::Before : scenario::TestPhase::After;
        if (auto const kept = m_coursework.keep_test(phase, command.answers); !kept)
            complain(kept.error());
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
    void carry_out(view::LessonReached const&)
    {
        if (m_scenario && shows_engine())
            m_coursework.reach(m_scenario->id);
    }
    void carry_out(view::PlayVariation const&)
    {
        if (m_conductor)
            m_conductor->play_variation();
    }
    void carry_out(view::TakeVariationBack const&)
    {
        if (m_conductor)
            m_conductor->take_variation_back();
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
    view::LessonOffer m_offer;
    std::size_t m_scripted { 0 }; // turns that are the scenario's own
    Coursework m_coursework;
    std::optional<std::int64_t> m_resume_at; // the part of the lesson
    std::vector<view::LanguageEntry> m_languages { installed_languages() };
    std::shared_ptr<machine::Model const> m_model { load_comparison_model().model };
    Conductor::State m_state;
    std::optional<std::size_t> m_branch; // that is shown; nothing: the engine's
    std::uint64_t m_shown { 0 };         // counts the logs that were
    std::uint64_t m_drawn { 0 };         // of them, that of the last frame
    std::optional<timeline::Timeline> m_timeline;
    std::uint64_t m_drawn_records { 0 };
    std::string m_source;
    std::optional<view::SourceExcerpt> m_source_at;
    bool m_answered { false }; // something that no engine tells is to be drawn
    Exporter m_exporter;
    std::unique_ptr<NotesSocket> m_notes;
    std::string m_notes_line; // empty: to be made anew
    std::chrono::steady_clock::time_point m_opened { std::chrono::steady_clock::now() };
    std::chrono::steady_clock::time_point m_noted {};
    settings::Settings m_settings;
    settings::Settings m_kept; // what the file says
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
    (*app)->set_depth(options.depth);
    (*app)->show(scenario, options.session);
    if (options.scenario.empty())
        (*app)->offer_the_course();
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
