// What a break-out has to cross, wall by wall, on either side; and where which of them is ahead. Nobody wins this one
// as a whole: it says which interface must hold, and how wide it is.

#include "sim/words/Language.h"
#include "visual/view/Capabilities.h"
#include "visual/view/CompareParts.h"

#include <fmt/format.h>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;
using words::say;
using words::tr;

constexpr float wall_title = 22, wall_figure = 23, wall_gap = 11;

// One wall between the app and the host, from the inside out.
struct BreakoutWall {
    std::string_view name;
    std::string_view title;
    std::string_view text;
    theme::Category category { theme::Category::Network };
    std::vector<std::pair<std::string, Told>> figures {}; // what they count, and how many
};

Told counted(double value, std::string source, trace::Provenance from)
{
    return { { value, "", FigureKind::Measured, std::move(source) }, from, {} };
}

// What publications say about the width of that wall.
void add_quoted(BreakoutWall& wall, machine::Model const& model, std::string_view what)
{
    for (auto const& quoted : model.quoted) {
        if (quoted.what == what)
            wall.figures.emplace_back(tr(quoted.subject), told(quoted.figure));
    }
}

std::vector<BreakoutWall> container_walls(Contest const& contest, Context& context)
{
    auto const& world = context.state.player.world();
    std::vector<BreakoutWall> walls {
        { "view", tr("Its own view"),
            tr("It sees its own processes, mounts and network. What it cannot name it cannot open."),
            theme::Category::Network },
        { "privileges", tr("Capabilities"),
            tr("Root inside has a few capabilities of root's 41, and no program can win more."),
            theme::Category::Memory },
        { "filter", tr("A filter of calls"), tr("seccomp refuses what programs rarely need."), theme::Category::Alert },
        { "kernel", tr("The one kernel"), tr("A fault in the host's own kernel is everybody's."),
            theme::Category::Process },
    };
    if (contest.container != nullptr) {
        auto const found = world.containers.find(ContainerId { contest.container->id });
        if (found != world.containers.end()) {
            auto const& it = found->second;
            auto const from = contest.container->from;
            if (!it.namespaces.empty())
                walls[0].figures.emplace_back(
                    tr("own namespaces"), counted(static_cast<double>(it.namespaces.size()), "NamespaceCreated", from));
            if (it.privileges) {
                walls[1].figures.emplace_back(say("kept, of {}", capabilities.size()),
                    counted(static_cast<double>(it.privileges->kept.size()), "PrivilegesDropped", from));
                walls[2].figures.emplace_back(tr("refused here"),
                    counted(static_cast<double>(it.privileges->refused.size()), "PrivilegesDropped", from));
            }
        }
    }
    add_quoted(walls[2], *context.input.model, "filter of a container");
    add_quoted(walls[3], *context.input.model, "boundary of a container");
    return walls;
}

std::vector<BreakoutWall> machine_walls(Contest const& contest, Context& context)
{
    auto const& world = context.state.player.world();
    std::vector<BreakoutWall> walls {
        { "guest", tr("A kernel of its own"),
            tr("Whoever breaks the guest's kernel is root in the guest: the host's kernel was never asked."),
            theme::Category::Process },
        { "devices", tr("Played devices"),
            tr("The way out leads through exits: every port and register that the monitor plays is a door."),
            theme::Category::Alert },
        { "monitor", tr("The monitor"), tr("A process, behind a filter of its own."), theme::Category::Memory },
        { "host", tr("The hypervisor"), tr("In the host's kernel: fewer doors, but not none."),
            theme::Category::Process },
    };
    if (contest.machine != nullptr) {
        auto const found = world.guest_machines.find(GuestMachineId { contest.machine->id });
        if (found != world.guest_machines.end() && !found->second.exits.empty())
            walls[1].figures.emplace_back(tr("doors it has used so far"),
                counted(static_cast<double>(found->second.exits.size()), "GuestExitsCounted", contest.machine->from));
    }
    add_quoted(walls[2], *context.input.model, "filter of a monitor");
    add_quoted(walls[3], *context.input.model, "boundary of a machine");
    return walls;
}

