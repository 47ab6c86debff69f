#include "visual/app/WindowApp.h"

#include "sim/trace/TraceFile.h"
#include "visual/app/ComparisonModel.h"
#include "visual/app/Conductor.h"
#include "visual/app/Coursework.h"
#include "visual/app/Exporter.h"
#include "visual/app/Languages.h"
#include "visual/app/PresenterNotes.h"
#include "visual/app/ShownLog.h"
#include "visual/app/ShownScenario.h"
#include "visual/app/Signals.h"
#include "visual/app/SourceLines.h"
#include "visual/platform/Window.h"
#include "visual/settings/Settings.h"
#include "visual/view/Describe.h"
#include "visual/view/Screen.h"

#include <fmt/format.h>

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
        m_conductor.emplace(options);
        begin(scenario, options.folder);
    }
    // Who has been here before is asked where to go on.
    void offer_the_course()
    {
        if (!m_coursework.course().last.empty())
            m_screen.state().overlay = view::Overlay::Course;
    }
    void show(std::shared_ptr<trace::EventLog const> log, std::string name)
    {
        m_log.show(std::move(log));
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
            if (m_notes && m_log.is_drawn())
                m_notes->serve(presented());
            if (!m_window->wait_or_poll(m_screen.animating() || news))
                continue;
            auto const now = std::chrono::steady_clock::now();
            draw_frame(std::chrono::duration<double>(now - last).count());
            last = now;
            if (m_notes)
                m_notes->change();
        }
        if (!m_window->is_fullscreen()) {
            m_settings.width = static_cast<std::int64_t>(m_window->size().width);
            m_settings.height = static_cast<std::int64_t>(m_window->size().height);
        }
        keep_settings();
    }

    trace::EventLog const& log() const { return *m_log.engine().log; }

private:
    WindowApp(std::unique_ptr<platform::Window> window, settings::Settings const& kept)
        : m_window(std::move(window))
        , m_settings(kept)
        , m_kept(kept)
    {
        m_window->set_theme(theme::theme(m_settings.theme));
        m_window->set_zoom(static_cast<float>(m_settings.scale));
        m_screen.state().reduced_motion = m_settings.reduced_motion;
        m_screen.player().set_speed(m_settings.speed);
        if (auto notes = PresenterNotes::open())
            m_notes.emplace(std::move(*notes));
        else // the window works as well
            complain(notes.error());
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

    // A fresh engine with that scenario playing on it.
    void begin(scenario::Scenario const& scenario, std::filesystem::path const& folder)
    {
        m_scenario.emplace(scenario, folder, m_coursework);
        m_resume_at.reset();
        m_conductor->open(scenario, folder);
    }

    // In the home directory, called as the lesson is.
    std::string export_place() const
    {
        auto const* home = std::getenv("HOME");
        std::filesystem::path const folder = home != nullptr && *home == '/' ? home : "/tmp";
        return (folder / (m_scenario ? m_scenario->scenario.id : "drydock")).string();
    }

    Presented presented()
    {
        return { .player = m_screen.player(),
            .scenario = m_scenario ? &m_scenario->scenario : nullptr,
            .title = m_source,
            .blackout = m_screen.state().presenting.blackout };
    }

    // Whether there is something that the last frame did not show.
    bool look_for_news()
    {
        bool const grown = m_log.look(m_conductor ? &*m_conductor : nullptr);
        bool const exported = m_exporter.look();
        return grown || exported || std::exchange(m_answered, false);
    }

    void draw_frame(double elapsed)
    {
        auto const& engine = m_log.engine();
        if (m_scenario)
            m_scenario->offer.varied = engine.varied;
        m_log.drawn();
        view::FrameInput const input { .hints = m_scenario ? &m_scenario->hints : nullptr,
            .attempts = m_scenario ? m_scenario->attempts(engine.history) : 0,
            .lesson = m_scenario ? &m_scenario->offer : nullptr,
            .first_view = m_scenario ? m_scenario->scenario.view : std::string(),
            .run = m_log.number(),
            .begin_at = m_log.begin_at(),
            .history = &engine.history,
            .branch = m_log.branch(),
            .log = &m_log.log(),
            .timeline = &m_log.timeline(),
            .live = m_conductor.has_value() && m_log.is_engines(),
            .waiting = false,
            .source = m_source,
            .terminal = &engine.terminal,
            .scenarios = &m_coursework.scenarios(),
            .course = m_conductor ? &m_coursework.course() : nullptr,
            .languages = &m_languages,
            .exporting = &m_exporter.state(),
            .export_place = export_place(),
            .notices = &engine.notices,
            .theme = m_settings.theme,
            .proofs = engine.proofs,
            .proof = engine.proof ? &*engine.proof : nullptr,
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
        if (!m_resume_at || !m_scenario || !m_log.is_drawn() || !player.is_open() || player.beat() == nullptr)
            return;
        auto const told = player.choreography().beats().back().end_record; // the log may have grown since
        if (auto const beginning = m_scenario->beginning_of(*m_resume_at, player.log(), told)) {
            player.seek_to_record(*beginning);
            m_resume_at.reset();
            m_answered = true;
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
        m_first_depth = depth_for(*scenario);
        speak_also_of(*path);
        m_screen.state().view_chosen = false;
        m_screen.state().goals_open = scenario->kind == scenario::Kind::Task;
        begin(*scenario, folder_of(*path));
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
        m_exporter.start(*m_log.engine().log,
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
        if (!m_scenario || m_scenario->scenario.id != command.id)
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
            m_conductor->open(m_scenario->scenario, m_scenario->folder);
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
    void carry_out(view::ShowBranch const& command) { m_log.show_branch(command.branch); }
    void carry_out(view::LessonReached const&)
    {
        if (m_scenario && m_log.is_engines())
            m_coursework.reach(m_scenario->scenario.id);
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
    std::optional<Conductor> m_conductor; // none for a trace, as there is no scenario
    std::optional<ShownScenario> m_scenario;
    Coursework m_coursework;
    std::optional<std::int64_t> m_resume_at; // the part of the lesson
    std::vector<view::LanguageEntry> m_languages { installed_languages() };
    std::shared_ptr<machine::Model const> m_model { load_comparison_model().model };
    ShownLog m_log;
    std::string m_source;
    std::optional<view::SourceExcerpt> m_source_at;
    bool m_answered { false }; // something that no engine tells is to be drawn
    Exporter m_exporter;
    std::optional<PresenterNotes> m_notes;
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
