// What travels when something has changed: the layers from the changed one upwards, against an image of a machine in
// three ways. All of them set off at the same moment through the same uplink.

#include "sim/machine/Shipping.h"
#include "sim/words/Language.h"
#include "visual/view/CompareParts.h"

#include <fmt/format.h>

#include <cmath>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;
using words::say;
using words::tr;

constexpr double slowest_uplink = 10, fastest_uplink = 10000; // Mbit/s

struct Freight {
    std::string_view name;
    std::string_view label;
    machine::Shipment shipment;
};

std::vector<Freight> freights_of(machine::Model const& model, std::size_t changed)
{
    using machine::Baseline;
    return { { "layers", tr("container: changed layers"), machine::ship_layers(model, changed) },
        { "difference", tr("machine: block difference"), machine::ship_machine(model, Baseline::BlockDifference) },
        { "compressed", tr("machine: compressed image"), machine::ship_machine(model, Baseline::CompressedImage) },
        { "whole", tr("machine: whole image"), machine::ship_machine(model, Baseline::WholeImage) } };
}

// The layers of the image, the base at the bottom: which of them changes is chosen here.
void draw_shipped_layers(Canvas const& canvas, Rect const& rect, machine::Model const& model, CompareState& state)
{
    auto const& theme = canvas.theme();
    auto const& layers = model.shipping.layers;
    text_in(canvas, rect.top_part(26), tr("What has changed?"), theme::Style::Strong, theme.text);
    auto const note = rect.bottom_part(62);
    paragraph(canvas, note,
        tr("A layer's digest covers its bytes, and the next one stands on it: whatever lies above a changed layer "
           "travels too."),
        theme::Style::Caption, theme.dim_text, Align::Start, 3);
    auto const places
        = rows(rect.without_top(30).without_bottom(note.height + tight), static_cast<int>(layers.size()) + 1, hair);
    for (std::size_t i = 0; i <= layers.size(); ++i) {
        auto const& place = places[layers.size() - i];
        bool const travels = i >= state.changed;
        auto const hand = touch(canvas, fmt::format("compare.layer.{}", i), place);
        auto const& colors = theme[theme::Category::Storage];
        fill(canvas, place, theme::radius::bar,
            travels ? theme::over(colors.fill.faded(theme.tint), theme.surface) : theme.surface);
        if (hand.warmth > 0)
            fill(canvas, place, theme::radius::bar, theme.text.faded(0.07f * hand.warmth));
        outline(canvas, place, theme::radius::bar, i == state.changed ? colors.stroke : theme.line,
            i == state.changed ? 2.0f : 1.0f);
        auto inside = place.inset(snug, 0);
        auto const size
            = i < layers.size() ? human_size(static_cast<std::uint64_t>(layers[i].size.value)) : std::string();
        auto const width = canvas.measure().width(theme::Style::Caption, size) + 2;
        text_in(canvas, inside.right_part(width), size, theme::Style::Caption, theme.dim_text);
        text_in(canvas, inside.without_right(width + tight),
            i < layers.size() ? tr(layers[i].what) : tr("only the configuration"), theme::Style::Caption,
            travels ? theme.text : theme.dim_text);
        if (i < layers.size())
            hint(canvas, hand, layers[i].size.source);
        focus_ring(canvas, hand, theme::radius::bar);
        if (hand.clicked)
            state.changed = i;
    }
}

