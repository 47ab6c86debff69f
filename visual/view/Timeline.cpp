#include "sim/trace/SpanTree.h"
#include "sim/words/Language.h"
#include "sim/words/Words.h"
#include "visual/view/Views.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;

constexpr float names_width = 104, ruler = 20, lane_least = 20;

theme::Category category_of(trace::ActorRole role)
{
    switch (role) {
    case trace::ActorRole::Registry: return theme::Category::Registry;
    case trace::ActorRole::Runtime: return theme::Category::Storage;
    case trace::ActorRole::Client: return theme::Category::Network;
    case trace::ActorRole::Daemon:
    case trace::ActorRole::Process: return theme::Category::Process;
    }
    return theme::Category::Process;
}

class TimelineView {
public:
    TimelineView(Canvas const& canvas, Rect const& rect, Context& context)
        : m_canvas(canvas)
        , m_theme(canvas.theme())
        , m_player(context.state.player)
        , m_context(context)
        , m_rect(rect.inset(wide, 0).without_bottom(tight))
        , m_track(m_rect.without_left(names_width))
    {
    }

    void draw()
    {
        if (m_player.beat() == nullptr)
            return;
        draw_beats();
        draw_lanes();
        draw_cursor();
        take_mouse();
    }

private:
    float x_of(double story) const
    {
        return m_track.x + static_cast<float>(story / std::max(0.001, m_player.length())) * m_track.width;
    }
    double story_at(float x) const { return static_cast<double>((x - m_track.x) / m_track.width) * m_player.length(); }
    double story_of(std::uint64_t count) const { return m_player.choreography().pacing().story_at(count); }

    // Every beat a segment: what has been shown is lit, holds are marked.
    void draw_beats()
    {
        auto const row = m_track.top_part(ruler).inset(0, 6);
        for (auto const& beat : m_player.choreography().beats()) {
            Rect const segment { x_of(beat.begin), row.y, std::max(1.0f, x_of(beat.end) - x_of(beat.begin) - 2),
                row.height };
            bool const shown = beat.begin <= m_player.story();
            fill(m_canvas, segment, 3, shown ? m_theme.accent.faded(0.75f) : m_theme.line);
            if (beat.holds)
                disc(m_canvas, { segment.right(), row.center().y }, 5, m_theme.accent);
        }
        text_in(m_canvas, { m_rect.x, m_rect.y, names_width - tight, ruler }, words::tr("story"), theme::Style::Caption,
            m_theme.dim_text);
    }

    struct LaneOf {
        std::string name;
        theme::Category category;
        std::vector<trace::SpanRun const*> spans;
    };

    std::vector<LaneOf> lanes() const
    {
        std::map<ActorId, LaneOf> by_actor;
        auto const& world = m_player.world();
        for (auto const& [id, actor] : world.actors) {
            auto const name = actor.role == trace::ActorRole::Registry ? actor.label.substr(0, actor.label.find(" ("))
                                                                       : actor.label;
            by_actor[id] = { name, category_of(actor.role), {} };
        }
        for (auto const& run : m_context.state.index.spans()) {
            auto const found = by_actor.find(run.actor);
            if (found != by_actor.end() && run.depth <= m_player.depth())
                found->second.spans.push_back(&run);
        }
        std::vector<LaneOf> list;
        for (auto& [id, lane] : by_actor)
            list.push_back(std::move(lane));
        std::stable_sort(
            list.begin(), list.end(), [](auto const& a, auto const& b) { return a.spans.size() > b.spans.size(); });
        return list;
    }

    void draw_lanes()
    {
        auto const room = m_rect.without_top(ruler);
        auto list = lanes();
        auto const most = static_cast<std::size_t>(std::max(1.0f, room.height / (lane_least + 4)));
        if (list.size() > most)
            list.resize(most);
        if (list.empty())
            return;
        auto const rows = canvas::rows(room, static_cast<int>(list.size()), hair);
        for (std::size_t i = 0; i < list.size(); ++i)
            draw_lane(list[i], rows[i].top_part(26));
    }

