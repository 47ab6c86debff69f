#pragma once

// The text twin: one sentence for each event, phase by phase, usable by a screen reader and over ssh. It reads the log
// as the window does, at its own pace; the engine does not wait for it.

#include "sim/trace/EventLog.h"
#include "sim/world/World.h"

#include <cstdio>
#include <functional>

namespace drydock::app {

class TextTwin {
public:
    // `wait`: at the end of a phase asks for Enter, and predictions are asked on standard input.
    TextTwin(std::FILE* out, int depth, bool wait)
        : m_out(out)
        , m_depth(depth)
        , m_wait(wait)
    {
    }
    // Prints what the log holds beyond the last call.
    void follow(trace::EventLog const&);

private:
    void print(trace::Record const&);
    void print_event(trace::Record const&);
    void introduce(trace::LessonIntroduced const&);
    void ask(trace::PredictionAsked const&);
    void pause();

    std::FILE* m_out;
    int m_depth;
    bool m_wait;
    world::World m_world;
};

}
