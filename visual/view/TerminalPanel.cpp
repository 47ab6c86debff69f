#include "sim/words/Language.h"
#include "visual/view/Views.h"

#include <cmath>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;

constexpr float line_height = 22;

void draw_lines(Canvas const& canvas, Rect const& rect, Terminal const& terminal)
{
    auto const& theme = canvas.theme();
    ScrollArea area(canvas, "terminal.lines", rect);
    float y = 0;
    for (auto const& line : terminal.lines) {
        bool const typed = line.kind == TerminalLine::Kind::Typed;
        auto const color = typed                     ? theme.text
            : line.kind == TerminalLine::Kind::Error ? theme[theme::Category::Alert].stroke
                                                     : theme.dim_text;
        text_in(area.canvas(), { 0, y, area.width(), line_height }, (typed ? "$ " : "") + line.text, theme::Style::Mono,
            color);
        y += line_height;
    }
    area.set_content_height(y);
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
    if (terminal->busy) {
        text_in(canvas, prompt.without_right(120), words::tr("running …"), theme::Style::Mono, theme.dim_text);
        if (button(canvas, "terminal.interrupt", prompt.right_part(110), words::tr("Interrupt"),
                { .icon = theme::Icon::Stop, .hint = words::tr("As Ctrl+C does") }))
            context.commands.push_back(InterruptCommand {});
        return;
    }
    auto const response = text_field(canvas, "terminal.input", prompt, state.input,
        { .placeholder = "docker run --rm busybox echo hi",
            .style = theme::Style::Mono,
            .icon = theme::Icon::Terminal });
    // Only now, so that the key which opened the terminal is not typed into it.
    if (std::exchange(state.terminal_calls, false))
        canvas.interaction().focus("terminal.input");
    if (response.up)
        walk_history(state, *terminal, +1);
    if (response.down)
        walk_history(state, *terminal, -1);
    if (response.submitted && !state.input.empty()) {
        context.commands.push_back(RunCommandLine { std::exchange(state.input, {}) });
        state.history_back = 0;
        state.player.follow();
    }
}

}
