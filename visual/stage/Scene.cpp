#include "visual/stage/Scene.h"

#include "sim/core/Units.h"
#include "sim/words/Language.h"
#include "visual/canvas/Easing.h"
#include "visual/stage/Caption.h"
#include "visual/stage/Names.h"
#include "visual/stage/Painter.h"
#include "visual/stage/Regions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace drydock::stage {

namespace {

using Seconds = std::chrono::duration<double>;

// The light moves from one beat's actors to the next one's within this time.
constexpr double light_time = 0.25;

// An object is lit if the beat names it, something it belongs to or something that belongs to it.
bool is_lit(std::string const& id, std::vector<std::string> const& focus)
{
    if (focus.empty())
        return true;
    return std::any_of(focus.begin(), focus.end(), [&](std::string const& lit) {
        return lit == id
            || (id.starts_with(lit) && id.size() > lit.size() && (id[lit.size()] == '/' || id[lit.size()] == '@'))
            || (lit.starts_with(id) && lit[id.size()] == '/');
    });
}

bool is_ground(NodeKind kind)
{
    return kind == NodeKind::Host || kind == NodeKind::Narration || kind == NodeKind::Trouble;
}

// The point after `part` of a polyline's length.
Point along(std::vector<Point> const& path, float part)
{
    float length = 0;
    for (std::size_t i = 1; i < path.size(); ++i)
        length += std::hypot(path[i].x - path[i - 1].x, path[i].y - path[i - 1].y);
    float way = std::clamp(part, 0.0f, 1.0f) * length;
    for (std::size_t i = 1; i < path.size(); ++i) {
        auto const step = std::hypot(path[i].x - path[i - 1].x, path[i].y - path[i - 1].y);
        if (way <= step && step > 0)
            return canvas::lerp(path[i - 1], path[i], way / step);
        way -= step;
    }
    return path.back();
}

// What is carried into a place that was kept for it becomes as large as that place.
Rect grown_into(Node const& target, canvas::Size box, Point at, float progress)
{
    if (target.kind != NodeKind::Layer && target.kind != NodeKind::Image && target.kind != NodeKind::Blob)
        return Rect::centered(at, box);
    auto const arrival = canvas::smooth(std::clamp((progress - 0.7f) / 0.3f, 0.0f, 1.0f));
    return Rect::centered(at,
        { canvas::lerp(box.width, target.rect.width, arrival), canvas::lerp(box.height, target.rect.height, arrival) });
}

Rect parcel_of(Node const& blob, float progress)
{
    return grown_into(blob, size::parcel, along(blob.path, progress), progress);
}

class SceneMaker {
public:
    SceneMaker(Layout const& before, Layout const& after, Beat const& beat, Beat const* previous, double story,
        Look const& look, Ruler const& ruler)
        : m_before(before)
        , m_after(after)
        , m_beat(beat)
        , m_previous(previous)
        , m_elapsed(story - beat.begin)
        , m_look(look)
        , m_ruler(ruler)
    {
    }

    Scene make()
    {
        m_scene.lit = m_beat.focus;
        m_scene.caption = m_beat.caption;
        m_scene.moving = m_elapsed < motion() + pulse_time;
        paint_leaving();
        paint_present();
        paint_pulse();
        paint_mover();
        paint_caption();
        return std::move(m_scene);
    }

private:
    double motion() const { return m_look.reduced_motion ? 0 : m_beat.motion; }

    // 0 to 1 over the beat's motion; things of a group start one after another.
    float progress(int rank = 0, int count = 1) const
    {
        auto const delay = m_look.reduced_motion ? Seconds(0) : Seconds(canvas::stagger(rank, count));
        auto const duration = std::max(0.0, motion() - delay.count());
        return canvas::progress(Seconds(m_elapsed), delay, Seconds(duration));
    }

    float light(Node const& node) const
    {
        if (is_ground(node.kind))
            return 1;
        auto const level
            = [&](std::vector<std::string> const& focus) { return is_lit(node.id, focus) ? 1.0f : m_look.unlit; };
        auto const now = level(m_beat.focus);
        auto const then = m_previous == nullptr ? 1.0f : level(m_previous->focus);
        return canvas::lerp(then, now,
            canvas::progress(Seconds(m_elapsed), Seconds(0), Seconds(m_look.reduced_motion ? 0 : light_time)));
    }

