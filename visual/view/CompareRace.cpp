// The race: two lanes on one axis of time, each counted from its own beginning, with the numbers below.

#include "sim/machine/BootSequence.h"
#include "sim/words/Language.h"
#include "visual/canvas/Easing.h"
#include "visual/stage/Names.h"
#include "visual/view/CompareParts.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;
using words::say;
using words::tr;

// The heights of its parts, from the top down. In a row of numbers and in a ghost stands a badge.
struct RaceHeights {
    float axis, title, strip, ghost, between, lens_gap, gap, row;

    float lane() const { return title + strip + ghost; }
    float all(int number_rows) const
    {
        return axis + 2 * lane() + between + lens_gap + strip + gap + static_cast<float>(number_rows) * row;
    }
};

// Beside a lesson's words there is little room; more of it goes to all parts, and what is left over to the strips.
RaceHeights race_heights(float room, int number_rows)
{
    constexpr RaceHeights small { 32, 22, 18, 26, 4, 4, 4, 24 }, comfortable { 42, 30, 34, 28, 8, 6, 16, 26 };
    auto const least = small.all(number_rows), most = comfortable.all(number_rows);
    auto const k = std::clamp((room - least) / (most - least), 0.0f, 1.0f);
    RaceHeights heights { std::lerp(small.axis, comfortable.axis, k), std::lerp(small.title, comfortable.title, k),
        std::lerp(small.strip, comfortable.strip, k), std::lerp(small.ghost, comfortable.ghost, k),
        std::lerp(small.between, comfortable.between, k), std::lerp(small.lens_gap, comfortable.lens_gap, k),
        std::lerp(small.gap, comfortable.gap, k), std::lerp(small.row, comfortable.row, k) };
    heights.strip += std::clamp((room - most) / 3, 0.0f, 24.0f);
    return heights;
}

// 1, 2 or 5 times a power of ten, not below it.
double rounded_up(double value)
{
    auto const power = std::pow(10.0, std::floor(std::log10(value)));
    for (double const step : { 1.0, 2.0, 5.0 }) {
        if (value <= step * power * 1.0001)
            return step * power;
    }
    return 10 * power;
}

// The clock of the world at the moment shown. Within a beat it runs from the last moment of the one before.
Timestamp shown_time(State const& state)
{
    auto const& player = state.player;
    auto const& log = player.log();
    auto const records = player.records();
    if (records == 0)
        return {};
    auto const end = log[records - 1].time;
    auto const* const beat = player.beat();
    if (beat == nullptr || beat->first_record == 0 || beat->motion <= 0 || state.reduced_motion)
        return end;
    auto const begin = log[beat->first_record - 1].time;
    auto const k = std::clamp((player.story() - beat->begin) / beat->motion, 0.0, 1.0);
    return begin + Duration(static_cast<std::int64_t>(static_cast<double>((end - begin).count()) * k));
}

std::int64_t clock_time(float clock, double whole)
{
    return static_cast<std::int64_t>(static_cast<double>(clock) * whole);
}

// What has started decides how long the axis is; the model may lead beyond it.
double axis_length(Contest const& contest, Context& context)
{
    auto const length = [&](RaceSide side) {
        if (auto const* const lane = contest.lane(side))
            return static_cast<double>(lane->length());
        auto const* const technology = contest.technology(side);
        return technology == nullptr
            ? 0
            : machine::boot(context.input.model->host, { { technology, 0 } }).front().elapsed.value * 1e9;
    };
    return rounded_up(std::max({ 1e6, length(RaceSide::Machine), length(RaceSide::Container) }));
}

class RacePicture {
public:
    RacePicture(Canvas const& canvas, Context& context, Contest const& contest, double whole)
        : m_canvas(canvas)
        , m_theme(canvas.theme())
        , m_context(context)
        , m_contest(contest)
        , m_records(context.state.player.records())
        , m_now(shown_time(context.state))
        , m_whole(whole)
    {
        for (auto const side : race_sides) {
            if (auto const* const technology = contest.technology(side))
                ghost(side) = machine::boot(context.input.model->host, { { technology, 0 } }).front();
        }
    }

