// How many fit: a host's memory as an area, filled with instances until it is full, both ways beside each other. Areas
// are proportional to bytes; what is the app's own is the same on either side.

#include "sim/machine/CostModel.h"
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

constexpr double least_app = 5, most_app = 2048; // MiB

struct Tank {
    machine::Technology const* technology { nullptr };
    machine::Density most;
    std::int64_t wanted { 0 };
    std::int64_t fits { 0 }; // of those that are wanted
    double once { 0 };       // MiB that are taken whether anything runs or not
    double each { 0 };       // MiB
};

Tank tank_of(machine::Model const& model, machine::Technology const& technology, std::int64_t wanted)
{
    machine::CostModel const costs(model);
    Tank tank { .technology = &technology, .most = costs.density(technology), .wanted = wanted };
    tank.fits = std::min(wanted, static_cast<std::int64_t>(tank.most.instances.value));
    tank.once = technology.reserve.value + technology.engine.value;
    auto const many = std::max<std::int64_t>(2, tank.fits);
    tank.each = (costs.memory(technology, { many, 1 }).value - tank.once) / static_cast<double>(many);
    return tank;
}

class TankPicture {
public:
    TankPicture(Canvas const& canvas, machine::Model const& model, Tank const& tank)
        : m_canvas(canvas)
        , m_theme(canvas.theme())
        , m_model(model)
        , m_tank(tank)
    {
    }

    void draw(Rect const& rect)
    {
        fill(m_canvas, rect, theme::radius::control, m_theme.surface);
        auto const inside = rect.inset(2);
        auto const part = static_cast<float>(std::min(1.0, m_tank.once / m_model.host.memory.value));
        auto const reserve = inside.bottom_part(inside.height * part);
        fill(m_canvas, reserve, 0, m_theme.raised);
        hatch(m_canvas, reserve, m_theme.dim_text.faded(0.4f), 6);
        draw_instances(inside.without_bottom(reserve.height));
        outline(m_canvas, rect, theme::radius::control, m_theme.dim_text, 1.5f);
    }

private:
    // Rows of cells from the bottom up. Cells that would be too small to see are drawn as a row of one.
    void draw_instances(Rect const& room)
    {
        auto const mebibytes = std::max(1.0, m_model.host.memory.value - m_tank.once);
        auto const area = static_cast<float>(m_tank.each / mebibytes) * room.width * room.height;
        if (area <= 0 || m_tank.fits == 0)
            return;
        auto const across = std::max(1.0f, std::floor(room.width / std::sqrt(area)));
        // The uppermost row may be half empty and is as high as the others, so a full tank has them a little lower.
        auto const full = static_cast<float>(std::ceil(std::floor(mebibytes / m_tank.each) / across));
        auto const width = room.width / across, height = std::min(area / width, room.height / std::max(1.0f, full));
        auto const in_row = static_cast<std::int64_t>(across);
        auto y = room.bottom();
        for (std::int64_t first = 0; first < m_tank.fits && y > room.y - 1; first += in_row) {
            y -= height;
            auto const here = std::min(in_row, m_tank.fits - first);
            if (width < 5) {
                draw_cell({ room.x, y, width * static_cast<float>(here), height }, height > 3 ? 1.0f : 0.0f);
                continue;
            }
            for (std::int64_t i = 0; i < here; ++i)
                draw_cell({ room.x + width * static_cast<float>(i), y, width, height }, 1);
        }
    }

    void draw_cell(Rect const& rect, float gap)
    {
        Rect const cell { rect.x, rect.y, rect.width - gap, rect.height - gap };
        auto const app = cell.height * static_cast<float>(std::clamp(m_model.app_memory.value / m_tank.each, 0.0, 1.0));
        fill(m_canvas, cell.without_bottom(app), 0, m_theme[theme::Category::Memory].fill);
        fill(m_canvas, cell.bottom_part(app), 0, m_theme[theme::Category::Process].fill);
    }

    Canvas const& m_canvas;
    theme::Theme const& m_theme;
    machine::Model const& m_model;
    Tank const& m_tank;
};