    void paint_leaving()
    {
        auto const k = progress();
        for (auto const& node : m_before.nodes) {
            if (m_after.find(node.id) == nullptr && k < 1)
                paint(node, { .rect = place_of(node, node, 1), .opacity = (1 - k) * light(node) }, m_ruler,
                    m_scene.primitives);
        }
    }

    void paint_present()
    {
        auto const entering = static_cast<int>(std::count_if(m_after.nodes.begin(), m_after.nodes.end(),
            [&](Node const& node) { return m_before.find(node.id) == nullptr; }));
        int rank = 0;
        for (auto const& node : m_after.nodes) {
            auto const* old = m_before.find(node.id);
            if (old != nullptr)
                paint_staying(*old, node);
            else
                paint_entering(node, progress(rank++, entering));
        }
    }

    // What a thing says changes half-way through; where it stands changes smoothly.
    void paint_staying(Node const& old, Node const& now)
    {
        auto const k = progress();
        Node shown = k < 0.5f ? old : now;
        shown.progress = canvas::lerp(old.progress, now.progress, canvas::travel(k));
        shown.path = now.path;
        if (now.kind == NodeKind::Wire)
            shown = now;
        if (now.kind == NodeKind::Daemon && meets_message(shown))
            shown.note.clear();
        Appearance look { .rect = place_of(old, now, canvas::standard(k)), .opacity = light(now) };
        if (now.kind == NodeKind::Blob)
            look.rect = parcel_of(now, shown.progress);
        if (now.kind == NodeKind::Client && now.lines != old.lines) {
            bool const typing = !now.lines.empty() && now.lines.back().starts_with("$ ");
            look.typed = typing ? k : 1;
            shown.lines = typing || k >= 0.5f ? now.lines : old.lines;
        }
        look.selected = now.id == m_look.selected;
        paint(shown, look, m_ruler, m_scene.primitives);
    }

    // A new thing comes out of what it is made of.
    void paint_entering(Node const& node, float k)
    {
        auto const eased = canvas::decelerate(k);
        Appearance look { .rect = node.rect, .opacity = eased * light(node) };
        if (node.kind == NodeKind::Blob) {
            Node shown = node;
            shown.progress *= canvas::travel(k);
            look.rect = parcel_of(node, shown.progress);
            look.opacity = light(node);
            return paint(shown, look, m_ruler, m_scene.primitives);
        }
        auto const* source = m_after.find(node.enters_from);
        if (source == nullptr)
            source = m_before.find(node.enters_from);
        if (source != nullptr)
            look.rect = canvas::lerp(Rect::centered(source->rect.center(), node.rect.size()), node.rect, eased);
        look.typed = k;
        look.selected = node.id == m_look.selected;
        paint(node, look, m_ruler, m_scene.primitives);
    }

    // A message that comes to rest at the daemon needs the row in which it tells what it is doing.
    bool meets_message(Node const& daemon) const
    {
        if (!m_beat.mover || daemon.note.empty())
            return false;
        auto const& path = m_beat.mover->path;
        auto const taken = m_ruler.width(theme::Style::Mono, m_beat.mover->label) + 28
            + m_ruler.width(theme::Style::Caption, daemon.note) + 24 + 3 * theme::space::snug;
        auto const* other
            = path.empty() ? nullptr : m_after.find(path.front() == daemon.id ? path.back() : path.front());
        bool const at_the_right = other != nullptr && other->rect.left() >= daemon.rect.right();
        return std::find(path.begin(), path.end(), daemon.id) != path.end()
            && (at_the_right || taken > daemon.rect.width);
    }

    static Rect place_of(Node const& old, Node const& now, float k)
    {
        if (now.kind == NodeKind::Blob)
            return parcel_of(now, now.progress);
        return canvas::lerp(old.rect, now.rect, k);
    }

    Node const* anchor() const
    {
        for (auto const& id : m_beat.focus) {
            if (auto const* node = m_after.find(id))
                return node;
            if (auto const* node = m_before.find(id))
                return node;
        }
        return nullptr;
    }

    void paint_pulse()
    {
        auto const* node = anchor();
        if (node == nullptr || node->kind == NodeKind::Narration || m_look.reduced_motion)
            return;
        auto const k = canvas::progress(Seconds(m_elapsed), Seconds(motion()), Seconds(pulse_time));
        if (k > 0 && k < 1)
            m_scene.primitives.push_back({ .id = node->id,
                .rect = place_of(*node, *node, 1),
                .opacity = 1,
                .shape = PulseShape { theme::radius::card, k } });
    }

