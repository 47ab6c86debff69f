// Three apps on one machine, four ways: on the bare machine, in virtual machines, in containers, and in containers
// within one virtual machine, as on a Mac and on Windows. Boxes move from one to the next; kernels are counted.

#include "sim/machine/CostModel.h"
#include "sim/words/Language.h"
#include "sim/words/Told.h"
#include "visual/canvas/Easing.h"
#include "visual/view/CompareParts.h"

#include <fmt/format.h>

#include <cmath>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;
using words::say;
using words::tr;

constexpr std::size_t morph_stops = 4;
constexpr std::array app_names { "web", "shop", "db" };

// A box at each of the stops, in hundredths of the picture; one without height is not there.
struct MorphBox {
    enum class Kind : std::uint8_t { Hardware, Kernel, Hypervisor, Wall, App } kind;
    std::string label;
    std::array<Rect, morph_stops> at;
};

std::vector<MorphBox> morph_boxes()
{
    using Kind = MorphBox::Kind;
    std::vector<MorphBox> boxes;
    Rect const hardware { 0, 86, 100, 12 }, kernel { 0, 70, 100, 13 };
    boxes.push_back({ Kind::Hardware, std::string(tr("Hardware")), { hardware, hardware, hardware, hardware } });
    boxes.push_back({ Kind::Kernel, std::string(tr("Host kernel")), { kernel, kernel, kernel, kernel } });
    Rect const hypervisor { 0, 58, 100, 10 };
    boxes.push_back({ Kind::Hypervisor, std::string(tr("Hypervisor")),
        { Rect { 0, 70, 100, 0 }, hypervisor, Rect { 0, 70, 100, 0 }, hypervisor } });
    for (int i = 0; i < 3; ++i) {
        auto const x = static_cast<float>(i) * 35;
        // In containers the guests' kernels have sunk into the host's; in the end one of them carries all three.
        boxes.push_back({ Kind::Kernel, std::string(tr("Guest kernel")),
            { Rect { x, 70, 30, 0 }, Rect { x, 40, 30, 14 }, Rect { x, 70, 30, 0 },
                i == 1 ? Rect { 0, 42, 100, 13 } : Rect { x, 55, 30, 0 } } });
    }
    for (int i = 0; i < 3; ++i) {
        auto const x = static_cast<float>(i) * 35;
        boxes.push_back({ Kind::Wall, {},
            { Rect { x, 45, 30, 0 }, Rect { x, 14, 30, 0 }, Rect { x, 36, 30, 30 }, Rect { x, 8, 30, 31 } } });
        boxes.push_back({ Kind::App, app_names.at(static_cast<std::size_t>(i)),
            { Rect { x, 46, 30, 20 }, Rect { x, 16, 30, 21 }, Rect { x + 3, 42, 24, 20 },
                Rect { x + 3, 14, 24, 20 } } });
    }
    return boxes;
}

// Where a box is between two stops.
Rect box_at(MorphBox const& box, float position)
{
    auto const from = std::min(static_cast<std::size_t>(position), morph_stops - 2);
    auto const k = smooth(position - static_cast<float>(from));
    return lerp(box.at[from], box.at[from + 1], k);
}

std::size_t kernels_at(std::vector<MorphBox> const& boxes, std::size_t stop)
{
    return static_cast<std::size_t>(std::count_if(boxes.begin(), boxes.end(),
        [&](MorphBox const& box) { return box.kind == MorphBox::Kind::Kernel && box.at[stop].height > 0; }));
}

void draw_morph_box(Canvas const& canvas, Rect const& rect, MorphBox const& box)
{
    auto const& theme = canvas.theme();
    using Kind = MorphBox::Kind;
    auto const category = box.kind == Kind::Hardware ? theme::Category::Storage
        : box.kind == Kind::Hypervisor               ? theme::Category::Memory
        : box.kind == Kind::Wall                     ? theme::Category::Network
                                                     : theme::Category::Process;
    auto const& colors = theme[category];
    if (box.kind == Kind::Wall) {
        outline(canvas, rect, theme::radius::container, colors.stroke, 3);
        return;
    }
    bool const strong = box.kind == Kind::Kernel;
    fill(canvas, rect, theme::radius::card,
        strong ? colors.fill : theme::over(colors.fill.faded(theme.tint), theme.surface));
    outline(canvas, rect, theme::radius::card, colors.stroke, 1.5f);
    if (rect.height < 20)
        return;
    text_in(canvas, rect.inset(tight, 0), box.label, theme::Style::Strong, strong ? colors.on_fill : theme.text,
        Align::Center);
}