    // `lens` is how long the container's lane is in all.
    void draw(Rect const& rect, std::int64_t lens)
    {
        m_heights = race_heights(rect.height, number_rows());
        draw_axis(rect.top_part(m_heights.axis));
        auto y = rect.y + m_heights.axis;
        for (auto const side : race_sides) {
            draw_lane({ rect.x, y, rect.width, m_heights.lane() }, side);
            y += m_heights.lane() + m_heights.between;
        }
        draw_lens({ rect.x, y - m_heights.between, rect.width, m_heights.lens_gap + m_heights.strip },
            static_cast<double>(lens));
        draw_numbers(rect.bottom_part(static_cast<float>(number_rows()) * m_heights.row));
    }

private:
    // Only a machine that starts from an image's tree has it in memory once more.
    bool copies() const { return m_contest.machine != nullptr && m_contest.machine->tree > 0; }
    int number_rows() const { return copies() ? 7 : 6; } // with that of their titles

    std::optional<machine::Started>& ghost(RaceSide side) { return m_ghosts[static_cast<std::size_t>(side)]; }

    float x_of(Rect const& strip, double nanoseconds) const
    {
        return strip.x + strip.width * static_cast<float>(std::clamp(nanoseconds / m_whole, 0.0, 1.0));
    }

    static constexpr int axis_parts = 4;

    // Its slider turns a clock that both lanes have begun with, whenever each of them did.
    void draw_axis(Rect const& whole)
    {
        auto const rect = whole.top_part(whole.height - 18);
        auto& clock = m_context.state.compare.clock;
        auto part = clock >= 0 ? clock : story_part();
        if (slider(m_canvas, "compare.clock", whole.bottom_part(18).inset(-8, 0), part))
            clock = part;
        for (int i = 0; i <= axis_parts; ++i) {
            auto const at = m_whole * i / axis_parts;
            auto const x = x_of(rect, at);
            auto const words = i == 0 ? std::string("0") : human_duration(Duration(std::llround(at)));
            auto const width = m_canvas.measure().width(theme::Style::Caption, words) + 2;
            text_in(m_canvas, { std::clamp(x - width / 2, rect.x, rect.right() - width), rect.y, width, rect.height },
                words, theme::Style::Caption, m_theme.dim_text);
        }
    }

    // How far along the axis the story has come: where the lane stands that has come farthest.
    float story_part() const
    {
        std::int64_t farthest = 0;
        for (auto const side : race_sides) {
            if (auto const* const lane = m_contest.lane(side))
                farthest = std::max(farthest, lane->elapsed(m_now, m_records));
        }
        return std::clamp(static_cast<float>(static_cast<double>(farthest) / m_whole), 0.0f, 1.0f);
    }

    std::int64_t elapsed_of(RaceLane const& lane) const
    {
        auto const clock = m_context.state.compare.clock;
        return clock < 0 ? lane.elapsed(m_now, m_records)
                         : lane.elapsed(lane.begun + Duration(clock_time(clock, m_whole)), m_records);
    }

    void draw_ground(Rect const& strip)
    {
        fill(m_canvas, strip, theme::radius::bar, theme::over(m_theme.text.faded(0.08f), m_theme.surface));
        for (int i = 1; i < axis_parts; ++i) {
            auto const x = x_of(strip, m_whole * i / axis_parts);
            line(m_canvas, { x, strip.y }, { x, strip.bottom() }, m_theme.line);
        }
    }

    void draw_lane(Rect const& rect, RaceSide side)
    {
        draw_lane_title(rect.top_part(m_heights.title), side);
        auto const strip = rect.without_top(m_heights.title).top_part(m_heights.strip);
        draw_ground(strip);
        if (auto const* const lane = m_contest.lane(side))
            draw_steps(strip, *lane, m_whole, true);
        if (ghost(side))
            draw_ghost(rect.bottom_part(m_heights.ghost), side);
    }

