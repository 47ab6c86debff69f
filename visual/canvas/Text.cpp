#include "visual/canvas/Text.h"

#include <cmath>

namespace drydock::canvas {

namespace {

constexpr std::string_view ellipsis = "…";

bool continues_character(char byte)
{
    return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

std::size_t next_character(std::string_view text, std::size_t at)
{
    ++at;
    while (at < text.size() && continues_character(text[at]))
        ++at;
    return at;
}

std::size_t previous_character(std::string_view text, std::size_t at)
{
    --at;
    while (at > 0 && continues_character(text[at]))
        --at;
    return at;
}

// The longest beginning of `text` that fits, in whole characters.
std::size_t fitting(Measure const& measure, theme::Style style, std::string_view text, float width)
{
    float used = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        auto const next = next_character(text, at);
        used += measure.width(style, text.substr(at, next - at));
        if (used > width)
            break;
        at = next;
    }
    return at;
}

std::string elided_in_the_middle(Measure const& measure, theme::Style style, std::string_view text, float room)
{
    auto const head = fitting(measure, style, text, room / 2);
    auto const tail_room = room - measure.width(style, text.substr(0, head));
    auto tail = text.size();
    while (tail > head) {
        auto const previous = previous_character(text, tail);
        if (measure.width(style, text.substr(previous)) > tail_room)
            break;
        tail = previous;
    }
    return std::string(text.substr(0, head)).append(ellipsis).append(text.substr(tail));
}

// Where the line that begins `text` ends, and where the next one begins.
struct Break {
    std::size_t end, next;
};

Break first_break(Measure const& measure, theme::Style style, std::string_view text, float width)
{
    auto const newline = std::min(text.find('\n'), text.size());
    auto const line = text.substr(0, newline);
    auto const fits = fitting(measure, style, line, width);
    if (fits == line.size())
        return { newline, std::min(newline + 1, text.size()) };
    auto const space = line[fits] == ' ' ? fits : line.substr(0, fits).rfind(' ');
    if (space != std::string_view::npos && space > 0)
        return { space, std::min(text.find_first_not_of(' ', space), text.size()) };
    auto const forced = std::max(fits, next_character(line, 0)); // A box narrower than a letter still makes progress.
    return { forced, forced };
}

float aligned(Rect const& box, float width, Align align)
{
    switch (align) {
    case Align::Start: return box.x;
    case Align::Center: return box.x + (box.width - width) / 2;
    case Align::End: return box.right() - width;
    }
    return box.x;
}

// Draws with the base line at `y`; the face's ascent is above it.
void draw_line(Canvas const& canvas, Point base, std::string_view text, theme::Style style, theme::Color color)
{
    auto const& type = theme::type_style(style);
    auto const zoomed = canvas.scale() != canvas.fonts().scale();
    auto const pixels = std::round(type.em * theme::line_to_em(type.face) * canvas.scale());
    auto& font = zoomed ? canvas.fonts().font_for(type.face, pixels) : canvas.fonts().font(style);
    auto const size = zoomed ? pixels : font.FontSize;
    canvas.interaction().note_letters(type.em * canvas.scale() / canvas.fonts().scale());
    auto position = canvas.snapped(base);
    position.y -= std::round(font.Ascent * size / font.FontSize);
    canvas.list().AddText(&font, size, position, canvas.ink(color), text.data(), text.data() + text.size());
}

}

std::string elided(Measure const& measure, theme::Style style, std::string_view text, float width, Cut cut)
{
    if (measure.width(style, text) <= width)
        return std::string(text);
    auto const room = width - measure.width(style, ellipsis);
    if (room <= 0)
        return std::string(ellipsis);
    if (cut == Cut::Middle)
        return elided_in_the_middle(measure, style, text, room);
    auto end = fitting(measure, style, text, room);
    while (end > 0 && text[end - 1] == ' ')
        --end;
    return std::string(text.substr(0, end)).append(ellipsis);
}

std::vector<std::string_view> wrapped(Measure const& measure, theme::Style style, std::string_view text, float width)
{
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        auto const [end, next] = first_break(measure, style, text, width);
        lines.push_back(text.substr(0, end));
        text.remove_prefix(next);
    }
    return lines;
}

float paragraph_height(Measure const& measure, theme::Style style, std::string_view text, float width)
{
    return static_cast<float>(wrapped(measure, style, text, width).size()) * Measure::line_height(style);
}

std::string without_columns(std::string_view line)
{
    std::string text;
    for (char const c : line) {
        if (c != ' ' || !text.ends_with("  "))
            text += c;
    }
    while (text.ends_with(' '))
        text.pop_back();
    return text;
}

float text(Canvas const& canvas, Point top_left, std::string_view text, theme::Style style, theme::Color color)
{
    auto const middle = top_left.y + Measure::line_height(style) / 2;
    draw_line(canvas, { top_left.x, middle + theme::type_style(style).em * cap_height / 2 }, text, style, color);
    return canvas.measure().width(style, text);
}

void text_in(Canvas const& canvas, Rect const& box, std::string_view text, theme::Style style, theme::Color color,
    Align align, Cut cut)
{
    if (!canvas.is_visible(box))
        return;
    auto const measure = canvas.measure();
    auto const fitted = elided(measure, style, text, box.width + 0.5f, cut);
    auto const x = aligned(box, measure.width(style, fitted), align);
    draw_line(canvas, { x, box.center().y + theme::type_style(style).em * cap_height / 2 }, fitted, style, color);
}

float paragraph(Canvas const& canvas, Rect const& box, std::string_view text, theme::Style style, theme::Color color,
    Align align, int max_lines)
{
    auto const measure = canvas.measure();
    auto const height = Measure::line_height(style);
    auto const lines = wrapped(measure, style, text, box.width);
    auto const shown = std::min(lines.size(), static_cast<std::size_t>(std::max(0, max_lines)));
    for (std::size_t i = 0; i < shown; ++i) {
        Rect const line { box.x, box.y + static_cast<float>(i) * height, box.width, height };
        auto const cut = i + 1 == shown && shown < lines.size();
        text_in(
            canvas, line, cut ? std::string(lines[i]).append(ellipsis) : std::string(lines[i]), style, color, align);
    }
    return static_cast<float>(shown) * height;
}

}
