// What a program stands on, in a virtual machine and in a container: both on one host, each part there once it has
// started.

#include "sim/words/Language.h"
#include "visual/view/CompareParts.h"

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;
using words::say;
using words::tr;

constexpr float least_box = 26, most_box = 38, box_gap = 5, column_title = 24;

struct StackBox {
    std::string label;
    theme::Category category { theme::Category::Process };
    bool there { false };
    bool kernel { false }; // drawn so that they can be counted
};

bool reached(RaceLane const* lane, std::initializer_list<std::string_view> steps, std::uint64_t records)
{
    return lane != nullptr && !lane->has_ended(records)
        && (lane->is_ready(records) // not everybody tells every step
            || std::any_of(
                steps.begin(), steps.end(), [&](auto const& step) { return lane->step(step, records) != nullptr; }));
}

bool is_type_1(Contest const& contest, world::World const& world)
{
    auto const* const technology = contest.machine_technology;
    auto const type = hypervisor_type(contest.machine, world);
    return type != 0 ? type == 1 : technology != nullptr && technology->hypervisor == machine::Hypervisor::Type1;
}

// Whether the guest starts more than the app: as the whole log tells, for a box keeps its place before it is filled.
bool has_services(Contest const& contest, Race const& race)
{
    constexpr auto always = ~std::uint64_t { 0 };
    if (contest.machine != nullptr) {
        auto const* const lane = race.lane(RaceSide::Machine, contest.machine->id, always);
        return lane->step("services", always) != nullptr || lane->step("init", always) != nullptr;
    }
    auto const* const technology = contest.machine_technology;
    return technology == nullptr
        || std::any_of(technology->phases.begin(), technology->phases.end(),
            [](auto const& phase) { return phase.name == "services"; });
}

// From the bottom up, above the hardware or, beside containers, above the host's kernel.
std::vector<StackBox> machine_boxes(
    Contest const& contest, Race const& race, world::World const& world, std::uint64_t records)
{
    auto const* const lane = contest.machine;
    bool const runs = lane != nullptr && !lane->has_ended(records);
    std::vector<StackBox> boxes;
    boxes.push_back({ std::string(is_type_1(contest, world) ? tr("Hypervisor, type 1") : tr("Hypervisor, type 2")),
        theme::Category::Memory, runs || world.hypervisors.contains(lane != nullptr ? lane->host : world.shown) });
    boxes.push_back({ std::string(tr("Virtual hardware")), theme::Category::Memory, runs });
    boxes.push_back({ std::string(tr("Guest kernel")), theme::Category::Process,
        reached(lane, { "kernel loaded", "kernel" }, records), true });
    if (has_services(contest, race))
        boxes.push_back({ std::string(tr("Guest's services")), theme::Category::Process,
            reached(lane, { "services", "init" }, records) });
    boxes.push_back(
        { std::string(tr("App")), theme::Category::Process, reached(lane, { "app", "first output" }, records) });
    return boxes;
}

std::vector<StackBox> container_boxes(Contest const& contest, std::uint64_t records)
{
    auto const* const lane = contest.container;
    return { { std::string(tr("Image layers")), theme::Category::Storage, reached(lane, { "mounts" }, records) },
        { std::string(tr("Namespaces")), theme::Category::Network, reached(lane, { "namespaces" }, records) },
        { std::string(tr("App")), theme::Category::Process, reached(lane, { "execve" }, records) } };
}

void draw_box(Canvas const& canvas, Rect const& rect, StackBox const& box)
{
    auto const& theme = canvas.theme();
    auto const& colors = theme[box.category];
    if (box.there) {
        fill(canvas, rect, theme::radius::control,
            box.kernel ? colors.fill : theme::over(colors.fill.faded(theme.tint), theme.surface));
        outline(canvas, rect, theme::radius::control, colors.stroke, theme.border_width);
        fill(canvas, rect.left_part(4), 2, colors.fill);
    } else {
        outline(canvas, rect, theme::radius::control, theme.dim_text.faded(0.6f), 1, Stroke::Dashed);
    }
    text_in(canvas, rect.without_left(snug).without_right(hair), box.label, theme::Style::Caption,
        !box.there       ? theme.dim_text
            : box.kernel ? colors.on_fill
                         : theme.text);
}

void draw_column(Canvas const& canvas, Rect const& rect, float box_height, std::string_view title,
    std::vector<StackBox> const& boxes)
{
    auto const& theme = canvas.theme();
    auto y = rect.bottom();
    for (auto const& box : boxes) {
        y -= box_height;
        draw_box(canvas, { rect.x, y, rect.width, box_height }, box);
        y -= box_gap;
    }
    text_in(canvas, { rect.x, y + box_gap - column_title, rect.width, column_title }, title, theme::Style::Strong,
        theme.text, Align::Center);
}

}

void draw_stacks(Canvas const& canvas, Rect const& rect, Contest const& contest, Context& context)
{
    auto const& theme = canvas.theme();
    auto const& world = context.state.player.world();
    auto const records = context.state.player.records();
    auto const words = tr("The engine stands beside the container, not below it: it starts it and is not in its way.");
    auto const note = rect.bottom_part(paragraph_height(canvas.measure(), theme::Style::Caption, words, rect.width));
    paragraph(canvas, note, words, theme::Style::Caption, theme.dim_text);
    auto stacks = rect.without_bottom(note.height + tight);
    auto const& race = context.state.compare.race;
    auto const machines = machine_boxes(contest, race, world, records);
    auto const bases = is_type_1(contest, world) ? 1u : 2u;
    auto const box_height = std::clamp(
        (stacks.height - column_title) / static_cast<float>(machines.size() + bases) - box_gap, least_box, most_box);
    auto const base = [&](std::string_view label, theme::Category category, bool kernel) {
        draw_box(canvas, stacks.bottom_part(box_height), { std::string(label), category, true, kernel });
        stacks = stacks.without_bottom(box_height + box_gap);
    };
    auto containers = container_boxes(contest, records);
    // A hypervisor of type 1 lies where the host's kernel lies for containers: that is another machine.
    if (is_type_1(contest, world)) {
        containers.insert(containers.begin(), { std::string(tr("Host kernel")), theme::Category::Process, true, true });
        base(tr("Hardware, of the same kind"), theme::Category::Storage, false);
    } else {
        base(tr("Hardware, the same for both"), theme::Category::Storage, false);
        base(tr("Host kernel, the same for both"), theme::Category::Process, true);
    }
    auto const sides = columns(stacks, 2, snug);
    // One of each is drawn. Where more run, that is said, for their kernels are counted.
    auto const title = [&](RaceLane const* lane, std::string_view one, std::string_view several) {
        auto const running = lane == nullptr ? 0 : running_beside(*lane, race.lanes(), records);
        return running < 2 ? std::string(tr(one)) : words::counted(running, one, several);
    };
    draw_column(canvas, sides[0], box_height,
        title(contest.machine, words::key("Virtual machine"), words::key("virtual machines")), machines);
    draw_column(canvas, sides[1], box_height,
        title(contest.container, words::key("Container"), words::key("containers")), containers);
}

}
