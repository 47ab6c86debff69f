#pragma once

// Be the daemon: the steps of a recorded `docker run`, to be done by the learner in any order that is possible. The
// steps and how often they occur come from the run; what a step needs is what the engine's own code needs.

#include "sim/trace/EventLog.h"

#include <cstdint>
#include <string>
#include <vector>

namespace drydock::view {

struct DaemonStep {
    std::string label;              // "Fetch layer 2 of 3"
    std::uint64_t record { 0 };     // that tells of it
    std::vector<std::size_t> needs; // steps that must have been done
    std::string without;            // what the engine says where one of them is missing
};

// In the order of the run; empty where the records hold no container that was started. `end`: so many records.
std::vector<DaemonStep> daemon_steps(trace::EventLog const&, std::uint64_t end);

// One attempt at them.
class DaemonGame {
public:
    explicit DaemonGame(std::vector<DaemonStep> steps);

    std::vector<DaemonStep> const& steps() const { return m_steps; }
    std::vector<std::size_t> const& done() const { return m_done; }
    // Those that are left, in an order that gives nothing away; always the same for the same steps.
    std::vector<std::size_t> const& left() const { return m_left; }
    bool over() const { return m_left.empty(); }
    std::size_t mistakes() const { return m_mistakes; }
    std::string const& complaint() const { return m_complaint; } // about the last choice; empty: it was right

    // `step` is one of left(). Whether it could be done.
    bool choose(std::size_t step);

private:
    std::vector<DaemonStep> m_steps;
    std::vector<std::size_t> m_done, m_left;
    std::size_t m_mistakes { 0 };
    std::string m_complaint;
};

}
