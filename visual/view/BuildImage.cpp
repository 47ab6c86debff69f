// The image after the lit step: every line of its history against the layers that came of some of them, and the config
// card that the others filled.

#include "sim/words/Language.h"
#include "visual/canvas/Easing.h"
#include "visual/stage/Names.h"
#include "visual/view/BuildParts.h"

#include <fmt/format.h>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;

constexpr float history_height = 27;

struct Halves {
    Rect history, layer;
};

Halves halves(Rect const& row)
{
    auto const layer = std::clamp(row.width * 0.34f, 86.0f, 150.0f);
    return { row.without_right(layer + tight), row.right_part(layer) };
}

void draw_history_line(
    Canvas const& on, Rect const& row, HistoryLine const& it, std::size_t index, bool is_lit, float k, Context& context)
{
    auto const& theme = on.theme();
    auto const hand = touch(on, fmt::format("build.history.{}", index), row, Reach::MouseOnly);
    if (is_lit)
        fill(on, row, theme::radius::bar, theme.accent.faded(0.16f));
    else if (hand.hovered)
        fill(on, row, theme::radius::bar, theme.text.faded(0.05f));
    auto const [history, layer] = halves(row);
    text_in(on, history.inset(hair, 0), it.text, theme::Style::Mono, theme.text);
    hint(on, hand, on.measure().width(theme::Style::Mono, it.text) > history.width ? it.text : std::string());
    auto const box = layer.inset(0, 3);
    if (!it.layer) {
        line(on, { box.x, box.center().y }, { box.x + 14, box.center().y }, theme.dim_text, 1, Stroke::Dotted);
        text_in(on, box.without_left(20), words::tr("no layer"), theme::Style::Caption, theme.dim_text);
        return;
    }
    if (hand.clicked) {
        context.state.selected = stage::layer_id(*it.layer, context.state.player.world());
        context.state.inspector = true;
    }
    auto const& storage = theme[theme::Category::Storage];
    if (is_lit && k < 1) {
        outline(on, box, theme::radius::bar, storage.stroke, 1, Stroke::Dashed);
        return;
    }
    fill(on, box, theme::radius::bar, storage.fill);
    text_in(on, box, human_size(it.size), theme::Style::Caption, storage.on_fill, Align::Center);
}

// All instructions at the left, at the right only what made a layer. Yields where the lit line's layer stands.
Rect draw_history(Canvas const& canvas, Rect const& rect, BuildMoment const& moment, Context& context)
{
    auto const& theme = canvas.theme();
    auto const heads = halves(rect.top_part(26).without_right(12));
    auto const layers = std::count_if(
        moment.history.begin(), moment.history.end(), [](HistoryLine const& it) { return it.layer.has_value(); });
    text_in(canvas, heads.history, words::say("History: {}", moment.history.size()), theme::Style::Strong, theme.text);
    text_in(canvas, heads.layer, words::say("Layers: {}", layers), theme::Style::Strong, theme.text);
    ScrollArea area(canvas, "build.history", rect.without_top(28));
    auto const& on = area.canvas();
    Rect lit {};
    float y = 0;
    for (std::size_t i = 0; i < moment.history.size(); ++i, y += history_height) {
        Rect const row { 0, y, area.width(), history_height };
        bool const is_lit = moment.lit_line == i;
        if (on.is_visible(row))
            draw_history_line(on, row, moment.history[i], i, is_lit, moment.k, context);
        if (!is_lit)
            continue;
        lit = halves(row).layer.inset(0, 3);
        area.reveal(row);
    }
    if (moment.history.empty())
        text_in(on, { 0, 0, area.width(), 30 }, words::tr("no image yet"), theme::Style::Body, theme.dim_text);
    area.set_content_height(y);
    auto const at = canvas.logical(on.device(lit.origin()));
    return { at.x, at.y, lit.width, lit.height };
}

// Whether the fact is what the lit step says.
bool is_of_step(ConfigFact const& fact, BuildStepModel const* step)
{
    if (step == nullptr || step->layer || step->keyword() != fact.keyword)
        return false;
    return fact.keyword != "ENV"
        || step->instruction.find(fact.value.substr(0, fact.value.find('='))) != std::string::npos;
}

void draw_config(Canvas const& canvas, Rect const& rect, BuildMoment const& moment)
{
    auto const& theme = canvas.theme();
    card(canvas, rect, { .elevation = theme::Elevation::Flat });
    auto const inside = rect.inset(snug, tight);
    text_in(canvas, inside.top_part(24), words::tr("Config"), theme::Style::Strong, theme.text);
    text_in(
        canvas, inside.top_part(24), words::tr("changes no file"), theme::Style::Caption, theme.dim_text, Align::End);
    ScrollArea area(canvas, "build.config", inside.without_top(26));
    auto const& on = area.canvas();
    constexpr float keyword_width = 112, row_height = 25;
    float y = 0;
    for (auto const& fact : moment.config) {
        Rect const row { 0, y, area.width(), row_height };
        y += row_height;
        bool const is_new = is_of_step(fact, moment.step());
        auto const arrived = is_new ? moment.k : 1.0f;
        if (is_new) {
            fill(on, row, theme::radius::bar, theme.accent.faded(0.16f));
            area.reveal(row);
        }
        auto const shown = on.dimmed(arrived);
        text_in(
            shown, row.inset(hair, 0).left_part(keyword_width), fact.keyword, theme::Style::Caption, theme.dim_text);
        text_in(shown, row.without_left(keyword_width), fact.value, theme::Style::Mono, theme.text, Align::Start,
            Cut::Middle);
    }
    area.set_content_height(y);
}

// What the step made on its way to where it belongs: a layer to its place, a setting into the config.
void draw_flight(Canvas const& canvas, Rect const& from, Rect const& to, BuildStepModel const& step, float k)
{
    auto const& theme = canvas.theme();
    auto const& storage = theme[theme::Category::Storage];
    auto const begin = Rect::centered({ from.right() - 60, from.center().y }, { 100, 24 });
    auto const box = lerp(begin, to, standard(k));
    fill(canvas, box, theme::radius::bar, step.layer ? storage.fill : theme.raised);
    outline(canvas, box, theme::radius::bar, step.layer ? storage.stroke : theme.accent, 1.5f);
    text_in(canvas, box, step.layer ? human_size(step.size) : step.keyword(), theme::Style::Caption,
        step.layer ? storage.on_fill : theme.text, Align::Center);
}

}

void draw_build_image(
    Canvas const& canvas, Rect const& rect, BuildMoment const& moment, Rect const& from, Context& context)
{
    auto const config_height
        = std::min(rect.height * 0.42f, 46 + 25 * std::max(3.0f, static_cast<float>(moment.config.size())));
    auto const config = rect.bottom_part(config_height);
    auto const layer = draw_history(canvas, rect.without_bottom(config_height + snug), moment, context);
    draw_config(canvas, config, moment);
    auto const* const step = moment.step();
    bool const is_covered = context.state.overlay != view::Overlay::None;
    if (moment.k >= 1 || is_covered || step == nullptr || step->state == StepState::Begun
        || step->state == StepState::Running)
        return;
    auto const to = step->layer ? layer : Rect::centered(config.top_part(40).center(), { 100, 24 });
    draw_flight(above_all(canvas), from, to, *step, moment.k);
}

}
