// Where the engine was taken back: the branches that part from the one shown, each at the moment where it does.

#include "sim/words/Language.h"
#include "visual/view/TimelineTrack.h"

#include <fmt/format.h>

#include <algorithm>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;

// How many records two branches have in common.
std::uint64_t common_records(History const& history, std::size_t a, std::size_t b)
{
    auto const& one = history.branches[a];
    auto const& other = history.branches[b];
    if (a != 0 && one.parent == b)
        return one.forked_at;
    if (b != 0 && other.parent == a)
        return other.forked_at;
    return std::min(a == 0 ? other.forked_at : one.forked_at, b == 0 ? one.forked_at : other.forked_at);
}

// What was done on it first that is not on the other one.
std::string first_difference(Branch const& branch, std::uint64_t common)
{
    auto const own = std::find_if(
        branch.turns.begin(), branch.turns.end(), [&](auto const& turn) { return turn.records >= common; });
    return own == branch.turns.end() ? words::say("nothing more") : own->line;
}

}

float draw_timeline_forks(Canvas const& canvas, Rect const& row, TimelineTrack const& track, Context& context)
{
    auto const* history = context.input.history;
    if (history == nullptr || history->branches.size() < 2)
        return 0;
    auto const& theme = canvas.theme();
    text_in(
        canvas, row.left_part(timeline_names - tight), words::tr("branches"), theme::Style::Caption, theme.dim_text);
    auto const place = track.row(row);
    auto const shown = context.input.branch;
    float free_from = place.x;
    for (std::size_t i = 0; i < history->branches.size(); ++i) {
        auto const& branch = history->branches[i];
        if (i == shown || (branch.is_bare && i != history->engine))
            continue;
        auto const common = common_records(*history, shown, i);
        auto const name = first_difference(branch, common);
        ButtonLook const look { .emphasis = Emphasis::Quiet,
            .icon = theme::Icon::Branch,
            .hint = i == history->engine ? words::tr("The engine is on this branch: look at it")
                                         : words::tr("Look at this branch"),
            .active = i == history->engine };
        auto const width = std::min(220.0f, button_width(canvas.measure(), name, look));
        auto const x = std::max(free_from, std::clamp(track.x_of_records(common), place.x, place.right() - width));
        if (x + width > place.right())
            break;
        if (button(canvas, fmt::format("timeline.branch.{}", i), { x, row.y, width, row.height }, name, look))
            context.commands.push_back(ShowBranch { i });
        free_from = x + width + tight;
    }
    return row.height + hair;
}

}
