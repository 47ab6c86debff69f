// drydock export: a scenario or a recorded run as picture, film, page or storyboard.

#include "sim/trace/TraceFile.h"
#include "visual/app/Commands.h"
#include "visual/app/ComparisonModel.h"
#include "visual/app/Languages.h"
#include "visual/app/Signals.h"
#include "visual/export/Export.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>

namespace drydock::app {

namespace {

struct Source {
    std::shared_ptr<trace::EventLog const> log;
    std::string title;
    int depth { 1 };
    view::MainView view { view::MainView::Stage };
};

// A scenario is played first, without anybody watching: pacing is the picture's affair.
Result<Source> play_scenario(std::string const& name, SessionOptions options)
{
    auto const path = TRY(find_scenario(name));
    auto const scenario = load_scenario(path);
    if (!scenario)
        return fail(ErrorKind::InvalidInput, path.string() + " is no scenario that can be played");
    speak_also_of(path);
    options.folder = folder_of(path);
    options.cast = scenario->cast;
    auto const session = TRY(Session::open(std::move(options)));
    if (!session->notice().empty())
        fmt::print(stderr, "{}\n", session->notice());
    auto const played = scenario::play(*scenario, *session, session->publisher());
    if (!played.succeeded) { // a lesson's goals are the learner's to reach
        for (auto const& failure : played.failures)
            fmt::print(stderr, "{}\n", failure);
    }
    scenario::show_the_rest(*scenario, *session, session->publisher());
    return Source { session->shared_log(), scenario->title, static_cast<int>(scenario->depth),
        view::main_view_called(scenario->view).value_or(view::MainView::Stage) };
}

Result<Source> open_source(ExportOptions const& options)
{
    std::filesystem::path const path = options.source;
    if (!std::filesystem::is_regular_file(path) || path.extension() == ".toml")
        return play_scenario(options.source, options.session);
    return Source { .log = TRY(trace::load_trace(options.source)), .title = path.stem().string() };
}

// On a terminal one line that changes; for a program that started us, one number a line (--progress).
class ProgressLine {
public:
    explicit ProgressLine(bool for_programs)
        : m_for_programs(for_programs)
        , m_terminal(::isatty(STDERR_FILENO) != 0)
    {
    }
    ~ProgressLine()
    {
        if (m_shown >= 0 && m_terminal && !m_for_programs)
            fmt::print(stderr, "\n");
    }
    void show(double part)
    {
        auto const percent = static_cast<int>(part * 100);
        if (percent == m_shown)
            return;
        m_shown = percent;
        if (m_for_programs)
            fmt::print("{}\n", percent);
        else if (m_terminal)
            fmt::print(stderr, "\r{:3} %", percent);
        std::fflush(stdout);
    }

private:
    bool m_for_programs;
    bool m_terminal;
    int m_shown { -1 };
};

}

int export_command(ExportOptions const& options)
{
    exporting::ExportSettings settings {
        .to = options.to, .each = options.each, .frames_per_second = options.frames_per_second
    };
    if (!options.at.empty()) {
        auto const moment = exporting::parse_moment(options.at);
        if (!moment) {
            complain(moment.error());
            return 2;
        }
        settings.at = *moment;
    }
    auto const signals = block_ending_signals();
    auto const ended = std::make_shared<std::atomic<bool>>(false);
    on_ending_signal(signals, [ended] { *ended = true; });
    auto const source = open_source(options);
    if (!source)
        return complain(source.error());
    settings.title = source->title;
    settings.camera = { .theme = options.theme,
        .height = options.height,
        .depth = static_cast<trace::Depth>(options.depth != 0 ? options.depth : source->depth),
        .whole_window = options.whole_window,
        .view = view::main_view_called(options.view).value_or(source->view),
        .model = load_comparison_model().model };
    ProgressLine line(options.progress);
    auto const done = exporting::export_trace(*source->log, settings, [&](double part) {
        line.show(part);
        return !*ended;
    });
    if (!done)
        return complain(done.error());
    line.show(1);
    return 0;
}

}