    void draw_lane_title(Rect rect, RaceSide side)
    {
        auto const* const lane = m_contest.lane(side);
        bool const is_machine = side == RaceSide::Machine;
        icon(m_canvas, { rect.x + 8, rect.center().y }, is_machine ? theme::Icon::Desktop : theme::Icon::Cube,
            m_theme.text);
        rect = rect.without_left(24);
        auto const put = [&](std::string_view words, theme::Style style, theme::Color color) {
            auto const width = std::min(rect.width, m_canvas.measure().width(style, words) + 2);
            text_in(m_canvas, rect.left_part(width), words, style, color);
            rect = rect.without_left(width + tight);
        };
        put(is_machine ? tr("Virtual machine") : tr("Container"), theme::Style::Strong, m_theme.text);
        if (lane == nullptr) {
            auto const command
                = is_machine ? "drydock vm start race-vm greeter:1" : "docker run -d --name race-container greeter:1";
            if (rect.width > 500)
                put(tr("none yet; type"), theme::Style::Body, m_theme.dim_text);
            put(command, theme::Style::Mono, m_theme.text);
            return;
        }
        rect = draw_lane_choice(rect, side, *lane);
        put(lane->name, theme::Style::Mono, m_theme.text);
        auto const word = badge_word(lane->from);
        auto const size = tag_size(m_canvas.measure(), word);
        tag(m_canvas, { rect.x, rect.center().y - size.height / 2 }, word, badge_stroke(lane->from));
        rect = rect.without_left(size.width + tight);
        auto const kind = !is_machine ? lane->kind
            : lane->image.empty()     ? std::string(tr(lane->kind))
                                      : fmt::format("{}, {}", tr(lane->kind), lane->image);
        if (m_canvas.measure().width(theme::Style::Caption, kind) < rect.width)
            put(kind, theme::Style::Caption, m_theme.dim_text);
    }

    // Which of several is looked at: the one that began before, the one that began after.
    Rect draw_lane_choice(Rect const& row, RaceSide side, RaceLane const& shown)
    {
        auto& state = m_context.state.compare;
        std::vector<RaceLane const*> all;
        for (auto const& lane : state.race.lanes()) {
            if (lane.side == side && lane.record < m_records)
                all.push_back(&lane);
        }
        if (all.size() < 2)
            return row;
        auto& chosen = side == RaceSide::Machine ? state.machine : state.container;
        auto const index = static_cast<std::size_t>(std::find_if(all.begin(), all.end(), [&](auto const* it) {
            return it->record == shown.record;
        }) - all.begin());
        auto const step = [&](Rect const& place, theme::Icon sign, std::string_view ending, std::size_t to) {
            if (icon_button(m_canvas, fmt::format("compare.{}.lane.{}", side_name(side), ending), place, sign,
                    { .emphasis = Emphasis::Quiet, .hint = all[to]->name }))
                chosen = all[to]->id;
        };
        auto const right = row.right_part(row.height);
        step(right, theme::Icon::Right, "next", (index + 1) % all.size());
        step(right.moved(-row.height, 0), theme::Icon::Left, "previous", (index + all.size() - 1) % all.size());
        return row.without_right(2 * row.height + hair);
    }

