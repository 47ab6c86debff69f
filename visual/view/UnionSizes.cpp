// What each layer weighs, and how much of it nobody sees any more: deleting in a later layer hides a file, and its
// bytes still travel.

#include "sim/words/Language.h"
#include "visual/view/UnionParts.h"

#include <fmt/format.h>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;

struct Totals {
    std::uint64_t stored { 0 }, seen { 0 }, hidden { 0 };
};

Totals totals_of(UnionModel const& model)
{
    Totals totals;
    for (auto const& weight : model.weights) {
        totals.stored += weight.total();
        totals.seen += weight.visible;
        totals.hidden += weight.deleted + weight.overwritten;
    }
    return totals;
}

// "Layer 4, RUN rm /big, hides 1.2 MB of layer 2: /big": the worst of all.
std::string worst_words(UnionModel const& model)
{
    overlay::HiddenPath const* worst = nullptr;
    std::size_t of = 0;
    for (std::size_t i = 0; i < model.weights.size(); ++i) {
        auto const& hidden = model.weights[i].hidden;
        if (!hidden.empty() && (worst == nullptr || hidden.front().bytes > worst->bytes)) {
            worst = &hidden.front();
            of = i;
        }
    }
    if (worst == nullptr)
        return std::string(words::tr("Nothing is hidden: every byte that travels is seen."));
    auto const& by = model.columns[worst->by];
    auto const who = by.created_by.empty() ? by.title : by.created_by;
    return words::say("{} hides {} of {} ({}). The bytes are still stored, and still travel.", who,
        human_size(worst->bytes), model.columns[of].title, worst->path);
}

void draw_number(Canvas const& canvas, Rect const& rect, std::string_view label, std::uint64_t bytes)
{
    auto const& theme = canvas.theme();
    text_in(canvas, rect.top_part(34), human_size(bytes), theme::Style::Title, theme.text);
    text_in(canvas, rect.without_top(36).top_part(22), label, theme::Style::Caption, theme.dim_text);
}

// Seen solid, hidden hatched; the length is the share of the heaviest branch.
void draw_weight_bar(Canvas const& canvas, Rect const& bar, overlay::Weight const& weight, std::uint64_t heaviest)
{
    auto const& theme = canvas.theme();
    auto const& storage = theme[theme::Category::Storage];
    fill(canvas, bar, theme::radius::bar, theme.text.faded(0.05f));
    if (heaviest == 0 || weight.total() == 0)
        return;
    auto const width_of = [&](std::uint64_t bytes) {
        return static_cast<float>(static_cast<double>(bytes) / static_cast<double>(heaviest)) * bar.width;
    };
    auto const all = bar.left_part(std::max(3.0f, width_of(weight.total())));
    auto const seen = std::min(width_of(weight.visible), all.width);
    auto const hidden = all.without_left(seen);
    fill(canvas, all.left_part(seen), theme::radius::bar, storage.fill);
    if (hidden.width < 1)
        return;
    fill(canvas, hidden, theme::radius::bar, theme.surface);
    hatch(canvas, hidden, storage.stroke, 7);
    outline(canvas, hidden, theme::radius::bar, storage.stroke, 1.5f);
}

std::string weight_words(overlay::Weight const& weight)
{
    if (weight.total() == 0)
        return std::string(words::tr("no file content"));
    auto text = words::say("{} of {} seen", human_size(weight.visible), human_size(weight.total()));
    if (weight.deleted > 0)
        text += words::say(", {} deleted above", human_size(weight.deleted));
    if (weight.overwritten > 0)
        text += words::say(", {} overwritten above", human_size(weight.overwritten));
    return text;
}

std::string hidden_words(UnionModel const& model, overlay::HiddenPath const& hidden)
{
    auto const by = model.columns[hidden.by].title;
    return hidden.deleted ? words::say("{}: {}, deleted by {}", hidden.path, human_size(hidden.bytes), by)
                          : words::say("{}: {}, overwritten by {}", hidden.path, human_size(hidden.bytes), by);
}

// How high a branch's row is: its hidden paths stand below the bar.
float row_height_of(overlay::Weight const& weight)
{
    constexpr std::size_t most = 3;
    return 62 + 24 * static_cast<float>(std::min(most, weight.hidden.size()));
}

void draw_branch(Canvas const& on, Rect const& row, UnionModel const& model, std::size_t branch, std::uint64_t heaviest,
    Context& context)
{
    auto const& theme = on.theme();
    auto const& column = model.columns[branch];
    auto const& weight = model.weights[branch];
    auto const hand = touch(on, fmt::format("union.size.{}", branch), row, Reach::MouseOnly);
    card(on, row, { .elevation = theme::Elevation::Flat, .selected = context.state.selected == column.id });
    if (hand.clicked) {
        context.state.selected = column.id;
        context.state.inspector = true;
    }
    auto const inside = row.inset(normal, tight);
    auto const names = inside.left_part(std::min(300.0f, inside.width * 0.34f));
    text_in(on, names.top_part(24), column.title, theme::Style::Strong, theme.text);
    text_in(on, names.without_top(24).top_part(22),
        column.is_sheet ? std::string(words::tr("what this container wrote")) : column.created_by,
        theme::Style::Caption, theme.dim_text);
    auto const right = inside.without_left(names.width + normal);
    draw_weight_bar(on, right.top_part(20), weight, heaviest);
    text_in(on, right.without_top(22).top_part(24), weight_words(weight), theme::Style::Caption, theme.text);
    float y = 48;
    for (std::size_t i = 0; i < std::min<std::size_t>(3, weight.hidden.size()); ++i, y += 24) {
        auto const place = right.without_top(y).top_part(24);
        auto const press = touch(on, fmt::format("union.hidden.{}.{}", branch, i), place);
        icon(on, { place.x + 6, place.center().y }, weight.hidden[i].deleted ? theme::Icon::Close : theme::Icon::Pencil,
            theme.dim_text, 12);
        text_in(on, place.without_left(20), hidden_words(model, weight.hidden[i]), theme::Style::Caption,
            press.hovered ? theme.text : theme.dim_text, Align::Start, Cut::Middle);
        focus_ring(on, press, theme::radius::bar);
        if (press.clicked) { // to be seen in the x-ray
            choose_union_path(weight.hidden[i].path, context);
            context.state.union_view.pane = UnionPane::XRay;
        }
    }
}

}

void draw_union_sizes(Canvas const& canvas, Rect const& rect, UnionModel const& model, Context& context)
{
    auto const& theme = canvas.theme();
    auto const totals = totals_of(model);
    auto const numbers = columns(rect.top_part(60).left_part(std::min(rect.width, 480.0f)), 3, normal);
    draw_number(canvas, numbers[0], words::tr("stored"), totals.stored);
    draw_number(canvas, numbers[1], words::tr("seen"), totals.seen);
    draw_number(canvas, numbers[2], words::tr("hidden"), totals.hidden);
    paragraph(canvas, rect.top_part(60).without_left(480 + wide), worst_words(model), theme::Style::Body, theme.text,
        Align::Start, 3);
    std::uint64_t heaviest = 0;
    for (auto const& weight : model.weights)
        heaviest = std::max(heaviest, weight.total());
    ScrollArea area(canvas, "union.sizes", rect.without_top(60 + normal));
    float y = 0;
    for (std::size_t i = 0; i < model.columns.size(); ++i) {
        auto const height = row_height_of(model.weights[i]);
        draw_branch(area.canvas(), { 0, y, area.width(), height }, model, i, heaviest, context);
        y += height + tight;
    }
    area.set_content_height(y);
}

}
