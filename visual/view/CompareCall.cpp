// One call of the app followed down: in a container straight into the host's kernel, in a virtual machine into the
// guest's, and from there only where a device is needed out of the guest, to the monitor and to the host's kernel.

#include "sim/machine/CostModel.h"
#include "sim/words/Language.h"
#include "visual/view/CompareParts.h"

#include <fmt/format.h>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;
using words::say;
using words::tr;

// The levels of the picture from the top down; host kernel and hardware are the same for both sides.
enum class CallLevel : std::uint8_t { App, GuestKernel, Exit, Hypervisor, HostKernel, Hardware };
constexpr std::size_t call_levels = 6;

struct CallHop {
    CallLevel level;
    std::string_view text; // what happens there
};

struct FollowedCall {
    std::string_view name;
    std::vector<CallHop> machine, container;
    std::string_view lesson;
    bool needs_a_device { false };
};

FollowedCall answered_by_a_kernel()
{
    return { "getppid(2)",
        { { CallLevel::App, tr("The app asks for a number that its kernel knows.") },
            { CallLevel::GuestKernel,
                tr("The guest's kernel answers. The guest has not left its CPU: neither the hypervisor nor the host "
                   "know of it.") } },
        { { CallLevel::App, tr("The app asks for a number that its kernel knows.") },
            { CallLevel::HostKernel, tr("The host's kernel answers, as it answers every process.") } },
        tr("A call that needs no device costs the same on either side. A virtual machine is not slow as such.") };
}

FollowedCall written_to_disk()
{
    return { "write(2), fsync(2)",
        { { CallLevel::App, tr("The app writes a file and wants it to be on the disk.") },
            { CallLevel::GuestKernel, tr("The guest's kernel has a file system and a driver for a disk.") },
            { CallLevel::Exit,
                tr("The disk is played: where the driver touches it, the CPU leaves the guest. This is an exit.") },
            { CallLevel::Hypervisor,
                tr("The hypervisor sees why the guest left. Its monitor, a process, plays the disk.") },
            { CallLevel::HostKernel, tr("For the host's kernel it is a write of the monitor to a large file.") },
            { CallLevel::Hardware, tr("The true disk writes. The way back has as many steps.") } },
        { { CallLevel::App, tr("The app writes a file and wants it to be on the disk.") },
            { CallLevel::HostKernel,
                tr("The filter of system calls lets it pass; the host's kernel writes into the read-write layer.") },
            { CallLevel::Hardware, tr("The true disk writes.") } },
        tr("What needs a device is what a virtual machine pays for: two kernels and an exit in between."), true };
}

std::string_view level_name(CallLevel level)
{
    switch (level) {
    case CallLevel::App: return tr("App");
    case CallLevel::GuestKernel: return tr("Guest kernel");
    case CallLevel::Exit: return tr("Exit from the guest");
    case CallLevel::Hypervisor: return tr("Hypervisor and monitor");
    case CallLevel::HostKernel: return tr("Host kernel");
    case CallLevel::Hardware: return tr("Hardware");
    }
    return {};
}

// The last figure of that kind that was measured, of the first subject that has one.
std::optional<Told> call_measured(
    world::World const& world, std::string_view what, std::initializer_list<std::string_view> subjects)
{
    for (auto const subject : subjects) {
        for (auto it = world.measurements.rbegin(); it != world.measurements.rend(); ++it) {
            if (it->what == what && it->subject == subject && it->kind == FigureKind::Measured)
                return told(*it);
        }
    }
    return std::nullopt;
}

std::optional<Told> exit_cost(Context& context)
{
    auto const& world = context.state.player.world();
    if (auto const measured = call_measured(world, "exit to the monitor", { "tiny guest, no kernel" }))
        return measured;
    auto const* const model = context.input.model;
    if (model == nullptr)
        return std::nullopt;
    auto const& host = model->host;
    return told(machine::modelled(host.exit_cost.value / (host.clock.value * 1e9), "s", "cycles of an exit / clock",
                    { &host.exit_cost, &host.clock }),
        "model");
}

class CallPicture {
public:
    CallPicture(Canvas const& canvas, Context& context, FollowedCall const& call)
        : m_canvas(canvas)
        , m_theme(canvas.theme())
        , m_context(context)
        , m_call(call)
    {
    }

    std::size_t hops() const { return std::max(m_call.machine.size(), m_call.container.size()); }

    void draw(Rect const& rect, std::size_t hop)
    {
        auto const head = rect.top_part(28);
        auto const sides = columns(rect, 2, wide);
        text_in(m_canvas, { sides[0].x, head.y, sides[0].width, head.height }, tr("Virtual machine"),
            theme::Style::Strong, m_theme.text);
        text_in(m_canvas, { sides[1].x, head.y, sides[1].width, head.height }, tr("Container"), theme::Style::Strong,
            m_theme.text);
        m_levels = rows(rect.without_top(32), call_levels, 22);
        for (auto const level : { CallLevel::HostKernel, CallLevel::Hardware })
            draw_level(
                row_of(level), level, is_lit(m_call.machine, level, hop) || is_lit(m_call.container, level, hop));
        draw_side(sides[0], m_call.machine, hop,
            { CallLevel::App, CallLevel::GuestKernel, CallLevel::Exit, CallLevel::Hypervisor });
        draw_side(sides[1], m_call.container, hop, { CallLevel::App });
    }

private:
    Rect const& row_of(CallLevel level) const { return m_levels[static_cast<std::size_t>(level)]; }

