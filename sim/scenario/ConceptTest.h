#pragma once

// A test of what somebody believes about containers, taken before a course and again after it: one item for each
// misconception (docs/teaching.md), about what happens, not about what things are called. The wrong choices are what
// people really believe.

#include "sim/scenario/Scenario.h"

namespace drydock::scenario {

struct ConceptItem {
    std::string id;            // "kernel": what results are kept under
    std::string misconception; // "M1"
    std::string belief;        // the misconception in a sentence
    std::string question;
    std::vector<std::string> choices;
    std::size_t right { 0 }; // index
    std::string why;
};

struct ConceptTest {
    std::vector<ConceptItem> items;
    // What people read of it, and a language file translates.
    std::vector<std::string> texts() const;
};

struct LoadedConceptTest {
    std::optional<ConceptTest> test; // nothing where there are problems
    std::vector<Problem> problems;
};

LoadedConceptTest load_concept_test(std::string_view text);

// What somebody chose, item by item; nothing: skipped.
using ConceptAnswers = std::vector<std::optional<std::size_t>>;

enum class TestPhase : std::uint8_t { Before, After };

// The answers as lines of a table: date, phase, item, misconception, answer (1 to 4; empty: skipped), right (0 or 1).
inline constexpr std::string_view results_header = "date,phase,item,misconception,answer,right\n";
std::string results_as_csv(ConceptTest const&, ConceptAnswers const&, TestPhase, std::string_view date);

// How it went, as such a table says; the last time of that phase. Lines that are none are left out.
struct TestResult {
    std::string date;
    std::size_t right { 0 };
    std::size_t items { 0 };
};
std::optional<TestResult> last_result(std::string_view csv, TestPhase);

}
