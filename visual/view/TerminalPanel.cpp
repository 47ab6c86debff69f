#include "sim/words/Language.h"
#include "visual/view/Completion.h"
#include "visual/view/Views.h"

#include <cmath>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;

constexpr float line_height = 22;

// The colours of a terminal, taken from the palette: what a program calls red is the colour of trouble everywhere.
theme::Color color_of(Ink const& ink, theme::Color usual, theme::Theme const& theme)
{
    if (!ink.color)
        return ink.bold ? theme.text : usual;
    switch (*ink.color) {
    case 1: return theme[theme::Category::Alert].stroke;
    case 2: return theme[theme::Category::Network].stroke;
    case 3: return theme[theme::Category::Storage].stroke;
    case 4: return theme[theme::Category::Registry].stroke;
    case 5: return theme[theme::Category::Memory].stroke;
    case 6: return theme[theme::Category::Process].stroke;
    default: return theme.text;
    }
}

void draw_line(Canvas const& canvas, Rect const& row, TerminalLine const& line)
{
    auto const& theme = canvas.theme();
    bool const typed = line.kind == TerminalLine::Kind::Typed;
    auto const usual = typed                     ? theme.text
        : line.kind == TerminalLine::Kind::Error ? theme[theme::Category::Alert].stroke
                                                 : theme.dim_text;
    float x = row.x;
    if (typed)
        x += text(canvas, { x, row.y }, "$ ", theme::Style::Mono, usual);
    for (auto const& run : line.runs) {
        text_in(canvas, { x, row.y, std::max(0.0f, row.right() - x), row.height }, run.text, theme::Style::Mono,
            color_of(run.ink, usual, theme));
        x += canvas.measure().width(theme::Style::Mono, run.text);
    }
}

void draw_lines(Canvas const& canvas, Rect const& rect, Terminal const& terminal)
{
    ScrollArea area(canvas, "terminal.lines", rect);
    auto const height = static_cast<float>(terminal.lines.size()) * line_height;
    for (std::size_t i = 0; i < terminal.lines.size(); ++i)
        draw_line(
            area.canvas(), { 0, static_cast<float>(i) * line_height, area.width(), line_height }, terminal.lines[i]);
    area.set_content_height(height);
    area.scroll_to_end();
}

// The line that points a real docker CLI at the same daemon, with a button that copies it.
void draw_docker_host(Canvas const& canvas, Rect const& rect, Terminal const& terminal, Context& context)
{
    auto const line = "export DOCKER_HOST=" + terminal.docker_host;
    text_in(canvas, rect.without_right(rect.height + tight), words::say("In your own terminal: {}", line),
        theme::Style::Caption, canvas.theme().dim_text);
    if (icon_button(canvas, "terminal.copy-host", rect.right_part(rect.height), theme::Icon::Copy,
            { .hint = words::tr("Copy, and use the real docker CLI") }))
        context.commands.push_back(CopyText { line });
}

// Up and down walk through what was typed before; 0 is the line in progress.
void walk_history(State& state, Terminal const& terminal, int by)
{
    auto const count = terminal.history.size();
    if (by > 0 && state.history_back < count)
        ++state.history_back;
    if (by < 0 && state.history_back > 0)
        --state.history_back;
    state.input = state.history_back == 0 ? "" : terminal.history[count - state.history_back];
}

// As far as there is one way; where there are several, they are shown.
void complete_input(Context& context)
{
    auto& state = context.state;
    // Of now, whatever moment is shown.
    auto const completion = complete(state.input, context.input.timeline->world_at(context.input.log->size()));
    state.input = completion.line;
    state.completions = completion.candidates.size() > 1 ? completion.candidates : std::vector<std::string> {};
}