    static bool is_lit(std::vector<CallHop> const& way, CallLevel level, std::size_t hop)
    {
        for (std::size_t i = 0; i <= hop && i < way.size(); ++i) {
            if (way[i].level == level)
                return true;
        }
        return false;
    }

    void draw_side(
        Rect const& side, std::vector<CallHop> const& way, std::size_t hop, std::initializer_list<CallLevel> own)
    {
        auto const box = [&](CallLevel level) {
            return Rect { side.x, row_of(level).y, side.width, row_of(level).height };
        };
        for (std::size_t i = 1; i < way.size(); ++i) {
            auto const x = side.x + side.width / 2;
            auto const from = box(way[i - 1].level).bottom(), to = box(way[i].level).y;
            bool const passed = i <= hop;
            auto const color = passed ? m_theme.accent : m_theme.dim_text.faded(0.5f);
            line(m_canvas, { x, from + 2 }, { x, to - 5 }, color, passed ? 3.0f : 1.5f,
                passed ? Stroke::Solid : Stroke::Dashed);
            line(m_canvas, { x - 6, to - 9 }, { x, to - 3 }, color, passed ? 3.0f : 1.5f);
            line(m_canvas, { x + 6, to - 9 }, { x, to - 3 }, color, passed ? 3.0f : 1.5f);
        }
        for (auto const level : own)
            draw_level(box(level), level, is_lit(way, level, hop));
    }

    void draw_level(Rect const& rect, CallLevel level, bool lit)
    {
        auto const category = level == CallLevel::Exit ? theme::Category::Alert
            : level == CallLevel::Hypervisor           ? theme::Category::Memory
            : level == CallLevel::Hardware             ? theme::Category::Storage
                                                       : theme::Category::Process;
        auto const& colors = m_theme[category];
        fill(m_canvas, rect, theme::radius::card,
            lit ? theme::over(colors.fill.faded(m_theme.tint), m_theme.surface) : m_theme.surface);
        outline(m_canvas, rect, theme::radius::card, lit ? colors.stroke : m_theme.line, lit ? 2.0f : 1.0f);
        auto inside = rect.inset(snug, 0);
        if (level == CallLevel::Exit) {
            if (auto const cost = exit_cost(m_context)) {
                auto const width = figure_width(m_canvas.measure(), *cost, theme::Style::Caption);
                draw_figure(m_canvas, inside.right_part(width + 2), "compare.call.exit", *cost, theme::Style::Caption);
                inside = inside.without_right(width + snug);
            }
        }
        text_in(m_canvas, inside, level_name(level), theme::Style::Strong, lit ? m_theme.text : m_theme.dim_text);
    }

    Canvas const& m_canvas;
    theme::Theme const& m_theme;
    Context& m_context;
    FollowedCall const& m_call;
    std::vector<Rect> m_levels;
};

// What happens at this step on either side, and what was counted and measured.
class CallWords {
public:
    CallWords(Canvas const& canvas, Rect const& rect, Context& context)
        : m_canvas(canvas)
        , m_theme(canvas.theme())
        , m_context(context)
        , m_rest(rect)
    {
    }

    void draw(FollowedCall const& call, std::size_t hop, std::size_t hops)
    {
        tell(tr("Virtual machine"), call.machine, hop);
        tell(tr("Container"), call.container, hop);
        if (hop + 1 == hops)
            words(call.lesson, theme::Style::Strong, m_theme.text);
        m_rest = m_rest.without_top(tight);
        draw_measured();
        draw_modelled(call.needs_a_device);
        draw_exits();
    }

private:
    void words(std::string_view text, theme::Style style, theme::Color color)
    {
        m_rest = m_rest.without_top(paragraph(m_canvas, m_rest, text, style, color) + hair);
    }

    void tell(std::string_view side, std::vector<CallHop> const& way, std::size_t hop)
    {
        auto const at = std::min(hop, way.size() - 1);
        words(hop < way.size() ? say("{}: {}", side, level_name(way[at].level)) : std::string(side),
            theme::Style::Strong, m_theme.text);
        words(hop < way.size() ? way[at].text : tr("It has its answer already."), theme::Style::Body,
            hop < way.size() ? m_theme.text : m_theme.dim_text);
        m_rest = m_rest.without_top(tight);
    }

    void row(std::string_view label, std::string const& name, Told const& it)
    {
        if (m_rest.height < 26)
            return;
        auto const place = m_rest.top_part(26);
        auto const width = figure_width(m_canvas.measure(), it) + 2;
        draw_figure(m_canvas, place.right_part(width), name, it);
        text_in(m_canvas, place.without_right(width + tight), label, theme::Style::Caption, m_theme.dim_text);
        m_rest = m_rest.without_top(26);
    }

