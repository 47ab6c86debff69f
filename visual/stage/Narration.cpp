#include "visual/stage/Narration.h"

#include "visual/theme/Tokens.h"

#include <algorithm>

namespace drydock::stage {

namespace {

using namespace theme::space;
using theme::Style;
using Kind = Paragraph::Kind;

constexpr float mark_width = 22;

std::vector<Paragraph> all_paragraphs(Node const& node)
{
    std::vector<Paragraph> list;
    auto const add = [&](Kind kind, std::string text, Style style) {
        if (!text.empty())
            list.push_back({ .kind = kind, .text = std::move(text), .style = style, .rect = {}, .lines = 0 });
    };
    add(Kind::Title, node.title, Style::Strong);
    add(Kind::Say, node.subtitle, Style::Body);
    add(Kind::Question, node.note, Style::Body);
    for (auto const& line : node.lines) {
        add(Kind::Goal, line.substr(1), Style::Caption);
        list.back().met = line.starts_with(goal_met);
    }
    return list;
}

}

std::vector<Paragraph> paragraphs_of(Node const& node, Ruler const& ruler)
{
    auto const inside = node.rect.inset(normal, snug);
    auto list = all_paragraphs(node);
    float y = inside.y;
    for (auto& paragraph : list) {
        bool const goal = paragraph.kind == Kind::Goal;
        auto const left = goal ? mark_width : 0;
        auto const line = ruler.paragraph_height(paragraph.style, "x", inside.width);
        auto const wanted = ruler.paragraph_height(paragraph.style, paragraph.text, inside.width - left);
        auto const height = std::min(wanted, inside.bottom() - y + 1);
        paragraph.lines = static_cast<int>((height + 1) / line);
        paragraph.rect = { inside.x + left, y, inside.width - left, height };
        // A question or a goal is told whole or not at all; the author's words come first.
        bool const told = paragraph.kind <= Kind::Say || height >= wanted - 1;
        paragraph.lines = told ? paragraph.lines : 0;
        y += told ? height + (goal ? hair : tight) : 0;
    }
    std::erase_if(list, [](Paragraph const& paragraph) { return paragraph.lines < 1; });
    return list;
}

float trouble_title_height(Node const& node, Ruler const& ruler)
{
    constexpr float most_lines = 3;
    auto const width = node.rect.width - 2 * normal - trouble_mark;
    return std::min(most_lines * ruler.paragraph_height(Style::Strong, "x", width),
        ruler.paragraph_height(Style::Strong, node.title, width));
}

float narration_height(Node const& node, Rect const& room, Ruler const& ruler)
{
    auto tall = node;
    tall.rect = { room.x, 0, room.width, 4000 };
    auto list = paragraphs_of(tall, ruler);
    while (list.size() > 2 && list.back().rect.bottom() + snug > room.height)
        list.pop_back();
    return list.empty() ? 0 : std::min(room.height, list.back().rect.bottom() + snug);
}

}
