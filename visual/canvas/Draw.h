#pragma once

// The shapes every picture is made of: cards that float on shadows, chips, meters, wires, marks of state. Each takes a
// role or a category, never a colour of its own, and says the same by form and by colour.

#include "visual/canvas/Text.h"
#include "visual/canvas/Wire.h"
#include "visual/theme/Icons.h"

#include <optional>
#include <span>
#include <string_view>

namespace drydock::canvas {

// How a line is drawn tells where its fact comes from: observed ones are solid.
enum class Stroke : std::uint8_t { Solid, Dashed, Dotted, Double };

void line(Canvas const&, Point from, Point to, theme::Color, float width = 1, Stroke = Stroke::Solid);
void outline(Canvas const&, Rect const&, float radius, theme::Color, float width = 1, Stroke = Stroke::Solid);
void fill(Canvas const&, Rect const&, float radius, theme::Color);
void disc(Canvas const&, Point center, float radius, theme::Color);
void ring(Canvas const&, Point center, float radius, theme::Color, float width = 1.5f);
// Diagonal lines: what is there but not at work.
void hatch(Canvas const&, Rect const&, theme::Color, float spacing = 8);
void icon(Canvas const&, Point center, theme::Icon, theme::Color, float size = theme::icon_size::normal);

// The ground of the stage: its colour and a fine grid of dots.
void stage_ground(Canvas const&, Rect const&);
// A region of the window: surface colour and a line where it meets the stage.
enum class Side : std::uint8_t { None, Left, Right, Top, Bottom };
void panel(Canvas const&, Rect const&, Side line);
void shadow(Canvas const&, Rect const&, float radius, theme::Elevation);

struct CardLook {
    theme::Elevation elevation { theme::Elevation::Card };
    std::optional<theme::Category> stripe {}; // coloured left side
    std::optional<theme::Category> tint {};   // coloured ground and border
    Stroke border { Stroke::Solid };
    bool selected { false };
    bool inactive { false }; // hatched
};
void card(Canvas const&, Rect const&, CardLook const& = {});

// A small labelled thing of a category. Sized by its content unless laid into a box.
struct ChipLook {
    std::optional<theme::Icon> icon {};
    Stroke border { Stroke::Solid };
    theme::Style style { theme::Style::Caption };
};
inline constexpr float chip_height = 28;
Size chip_size(Measure const&, std::string_view label, ChipLook const& = {});
Rect chip(Canvas const&, Point top_left, std::string_view label, theme::Category, ChipLook const& = {});
void chip_in(Canvas const&, Rect const&, std::string_view label, theme::Category, ChipLook const& = {});

// A word about the thing beside it ("modelled"): a pill without a category. Returns where it lies.
Rect tag(Canvas const&, Point top_left, std::string_view word, Stroke = Stroke::Solid);
Size tag_size(Measure const&, std::string_view word);
// A key as it looks on a keyboard; returns its width.
float key_cap_width(Measure const&, std::string_view key);
float key_cap(Canvas const&, Point top_left, std::string_view key);

// How much of something is used; `limit`, where given, is drawn as a mark.
void meter(Canvas const&, Rect const&, float part, theme::Category, std::optional<float> limit = {});
// A course over time, newest value at the right; values from 0 to 1.
void sparkline(Canvas const&, Rect const&, std::span<float const>, theme::Category);

// The wire up to `part` of its way; the rest stays dim.
void wire(Canvas const&, Wire const&, theme::Category, float part = 1, Stroke = Stroke::Solid);
// What travels along a wire: a disc in a ring, with room for one letter-sized icon.
void token(Canvas const&, Point, theme::Category, std::optional<theme::Icon> = {});
// A ring that leaves `rect` as k goes from 0 to 1: "this one, just now".
void pulse(Canvas const&, Rect const&, float radius, theme::Color, float k);
// Everything but `lit` dims, k from 0 to 1.
void spotlight(Canvas const&, Rect const& lit, float radius, float k);

// States differ in shape, so that colour is only the second cue.
enum class StateMark : std::uint8_t { Created, Running, Paused, Stopped, Dead };
void state_mark(Canvas const&, Point center, StateMark, float radius = 8);

}
