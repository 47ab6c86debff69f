// drydock play: a scenario in the window, as text, or as pictures.

#include "sim/trace/TraceFile.h"
#include "visual/app/Commands.h"
#include "visual/app/Languages.h"
#include "visual/app/LearnersTurn.h"
#include "visual/app/Signals.h"
#include "visual/app/TextTwin.h"
#include "visual/app/WindowApp.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <thread>

namespace drydock::app {

namespace {

bool has_display()
{
    auto const* display = std::getenv("DISPLAY");
    return display != nullptr && *display != '\0';
}

// Plays on a thread of its own while this one prints.
scenario::Played play_and_print(scenario::Scenario const& scenario, Session& session, TextTwin& twin)
{
    scenario::Played played;
    std::atomic<bool> done { false };
    std::jthread player([&] {
        played = scenario::play(scenario, session, session.publisher());
        done = true;
    });
    while (!done) {
        twin.follow(session.log());
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    player.join();
    twin.follow(session.log());
    return played;
}

int finish(trace::EventLog const& log, PlayOptions const& options, int depth)
{
    if (!options.record.empty()) {
        if (auto const saved = trace::save_trace(log, options.record); !saved) {
            return complain(saved.error());
        }
        fmt::print(stderr, "Recorded {} events in {}. Replay them with: drydock trace {}\n", log.size(), options.record,
            options.record);
    }
    if (options.pictures.directory.empty())
        return 0;
    auto const written = write_pictures(log, options.pictures, depth);
    if (!written) {
        return complain(written.error());
    }
    fmt::print(stderr, "Wrote {} pictures to {}\n", *written, options.pictures.directory);
    return 0;
}

// Ctrl+C in the middle of a play: nothing waits for the containers, because they die with the daemon in this process;
// only the data root has to be taken along.
void leave_no_trace_on_signal(sigset_t const& signals, std::filesystem::path const& data_root)
{
    on_ending_signal(signals, [data_root] {
        std::error_code ignored;
        if (!data_root.empty())
            std::filesystem::remove_all(data_root, ignored);
        std::_Exit(130);
    });
}

int play_as_text(scenario::Scenario const& scenario, PlayOptions options)
{
    auto const signals = block_ending_signals();
    auto session = Session::open(options.session);
    if (!session) {
        return complain(session.error());
    }
    leave_no_trace_on_signal(signals, (*session)->own_data_root());
    if (auto const& notice = (*session)->notice(); !notice.empty())
        fmt::print(stderr, "{}\n", notice);
    bool const wait = !options.no_wait && ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0;
    auto const depth = options.depth != 0 ? options.depth : static_cast<int>(scenario.depth);
    TextTwin twin(stdout, depth, wait);
    auto const played = play_and_print(scenario, **session, twin);
    if (!played.succeeded) { // a lesson's goals are the learner's to reach
        for (auto const& failure : played.failures)
            fmt::print(stderr, "{}\n", failure);
    }
    LearnersTurn turn(scenario, **session, (*session)->publisher(), twin);
    if (wait)
        turn.take();
    turn.end(wait);
    auto const finished = finish((*session)->log(), options, depth);
    return played.succeeded ? finished : 1;
}

}

int play(PlayOptions options)
{
    bool const window = !options.text && options.pictures.directory.empty() && has_display();
    if (!window && !options.text && options.pictures.directory.empty()) {
        options.pictures.directory = "drydock-pictures";
        fmt::print(stderr, "No display, so the scenario is played as text, and each step becomes a picture in {}/\n",
            options.pictures.directory);
    }
    if (auto const applied = options.serving.apply(options.session); !applied) {
        fmt::print(stderr, "drydock play: {}\n", applied.error().message());
        return 2;
    }
    if (auto const warning = options.serving.warning(); !warning.empty())
        fmt::print(stderr, "WARNING: {}.\n", warning);
    auto const path = find_scenario(options.scenario);
    if (!path) {
        return complain(path.error());
    }
    auto const scenario = load_scenario(*path);
    if (!scenario)
        return 1;
    speak_also_of(*path);
    options.session.folder = folder_of(*path);
    options.session.cast = scenario->cast;
    if (window)
        return show_scenario(*scenario, options);
    return play_as_text(*scenario, std::move(options));
}

}