    void draw_lane(LaneOf const& lane, Rect const& row)
    {
        text_in(m_canvas, row.left_part(names_width - tight), lane.name, theme::Style::Caption, m_theme.dim_text);
        Rect const track { m_track.x, row.y, m_track.width, row.height };
        fill(m_canvas, track, theme::radius::bar, m_theme.raised);
        auto const& colors = m_theme[lane.category];
        for (auto const* run : lane.spans) {
            auto const color = run->succeeded.value_or(true) ? colors.fill : m_theme[theme::Category::Alert].fill;
            fill(m_canvas, box_of(*run, row), theme::radius::bar, color.faded(run->nesting == 0 ? 0.75f : 1));
        }
        // What is nested is drawn over its parent; the parent's name stands over both.
        for (auto const* run : lane.spans) {
            auto const box = box_of(*run, row);
            if (box.width > 60 && run->nesting == 0)
                text_in(m_canvas, box.inset(tight, 0), run->title, theme::Style::Caption, colors.on_fill);
        }
    }

    Rect box_of(trace::SpanRun const& span, Rect const& row) const
    {
        auto const begin = x_of(story_of(span.first_record));
        auto const end = x_of(story_of(std::min(span.last_record, m_player.log().size() - 1) + 1));
        auto const inset = std::min(6.0f, static_cast<float>(span.nesting) * 3);
        return { begin, row.y + inset, std::max(3.0f, end - begin - 1), row.height - 2 * inset };
    }

    void draw_cursor()
    {
        auto const x = x_of(m_player.story());
        auto const color = m_theme[theme::Category::Alert].stroke;
        line(m_canvas, { x, m_track.y + 8 }, { x, m_track.bottom() }, color, 2);
        m_canvas.list().AddTriangleFilled(m_canvas.device({ x - 7, m_track.y }), m_canvas.device({ x + 7, m_track.y }),
            m_canvas.device({ x, m_track.y + 10 }), m_canvas.ink(color));
    }

    void take_mouse()
    {
        auto const hand = touch(m_canvas, "timeline.track", m_track.outset(4), Reach::MouseOnly);
        auto const at = std::clamp(story_at(hand.pointer.x), 0.0, m_player.length());
        if (hand.held || hand.clicked)
            m_player.seek(at);
        else if (hand.hovered)
            draw_preview(at);
    }

    // What that moment looks like, small, with its caption.
    void draw_preview(double at)
    {
        auto const x = x_of(at);
        line(m_canvas, { x, m_track.y }, { x, m_track.bottom() }, m_theme.dim_text, 1, Stroke::Dashed);
        constexpr float width = 360, picture = 150, height = picture + 64, factor = 0.28f;
        auto const left = std::clamp(x - width / 2, tight, m_canvas.size().width - width - tight);
        Rect const box { left, m_rect.y - 52 - height, width, height };
        canvas::Overlay const overlay(m_canvas, "timeline.preview", box, OverlayKind::Floating);
        auto const& on = overlay.canvas();
        card(on, box, { .elevation = theme::Elevation::Spotlight });
        stage::Look const look { .view = { { 0, 0, width / factor, picture / factor }, m_player.depth() },
            .unlit = m_theme.unlit,
            .reduced_motion = true,
            .selected = {} };
        auto scene = m_player.scene(at, look, stage::ruler_of(on.measure()));
        std::erase_if(scene.primitives, [](auto const& primitive) { return primitive.id == "caption"; });
        {
            Clip const clip(on, box.top_part(picture));
            stage::draw(scene, on.moved(box.origin()).zoomed(factor, { 0, 0 }));
        }
        paragraph(on, box.bottom_part(60).inset(normal, tight), scene.caption, theme::Style::Caption, m_theme.text,
            Align::Start, 2);
    }

    Canvas const& m_canvas;
    theme::Theme const& m_theme;
    Player& m_player;
    Context& m_context;
    Rect m_rect;
    Rect m_track;
};

}

void draw_timeline(Canvas const& canvas, Rect const& rect, Context& context)
{
    TimelineView(canvas, rect, context).draw();
}

}
