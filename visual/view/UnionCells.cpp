#include "visual/view/UnionCells.h"

#include "sim/words/Language.h"
#include "visual/canvas/Easing.h"

namespace drydock::view {

namespace {

using namespace canvas;
using overlay::Kind;
using overlay::Part;

std::string label_of(overlay::Object const& object)
{
    switch (object.kind) {
    case Kind::Whiteout: return std::string(words::tr("whiteout"));
    case Kind::Directory: return std::string(object.opaque ? words::tr("opaque") : words::tr("directory"));
    case Kind::Symlink: return std::string(words::tr("link"));
    case Kind::File: return human_size(object.size);
    case Kind::Absent:
    case Kind::Other: break;
    }
    return std::string(words::tr("special"));
}

// Icon and words in the middle; where the words lie.
Rect draw_label(Canvas const& on, Rect const& cell, std::string const& text, theme::Color color, theme::Icon sign)
{
    auto const width = std::min(on.measure().width(theme::Style::Caption, text), cell.width - 26);
    auto const room = Rect::centered(cell.center(), { width + 18, cell.height });
    icon(on, { room.x + 6, room.center().y }, sign, color, 12);
    text_in(on, room.without_left(18), text, theme::Style::Caption, color);
    return room.without_left(18);
}

void draw_whiteout(Canvas const& on, Rect const& cell)
{
    auto const& theme = on.theme();
    fill(on, cell, theme::radius::bar, theme.text);
    draw_label(on, cell, std::string(words::tr("whiteout")), theme.surface, theme::Icon::Close);
}

}

theme::Icon icon_of_kind(Kind kind)
{
    switch (kind) {
    case Kind::Directory: return theme::Icon::Folder;
    case Kind::Symlink: return theme::Icon::Link;
    case Kind::File: return theme::Icon::FileText;
    case Kind::Absent:
    case Kind::Whiteout:
    case Kind::Other: break;
    }
    return theme::Icon::File;
}

void strike(Canvas const& canvas, Rect const& text, theme::Color color)
{
    line(canvas, { text.x, text.center().y + 1 }, { text.right(), text.center().y + 1 }, color, 1.5f);
}

void draw_union_copy(Canvas const& on, Rect const& cell, overlay::Copy const& copy)
{
    auto const& theme = on.theme();
    auto const& storage = theme[theme::Category::Storage];
    auto const sign = icon_of_kind(copy.object.kind);
    switch (copy.part) {
    case Part::Answers:
        if (copy.object.kind == Kind::Directory && !copy.object.opaque)
            return icon(on, cell.center(), sign, storage.stroke);
        fill(on, cell, theme::radius::bar, storage.fill);
        draw_label(on, cell, label_of(copy.object), storage.on_fill, sign);
        return;
    case Part::Merges: return icon(on, cell.center(), sign, theme.dim_text);
    case Part::Whiteout: return draw_whiteout(on, cell);
    case Part::Hidden: break;
    }
    fill(on, cell, theme::radius::bar, theme.surface);
    hatch(on, cell, theme.line, 6);
    outline(on, cell, theme::radius::bar, theme.dim_text.faded(0.7f), 1, Stroke::Dashed);
    strike(on, draw_label(on, cell, label_of(copy.object), theme.dim_text, sign), theme.dim_text);
}

void draw_union_motion(
    Canvas const& on, Rect const& home, Rect const& from, UnionAction const& action, Kind kind, float k)
{
    auto const& theme = on.theme();
    auto const& storage = theme[theme::Category::Storage];
    auto const way = standard(k);
    switch (action.motion) {
    case UnionMotion::CopyUp: {
        outline(on, home, theme::radius::bar, storage.stroke, 1, Stroke::Dashed);
        auto const parcel = lerp(from, home, way);
        fill(on, parcel, theme::radius::bar, storage.fill);
        draw_label(on, parcel, label_of({ .kind = kind, .size = action.bytes }), storage.on_fill, theme::Icon::Copy);
        return;
    }
    case UnionMotion::Create:
        outline(on, home, theme::radius::bar, storage.stroke, 1, Stroke::Dashed);
        fill(on, Rect::centered(home.center(), { home.width * way, home.height }), theme::radius::bar, storage.fill);
        return;
    case UnionMotion::Whiteout: return draw_whiteout(on.dimmed(way), home.moved(0, (way - 1) * home.height));
    case UnionMotion::Write:
    case UnionMotion::Change:
    case UnionMotion::Opaque: return pulse(on, home, theme::radius::bar, theme.accent, k);
    case UnionMotion::Remove:
    case UnionMotion::LookUp: return;
    }
}

}
