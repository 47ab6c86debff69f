#pragma once

// Things below each other in a box that may scroll: text, fields, commands, JSON. Counts how far down it has come, and
// draws only what is in sight.

#include "visual/canvas/Widgets.h"
#include "visual/view/JsonText.h"

#include <set>
#include <string>
#include <string_view>

namespace drydock::view {

class Column {
public:
    Column(canvas::Canvas const& canvas, float width)
        : m_canvas(canvas)
        , m_width(width)
    {
    }

    float y() const { return m_y; }
    float width() const { return m_width; }
    canvas::Canvas const& canvas() const { return m_canvas; }

    // The next `height` of the box.
    canvas::Rect take(float height);
    void gap(float height) { m_y += height; }

    void text(std::string_view, theme::Style, theme::Color, int max_lines = 1000);
    void title(std::string_view);
    void words(std::string_view);
    void note(std::string_view); // dim and small
    void field(std::string_view name, std::string_view value, int max_lines = 4);
    void mono(std::string_view, int max_lines = 24);
    // A row that leads somewhere. True where it was clicked.
    bool link(std::string_view name, std::string_view label, theme::Icon = theme::Icon::Right);
    // The same for a sentence: it may take three lines.
    bool sentence_link(std::string_view name, std::string_view sentence);
    // A command in a box with a button that copies it. True where that was pressed.
    bool command(std::string_view name, std::string_view command);
    // `folded` are the lines whose insides are hidden; clicking a bracket folds.
    void json(std::string_view name, std::vector<JsonLine> const&, std::set<std::size_t>& folded);

private:
    void json_line(
        std::string_view name, std::vector<JsonLine> const&, std::size_t index, std::set<std::size_t>& folded);

    canvas::Canvas const& m_canvas;
    float m_width;
    float m_y { 0 };
};

}
