#pragma once

// What there is to learn on this installation, and how far its user has come: the shipped scenarios in the order of the
// course, its tracks, the concept test, and what is kept of both in the user's own files. The window, `drydock lessons`
// and `drydock test-me` read it.

#include "sim/scenario/ConceptTest.h"
#include "sim/scenario/Course.h"
#include "visual/settings/Progress.h"
#include "visual/view/Model.h"

namespace drydock::app {

class Coursework {
public:
    // Reads what is there; what is wrong with it goes to standard error and is left out.
    Coursework();

    // Lessons in the course's order, then demonstrations and tasks.
    std::vector<view::ScenarioEntry> const& scenarios() const { return m_scenarios; }
    view::Course const& course() const { return m_course; }
    scenario::ConceptTest const& test() const { return m_test; }
    view::ScenarioEntry const* find(std::string const& id) const;
    // The lesson that follows; null after the last one and for what is no lesson.
    view::ScenarioEntry const* after(std::string const& id) const;
    // The part of it that was seen last.
    std::int64_t phase_of(std::string const& id) const;

    // What happens to somebody who learns; each is kept at once.
    void see(std::string const& id, std::int64_t phase);
    void reach(std::string const& id);
    void forget();
    Result<void> keep_test(scenario::TestPhase, scenario::ConceptAnswers const&);

private:
    void list_scenarios(scenario::Course const&);
    void list_test();
    void tell_progress();
    void tell_results();
    void keep_progress();

    std::vector<view::ScenarioEntry> m_scenarios;
    view::Course m_course;
    scenario::ConceptTest m_test;
    settings::Progress m_progress;
    settings::Progress m_kept; // what the file says
};

// The table of results: concept-test.csv in the user's data folder.
std::filesystem::path results_path();
std::string today(); // "2026-11-26", here

}
