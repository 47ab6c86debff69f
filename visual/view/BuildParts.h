#pragma once

// The panes of the build view, and what they share.

#include "visual/view/BuildModel.h"
#include "visual/view/Views.h"

namespace drydock::view {

// What is shown at the moment: the build, the step that is lit, and the image after it.
struct BuildMoment {
    BuildModel build;
    std::size_t lit { 0 };               // step: the one chosen, else the last that has begun
    std::vector<HistoryLine> history {}; // of the image after the lit step
    std::vector<ConfigFact> config {};
    std::optional<std::size_t> lit_line {}; // of the history: the one that the lit step wrote
    std::size_t lit_stage { 0 };
    float k { 1 }; // 0 to 1 while the beat is about a step that has just finished

    BuildStepModel const* step() const { return lit < build.steps.size() ? &build.steps[lit] : nullptr; }
};

void draw_dockerfile(canvas::Canvas const&, canvas::Rect const&, BuildMoment const&, Context&);
// Yields the rectangle of the lit step, from which what it made flies to its place.
canvas::Rect draw_build_steps(canvas::Canvas const&, canvas::Rect const&, BuildMoment const&, Context&);
void draw_build_image(
    canvas::Canvas const&, canvas::Rect const&, BuildMoment const&, canvas::Rect const& from, Context&);

// Lights a step here and everywhere.
void choose_step(BuildMoment const&, std::size_t step, Context&);

}
