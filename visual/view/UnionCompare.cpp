// Two trees against each other: this image and another, or this stack now and at a moment that was marked.

#include "sim/words/Language.h"
#include "visual/view/UnionParts.h"

#include <fmt/format.h>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;
using overlay::Sign;

constexpr float difference_height = 28;

std::string_view sign_of(Sign sign)
{
    switch (sign) {
    case Sign::Added: return "+";
    case Sign::Removed: return "−";
    case Sign::Changed: return "~";
    }
    return "";
}

std::string sizes_of(overlay::Difference const& difference)
{
    switch (difference.sign) {
    case Sign::Added: return human_size(difference.after);
    case Sign::Removed: return human_size(difference.before);
    case Sign::Changed: break;
    }
    return difference.before == difference.after
        ? words::say("{}, written anew", human_size(difference.after))
        : words::say("{} → {}", human_size(difference.before), human_size(difference.after));
}

void draw_difference(
    Canvas const& on, Rect const& row, overlay::Difference const& difference, std::size_t index, Context& context)
{
    auto const& theme = on.theme();
    auto const hand = touch(on, fmt::format("union.difference.{}", index), row, Reach::MouseOnly);
    if (hand.hovered)
        fill(on, row, theme::radius::bar, theme.text.faded(0.06f));
    if (hand.clicked) {
        choose_union_path(difference.path, context);
        context.state.union_view.pane = UnionPane::XRay;
    }
    // The sign by its shape first: a filled square for what came, a hollow one for what went.
    auto const box = Rect::centered({ row.x + 18, row.center().y }, { 22, 22 });
    auto const& storage = theme[theme::Category::Storage];
    if (difference.sign == Sign::Added)
        fill(on, box, theme::radius::bar, storage.fill);
    else
        outline(on, box, theme::radius::bar, storage.stroke, 1.5f,
            difference.sign == Sign::Removed ? Stroke::Dashed : Stroke::Solid);
    text_in(on, box, sign_of(difference.sign), theme::Style::Strong,
        difference.sign == Sign::Added ? storage.on_fill : theme.text, Align::Center);
    auto const text = row.without_left(40).without_right(snug);
    bool const directory = difference.kind == overlay::Kind::Directory;
    text_in(on, text.without_right(220), difference.path + (directory ? "/" : ""), theme::Style::Mono,
        difference.sign == Sign::Removed ? theme.dim_text : theme.text, Align::Start, Cut::Middle);
    text_in(on, text, sizes_of(difference), theme::Style::Mono, theme.dim_text, Align::End);
}

std::string summary_of(std::vector<overlay::Difference> const& differences)
{
    std::size_t added = 0, removed = 0, changed = 0;
    for (auto const& difference : differences) {
        added += difference.sign == Sign::Added;
        removed += difference.sign == Sign::Removed;
        changed += difference.sign == Sign::Changed;
    }
    return words::say("{} added, {} removed, {} changed", added, removed, changed);
}

// What stands on the other side, in words; and which tree that is. Null: nothing yet.
struct Other {
    std::shared_ptr<UnionModel const> model;
    std::string words;
    std::set<std::string> written; // in between, where both sides share a sheet
};

Other other_side(UnionModel const& model, Context& context)
{
    auto& state = context.state.union_view;
    auto& player = context.state.player;
    if (!state.other.empty()) {
        auto const other = state.models.model(player.world(), player.log(), state.other);
        return { other,
            other == nullptr ? std::string(words::tr("another that is gone"))
                             : words::say("{} to it", other->subject.name),
            {} };
    }
    if (!state.mark)
        return {};
    auto const other
        = state.models.model(context.input.timeline->world_at(*state.mark), player.log(), model.subject.id);
    Other side { other, words::say("the marked moment (record {}) to now", *state.mark), {} };
    if (model.container) // one may have gone back since
        side.written = written_paths(player.log(), *model.container, std::min(*state.mark, player.records()),
            std::max(*state.mark, player.records()));
    return side;
}

std::vector<overlay::Difference> const& differences_of(
    Other const& other, std::shared_ptr<UnionModel const> const& model, Context& context)
{
    auto& kept = context.state.union_view.comparison;
    auto const records = context.state.player.records();
    if (kept.before != other.model || kept.after != model || kept.records != records)
        kept = { other.model, model, records,
            overlay::compare(other.model->side(), model->side(),
                [&](std::string const& path) { return other.written.contains(path); }) };
    return kept.differences;
}

void draw_choice(Canvas const& canvas, Rect const& bar, Context& context)
{
    auto& state = context.state.union_view;
    auto const mark = words::tr("Mark this moment");
    auto const mark_width = button_width(canvas.measure(), mark, { .icon = theme::Icon::Flag });
    if (button(canvas, "union.mark", bar.left_part(mark_width), mark,
            { .icon = theme::Icon::Flag,
                .hint = words::tr("Go on, come back here, and see what changed"),
                .active = state.mark.has_value() && state.other.empty() })) {
        state.mark = context.state.player.records();
        state.other.clear();
    }
    auto const pick = words::tr("Compare with another…");
    auto const pick_width = button_width(canvas.measure(), pick, { .icon = theme::Icon::Cube });
    if (button(canvas, "union.other", bar.without_left(mark_width + tight).left_part(pick_width), pick,
            { .icon = theme::Icon::Cube, .active = !state.other.empty() }))
        state.list = UnionList::Others;
}

}

void draw_union_compare(
    Canvas const& canvas, Rect const& rect, std::shared_ptr<UnionModel const> const& model, Context& context)
{
    auto const& theme = canvas.theme();
    draw_choice(canvas, rect.top_part(control_height), context);
    auto const content = rect.without_top(control_height + snug).left_part(860); // a path and its size stay one line
    auto const other = other_side(*model, context);
    if (other.words.empty()) {
        paragraph(canvas, content.top_part(120).left_part(640),
            words::tr(
                "Mark this moment, let the story go on, and see here what was added, removed and changed since. Or "
                "pick another image or container: where both stand on the same layers, they differ only above them."),
            theme::Style::Body, theme.dim_text);
        return;
    }
    auto const head = content.top_part(28);
    if (other.model == nullptr) {
        text_in(canvas, head, words::say("{} cannot be compared: one of the two is not there", model->subject.name),
            theme::Style::Body, theme.text);
        return;
    }
    auto const& differences = differences_of(other, model, context);
    text_in(
        canvas, head, words::say("{}: from {}", model->subject.name, other.words), theme::Style::Strong, theme.text);
    text_in(canvas, head, summary_of(differences), theme::Style::Body, theme.dim_text, Align::End);
    ScrollArea area(canvas, "union.differences", content.without_top(28 + tight));
    float y = 0;
    for (std::size_t i = 0; i < differences.size(); ++i, y += difference_height) {
        Rect const row { 0, y, area.width(), difference_height };
        if (area.canvas().is_visible(row))
            draw_difference(area.canvas(), row, differences[i], i, context);
    }
    if (differences.empty())
        text_in(area.canvas(), { 0, 0, area.width(), 30 }, words::tr("The two trees are the same"), theme::Style::Body,
            theme.dim_text);
    area.set_content_height(y);
}

}