    void draw_measured()
    {
        auto const& world = m_context.state.player.world();
        constexpr std::string_view what = "system call (getppid)";
        if (auto const it = call_measured(
                world, what, { "Drydock's monitor on KVM", "QEMU on KVM", "QEMU, CPU in software", "User-Mode Linux" }))
            row(tr("getppid(2) in a guest"), "compare.call.guest", *it);
        if (auto const it = call_measured(world, what, { "Drydock's runtime", "runc", "namespaces" }))
            row(tr("getppid(2) in a container"), "compare.call.container", *it);
    }

    // What that makes of a program as a whole.
    void draw_modelled(bool needs_a_device)
    {
        auto const* const model = m_context.input.model;
        if (model == nullptr)
            return;
        auto const contest = contest_of(m_context);
        machine::CostModel const costs(*model);
        words(needs_a_device ? tr("Of bare metal's random disk accesses remain")
                             : tr("Of bare metal's computing remains"),
            theme::Style::Caption, m_theme.dim_text);
        for (auto const side : race_sides) {
            auto const* const technology = contest.technology(side);
            if (technology == nullptr)
                continue;
            auto const title = short_title(*technology);
            auto const name = side == RaceSide::Machine ? "compare.call.model.machine" : "compare.call.model.container";
            if (!needs_a_device) {
                auto figure = costs.throughput(*technology, 1);
                figure.value *= 100;
                figure.unit = "%";
                row(title, name, told(std::move(figure), "model"));
            } else if (auto figure = costs.random_access(*technology))
                row(title, name, told(std::move(*figure), "model"));
        }
    }

    // What a guest of this trace left its CPU for.
    void draw_exits()
    {
        auto const contest = contest_of(m_context);
        auto const& machines = m_context.state.player.world().guest_machines;
        auto const found
            = contest.machine == nullptr ? machines.end() : machines.find(GuestMachineId { contest.machine->id });
        if (found == machines.end() || found->second.exits.empty())
            return;
        std::uint64_t all = 0;
        for (auto const& [reason, count] : found->second.exits)
            all += count;
        Told const it { { static_cast<double>(all), "", FigureKind::Measured, "GuestExitsCounted" },
            contest.machine->from, {} };
        row(say("exits of {} so far", found->second.name), "compare.call.exits", it);
        for (auto const& [reason, count] : found->second.exits) {
            if (m_rest.height < 24)
                return;
            auto const what = reason.port < 0 ? reason.reason
                : reason.out                  ? say("{} times to write to port {:#x}", count, reason.port)
                                              : say("{} times to read port {:#x}", count, reason.port);
            text_in(m_canvas, m_rest.top_part(24), what, theme::Style::Caption, m_theme.dim_text);
            m_rest = m_rest.without_top(24);
        }
    }

    Canvas const& m_canvas;
    theme::Theme const& m_theme;
    Context& m_context;
    Rect m_rest;
};

void draw_call_bar(Canvas const& canvas, Rect const& bar, std::size_t hops, Context& context)
{
    auto& state = context.state.compare;
    std::array<std::string_view, 2> const names { tr("answered by a kernel"), tr("written to the disk") };
    if (segmented(canvas, "compare.call", bar.left_part(420), names, state.call))
        state.hop = 0;
    auto rest = bar.without_left(420 + normal);
    bool const keys = context.state.overlay == Overlay::None;
    bool const up = keys && pressed_or_repeated(Chord::of(Key::Up)),
               down = keys && pressed_or_repeated(Chord::of(Key::Down));
    if (icon_button(canvas, "compare.call.up", rest.left_part(control_height), theme::Icon::Up,
            { .hint = tr("One step back up"), .chord = Chord::of(Key::Up), .enabled = state.hop > 0 })
        || (up && state.hop > 0))
        --state.hop;
    rest = rest.without_left(control_height + hair);
    if (icon_button(canvas, "compare.call.down", rest.left_part(control_height), theme::Icon::Down,
            { .emphasis = Emphasis::Primary,
                .hint = tr("Follow it one step down"),
                .chord = Chord::of(Key::Down),
                .enabled = state.hop + 1 < hops })
        || (down && state.hop + 1 < hops))
        ++state.hop;
    rest = rest.without_left(control_height + snug);
    text_in(canvas, rest, say("step {} of {}", state.hop + 1, hops), theme::Style::Body, canvas.theme().dim_text);
}

}

void draw_compare_call(Canvas const& canvas, Rect const& rect, Context& context)
{
    auto& state = context.state.compare;
    auto const call = state.call == 0 ? answered_by_a_kernel() : written_to_disk();
    CallPicture picture(canvas, context, call);
    state.hop = std::min(state.hop, picture.hops() - 1);
    draw_call_bar(canvas, rect.top_part(control_height), picture.hops(), context);
    auto const below = rect.without_top(control_height + snug);
    auto const side = std::clamp(below.width * 0.34f, 290.0f, 400.0f);
    picture.draw(below.without_right(side + wide), state.hop);
    CallWords(canvas, below.right_part(side), context).draw(call, state.hop, picture.hops());
}

}
