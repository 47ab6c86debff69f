#pragma once

// After a lesson's phases, in a terminal: the learner types commands until the goals are reached, may ask for hints,
// and may break on purpose what the lesson breaks.

#include "sim/scenario/Player.h"
#include "visual/app/TextTwin.h"

namespace drydock::app {

class LearnersTurn {
public:
    // What the play itself has said of the goals is not said again.
    LearnersTurn(scenario::Scenario const&, scenario::Engine&, trace::Publisher, TextTwin&);

    // Reads standard input; an empty line or its end is enough of it.
    void take();
    // What to try next; then the variation, if the goals are met and, where somebody is there to ask, they want it.
    void end(bool asks);

private:
    bool judge();
    void give_hint();

    scenario::Scenario const& m_scenario;
    scenario::Engine& m_engine;
    trace::Publisher m_publisher;
    TextTwin& m_twin;
    scenario::Judge m_judge;
    std::vector<scenario::Verdict> m_verdicts;
    std::size_t m_hints { 0 };
};

}
