#pragma once

// A number on the screen: as people read it, with a badge that says where it comes from, its source in reach under the
// mouse. One function draws them all, so none stands there without; and two are divided only where that says something.

#include "sim/core/Figure.h"
#include "sim/trace/EventLog.h"
#include "visual/canvas/Draw.h"

#include <optional>
#include <string>
#include <string_view>

namespace drydock::view {

struct Told {
    Figure figure;
    trace::Provenance from { trace::Provenance::Modelled };
    std::string run {}; // in which it was measured
    bool operator==(Told const&) const = default;
};

Told told(Figure, std::string run = {});
Told told(trace::MeasurementTaken const&);

// "10.4 s", "294 MB", "230"
std::string figure_text(Figure const&);
std::string ratio_number(double);
// "12 x a process", for figures of the same kind, unit and run. Simulated times are those of a clock that somebody set:
// they are not divided, and neither is what a publication says.
std::optional<std::string> ratio_text(Told const&, Told const& baseline, std::string_view baseline_name);

std::string_view badge_word(trace::Provenance);
canvas::Stroke badge_stroke(trace::Provenance);

float figure_width(canvas::Measure const&, Told const&, theme::Style = theme::Style::Strong);
// From the left of the box; returns the width used. `name` is where its source is asked for.
float draw_figure(canvas::Canvas const&, canvas::Rect const&, std::string_view name, Told const&,
    theme::Style = theme::Style::Strong);

}
