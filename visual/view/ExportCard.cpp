#include "sim/words/Language.h"
#include "sim/words/Told.h"
#include "visual/view/Views.h"

#include <fmt/format.h>

#include <array>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;

struct ExportKind {
    std::string_view label, ending, says;
};

constexpr std::array export_kinds {
    ExportKind { words::key("Page"), ".html", words::key("One file that any browser plays, without a network") },
    ExportKind { words::key("Picture"), ".png", words::key("The moment that is shown") },
    ExportKind { words::key("Film"), ".mp4", words::key("With its captions as subtitles; needs ffmpeg") },
    ExportKind { words::key("GIF"), ".gif", words::key("A film for slides; needs ffmpeg") },
    ExportKind { words::key("Storyboard"), "", words::key("A folder to print: stills, captions, questions, answers") },
};

// The same name with the ending of that kind.
std::string renamed(std::string path, std::string_view ending)
{
    auto const slash = path.rfind('/');
    auto const dot = path.rfind('.');
    if (dot != std::string::npos && (slash == std::string::npos || dot > slash + 1))
        path.resize(dot);
    return path.append(ending);
}

void draw_working(Canvas const& canvas, Rect const& room, ExportState const& state, Context& context)
{
    meter(canvas, Rect { room.x, room.y + 10, room.width - 180, 12 }, static_cast<float>(state.percent) / 100,
        theme::Category::Process);
    text_in(canvas, room.without_right(120).right_part(50), fmt::format("{} %", state.percent), theme::Style::Caption,
        canvas.theme().dim_text, Align::End);
    if (button(canvas, "export.stop", room.right_part(110), words::tr("Stop"), { .icon = theme::Icon::Stop }))
        context.commands.push_back(StopExport {});
}

void draw_outcome(Canvas const& canvas, Rect const& room, ExportState const& state)
{
    bool const done = state.phase == ExportState::Phase::Done;
    auto const& theme = canvas.theme();
    icon(canvas, { room.x + 8, room.y + 11 }, done ? theme::Icon::Check : theme::Icon::Warning,
        theme[done ? theme::Category::Network : theme::Category::Alert].stroke);
    paragraph(canvas, room.without_left(28), done ? words::say("Written: {}", state.path) : words::told(state.message),
        theme::Style::Caption, theme.text, Align::Start, 2);
}

}

void draw_export(Canvas const& canvas, Context& context)
{
    auto& state = context.state;
    auto const box = Rect::centered(canvas.bounds().center(), { 700, 262 });
    canvas::Overlay const overlay(canvas, "export", box, OverlayKind::Modal);
    auto const& on = overlay.canvas();
    auto const& theme = on.theme();
    card(on, box, { .elevation = theme::Elevation::Spotlight });
    auto inside = box.inset(broad, wide);
    text_in(on, inside.top_part(28), words::tr("Export"), theme::Style::Heading, theme.text);
    inside = inside.without_top(44);
    std::array<std::string_view, export_kinds.size()> labels;
    for (std::size_t i = 0; i < labels.size(); ++i)
        labels[i] = words::tr(export_kinds[i].label);
    if (state.export_path.empty())
        state.export_path = context.input.export_place + std::string(export_kinds[state.export_kind].ending);
    if (segmented(on, "export.kind", inside.top_part(control_height), labels, state.export_kind))
        state.export_path = renamed(state.export_path, export_kinds[state.export_kind].ending);
    auto const& kind = export_kinds[state.export_kind];
    inside = inside.without_top(control_height + tight);
    text_in(on, inside.top_part(22), words::tr(kind.says), theme::Style::Caption, theme.dim_text);
    inside = inside.without_top(22 + snug);
    auto const response = text_field(on, "export.path", inside.top_part(control_height), state.export_path,
        { .style = theme::Style::Mono, .icon = theme::Icon::File });
    inside = inside.without_top(control_height + normal);
    auto const* export_state = context.input.exporting;
    bool const working = export_state != nullptr && export_state->phase == ExportState::Phase::Working;
    if (working)
        draw_working(on, inside.top_part(control_height), *export_state, context);
    else {
        if (export_state != nullptr && export_state->phase != ExportState::Phase::Idle)
            draw_outcome(on, inside.without_right(150), *export_state);
        bool const pressed = button(on, "export.start", inside.top_part(control_height).right_part(140),
            words::tr("Export"), { .emphasis = Emphasis::Primary, .icon = theme::Icon::Download });
        if ((pressed || response.submitted) && !state.export_path.empty())
            context.commands.push_back(StartExport {
                .path = state.export_path, .beat = state.player.is_open() ? state.player.beat_index() + 1 : 1 });
    }
    Rect const close { box.right() - control_height - snug, box.y + snug, control_height, control_height };
    if (icon_button(
            on, "export.close", close, theme::Icon::Close, { .emphasis = Emphasis::Quiet, .hint = words::tr("Close") })
        || overlay.dismissed())
        state.overlay = Overlay::None;
}

}
