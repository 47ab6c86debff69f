#pragma once

#include "tests/support/SampleTraces.h"
#include "visual/platform/Driver.h"
#include "visual/view/Screen.h"

namespace drydock::testing {

// The whole window over a sample trace, with hands.
struct Desk {
    explicit Desk(void (SampleTrace::*play)() = &SampleTrace::anatomy_of_docker_run)
        : timeline(log)
        , driver([this](canvas::Canvas& canvas) { draw(canvas); })
    {
        (SampleTrace(log).*play)();
        input.run = 1;
        driver.run(2);
        screen.player().pause();
    }

    void draw(canvas::Canvas& canvas)
    {
        input.log = &log;
        input.timeline = &timeline;
        input.terminal = &terminal;
        input.scenarios = &scenarios;
        input.elapsed = 1.0 / 60;
        screen.draw(canvas, input, commands);
    }

    template <class C> C const* asked_for() const
    {
        for (auto const& command : commands) {
            if (auto const* wanted = std::get_if<C>(&command))
                return wanted;
        }
        return nullptr;
    }

    trace::EventLog log;
    timeline::Timeline timeline;
    view::FrameInput input;
    view::Terminal terminal {
        .available = true, .busy = false, .lines = {}, .history = { "docker ps", "docker images" }
    };
    std::vector<view::ScenarioEntry> scenarios { { "anatomy", "Anatomy of docker run", "", 10 },
        { "sheet", "The read-write layer", "", 9 } };
    std::vector<view::Command> commands;
    view::Screen screen;
    platform::Driver driver;
};

inline canvas::Chord chord(char const* text)
{
    return *canvas::Chord::parse(text);
}

}
