#include "visual/view/Figures.h"

#include "sim/words/Language.h"
#include "sim/words/Told.h"
#include "visual/canvas/Widgets.h"

#include <fmt/format.h>

#include <cmath>

namespace drydock::view {

using namespace canvas;
using words::say;
using words::tr;

namespace {

trace::Provenance provenance_of(FigureKind kind)
{
    switch (kind) {
    case FigureKind::Measured: return trace::Provenance::Live;
    case FigureKind::Modelled: return trace::Provenance::Modelled;
    case FigureKind::Quoted: return trace::Provenance::Quoted;
    }
    return trace::Provenance::Modelled;
}

std::string size_text(double bytes)
{
    return human_size(static_cast<std::uint64_t>(std::llround(std::max(0.0, bytes))));
}

}

Told told(Figure figure, std::string run)
{
    auto const from = provenance_of(figure.kind);
    return { std::move(figure), from, std::move(run) };
}

Told told(trace::MeasurementTaken const& taken)
{
    return told({ static_cast<double>(taken.value), taken.unit, taken.kind, taken.source }, taken.run);
}

std::string figure_text(Figure const& figure)
{
    if (figure.unit == "s")
        return human_duration(Duration(std::llround(figure.value * 1e9)));
    if (figure.unit == "ns")
        return human_duration(Duration(std::llround(figure.value)));
    if (figure.unit == "B")
        return size_text(figure.value);
    if (figure.unit == "MiB")
        return size_text(figure.value * (1 << 20));
    return fmt::format("{:g}{}{}", figure.value, figure.unit.empty() ? "" : " ", figure.unit);
}

std::string ratio_number(double ratio)
{
    if (ratio >= 9.95)
        return fmt::format("{:.0f}", ratio);
    return ratio >= 0.995 ? fmt::format("{:.1f}", ratio) : fmt::format("{:.2g}", ratio);
}

std::optional<std::string> ratio_text(Told const& it, Told const& baseline, std::string_view baseline_name)
{
    bool const comparable = it.from == baseline.from && it.figure.unit == baseline.figure.unit && it.run == baseline.run
        && (it.from == trace::Provenance::Live || it.from == trace::Provenance::Modelled);
    if (!comparable || baseline.figure.value <= 0)
        return std::nullopt;
    return say("{} x {}", ratio_number(it.figure.value / baseline.figure.value), baseline_name);
}

std::string_view badge_word(trace::Provenance from)
{
    switch (from) {
    case trace::Provenance::Live: return tr("measured");
    case trace::Provenance::Simulated: return tr("simulated");
    case trace::Provenance::Modelled: return tr("modelled");
    case trace::Provenance::Quoted: return tr("quoted");
    }
    return {};
}

Stroke badge_stroke(trace::Provenance from)
{
    switch (from) {
    case trace::Provenance::Live: return Stroke::Solid;
    case trace::Provenance::Simulated: return Stroke::Dotted;
    case trace::Provenance::Modelled: return Stroke::Dashed;
    case trace::Provenance::Quoted: return Stroke::Double;
    }
    return Stroke::Solid;
}

float figure_width(Measure const& measure, Told const& it, theme::Style style)
{
    return std::ceil(measure.width(style, figure_text(it.figure))) + theme::space::tight
        + tag_size(measure, badge_word(it.from)).width;
}

float draw_figure(Canvas const& canvas, Rect const& rect, std::string_view name, Told const& it, theme::Style style)
{
    auto const& theme = canvas.theme();
    auto const value = figure_text(it.figure);
    auto const badge = badge_word(it.from);
    auto const tag_room = tag_size(canvas.measure(), badge);
    auto const width = std::min(figure_width(canvas.measure(), it, style), rect.width);
    auto const box = rect.left_part(width);
    text_in(canvas, box.without_right(tag_room.width + theme::space::hair), value, style, theme.text);
    tag(canvas, { box.right() - tag_room.width, box.center().y - tag_room.height / 2 }, badge, badge_stroke(it.from));
    auto const hand = touch(canvas, name, box, Reach::MouseOnly);
    hint(canvas, hand, words::told(it.figure.source));
    return width;
}

}