    // Where a message of that width rests at an actor: in its second row, towards the one it came from or goes to.
    static Point rest(Node const& node, Rect const& other, float width)
    {
        if (node.kind == NodeKind::Layer || node.kind == NodeKind::Image)
            return node.rect.center();
        auto const half = width / 2 + 10;
        auto const y = node.kind == NodeKind::Container ? node.rect.y + 24 : node.rect.y + 60;
        auto x = node.rect.center().x;
        if (other.left() >= node.rect.right())
            x = std::max(x, node.rect.right() - half);
        else if (other.right() <= node.rect.left())
            x = std::min(x, node.rect.left() + half);
        return { x, y };
    }

    void paint_mover()
    {
        // A blob that is still there after the beat travels by itself.
        auto const* subject = m_beat.focus.empty() ? nullptr : m_after.find(m_beat.focus.front());
        if (!m_beat.mover || (subject != nullptr && subject->kind == NodeKind::Blob))
            return;
        std::vector<Node const*> stops;
        for (auto const& id : m_beat.mover->path) {
            if (auto const* node = m_after.find(id))
                stops.push_back(node);
        }
        if (stops.size() < 2)
            return;
        constexpr float widest = 340;
        auto const k = progress();
        auto const label = mover_label(k);
        auto const width = std::min(widest,
            std::max(m_ruler.width(theme::Style::Mono, label), m_ruler.width(theme::Style::Mono, m_beat.mover->label))
                + 28);
        std::vector<Point> path { rest(*stops[0], stops[1]->rect, width) };
        for (std::size_t i = 1; i < stops.size(); ++i)
            path.push_back(rest(*stops[i], stops[i - 1]->rect, width));
        bool const carries = m_beat.mover->bytes > 0, under_way = carries && k < 1;
        auto const box = canvas::Size { width, canvas::chip_height + (carries ? 12 : 2) };
        auto const part = canvas::travel(k);
        auto const place = carries ? grown_into(*stops.back(), box, along(path, part), part)
                                   : on_stage(Rect::centered(along(path, part), box));
        m_mover_at_rest
            = carries ? grown_into(*stops.back(), box, path.back(), 1) : on_stage(Rect::centered(path.back(), box));
        auto& out = m_scene.primitives;
        out.push_back({ .id = "mover",
            .rect = place,
            .opacity = 1,
            .shape = CardShape {
                { .elevation = theme::Elevation::Spotlight, .stripe = {}, .tint = m_beat.mover->category } } });
        out.push_back({ .id = "mover",
            .rect = place.inset(12, 0).without_bottom(under_way ? 10 : 0),
            .opacity = 1,
            .shape = TextShape { label, theme::Style::Mono, {}, canvas::Align::Center, canvas::Cut::Middle } });
        if (under_way)
            out.push_back({ .id = "mover",
                .rect = place.inset(12, 0).bottom_part(12).top_part(5),
                .opacity = 1,
                .shape = MeterShape { canvas::travel(k), m_beat.mover->category } });
    }

    // A long message rests beside an actor at the rim as far as there is room.
    Rect on_stage(Rect rect) const
    {
        auto const room = m_look.view.room.inset(theme::space::hair);
        rect.x = std::max(room.x, std::min(rect.x, room.right() - rect.width));
        return rect;
    }

    // A blob tells how much of it has come; everything else what it is.
    std::string mover_label(float k) const
    {
        auto const& mover = *m_beat.mover;
        if (mover.bytes == 0 || k >= 1)
            return mover.label;
        auto const arrived = static_cast<std::uint64_t>(static_cast<float>(mover.bytes) * canvas::travel(k));
        return words::say("{} of {}", human_size(arrived), human_size(mover.bytes));
    }

    void paint_caption()
    {
        if (m_beat.caption.empty())
            return;
        auto const* node = anchor();
        if (node != nullptr && node->kind == NodeKind::Narration)
            return; // says it itself
        auto const ground = occupied_ground();
        auto const at = node == nullptr ? Rect::centered(m_look.view.room.center(), {}) : speaking_place(*node);
        auto const caption = place_caption(m_beat.caption, at, m_look.view.room, ground, m_ruler);
        auto const k = canvas::decelerate(
            canvas::progress(Seconds(m_elapsed), Seconds(0), Seconds(m_look.reduced_motion ? 0 : 0.2)));
        auto& out = m_scene.primitives;
        out.push_back({ .id = "caption", .rect = caption.rect, .opacity = k, .shape = BubbleShape { caption.tail } });
        out.push_back({ .id = "caption",
            .rect = caption.rect.inset(caption_padding_x, caption_padding_y),
            .opacity = k,
            .shape = TextShape { m_beat.caption, theme::Style::Body, {}, canvas::Align::Start, canvas::Cut::End, 6 } });
    }