    // What has happened of it by now, on a strip that is `whole` nanoseconds long.
    void draw_steps(Rect const& strip, RaceLane const& lane, double whole, bool touchable)
    {
        auto const now = elapsed_of(lane);
        auto const at = [&](std::int64_t time) {
            return strip.x + strip.width * static_cast<float>(std::clamp(static_cast<double>(time) / whole, 0.0, 1.0));
        };
        for (std::size_t i = 0; i < lane.steps.size() && lane.steps[i].record < m_records; ++i) {
            auto const& step = lane.steps[i];
            auto const end = step.ended < 0 ? now : std::min(step.ended, now);
            Rect const box { at(step.begun), strip.y, std::max(1.5f, at(end) - at(step.begun) - 1), strip.height };
            draw_step(box, lane, step,
                touchable ? fmt::format("compare.{}.step.{}", side_name(lane.side), i)
                          : fmt::format("compare.lens.step.{}", i));
        }
        auto const x = at(now);
        if (!lane.is_ready(m_records) && !lane.has_ended(m_records)) {
            line(m_canvas, { x, strip.y - 3 }, { x, strip.bottom() + 3 }, m_theme[theme::Category::Alert].stroke, 2);
        } else if (lane.is_ready(m_records)) {
            auto const ready = at(*lane.ready);
            line(m_canvas, { ready, strip.y - 3 }, { ready, strip.bottom() + 3 }, m_theme.text, 2);
        }
    }

    void draw_step(Rect const& box, RaceLane const& lane, RaceStep const& step, std::string const& name)
    {
        auto const category = category_of_step(step.name);
        auto const& colors = m_theme[category];
        auto const hand = touch(m_canvas, name, box, Reach::MouseOnly);
        fill(m_canvas, box, std::min(theme::radius::bar, box.width / 2), colors.fill);
        if (lane.from == trace::Provenance::Modelled)
            hatch(m_canvas, box, colors.on_fill.faded(0.18f), 7);
        auto const label = step_name(step.name);
        if (m_canvas.measure().width(theme::Style::Caption, label) + tight < box.width)
            text_in(m_canvas, box, label, theme::Style::Caption, colors.on_fill, Align::Center);
        if (step.ended >= 0)
            hint(m_canvas, hand,
                say("{}: {}, {}", label, human_duration(Duration(step.ended - step.begun)), badge_word(lane.from)));
        if (hand.clicked) {
            m_context.state.selected = stage::record_id(step.record);
            m_context.state.inspector = true;
        }
    }

    // How long it takes by the model, for whoever looks at what has not happened. The words stand in its bar, or where
    // that is too short, behind it.
    void draw_ghost(Rect const& rect, RaceSide side)
    {
        auto const& started = *ghost(side);
        auto const& technology = *m_contest.technology(side);
        auto const it = told(started.elapsed, "model");
        auto const bar = rect.inset(0, 1).left_part(std::max(3.0f, x_of(rect, started.elapsed.value * 1e9) - rect.x));
        auto const& color = m_theme[theme::Category::Process].stroke;
        outline(m_canvas, bar, 2, color, 1, Stroke::Dashed);
        for (auto const& phase : started.phases) {
            auto const x = x_of(rect, phase.ended.value * 1e9);
            line(m_canvas, { x, bar.y }, { x, bar.y + 5 }, color);
        }
        auto const width = figure_width(m_canvas.measure(), it, theme::Style::Caption) + 4;
        auto const wanted = width + tight + technology_choice_width(m_canvas.measure(), technology, bar.height);
        bool const inside = wanted + tight < bar.width || bar.width > rect.width - bar.width;
        auto const words = inside ? bar.without_left(tight) : rect.without_left(bar.width + tight);
        Rect const place { words.x, bar.y, std::min(wanted, words.width), bar.height };
        draw_figure(m_canvas, place.left_part(width), fmt::format("compare.ghost.{}", side_name(side)), it,
            theme::Style::Caption);
        draw_technology_choice(m_canvas, place.without_left(width + tight), side, &technology, m_context);
    }

    // A lane too short to read is drawn once more below, as long as the room is.
    void draw_lens(Rect const& rect, double longest)
    {
        auto const* const lane = m_contest.container;
        if (lane == nullptr || longest <= 0 || longest > m_whole / 5)
            return;
        auto const strip = rect.bottom_part(m_heights.strip);
        auto const label = say("enlarged {} times", ratio_number(m_whole / longest));
        auto const width = m_canvas.measure().width(theme::Style::Caption, label) + snug;
        auto const room = strip.without_left(width);
        text_in(m_canvas, strip.left_part(width), label, theme::Style::Caption, m_theme.dim_text);
        fill(m_canvas, room, theme::radius::bar, theme::over(m_theme.text.faded(0.08f), m_theme.surface));
        draw_steps(room, *lane, longest, false);
    }