void draw_breakout_wall(Canvas const& canvas, Rect const& rect, BreakoutWall const& wall, std::string const& name)
{
    auto const& theme = canvas.theme();
    auto const& colors = theme[wall.category];
    fill(canvas, rect, theme::radius::control, theme.surface);
    outline(canvas, rect, theme::radius::control, theme.line, theme.border_width);
    fill(canvas, rect.left_part(6), 3, colors.fill);
    auto const inside = rect.inset(snug, hair).without_left(hair);
    auto const head = inside.top_part(wall_title);
    auto const put = [&](Rect const& place, std::size_t i, Align align) {
        auto const& [what, it] = wall.figures[i];
        auto const width = figure_width(canvas.measure(), it, theme::Style::Caption) + 2;
        draw_figure(canvas, place.right_part(width), fmt::format("{}.{}", name, i), it, theme::Style::Caption);
        text_in(canvas, place.without_right(width + tight), what, theme::Style::Caption, theme.text, align);
    };
    text_in(canvas, head, wall.title, theme::Style::Strong, theme.text);
    auto const used = paragraph(
        canvas, inside.without_top(wall_title), wall.text, theme::Style::Caption, theme.dim_text, Align::Start, 2);
    // The first figure stands beside the title, further ones where the words leave room for them.
    if (!wall.figures.empty())
        put(head.without_left(canvas.measure().width(theme::Style::Strong, wall.title) + normal), 0, Align::End);
    auto rest = inside.without_top(wall_title + used);
    for (std::size_t i = 1; i < wall.figures.size() && rest.height >= wall_figure; ++i) {
        put(rest.top_part(wall_figure), i, Align::End);
        rest = rest.without_top(wall_figure);
    }
}

void draw_breakout_way(Canvas const& canvas, Rect const& rect, std::string_view title,
    std::vector<BreakoutWall> const& walls, std::string const& name)
{
    auto const& theme = canvas.theme();
    text_in(canvas, rect.top_part(26), title, theme::Style::Heading, theme.text);
    auto const places = rows(rect.without_top(28), static_cast<int>(walls.size()), wall_gap);
    for (std::size_t i = 0; i < walls.size(); ++i) {
        draw_breakout_wall(canvas, places[i], walls[i], fmt::format("compare.{}.{}", name, walls[i].name));
        if (i + 1 == walls.size())
            break;
        Point const foot { places[i].center().x, places[i].bottom() + wall_gap - 1 };
        line(canvas, { foot.x, foot.y - wall_gap + 2 }, foot, theme.text, 2);
        line(canvas, { foot.x - 5, foot.y - 5 }, foot, theme.text, 2);
        line(canvas, { foot.x + 5, foot.y - 5 }, foot, theme.text, 2);
    }
}

void draw_who_is_ahead(Canvas const& canvas, Rect const& rect)
{
    auto const& theme = canvas.theme();
    std::array const machine { tr("Another operating system can run: Windows on Linux, Linux on a Mac."),
        tr("The wall is stronger: fewer and simpler doors to guard."),
        tr("Its kernel is its own: other version, other modules, and its crash is its own.") };
    std::array const container { tr("It is there in milliseconds, not in seconds."),
        tr("What it needs besides the app is small: many fit."), tr("A change is a layer, not an image of a disk.") };
    // Smaller letters where a language needs more of them.
    constexpr float title_height = 28, sign = 24;
    auto const height_in = [&](theme::Style style) {
        auto height = 2 * title_height + tight;
        for (auto const* lines : { &machine, &container }) {
            for (auto const words : *lines)
                height += paragraph_height(canvas.measure(), style, words, rect.width - sign) + hair;
        }
        return height;
    };
    auto const style = height_in(theme::Style::Body) <= rect.height ? theme::Style::Body : theme::Style::Caption;
    auto rest = rect;
    auto const block = [&](std::string_view title, auto const& lines) {
        text_in(canvas, rest.top_part(title_height - hair), title, theme::Style::Strong, theme.text);
        rest = rest.without_top(title_height);
        for (auto const words : lines) {
            auto const middle = Measure::line_height(style) / 2;
            icon(canvas, { rest.x + 8, rest.y + middle }, theme::Icon::Plus, theme.accent, theme::icon_size::small);
            rest = rest.without_top(paragraph(canvas, rest.without_left(sign), words, style, theme.text) + hair);
        }
        rest = rest.without_top(tight);
    };
    block(tr("Virtual machines are ahead"), machine);
    block(tr("Containers are ahead"), container);
    auto const both
        = tr("Both together: a container in a small machine of its own has the wall of the one and the image "
             "of the other.");
    if (paragraph_height(canvas.measure(), theme::Style::Caption, both, rest.width) <= rest.height)
        paragraph(canvas, rest, both, theme::Style::Caption, theme.dim_text);
}

}

void draw_compare_isolation(Canvas const& canvas, Rect const& rect, Context& context)
{
    auto const contest = contest_of(context);
    auto const side = std::clamp(rect.width * 0.25f, 240.0f, 360.0f);
    auto const ways = columns(rect.without_right(side + wide), 2, wide);
    draw_breakout_way(canvas, ways[0], tr("Out of a virtual machine"), machine_walls(contest, context), "out.machine");
    draw_breakout_way(canvas, ways[1], tr("Out of a container"), container_walls(contest, context), "out.container");
    draw_who_is_ahead(canvas, rect.right_part(side));
}

}
