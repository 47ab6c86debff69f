#include "visual/view/Column.h"

#include "sim/words/Language.h"

#include <fmt/format.h>

namespace drydock::view {

using namespace canvas;
using namespace theme::space;

namespace {
constexpr float json_indent = 16, link_height = 28;
}

Rect Column::take(float height)
{
    Rect const rect { 0, m_y, m_width, height };
    m_y += height;
    return rect;
}

void Column::text(std::string_view words, theme::Style style, theme::Color color, int max_lines)
{
    m_y += paragraph(m_canvas, { 0, m_y, m_width, 4000 }, words, style, color, Align::Start, max_lines);
}

void Column::title(std::string_view words)
{
    text_in(m_canvas, take(28), words, theme::Style::Strong, m_canvas.theme().text);
}

void Column::words(std::string_view words)
{
    text(words, theme::Style::Body, m_canvas.theme().text);
    gap(snug);
}

void Column::note(std::string_view words)
{
    text(words, theme::Style::Caption, m_canvas.theme().dim_text);
    gap(tight);
}

void Column::field(std::string_view name, std::string_view value, int max_lines)
{
    auto const& theme = m_canvas.theme();
    text(name, theme::Style::Caption, theme.dim_text, 1);
    text(value.empty() ? "–" : value, theme::Style::Mono, theme.text, max_lines);
    gap(tight);
}

void Column::mono(std::string_view words, int max_lines)
{
    text(words, theme::Style::Mono, m_canvas.theme().dim_text, max_lines);
    gap(snug);
}

bool Column::link(std::string_view name, std::string_view label, theme::Icon sign)
{
    auto const rect = take(link_height);
    if (!m_canvas.is_visible(rect))
        return false;
    auto const& theme = m_canvas.theme();
    auto const hand = touch(m_canvas, name, rect);
    if (hand.warmth > 0)
        fill(m_canvas, rect, theme::radius::bar, theme.text.faded(0.07f * hand.warmth));
    icon(m_canvas, { rect.x + 8, rect.center().y }, sign, theme.accent, theme::icon_size::small);
    text_in(m_canvas, rect.without_left(24), label, theme::Style::Body, theme.accent, Align::Start, Cut::Middle);
    focus_ring(m_canvas, hand, theme::radius::bar);
    return hand.clicked;
}

bool Column::sentence_link(std::string_view name, std::string_view sentence)
{
    constexpr int lines_of_sentence = 3;
    constexpr float left = 24;
    auto const& theme = m_canvas.theme();
    auto const line = Measure::line_height(theme::Style::Caption);
    auto const wanted = paragraph_height(m_canvas.measure(), theme::Style::Caption, sentence, m_width - left);
    auto const rect = take(std::min(wanted, lines_of_sentence * line) + tight);
    if (!m_canvas.is_visible(rect))
        return false;
    auto const hand = touch(m_canvas, name, rect);
    if (hand.warmth > 0)
        fill(m_canvas, rect, theme::radius::bar, theme.text.faded(0.07f * hand.warmth));
    icon(m_canvas, { rect.x + 8, rect.y + hair + line / 2 }, theme::Icon::Bolt, theme.accent, theme::icon_size::small);
    paragraph(m_canvas, rect.without_left(left).without_top(hair), sentence, theme::Style::Caption, theme.text,
        Align::Start, lines_of_sentence);
    focus_ring(m_canvas, hand, theme::radius::bar);
    return hand.clicked;
}

bool Column::command(std::string_view name, std::string_view command)
{
    auto const& theme = m_canvas.theme();
    auto const inside = m_width - 2 * snug - control_height;
    auto const height = std::max(
        control_height, paragraph_height(m_canvas.measure(), theme::Style::Mono, command, inside) + 2 * tight);
    auto const box = take(height);
    fill(m_canvas, box, theme::radius::control, theme.raised);
    paragraph(m_canvas, { snug, box.y + tight, inside, height }, command, theme::Style::Mono, theme.text);
    Rect const copy { box.right() - control_height - hair, box.y + (height - control_height) / 2, control_height,
        control_height };
    return icon_button(m_canvas, name, copy, theme::Icon::Copy,
        { .emphasis = Emphasis::Quiet, .hint = words::tr("Copy the command") });
}

void Column::json(std::string_view name, std::vector<JsonLine> const& lines, std::set<std::size_t>& folded)
{
    for (std::size_t i = 0; i < lines.size(); ++i) {
        json_line(name, lines, i, folded);
        if (folded.contains(i))
            i = lines[i].last;
    }
    gap(tight);
}

void Column::json_line(
    std::string_view name, std::vector<JsonLine> const& lines, std::size_t index, std::set<std::size_t>& folded)
{
    auto const& line = lines[index];
    auto const& theme = m_canvas.theme();
    auto const measure = m_canvas.measure();
    bool const foldable = line.last > index;
    bool const is_folded = foldable && folded.contains(index);
    auto const left = 18 + json_indent * static_cast<float>(line.depth);
    auto const key_width = measure.width(theme::Style::Mono, line.key);
    auto value = line.text;
    if (is_folded)
        value += " … " + lines[line.last].text;
    bool const below = left + key_width > m_width * 0.7f; // a long key has its value on the next line
    auto const value_left = below ? left + json_indent : left + key_width;
    auto const value_width = std::max(40.0f, m_width - value_left);
    auto const row = Measure::line_height(theme::Style::Mono);
    auto const height = std::max(row, paragraph_height(measure, theme::Style::Mono, value, value_width));
    auto const rect = take(height + (below ? row : 0));
    if (!m_canvas.is_visible(rect))
        return;
    if (foldable) {
        auto const hand = touch(m_canvas, fmt::format("{}.fold.{}", name, index), rect.top_part(row), Reach::MouseOnly);
        icon(m_canvas, { left - 11, rect.y + row / 2 }, is_folded ? theme::Icon::Right : theme::Icon::Down,
            hand.hovered ? theme.text : theme.dim_text, 11);
        if (hand.clicked && folded.erase(index) == 0)
            folded.insert(index);
    }
    if (!line.key.empty())
        text_in(m_canvas, { left, rect.y, m_width - left, row }, line.key, theme::Style::Mono, theme.accent);
    paragraph(m_canvas, { value_left, rect.y + (below ? row : 0), value_width, height }, value, theme::Style::Mono,
        theme.text);
}

}