void draw_completions(Canvas const& canvas, Rect const& prompt, std::vector<std::string> const& names)
{
    Rect const box { prompt.x, prompt.y - 34, prompt.width, 32 };
    canvas::Overlay const overlay(canvas, "terminal.completions", box, OverlayKind::Floating);
    auto const& on = overlay.canvas();
    card(on, box, {});
    float x = box.x + snug;
    for (auto const& name : names) {
        auto const width = on.measure().width(theme::Style::Mono, name);
        if (x + width > box.right() - wide) {
            text_in(on, { x, box.y, 20, box.height }, "…", theme::Style::Mono, on.theme().dim_text);
            break;
        }
        text_in(on, { x, box.y, width + 4, box.height }, name, theme::Style::Mono, on.theme().text);
        x += width + wide;
    }
}

// While a command runs: what it reads, and the way to end it.
void draw_running(Canvas const& canvas, Rect const& prompt, Terminal const& terminal, Context& context)
{
    auto& state = context.state;
    state.terminal_calls = true; // the prompt has the keyboard again when it comes back
    constexpr float button_room = 120;
    auto const field = prompt.without_right(terminal.reads ? 2 * button_room + tight : button_room + tight);
    if (!terminal.reads) {
        text_in(canvas, field, words::tr("running …"), theme::Style::Mono, canvas.theme().dim_text);
    } else {
        auto const response = text_field(canvas, "terminal.program-input", field, state.program_input,
            { .placeholder = words::tr("running … what you type, the program reads"),
                .style = theme::Style::Mono,
                .icon = theme::Icon::Keyboard });
        if (response.submitted)
            context.commands.push_back(TypeInput { std::exchange(state.program_input, {}) });
        if (button(canvas, "terminal.end-input", prompt.without_right(button_room).right_part(button_room - tight),
                words::tr("End input"), { .emphasis = Emphasis::Quiet, .hint = words::tr("As Ctrl+D does") }))
            context.commands.push_back(TypeInput {});
    }
    if (button(canvas, "terminal.interrupt", prompt.right_part(button_room - tight), words::tr("Interrupt"),
            { .icon = theme::Icon::Stop, .hint = words::tr("As Ctrl+C does") }))
        context.commands.push_back(InterruptCommand {});
}

}

void draw_terminal(Canvas const& canvas, Rect const& rect, Context& context)
{
    auto const& theme = canvas.theme();
    auto const* terminal = context.input.terminal;
    auto const inside = rect.inset(wide, hair).without_bottom(hair);
    if (terminal == nullptr || !terminal->available) {
        text_in(canvas, inside, words::tr("A recorded trace has no terminal: nothing of it runs."), theme::Style::Body,
            theme.dim_text, Align::Center);
        return;
    }
    auto lines = inside.without_bottom(control_height + hair);
    if (!terminal->docker_host.empty()) {
        draw_docker_host(canvas, lines.top_part(line_height), *terminal, context);
        lines = lines.without_top(line_height + hair);
    }
    draw_lines(
        canvas, lines.bottom_part(std::max(1.0f, std::floor(lines.height / line_height)) * line_height), *terminal);
    auto const prompt = inside.bottom_part(control_height);
    auto& state = context.state;
    if (terminal->busy)
        return draw_running(canvas, prompt, *terminal, context);
    auto const response = text_field(canvas, "terminal.input", prompt, state.input,
        { .placeholder = "docker run --rm busybox echo hi",
            .style = theme::Style::Mono,
            .icon = theme::Icon::Terminal,
            .keeps_tab = true });
    // Only now, so that the key which opened the terminal is not typed into it.
    if (std::exchange(state.terminal_calls, false))
        canvas.interaction().focus("terminal.input");
    if (response.up)
        walk_history(state, *terminal, +1);
    if (response.down)
        walk_history(state, *terminal, -1);
    if (response.tab)
        complete_input(context);
    if (response.changed)
        state.completions.clear();
    if (!state.completions.empty())
        draw_completions(canvas, prompt, state.completions);
    if (response.submitted && !state.input.empty()) {
        state.completions.clear();
        context.commands.push_back(RunCommandLine { std::exchange(state.input, {}) });
        state.history_back = 0;
        state.player.follow();
    }
}

}
