#pragma once

// The scenario that is open in the window, and what the views need of it that no event tells: its hints, what comes
// after it, and which turns are its own.

#include "sim/scenario/Scenario.h"
#include "sim/trace/EventLog.h"
#include "visual/app/Coursework.h"

#include <filesystem>
#include <optional>
#include <vector>

namespace drydock::app {

struct ShownScenario {
    ShownScenario(scenario::Scenario, std::filesystem::path folder, Coursework const&);

    // Commands that the learner has typed in it, beside its own.
    std::int64_t attempts(view::History const&) const;
    // The record with which a part of it begins, among the first `records` of the log; nothing where that is not there
    // yet, or the log is another scenario's.
    std::optional<std::uint64_t> beginning_of(std::int64_t part, trace::EventLog const&, std::uint64_t records) const;

    scenario::Scenario scenario;
    std::filesystem::path folder; // its own
    std::vector<view::Hint> hints;
    view::LessonOffer offer;

private:
    std::size_t m_scripted { 0 }; // turns that are the scenario's own
};

}
