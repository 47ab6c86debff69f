#pragma once

// The pictures of the comparison, one file each, and what they share.

#include "sim/machine/Model.h"
#include "visual/view/Figures.h"
#include "visual/view/RaceFigures.h"
#include "visual/view/Views.h"

namespace drydock::view {

void draw_compare_race(canvas::Canvas const&, canvas::Rect const&, Context&);
void draw_compare_tables(canvas::Canvas const&, canvas::Rect const&, Context&);
void draw_compare_call(canvas::Canvas const&, canvas::Rect const&, Context&);
void draw_compare_density(canvas::Canvas const&, canvas::Rect const&, Context&);
void draw_compare_ship(canvas::Canvas const&, canvas::Rect const&, Context&);
void draw_compare_isolation(canvas::Canvas const&, canvas::Rect const&, Context&);
void draw_compare_morph(canvas::Canvas const&, canvas::Rect const&, Context&);

// The lanes and the technologies that are looked at. Null: nothing of the kind has begun; no model was given.
struct Contest {
    RaceLane const* machine { nullptr };
    RaceLane const* container { nullptr };
    machine::Technology const* machine_technology { nullptr };
    machine::Technology const* container_technology { nullptr };

    RaceLane const* lane(RaceSide side) const { return side == RaceSide::Machine ? machine : container; }
    machine::Technology const* technology(RaceSide side) const
    {
        return side == RaceSide::Machine ? machine_technology : container_technology;
    }
};
Contest contest_of(Context&);

inline constexpr std::array race_sides { RaceSide::Machine, RaceSide::Container };

// The stacks that grow as things start, both on one host.
void draw_stacks(canvas::Canvas const&, canvas::Rect const&, Contest const&, Context&);
theme::Category category_of_step(std::string_view name);
// As a person reads it, in the language that is on.
std::string_view step_name(std::string_view name);

// In a few words: "VM, type 1".
std::string_view short_title(machine::Technology const&);
// "‹ microVM ›": which technology of that side the model speaks of.
void draw_technology_choice(
    canvas::Canvas const&, canvas::Rect const&, RaceSide, machine::Technology const* now, Context&);
float technology_choice_width(canvas::Measure const&, machine::Technology const&, float height);
// A slider with what it is for, and what it says now.
bool draw_labelled_slider(canvas::Canvas const&, canvas::Rect const&, std::string_view name, std::string_view label,
    std::string_view value, float& part);

// From `low` to `high` by equal factors, as a slider goes from 0 to 1; and back.
double on_scale(float part, double low, double high);
float part_of_scale(double value, double low, double high);

}
