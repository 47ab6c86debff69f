#pragma once

// What the union view remembers between frames.

#include "sim/overlay/Biography.h"
#include "visual/view/UnionModel.h"

namespace drydock::view {

enum class UnionPane : std::uint8_t { XRay, Sizes, Compare };
enum class UnionList : std::uint8_t { None, Subjects, Others }; // which list lies open

// The life of one path at one moment; reading the log for it takes time.
struct UnionLife {
    std::string path;
    std::string subject;
    std::uint64_t records { 0 };
    std::vector<overlay::LifeEvent> life;
    std::size_t first { 0 }; // cards that one went back
};

// Two trees compared.
struct UnionComparison {
    std::shared_ptr<UnionModel const> before, after;
    std::uint64_t records { 0 };
    std::vector<overlay::Difference> differences;
};

struct UnionState {
    std::string subject;                     // container or image that is shown
    std::string chosen;                      // from the list; empty: it follows the story
    std::string path;                        // whose ray is shown
    std::string selected;                    // in all views, when last looked
    std::int64_t phase { -1 };               // likewise, the scenario's
    std::optional<std::size_t> chosen_in {}; // the beat during which it was chosen
    UnionPane pane { UnionPane::XRay };
    UnionList list { UnionList::None };
    std::string filter;
    bool only_changes { false };
    std::set<std::string> unfolded;
    std::string unfolded_for;             // the subject that they were chosen for
    std::string revealed;                 // the path that was scrolled to last
    std::size_t peeled { 0 };             // branches taken off the top
    std::size_t first_layer { 0 };        // of those that have room as columns
    std::string other;                    // image to compare with; empty: the mark
    std::optional<std::uint64_t> mark {}; // records of the marked moment
    UnionLife life;
    UnionComparison comparison;
    UnionModels models;
};

}
