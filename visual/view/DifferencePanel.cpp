#include "sim/words/Language.h"
#include "visual/view/Column.h"
#include "visual/view/Views.h"

#include <fmt/format.h>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;
using words::say;
using words::tr;

constexpr float panel_width = 360, change_row = 26;

std::string_view plural_of(ThingKind kind)
{
    switch (kind) {
    case ThingKind::Image: return tr("Images");
    case ThingKind::Layer: return tr("Layers");
    case ThingKind::Container: return tr("Containers");
    case ThingKind::Process: return tr("Processes");
    case ThingKind::File: return tr("Files in read-write layers");
    case ThingKind::Volume: return tr("Volumes");
    case ThingKind::Network: return tr("Networks");
    case ThingKind::InRegistry: return tr("In registries");
    }
    return "";
}

struct Sign {
    theme::Icon icon;
    theme::Category category;
};

Sign sign_of(ChangeKind kind)
{
    switch (kind) {
    case ChangeKind::Added: return { theme::Icon::Plus, theme::Category::Network };
    case ChangeKind::Removed: return { theme::Icon::Minus, theme::Category::Alert };
    case ChangeKind::Changed: return { theme::Icon::Pencil, theme::Category::Storage };
    }
    return { theme::Icon::Pencil, theme::Category::Storage };
}

// The two Worlds are made anew only when a cursor has moved.
Difference const& difference_now(Context& context, std::uint64_t first, std::uint64_t last)
{
    auto& state = context.state.timeline;
    std::pair const wanted { first, last };
    if (!state.difference || state.difference_of != wanted) {
        auto const before = context.input.timeline->world_at(first); // a copy: the next call changes it
        state.difference = difference(before, context.input.timeline->world_at(last));
        state.difference_of = wanted;
    }
    return *state.difference;
}

void draw_change(Column& column, Change const& change, std::size_t i, Context& context)
{
    auto const& canvas = column.canvas();
    auto const& theme = canvas.theme();
    auto const row = column.take(change_row);
    if (!canvas.is_visible(row))
        return;
    auto const hand = touch(canvas, fmt::format("difference.{}", i), row, Reach::MouseOnly);
    if (hand.warmth > 0)
        fill(canvas, row, theme::radius::bar, theme.text.faded(0.07f * hand.warmth));
    if (hand.clicked) {
        context.state.selected = change.object;
        context.state.inspector = true;
    }
    auto const sign = sign_of(change.kind);
    icon(canvas, { row.x + 9, row.center().y }, sign.icon, theme[sign.category].stroke, theme::icon_size::small);
    auto const words = row.without_left(24);
    auto const wanted = canvas.measure().width(theme::Style::Body, change.name) + tight;
    auto const name = words.left_part(std::min(wanted, words.width * 0.6f));
    text_in(canvas, name, change.name, theme::Style::Body, theme.text, Align::Start, Cut::Middle);
    text_in(canvas, words.without_left(name.width + tight), change.detail, theme::Style::Caption, theme.dim_text,
        Align::End);
}

std::string grown(std::uint64_t before, std::uint64_t after, bool bytes)
{
    auto const text = [&](std::uint64_t number) { return bytes ? human_size(number) : std::to_string(number); };
    if (before == after)
        return text(after);
    return after > before ? fmt::format("{}  (+{})", text(after), text(after - before))
                          : fmt::format("{}  (−{})", text(after), text(before - after));
}

void draw_bill(Column& column, Difference const& found)
{
    auto const& theme = column.canvas().theme();
    auto const line = [&](std::string_view what, std::uint64_t before, std::uint64_t after, bool bytes) {
        auto const row = column.take(24);
        text_in(column.canvas(), row, what, theme::Style::Body, theme.dim_text);
        text_in(column.canvas(), row, grown(before, after, bytes), theme::Style::Strong,
            before == after ? theme.dim_text : theme.text, Align::End);
    };
    line(tr("On disk"), found.before.on_disk, found.after.on_disk, true);
    line(tr("Sent"), found.before.sent, found.after.sent, true);
    line(tr("Processes"), found.before.processes, found.after.processes, false);
    line(tr("Mounts"), found.before.mounts, found.after.mounts, false);
    column.gap(tight);
}

void draw_changes(Column& column, Difference const& found, Context& context)
{
    if (found.changes.empty())
        column.note(tr("Nothing was added, removed or changed."));
    for (std::size_t i = 0; i < found.changes.size(); ++i) {
        if (i == 0 || found.changes[i - 1].thing != found.changes[i].thing)
            column.title(plural_of(found.changes[i].thing));
        draw_change(column, found.changes[i], i, context);
    }
}

}

float difference_beside(State const& state, Rect const& middle)
{
    constexpr float least_stage = 908; // its letters are no smaller then: Sight.h
    bool const shown = state.timeline.second && !state.presenter;
    return shown && middle.width - panel_width >= least_stage ? panel_width + tight : 0;
}

void draw_difference(Canvas const& canvas, Rect const& middle, Context& context)
{
    auto& state = context.state;
    if (!state.timeline.second || state.presenter)
        return;
    auto const [first, last] = std::minmax({ *state.timeline.second, state.player.records() });
    auto const box = middle.right_part(panel_width + snug).inset(snug, snug);
    canvas::Overlay const overlay(canvas, "difference", box, OverlayKind::Floating);
    auto const& on = overlay.canvas();
    auto inside = box.inset(normal, snug);
    text_in(on, inside.top_part(26), tr("Between A and B"), theme::Style::Heading, on.theme().text);
    auto const& times = state.index.times();
    auto const time = [&](std::uint64_t records) {
        return human_duration(Duration(records == 0 ? 0 : times[std::min<std::size_t>(records, times.size()) - 1]));
    };
    text_in(on, inside.without_top(26).top_part(22),
        first == last ? std::string(tr("Both cursors are at the same moment: move one."))
                      : say("from {} to {}, {} events", time(first), time(last), last - first),
        theme::Style::Caption, on.theme().dim_text);
    Rect const close { box.right() - control_height - tight, box.y + tight, control_height, control_height };
    if (icon_button(
            on, "difference.close", close, theme::Icon::Close, { .emphasis = Emphasis::Quiet, .hint = tr("Close") })) {
        state.timeline.second.reset();
        return;
    }
    auto const& found = difference_now(context, first, last);
    ScrollArea area(on, "difference.changes", inside.without_top(52));
    Column column(area.canvas(), area.width());
    draw_bill(column, found);
    draw_changes(column, found, context);
    area.set_content_height(column.y());
}

}
