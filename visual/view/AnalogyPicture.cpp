#include "visual/view/AnalogyPicture.h"

#include "sim/words/Language.h"
#include "visual/canvas/Draw.h"
#include "visual/canvas/Text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>

namespace drydock::view {

namespace {

using namespace canvas;
using ShapeKind = PictureShape::Kind;

constexpr std::array<std::pair<std::string_view, ShapeKind>, 6> shape_kinds { {
    { "box", ShapeKind::Box },
    { "sheet", ShapeKind::Sheet },
    { "disc", ShapeKind::Disc },
    { "line", ShapeKind::Line },
    { "arrow", ShapeKind::Arrow },
    { "label", ShapeKind::Label },
} };

std::optional<PictureShape> shape_of(std::string const& line)
{
    std::istringstream words(line);
    std::string name;
    float x = 0, y = 0, width = 0, height = 0;
    if (!(words >> name >> x >> y >> width >> height))
        return std::nullopt;
    auto const* const kind
        = std::find_if(shape_kinds.begin(), shape_kinds.end(), [&](auto const& k) { return k.first == name; });
    auto const far = std::max({ std::abs(x), std::abs(y), std::abs(width), std::abs(height) });
    if (kind == shape_kinds.end() || !(far <= picture_field.width))
        return std::nullopt;
    PictureShape shape { .kind = kind->second, .place = { x, y, width, height } };
    if (shape.kind == ShapeKind::Line || shape.kind == ShapeKind::Arrow) // these say where they end
        shape.place = { x, y, width - x, height - y };
    std::getline(words >> std::ws, shape.text);
    return shape;
}

class AnalogyPainter {
public:
    AnalogyPainter(Canvas const& canvas, Rect const& field)
        : m_canvas(canvas)
        , m_theme(canvas.theme())
        , m_field(field)
        , m_unit(field.width / picture_field.width)
    {
    }

    void draw(PictureShape const& shape) const
    {
        auto const rect = placed(shape.place);
        auto const words = words::tr(shape.text);
        switch (shape.kind) {
        case ShapeKind::Box:
            card(m_canvas, rect, { .elevation = theme::Elevation::Card });
            return write(rect.inset(theme::space::hair, 0), words, m_theme.text);
        case ShapeKind::Sheet: {
            auto const& colors = m_theme[theme::Category::Storage];
            fill(m_canvas, rect, theme::radius::bar, theme::over(colors.fill.faded(m_theme.tint), m_theme.surface));
            outline(m_canvas, rect, theme::radius::bar, colors.stroke, 1.5f);
            return write(rect.inset(theme::space::hair, 0), words, m_theme.text);
        }
        case ShapeKind::Disc: {
            auto const& colors = m_theme[theme::Category::Process];
            auto const radius = std::min(rect.width, rect.height) / 2;
            disc(m_canvas, rect.center(), radius, theme::over(colors.fill.faded(m_theme.tint), m_theme.surface));
            ring(m_canvas, rect.center(), radius, colors.stroke, 2);
            return write(rect, words, m_theme.text);
        }
        case ShapeKind::Line:
            line(m_canvas, rect.origin(), end_of(rect), m_theme.dim_text, 2);
            return beside(rect, words);
        case ShapeKind::Arrow: arrow(rect.origin(), end_of(rect)); return beside(rect, words);
        case ShapeKind::Label: return write(rect, words, m_theme.dim_text);
        }
    }

private:
    Rect placed(Rect const& r) const
    {
        return { m_field.x + r.x * m_unit, m_field.y + r.y * m_unit, r.width * m_unit, r.height * m_unit };
    }
    static Point end_of(Rect const& r) { return { r.x + r.width, r.y + r.height }; }

    void arrow(Point from, Point to) const
    {
        auto const way = to - from;
        auto const length = std::hypot(way.x, way.y);
        if (length < 1)
            return;
        Point const ahead = way * (1 / length), aside { -ahead.y, ahead.x };
        constexpr float head = 11;
        line(m_canvas, from, to, m_theme.accent, 2.5f);
        line(m_canvas, to, to - ahead * head + aside * (head * 0.6f), m_theme.accent, 2.5f);
        line(m_canvas, to, to - ahead * head - aside * (head * 0.6f), m_theme.accent, 2.5f);
    }

    // The largest style in which the text fits its place.
    void write(Rect const& rect, std::string_view words, theme::Color color) const
    {
        if (words.empty())
            return;
        auto style = theme::Style::Caption;
        for (auto const larger : { theme::Style::Strong, theme::Style::Heading }) {
            if (m_canvas.measure().width(larger, words) <= rect.width && Measure::line_height(larger) <= rect.height)
                style = larger;
        }
        if (m_canvas.measure().width(style, words) <= rect.width
            || rect.height < 2 * Measure::line_height(theme::Style::Caption))
            return text_in(m_canvas, rect, words, style, color, Align::Center);
        auto const height = std::min(rect.height, paragraph_height(m_canvas.measure(), style, words, rect.width));
        paragraph(m_canvas, Rect::centered(rect.center(), { rect.width, height }), words, style, color, Align::Center,
            static_cast<int>(rect.height / Measure::line_height(style)));
    }

    // Over the middle of a line.
    void beside(Rect const& way, std::string_view words) const
    {
        if (words.empty())
            return;
        auto const width = m_canvas.measure().width(theme::Style::Caption, words) + theme::space::tight;
        auto const middle = way.origin() + Point { way.width, way.height } * 0.5f;
        auto const box = Rect::centered({ middle.x, middle.y - 14 }, { width, 22 });
        text_in(m_canvas, box, words, theme::Style::Caption, m_theme.dim_text, Align::Center);
    }

    Canvas const& m_canvas;
    theme::Theme const& m_theme;
    Rect m_field;
    float m_unit;
};

}

std::vector<PictureShape> shapes_of(std::vector<std::string> const& picture)
{
    std::vector<PictureShape> shapes;
    for (auto const& line : picture) {
        if (auto shape = shape_of(line))
            shapes.push_back(std::move(*shape));
    }
    return shapes;
}

void draw_analogy(Canvas const& canvas, Rect const& room, std::vector<PictureShape> const& shapes)
{
    auto const unit = std::min(room.width / picture_field.width, room.height / picture_field.height);
    AnalogyPainter const painter(
        canvas, Rect::centered(room.center(), { picture_field.width * unit, picture_field.height * unit }));
    for (auto const& shape : shapes)
        painter.draw(shape);
}

}
