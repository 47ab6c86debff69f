// The comparison of hypervisor and container: six pictures of it, one at a time.

#include "sim/words/Language.h"
#include "visual/canvas/Easing.h"
#include "visual/view/CompareParts.h"
#include "visual/view/EmptyState.h"

#include <cmath>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;
using words::say;
using words::tr;

constexpr float tabs_width = 744;

// At the right of the tabs: both at once, by one key press.
void draw_race_button(Canvas const& canvas, Rect const& bar, Context& context)
{
    auto const* const terminal = context.input.terminal;
    bool const possible = terminal != nullptr && terminal->available && !terminal->busy;
    auto const label = tr("Start both");
    ButtonLook const look { .emphasis = Emphasis::Primary,
        .icon = theme::Icon::Flag,
        .hint = possible ? tr("Starts a guest machine and a container of the same app")
                         : tr("A trace can be watched; only an engine can start something"),
        .chord = chord_of(Action::StartRace),
        .enabled = possible };
    auto const width = button_width(canvas.measure(), label, look);
    if (button(canvas, "compare.start", bar.right_part(width), label, look))
        context.ask(Action::StartRace);
}

void draw_section(Canvas const& canvas, Rect const& rect, Context& context)
{
    auto const section = context.state.compare.section;
    if (section == CompareSection::Race)
        return draw_compare_race(canvas, rect, context);
    if (section == CompareSection::Call)
        return draw_compare_call(canvas, rect, context);
    if (context.input.model == nullptr)
        return draw_empty_state(canvas, rect,
            { tr("The model is not here"),
                tr("This picture is of what nobody has measured: it needs the numbers of models/comparison.toml, which "
                   "could not be read."),
                {} },
            context);
    switch (section) {
    case CompareSection::Race:
    case CompareSection::Call: return;
    case CompareSection::Density: return draw_compare_density(canvas, rect, context);
    case CompareSection::Ship: return draw_compare_ship(canvas, rect, context);
    case CompareSection::Isolation: return draw_compare_isolation(canvas, rect, context);
    case CompareSection::Morph: return draw_compare_morph(canvas, rect, context);
    }
}

}

Contest contest_of(Context& context)
{
    auto& state = context.state.compare;
    auto const records = context.state.player.records();
    state.race.extend(context.state.player.log());
    Contest contest { .machine = state.race.lane(RaceSide::Machine, state.machine, records),
        .container = state.race.lane(RaceSide::Container, state.container, records) };
    auto const* const model = context.input.model;
    auto const hypervisor = hypervisor_type(contest.machine, context.state.player.world());
    contest.machine_technology
        = technology_of(RaceSide::Machine, state.machine_technology, contest.machine, hypervisor, model);
    contest.container_technology
        = technology_of(RaceSide::Container, state.container_technology, contest.container, hypervisor, model);
    return contest;
}

std::string_view short_title(machine::Technology const& technology)
{
    using words::key;
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> known { {
        { "vm-type-1", key("VM, type 1") },
        { "vm-type-2", key("VM, type 2") },
        { "microvm", key("microVM") },
        { "vm-per-pod", key("Kata") },
        { "gvisor", key("gVisor") },
        { "container-docker", key("Docker") },
        { "container", key("a small engine") },
    } };
    for (auto const& [id, title] : known) {
        if (id == technology.id)
            return tr(title);
    }
    return tr(technology.title);
}

void draw_technology_choice(
    Canvas const& canvas, Rect const& rect, RaceSide side, machine::Technology const* now, Context& context)
{
    auto const* const model = context.input.model;
    if (model == nullptr || now == nullptr)
        return;
    auto& chosen = side == RaceSide::Machine ? context.state.compare.machine_technology
                                             : context.state.compare.container_technology;
    auto const all = technologies_of(side, *model);
    auto const name = std::string("compare.") + (side == RaceSide::Machine ? "machine" : "container");
    auto const index = static_cast<std::size_t>(std::find(all.begin(), all.end(), now) - all.begin());
    auto const step = [&](Rect const& place, theme::Icon sign, std::string const& ending, std::size_t to) {
        if (icon_button(canvas, name + ending, place, sign,
                { .emphasis = Emphasis::Quiet,
                    .hint = say("{}; or another way", tr(now->title)),
                    .enabled = all.size() > 1 }))
            chosen = all[to]->id;
    };
    step(rect.left_part(rect.height), theme::Icon::Left, ".previous", (index + all.size() - 1) % all.size());
    auto const title = short_title(*now);
    auto const room = rect.without_left(rect.height + hair).without_right(rect.height + hair);
    auto const width = std::min(room.width, canvas.measure().width(theme::Style::Caption, title) + 2);
    text_in(canvas, room.left_part(width), title, theme::Style::Caption, canvas.theme().text);
    step({ room.x + width + hair, rect.y, rect.height, rect.height }, theme::Icon::Right, ".next",
        (index + 1) % all.size());
}

float technology_choice_width(Measure const& measure, machine::Technology const& technology, float height)
{
    return std::ceil(measure.width(theme::Style::Caption, short_title(technology))) + 2 + 2 * (height + hair);
}

bool draw_labelled_slider(Canvas const& canvas, Rect const& rect, std::string_view name, std::string_view label,
    std::string_view value, float& part)
{
    auto const& theme = canvas.theme();
    auto const words = rect.top_part(20);
    auto const width = canvas.measure().width(theme::Style::Strong, value) + 2;
    text_in(canvas, words.right_part(width), value, theme::Style::Strong, theme.text);
    text_in(canvas, words.without_right(width + tight), label, theme::Style::Caption, theme.dim_text);
    return slider(canvas, name, rect.without_top(22).top_part(22), part);
}

double on_scale(float part, double low, double high)
{
    return low * std::pow(high / low, static_cast<double>(part));
}

float part_of_scale(double value, double low, double high)
{
    return std::clamp(static_cast<float>(std::log(value / low) / std::log(high / low)), 0.0f, 1.0f);
}

void draw_compare(Canvas const& canvas, Rect const& rect, Context& context)
{
    auto const inside = rect.inset(wide, tight);
    auto const bar = inside.top_part(control_height);
    std::array<std::string_view, 6> const names { tr("Race"), tr("A call"), tr("Density"), tr("Ship a change"),
        tr("Isolation"), tr("Morph") };
    auto chosen = static_cast<std::size_t>(context.state.compare.section);
    if (segmented(canvas, "compare.section", bar.left_part(tabs_width), names, chosen))
        context.state.compare.section = static_cast<CompareSection>(chosen);
    draw_race_button(canvas, bar, context);
    draw_section(canvas, inside.without_top(control_height + tight), context);
}

}