    static std::string_view side_name(RaceSide side) { return side == RaceSide::Machine ? "machine" : "container"; }

    void draw_numbers(Rect const& rect)
    {
        auto const& world = m_context.state.player.world();
        auto const& all = m_context.state.compare.race.lanes();
        auto const left = race_figures(RaceSide::Machine, m_contest.machine, all, world, m_records,
            m_context.input.model, m_contest.machine_technology);
        auto const right = race_figures(RaceSide::Container, m_contest.container, all, world, m_records,
            m_context.input.model, m_contest.container_technology);
        auto const row_height = m_heights.row;
        struct Row {
            std::string_view what;
            std::string_view name;
            std::optional<Told> const& machine;
            std::optional<Told> const& container;
        };
        std::vector<Row> const all_rows { Row { tr("kernels that run"), "kernels", left.kernels, right.kernels },
            Row { tr("memory"), "memory", left.memory, right.memory },
            Row { tr("of it, the image"), "copy", left.copy, right.copy },
            Row { tr("disk of its own"), "disk", left.disk, right.disk },
            Row { tr("time until ready"), "ready", left.ready, right.ready },
            Row { tr("bytes moved"), "moved", left.moved, right.moved } };
        auto const label = std::clamp(rect.width * 0.2f, 130.0f, 180.0f);
        auto const cell = std::max(172.0f, (rect.width - label) * 0.34f);
        auto y = rect.y;
        auto const columns = Rect { rect.x + label, y, rect.width - label, row_height };
        text_in(m_canvas, columns.left_part(cell), tr("Virtual machine"), theme::Style::Strong, m_theme.text);
        text_in(
            m_canvas, columns.without_left(cell).left_part(cell), tr("Container"), theme::Style::Strong, m_theme.text);
        y += row_height;
        bool shaded = true; // every other row, so that no line runs through the badges
        for (auto const& row : all_rows) {
            if (row.name == "copy" && !copies())
                continue;
            if (std::exchange(shaded, !shaded))
                fill(m_canvas, { rect.x, y, rect.width, row_height }, theme::radius::bar, m_theme.text.faded(0.05f));
            text_in(m_canvas, { rect.x + hair, y, label - hair - tight, row_height }, row.what, theme::Style::Body,
                m_theme.dim_text);
            draw_cell({ rect.x + label, y, cell - tight, row_height }, fmt::format("compare.machine.{}", row.name),
                row.machine);
            draw_cell({ rect.x + label + cell, y, cell - tight, row_height },
                fmt::format("compare.container.{}", row.name), row.container);
            Rect const last { rect.x + label + 2 * cell, y, rect.width - label - 2 * cell, row_height };
            if (row.name == "copy" && row.machine && left.memory)
                draw_share(last, *row.machine, *left.memory);
            else if (row.name != "kernels" && row.machine && row.container) {
                if (auto const ratio = ratio_text(*row.machine, *row.container, tr("container")))
                    text_in(
                        m_canvas, last.without_right(hair), *ratio, theme::Style::Caption, m_theme.text, Align::End);
            }
            y += row_height;
        }
    }

    // How much of the machine's memory it is, as a bar.
    void draw_share(Rect const& room, Told const& part, Told const& whole)
    {
        auto const bar = room.without_left(tight).inset(0, 8);
        auto const share = whole.figure.value <= 0 ? 0.0 : std::clamp(part.figure.value / whole.figure.value, 0.0, 1.0);
        fill(m_canvas, bar, theme::radius::bar, theme::over(m_theme.text.faded(0.08f), m_theme.surface));
        fill(m_canvas, bar.left_part(std::max(2.0f, bar.width * static_cast<float>(share))), theme::radius::bar,
            m_theme[theme::Category::Storage].fill);
        hint(m_canvas, touch(m_canvas, "compare.copy.share", bar, Reach::MouseOnly),
            say("{} of {} of the machine's memory", figure_text(part.figure), figure_text(whole.figure)));
    }