// What three of them take at that stop, by the model; nothing on the bare machine, where nothing is added.
std::optional<Told> memory_at(std::size_t stop, machine::Model const& model, Contest const& contest)
{
    auto const* const machine = contest.machine_technology;
    auto const* const container = contest.container_technology;
    if (machine == nullptr || container == nullptr)
        return std::nullopt;
    machine::CostModel const costs(model);
    auto const added = [&](machine::Technology const& technology) {
        auto figure = costs.memory(technology, { 3, 1 });
        figure.value -= technology.reserve.value;
        figure.source = say("{}, without the reserve, by N = 3", words::told(figure.source));
        return figure;
    };
    switch (stop) {
    case 1: return told(added(*machine), "model");
    case 2: return told(added(*container), "model");
    case 3: {
        auto figure = added(*container);
        auto const guest = machine->monitor.value + machine->guest_memory.value;
        figure.value += guest;
        figure.source = say("{}, and one monitor and one guest", figure.source);
        return told(figure, "model");
    }
    default:
        return told(machine::modelled(3 * model.app_memory.value, "MiB", "3 x app", { &model.app_memory }), "model");
    }
}

std::string_view words_at(std::size_t stop)
{
    switch (stop) {
    case 0: return tr("Three apps are processes of one kernel. They see each other, and share one set of libraries.");
    case 1:
        return tr(
            "Each app has a machine of its own: a kernel of its own, services, libraries. The walls are strong; all "
            "of it is there three times.");
    case 2:
        return tr("One kernel again. Each app sees files, processes and network of its own: three views, not three "
                  "machines.");
    default:
        return tr("On a Mac and on Windows there is no Linux kernel to share: one virtual machine brings it, and all "
                  "containers live in there.");
    }
}

}

void draw_compare_morph(Canvas const& canvas, Rect const& rect, Context& context)
{
    auto const& theme = canvas.theme();
    auto& state = context.state.compare;
    auto const contest = contest_of(context);
    auto const boxes = morph_boxes();
    auto stop = static_cast<std::size_t>(std::lround(state.morph));
    auto const bar = rect.top_part(control_height);
    std::array<std::string_view, morph_stops> const names { tr("Bare machine"), tr("Virtual machines"),
        tr("Containers"), tr("Containers in a VM") };
    auto const stops = std::min(760.0f, bar.width * 0.72f);
    auto chosen = stop;
    if (segmented(canvas, "compare.stop", bar.left_part(stops), names, chosen))
        state.morph = static_cast<float>(chosen);
    auto part = state.morph / static_cast<float>(morph_stops - 1);
    if (slider(canvas, "compare.morph", bar.without_left(stops + wide), part))
        state.morph = part * static_cast<float>(morph_stops - 1);
    stop = static_cast<std::size_t>(std::lround(state.morph));

    auto const below = rect.without_top(control_height + normal);
    auto const side = std::clamp(below.width * 0.3f, 260.0f, 360.0f);
    auto const picture = below.without_right(side + broad);
    for (auto const& box : boxes) {
        auto const unit = box_at(box, state.morph);
        Rect const place { picture.x + picture.width * unit.x / 100, picture.y + picture.height * unit.y / 100,
            picture.width * unit.width / 100, picture.height * unit.height / 100 };
        if (place.height > 1)
            draw_morph_box(canvas, place, box);
    }

    auto rest = below.right_part(side);
    auto const kernels = kernels_at(boxes, stop);
    text_in(canvas, rest.top_part(56), fmt::format("{}", kernels), theme::Style::Narration, theme.text);
    auto const width = canvas.measure().width(theme::Style::Narration, fmt::format("{}", kernels)) + snug;
    text_in(canvas, rest.top_part(56).without_left(width), kernels == 1 ? tr("kernel runs") : tr("kernels run"),
        theme::Style::Heading, theme.text);
    rest = rest.without_top(64);
    rest = rest.without_top(paragraph(canvas, rest, words_at(stop), theme::Style::Body, theme.text) + normal);
    text_in(canvas, rest.top_part(26), tr("memory of the three"), theme::Style::Caption, theme.dim_text);
    if (auto const memory = memory_at(stop, *context.input.model, contest))
        draw_figure(canvas, rest.without_top(26).top_part(26), "compare.morph.memory", *memory);
    rest = rest.without_top(62);
    text_in(canvas, rest.top_part(24), tr("By the model"), theme::Style::Caption, theme.dim_text);
    draw_technology_choice(
        canvas, rest.without_top(24).top_part(28), RaceSide::Machine, contest.machine_technology, context);
    draw_technology_choice(
        canvas, rest.without_top(54).top_part(28), RaceSide::Container, contest.container_technology, context);
}

}
