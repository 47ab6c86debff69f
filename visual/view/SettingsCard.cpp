#include "sim/words/Language.h"
#include "visual/view/Views.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;

// Rows of a label and what is chosen; every one is reached by Tab and changed by Enter or Space.
class SettingsRows {
public:
    SettingsRows(Canvas const& canvas, Rect const& room)
        : m_canvas(canvas)
        , m_room(room)
    {
    }

    Rect row(std::string_view label)
    {
        auto const line = m_room.top_part(control_height);
        m_room = m_room.without_top(control_height + snug);
        text_in(m_canvas, line.left_part(170), label, theme::Style::Body, m_canvas.theme().dim_text);
        return line.without_left(180);
    }

    bool choice(
        std::string_view name, std::string_view label, std::vector<std::string_view> const& labels, std::size_t& chosen)
    {
        return segmented(m_canvas, name, row(label), labels, chosen);
    }

private:
    Canvas const& m_canvas;
    Rect m_room;
};

void choose_theme(SettingsRows& rows, Context& context)
{
    auto chosen = static_cast<std::size_t>(context.input.theme);
    if (rows.choice("settings.theme", words::tr("Theme"),
            { words::tr("Dark"), words::tr("Light"), words::tr("Projector") }, chosen))
        context.commands.push_back(ChooseTheme { theme::all_themes.at(chosen) });
}

void choose_language(SettingsRows& rows, Context& context)
{
    auto const* languages = context.input.languages;
    if (languages == nullptr || languages->empty())
        return;
    std::vector<std::string_view> names;
    std::size_t chosen = 0;
    for (std::size_t i = 0; i < languages->size(); ++i) {
        names.push_back((*languages)[i].name);
        chosen = (*languages)[i].code == words::language() ? i : chosen;
    }
    if (rows.choice("settings.language", words::tr("Language"), names, chosen))
        context.commands.push_back(ChooseLanguage { (*languages)[chosen].code });
}

// "125 %" between a minus and a plus.
void choose_size(Canvas const& canvas, SettingsRows& rows, Context& context)
{
    auto const room = rows.row(words::tr("Size"));
    auto const zoom = static_cast<int>(std::lround(context.input.zoom * 100));
    auto const less = room.left_part(control_height), more = less.moved(control_height + 70, 0);
    if (icon_button(canvas, "settings.smaller", less, theme::Icon::Minus,
            { .hint = words::tr("Smaller"), .chord = chord_of(Action::ZoomOut), .enabled = zoom > 75 }))
        context.commands.push_back(ChangeZoom { -1 });
    text_in(canvas, { less.right(), less.y, 70, less.height }, fmt::format("{} %", zoom), theme::Style::Strong,
        canvas.theme().text, Align::Center);
    if (icon_button(canvas, "settings.larger", more, theme::Icon::Plus,
            { .hint = words::tr("Larger"), .chord = chord_of(Action::ZoomIn), .enabled = zoom < 250 }))
        context.commands.push_back(ChangeZoom { +1 });
}

void choose_depth(SettingsRows& rows, Context& context)
{
    auto chosen = static_cast<std::size_t>(std::clamp(context.input.first_depth, 0, 3));
    if (rows.choice("settings.depth", words::tr("Lessons begin with"),
            { words::tr("Their own"), words::tr("Roles"), words::tr("Objects"), words::tr("Metal") }, chosen))
        context.commands.push_back(ChooseFirstDepth { static_cast<int>(chosen) });
}

}

void draw_settings(Canvas const& canvas, Context& context)
{
    auto& state = context.state;
    auto const box = Rect::centered(canvas.bounds().center(), { 640, 370 });
    canvas::Overlay const overlay(canvas, "settings", box, OverlayKind::Modal);
    auto const& on = overlay.canvas();
    card(on, box, { .elevation = theme::Elevation::Spotlight });
    auto const inside = box.inset(broad, wide);
    text_in(on, inside.top_part(28), words::tr("Settings"), theme::Style::Heading, on.theme().text);
    SettingsRows rows(on, inside.without_top(44));
    choose_theme(rows, context);
    choose_language(rows, context);
    choose_size(on, rows, context);
    toggle(on, "settings.reduced-motion", rows.row(words::tr("Motion")),
        words::tr("Reduced: stills instead of movement"), state.reduced_motion);
    choose_depth(rows, context);
    text_in(
        on, inside.bottom_part(22), words::tr("Kept for the next time"), theme::Style::Caption, on.theme().dim_text);
    Rect const close { box.right() - control_height - snug, box.y + snug, control_height, control_height };
    if (icon_button(on, "settings.close", close, theme::Icon::Close,
            { .emphasis = Emphasis::Quiet, .hint = words::tr("Close") })
        || overlay.dismissed())
        state.overlay = Overlay::None;
}

}