    void draw_cell(Rect const& rect, std::string const& name, std::optional<Told> const& it)
    {
        if (it)
            draw_figure(m_canvas, rect, name, *it);
        else
            text_in(m_canvas, rect, tr("not yet"), theme::Style::Body, m_theme.dim_text);
    }

    Canvas const& m_canvas;
    theme::Theme const& m_theme;
    Context& m_context;
    Contest const& m_contest;
    std::uint64_t m_records;
    Timestamp m_now;
    double m_whole; // nanoseconds along the axis
    std::array<std::optional<machine::Started>, 2> m_ghosts;
    RaceHeights m_heights {};
};

void draw_race_choice(Canvas const& canvas, Rect const& bar, Context& context)
{
    auto& state = context.state.compare;
    std::array<std::string_view, 2> const names { tr("Lanes"), tr("Figures") };
    auto chosen = static_cast<std::size_t>(state.tables);
    if (segmented(canvas, "compare.race", bar.left_part(220), names, chosen))
        state.tables = chosen == 1;
    if (state.clock >= 0
        && icon_button(canvas, "compare.follow", bar.without_left(220 + tight).left_part(bar.height),
            theme::Icon::FastForward, { .hint = tr("Follow the story again") }))
        state.clock = -1;
}

}

theme::Category category_of_step(std::string_view name)
{
    if (name == "create" || name == "machine made" || name == "control group")
        return theme::Category::Memory;
    if (name == "firmware" || name == "boot loader" || name == "kernel loaded" || name == "read-write layer"
        || name == "mounts" || name == "pivot_root")
        return theme::Category::Storage;
    return name == "namespaces" ? theme::Category::Network : theme::Category::Process;
}

std::string_view step_name(std::string_view name)
{
    using words::key;
    // Phases of a boot, by the model's and by our monitor's names; then the steps of a container.
    static constexpr std::array known { key("create"), key("firmware"), key("boot loader"), key("kernel"),
        key("services"), key("app"), key("boot"), key("sandbox"), key("machine made"), key("kernel loaded"),
        key("init"), key("first output"), key("app ended"), key("read-write layer"), key("namespaces"), key("mounts"),
        key("control group"), key("privileges") };
    auto const found = std::find(known.begin(), known.end(), name);
    return found == known.end() ? name : tr(*found);
}

void draw_compare_race(Canvas const& canvas, Rect const& rect, Context& context)
{
    auto const left = rect.left_part(std::clamp(rect.width * 0.3f, 308.0f, 360.0f));
    draw_race_choice(canvas, left.top_part(control_height), context);
    if (context.state.compare.tables)
        return draw_compare_tables(canvas, rect.without_top(control_height + tight), context);
    auto contest = contest_of(context);
    auto const whole = axis_length(contest, context);
    auto const lens = contest.container == nullptr ? 0 : contest.container->length();
    // By a clock of their own, both lanes are as they were so long after each began.
    std::array<RaceLane, 2> until;
    if (auto const clock = context.state.compare.clock; clock >= 0) {
        auto const turn_back = [&](RaceLane const*& lane, RaceLane& kept) {
            if (lane == nullptr)
                return;
            kept = lane->until(clock_time(clock, whole));
            lane = &kept;
        };
        turn_back(contest.machine, until[0]);
        turn_back(contest.container, until[1]);
    }
    draw_stacks(canvas, left.without_top(control_height + tight), contest, context);
    RacePicture(canvas, context, contest, whole).draw(rect.without_left(left.width + wide), lens);
}

}