void draw_freight(Canvas const& canvas, Rect const& rect, Freight const& freight, Freight const& baseline,
    double passed, double longest)
{
    auto const& theme = canvas.theme();
    auto const head = rect.top_part(26);
    bool const is_container = &freight == &baseline;
    auto const label = std::min(290.0f, rect.width * 0.4f);
    text_in(canvas, head.left_part(label - tight), freight.label, theme::Style::Strong, theme.text);
    auto const bytes = told(freight.shipment.bytes, "model"), time = told(freight.shipment.seconds, "model");
    auto rest = head.without_left(label);
    auto const used = draw_figure(canvas, rest, fmt::format("compare.{}.bytes", freight.name), bytes);
    rest = rest.without_left(used + normal);
    if (!is_container) {
        if (auto const ratio = ratio_text(bytes, told(baseline.shipment.bytes, "model"), tr("changed layers")))
            text_in(canvas, rest, *ratio, theme::Style::Caption, theme.text, Align::End);
    } else {
        text_in(canvas, rest, tr("to each host"), theme::Style::Body, theme.dim_text);
    }
    // A pipe as long as its time, on one scale for all.
    auto const seconds = freight.shipment.seconds.value;
    auto const pipe = rect.without_top(28).top_part(22).without_right(190);
    auto const length = std::max(4.0f, pipe.width * static_cast<float>(seconds / longest));
    auto const part = seconds <= 0 ? 1.0f : static_cast<float>(std::clamp(passed / seconds, 0.0, 1.0));
    auto const& colors = theme[theme::Category::Registry];
    fill(canvas, pipe.left_part(length * part), 4, colors.fill);
    outline(canvas, pipe.left_part(length), 4, colors.stroke, 1, Stroke::Dashed);
    auto after = pipe;
    after = { pipe.x + length + tight, pipe.y, rect.right() - pipe.x - length - tight, pipe.height };
    if (part >= 1) {
        icon(canvas, { after.x + 8, after.center().y }, theme::Icon::Check, theme.text, theme::icon_size::small);
        after = after.without_left(22);
    }
    draw_figure(canvas, after, fmt::format("compare.{}.time", freight.name), time, theme::Style::Caption);
}

}

void draw_compare_ship(Canvas const& canvas, Rect const& rect, Context& context)
{
    auto& state = context.state.compare;
    auto model = *context.input.model; // behind another uplink
    auto uplink = state.bandwidth >= 0 ? state.bandwidth
                                       : part_of_scale(model.host.uplink.value, slowest_uplink, fastest_uplink);
    if (state.bandwidth >= 0)
        model.host.uplink.value = on_scale(state.bandwidth, slowest_uplink, fastest_uplink);
    state.changed = std::min(state.changed, model.shipping.layers.size());
    auto const left = std::clamp(rect.width * 0.3f, 284.0f, 330.0f);
    draw_shipped_layers(canvas, rect.left_part(left), model, state);
    auto const right = rect.without_left(left + wide);
    auto const freights = freights_of(model, state.changed);
    double longest = 0;
    for (auto const& freight : freights)
        longest = std::max(longest, freight.shipment.seconds.value);
    auto const passed = longest * static_cast<double>(state.sent);
    auto const two = columns(right.top_part(46), 2, wide);
    auto const megabits = model.host.uplink.value;
    if (draw_labelled_slider(canvas, two[0], "compare.bandwidth", tr("uplink that all share"),
            megabits < 1000 ? fmt::format("{:.0f} Mbit/s", megabits) : fmt::format("{:.1f} Gbit/s", megabits / 1000),
            uplink))
        state.bandwidth = uplink;
    draw_labelled_slider(canvas, two[1], "compare.sent", tr("time since all set off"),
        human_duration(Duration(std::llround(passed * 1e9))), state.sent);
    auto const places = rows(right.without_top(60), static_cast<int>(freights.size()) + 1, snug);
    for (std::size_t i = 0; i < freights.size(); ++i)
        draw_freight(canvas, places[i], freights[i], freights.front(), passed, longest);
    paragraph(canvas, places.back(),
        say("To {} hosts. The block difference, compressed, is the best case for a machine: it needs the old image at "
            "the "
            "other end, and somebody who has computed it.",
            fmt::format("{:g}", model.shipping.hosts.value)),
        theme::Style::Caption, canvas.theme().dim_text, Align::Start, 3);
}

}
