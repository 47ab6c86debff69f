#pragma once

// Text: measured, wrapped at words, cut with an ellipsis where it does not fit. Never shrunk, and never drawn over its
// own edges.

#include "visual/canvas/Canvas.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::canvas {

enum class Align : std::uint8_t { Start, Center, End };

// In em. Both faces' capitals are this high; centring capitals looks right where centring the line box does not.
inline constexpr float cap_height = 0.73f;

// Cut at the end ("a long na…") or, for what differs at its end (paths, digests), in the middle ("/var/…/blob").
enum class Cut : std::uint8_t { End, Middle };
std::string elided(Measure const&, theme::Style, std::string_view, float width, Cut = Cut::End);

// The lines of a paragraph, as views into `text`. Words longer than a line are broken. A '\n' starts a new line.
std::vector<std::string_view> wrapped(Measure const&, theme::Style, std::string_view text, float width);
float paragraph_height(Measure const&, theme::Style, std::string_view text, float width);

// A line of a table without the blanks that align it for a terminal of eighty columns; two keep the fields apart.
std::string without_columns(std::string_view line);

// One line whose box begins at `top_left`; returns its width.
float text(Canvas const&, Point top_left, std::string_view, theme::Style, theme::Color);
// One line inside of a box, its capitals centred vertically, elided where it is too long.
void text_in(
    Canvas const&, Rect const&, std::string_view, theme::Style, theme::Color, Align = Align::Start, Cut = Cut::End);
// Wrapped lines from the top of the box; what exceeds `max_lines` is elided. Returns the height used.
float paragraph(Canvas const&, Rect const&, std::string_view, theme::Style, theme::Color, Align = Align::Start,
    int max_lines = 1000);

}
