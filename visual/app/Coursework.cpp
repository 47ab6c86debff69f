#include "visual/app/Coursework.h"

#include "visual/app/Commands.h"
#include "visual/settings/Files.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace fs = std::filesystem;

namespace drydock::app {

namespace {

using Entry = view::ScenarioEntry;

fs::path course_folder()
{
    return Installation::find().scenarios / "course";
}

void tell(std::vector<scenario::Problem> const& problems, fs::path const& file)
{
    for (auto const& problem : problems)
        fmt::print(stderr, "{}\n", problem.to_string(file.string()));
}

scenario::Course read_course()
{
    auto const file = course_folder() / "course.toml";
    auto loaded = scenario::load_course(settings::read_text(file));
    tell(loaded.problems, file);
    return loaded.course.value_or(scenario::Course {});
}

scenario::ConceptTest read_test()
{
    auto const file = course_folder() / "concept-test.toml";
    auto loaded = scenario::load_concept_test(settings::read_text(file));
    tell(loaded.problems, file);
    return loaded.test.value_or(scenario::ConceptTest {});
}

Entry::Kind kind_of(scenario::Scenario const& scenario, int number)
{
    if (scenario.kind == scenario::Kind::Task)
        return Entry::Kind::Task;
    return scenario.kind == scenario::Kind::Lesson || number > 0 ? Entry::Kind::Lesson : Entry::Kind::Demonstration;
}

// Its place in the course, from 1; 0 where it has none.
int number_in(scenario::Course const& course, std::string const& id)
{
    auto const found = std::find(course.lessons.begin(), course.lessons.end(), id);
    return found == course.lessons.end() ? 0 : static_cast<int>(found - course.lessons.begin()) + 1;
}

}

Coursework::Coursework()
    : m_test(read_test())
    , m_progress(settings::load_progress())
    , m_kept(m_progress)
{
    auto const course = read_course();
    for (auto const& track : course.tracks)
        m_course.tracks.push_back({ track.name, track.lessons });
    list_scenarios(course);
    list_test();
    tell_progress();
    tell_results();
}

void Coursework::list_scenarios(scenario::Course const& course)
{
    for (auto const& file : shipped_scenarios()) {
        auto const scenario = load_scenario(file);
        if (!scenario)
            continue;
        auto const number = number_in(course, scenario->id);
        Entry entry { .id = scenario->id,
            .title = scenario->title,
            .summary = scenario->summary,
            .minutes = scenario->minutes,
            .kind = kind_of(*scenario, number),
            .number = number };
        for (auto const& item : m_test.items) {
            auto const& refuted = scenario->misconceptions;
            if (std::find(refuted.begin(), refuted.end(), item.misconception) != refuted.end())
                entry.refutes.push_back(item.belief);
        }
        m_scenarios.push_back(std::move(entry));
    }
    auto const place = [](Entry const& entry) { return entry.number > 0 ? entry.number : 1000; };
    std::stable_sort(
        m_scenarios.begin(), m_scenarios.end(), [&](Entry const& a, Entry const& b) { return place(a) < place(b); });
}

// Each item leads to the first lesson of the course that refutes what it is about.
void Coursework::list_test()
{
    for (auto const& item : m_test.items) {
        view::TestItem shown { .belief = item.belief,
            .question = item.question,
            .choices = item.choices,
            .right = item.right,
            .why = item.why };
        for (auto const& entry : m_scenarios) {
            bool const refutes
                = std::find(entry.refutes.begin(), entry.refutes.end(), item.belief) != entry.refutes.end();
            if (refutes && entry.kind == Entry::Kind::Lesson && shown.lesson.empty())
                shown.lesson = entry.id;
        }
        m_course.test.push_back(std::move(shown));
    }
}

void Coursework::tell_progress()
{
    m_course.last = m_progress.last;
    for (auto& entry : m_scenarios) {
        auto const known = m_progress.lessons.find(entry.id);
        bool const begun = known != m_progress.lessons.end();
        entry.done_on = begun ? known->second.done : std::string();
        entry.state = !begun        ? Entry::State::NotBegun
            : entry.done_on.empty() ? Entry::State::Begun
                                    : Entry::State::Done;
    }
}

void Coursework::tell_results()
{
    auto const csv = settings::read_text(results_path());
    for (auto const phase : { scenario::TestPhase::Before, scenario::TestPhase::After }) {
        auto const result = scenario::last_result(csv, phase);
        m_course.results.at(static_cast<std::size_t>(phase))
            = result ? std::optional(view::TestResult { result->date, result->right, result->items }) : std::nullopt;
    }
}

void Coursework::keep_progress()
{
    if (m_progress == m_kept)
        return;
    tell_progress();
    m_kept = m_progress;
    if (auto const saved = settings::save_progress(m_progress, settings::progress_path()); !saved)
        complain(saved.error());
}

Entry const* Coursework::find(std::string const& id) const
{
    auto const found = std::find_if(m_scenarios.begin(), m_scenarios.end(), [&](auto const& e) { return e.id == id; });
    return found == m_scenarios.end() ? nullptr : &*found;
}

Entry const* Coursework::after(std::string const& id) const
{
    auto const* entry = find(id);
    if (entry == nullptr || entry->kind != Entry::Kind::Lesson)
        return nullptr;
    for (auto const* next = entry + 1; next != m_scenarios.data() + m_scenarios.size(); ++next) {
        if (next->kind == Entry::Kind::Lesson)
            return next;
    }
    return nullptr;
}

std::int64_t Coursework::phase_of(std::string const& id) const
{
    auto const known = m_progress.lessons.find(id);
    return known == m_progress.lessons.end() ? 0 : known->second.phase;
}

void Coursework::see(std::string const& id, std::int64_t phase)
{
    if (find(id) == nullptr)
        return; // a file of one's own is no part of the course
    m_progress.see(id, phase, today());
    keep_progress();
}

void Coursework::reach(std::string const& id)
{
    if (find(id) == nullptr)
        return;
    m_progress.reach(id, today());
    keep_progress();
}

void Coursework::forget()
{
    m_progress = {};
    keep_progress();
}

Result<void> Coursework::keep_test(scenario::TestPhase phase, scenario::ConceptAnswers const& answers)
{
    auto const lines = scenario::results_as_csv(m_test, answers, phase, today());
    TRY(settings::append_text(scenario::results_header, lines, results_path()));
    tell_results();
    return {};
}

fs::path results_path()
{
    auto const folder = settings::data_folder();
    return folder.empty() ? folder : folder / "concept-test.csv";
}

std::string today()
{
    return fmt::format("{:%Y-%m-%d}", fmt::localtime(std::time(nullptr)));
}

}