    // What a caption had better not cover: above all what is lit; then the words of the rest.
    Ground occupied_ground() const
    {
        Ground ground;
        for (auto const& node : m_after.nodes) {
            bool const is_empty
                = node.kind == NodeKind::Store || node.kind == NodeKind::Column || node.kind == NodeKind::Wire;
            bool const lit = is_lit(node.id, m_beat.focus);
            if (node.kind == NodeKind::Host || (is_empty && !lit))
                continue;
            (lit || is_ground(node.kind) ? ground.lit : ground.others).push_back(place_of(node, node, 1));
        }
        if (m_mover_at_rest)
            ground.lit.push_back(*m_mover_at_rest);
        for (auto const& primitive : m_scene.primitives) {
            if (auto const* text = std::get_if<TextShape>(&primitive.shape))
                ground.words.push_back(ink_of(*text, primitive.rect));
        }
        return ground;
    }

    Rect ink_of(TextShape const& text, Rect const& box) const
    {
        if (text.lines > 1)
            return box;
        auto const width = std::min(box.width, m_ruler.width(text.style, text.text));
        auto const left = text.align == canvas::Align::End ? box.width - width
            : text.align == canvas::Align::Center          ? (box.width - width) / 2
                                                           : 0;
        return Rect::centered(
            { box.x + left + width / 2, box.center().y }, { width, theme::type_style(text.style).em });
    }

    // What lies inside of a container speaks from the container's sides, at its own height.
    Rect speaking_place(Node const& node) const
    {
        auto const place = place_of(node, node, 1);
        auto const* frame = m_after.find(node.id.substr(0, node.id.find('/')));
        if (frame == nullptr || frame->kind != NodeKind::Container || frame == &node)
            return place;
        return { frame->rect.x, place.y, frame->rect.width, place.height };
    }

    Layout const& m_before;
    Layout const& m_after;
    Beat const& m_beat;
    Beat const* m_previous;
    double m_elapsed;
    Look const& m_look;
    Ruler const& m_ruler;
    Scene m_scene;
    std::optional<Rect> m_mover_at_rest;
};

}

Ruler ruler_of(canvas::Measure const& measure)
{
    return { .width = [measure](theme::Style style, std::string_view text) { return measure.width(style, text); },
        .paragraph_height = [measure](theme::Style style, std::string_view text,
                                float width) { return canvas::paragraph_height(measure, style, text, width); },
        .scale = measure.fonts().scale() };
}

Director::Borders const& Director::borders(Beat const& beat, View const& view, Ruler const& ruler)
{
    if (!m_borders || m_borders->first != beat.first_record || m_borders->end != beat.end_record
        || !(m_borders->view == view) || m_borders->scale != ruler.scale) {
        auto before = layout(m_timeline.world_at(beat.first_record), view, ruler);
        auto after = layout(m_timeline.world_at(beat.end_record), view, ruler);
        m_borders
            = Borders { beat.first_record, beat.end_record, view, ruler.scale, std::move(before), std::move(after) };
    }
    return *m_borders;
}

Scene Director::scene(double story, Look const& look, Ruler const& ruler)
{
    auto const& beats = m_choreography.beats();
    if (beats.empty())
        return {};
    auto const index = m_choreography.pacing().step_at(story);
    auto const& around = borders(beats[index], look.view, ruler);
    auto const* previous = index == 0 ? nullptr : &beats[index - 1];
    return SceneMaker(around.before, around.after, beats[index], previous, story, look, ruler).make();
}

bool can_be_selected(Primitive const& primitive)
{
    return primitive.id != "caption" && primitive.id != "mover" && !primitive.id.starts_with("host:");
}

std::string object_at(Scene const& scene, Point point)
{
    for (auto it = scene.primitives.rbegin(); it != scene.primitives.rend(); ++it) {
        if (it->rect.contains(point) && can_be_selected(*it))
            return it->id;
    }
    return {};
}

}