void draw_tank(Canvas const& canvas, Rect const& rect, machine::Model const& model, Tank const& tank, RaceSide side,
    Context& context)
{
    auto const& theme = canvas.theme();
    auto const head = rect.top_part(28);
    auto const title = side == RaceSide::Machine ? tr("Virtual machines") : tr("Containers");
    auto const title_width = canvas.measure().width(theme::Style::Strong, title) + tight;
    text_in(canvas, head.left_part(title_width), title, theme::Style::Strong, theme.text);
    draw_technology_choice(canvas, head.without_left(title_width), side, tank.technology, context);
    auto const words = rect.without_top(28).top_part(26);
    auto const name = side == RaceSide::Machine ? "compare.density.machine" : "compare.density.container";
    auto const count = say("{} run; at most", tank.fits);
    auto const width = canvas.measure().width(theme::Style::Body, count) + tight;
    text_in(canvas, words.left_part(width), count, theme::Style::Body, theme.text);
    auto const most = told(tank.most.instances, "model");
    auto const used = draw_figure(canvas, words.without_left(width), name, most);
    if (tank.wanted > tank.fits)
        text_in(canvas, words.without_left(width + used + snug),
            say("{} is used up: {} do not start", tr(machine::to_string(tank.most.limit)), tank.wanted - tank.fits),
            theme::Style::Strong, theme[theme::Category::Alert].stroke);
    TankPicture(canvas, model, tank).draw(rect.without_top(58));
}

void draw_density_legend(
    Canvas const& canvas, Rect rect, machine::HostMachine const& host, Tank const& machine, Tank const& container)
{
    auto const& theme = canvas.theme();
    auto const put = [&](theme::Color color, bool hatched, std::string_view words) {
        Rect const mark { rect.x, rect.center().y - 7, 14, 14 };
        fill(canvas, mark, 2, color);
        outline(canvas, mark, 2, theme.dim_text, 1);
        if (hatched)
            hatch(canvas, mark, theme.dim_text, 5);
        auto const width = canvas.measure().width(theme::Style::Caption, words) + 2;
        text_in(canvas, rect.without_left(20).left_part(width), words, theme::Style::Caption, theme.dim_text);
        rect = rect.without_left(20 + width + normal);
    };
    put(theme[theme::Category::Process].fill, false, tr("the app"));
    put(theme[theme::Category::Memory].fill, false, tr("what its box needs"));
    put(theme.raised, true, tr("what the host keeps"));
    put(theme.surface, false,
        say("free, of {} and {} cores", human_size(static_cast<std::uint64_t>(host.memory.value * (1 << 20))),
            fmt::format("{:g}", host.cores.value)));
    auto const ratio = ratio_text(told(container.most.instances, "model"), told(machine.most.instances, "model"),
        short_title(*machine.technology));
    if (ratio)
        text_in(canvas, rect, say("containers: {}", *ratio), theme::Style::Strong, theme.text, Align::End);
}

}

void draw_compare_density(Canvas const& canvas, Rect const& rect, Context& context)
{
    auto& state = context.state.compare;
    auto const contest = contest_of(context);
    if (contest.machine_technology == nullptr || contest.container_technology == nullptr)
        return;
    auto model = *context.input.model; // with another app
    if (state.app >= 0)
        model.app_memory.value = on_scale(state.app, least_app, most_app);
    auto app = state.app >= 0 ? state.app : part_of_scale(model.app_memory.value, least_app, most_app);
    machine::CostModel const costs(model);
    auto const most = std::max({ 2.0, costs.density(*contest.machine_technology).instances.value,
        costs.density(*contest.container_technology).instances.value });
    auto const wanted = std::llround(on_scale(state.instances, 1, most));
    auto const machine = tank_of(model, *contest.machine_technology, wanted);
    auto const container = tank_of(model, *contest.container_technology, wanted);

    auto const sliders = rect.top_part(46);
    auto const fill_label = tr("Fill both hosts");
    auto const fill_width = button_width(canvas.measure(), fill_label);
    auto const two = columns(sliders.without_right(fill_width + wide), 2, wide);
    if (draw_labelled_slider(canvas, two[0], "compare.app", tr("memory that the app itself needs"),
            human_size(static_cast<std::uint64_t>(model.app_memory.value * (1 << 20))), app))
        state.app = app;
    draw_labelled_slider(canvas, two[1], "compare.instances", tr("instances that are wanted"),
        fmt::format("{}", wanted), state.instances);
    if (button(canvas, "compare.fill", sliders.right_part(fill_width).bottom_part(control_height), fill_label))
        state.instances = 1;
    auto const hosts = columns(rect.without_top(58).without_bottom(34), 2, wide);
    draw_tank(canvas, hosts[0], model, machine, RaceSide::Machine, context);
    draw_tank(canvas, hosts[1], model, container, RaceSide::Container, context);
    draw_density_legend(canvas, rect.bottom_part(28), model.host, machine, container);
}

}
