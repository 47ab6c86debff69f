#include "sim/words/Language.h"
#include "sim/words/Words.h"
#include "visual/stage/Containers.h"
#include "visual/stage/Names.h"
#include "visual/view/Capabilities.h"
#include "visual/view/Isolation.h"
#include "visual/view/Views.h"

#include <algorithm>
#include <cmath>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;
using words::say;
using words::tr;

constexpr float gutter = 40, side_line = 24, side_head = 30, kernel_slab = 44;

theme::Category category_of_kind(std::string_view kind)
{
    if (kind == "pid")
        return theme::Category::Process;
    if (kind == "mnt")
        return theme::Category::Storage;
    if (kind == "cgroup" || kind == "ipc")
        return theme::Category::Memory;
    return theme::Category::Network;
}

// What stands above the two sides: whose view it is, and which walls are taken down.
class IsolationHead {
public:
    IsolationHead(Canvas const& canvas, Context& context, world::Container const& container)
        : m_canvas(canvas)
        , m_theme(canvas.theme())
        , m_context(context)
        , m_container(container)
    {
    }

    void draw(Rect const& rect)
    {
        draw_name(rect.top_part(36));
        draw_walls(rect.without_top(40).top_part(control_height));
    }

private:
    void draw_name(Rect rect)
    {
        state_mark(m_canvas, { rect.x + 10, rect.center().y }, stage::mark_of(m_container.state));
        auto const width = m_canvas.measure().width(theme::Style::Heading, m_container.name) + 4;
        rect = rect.without_left(28);
        text_in(m_canvas, rect.left_part(width), m_container.name, theme::Style::Heading, m_theme.text);
        rect = rect.without_left(width + normal);
        auto const others = draw_others(rect);
        text_in(m_canvas, rect.without_right(others), state_words(), theme::Style::Body, m_theme.dim_text);
    }

    std::string state_words() const
    {
        switch (m_container.state) {
        case world::ContainerState::Created: return say("from {}; nothing runs yet", m_container.reference);
        case world::ContainerState::Running: return say("from {}; running", m_container.reference);
        case world::ContainerState::Paused: return say("from {}; paused", m_container.reference);
        case world::ContainerState::Exited: return std::string(tr("ended: this is how it was"));
        case world::ContainerState::Removed: return std::string(tr("removed: this is how it was"));
        }
        return {};
    }

    // The other containers, as far as there is room; the room that they take.
    float draw_others(Rect const& rect)
    {
        float right = rect.right();
        for (auto const& [id, container] : m_context.state.player.world().containers) {
            if (id == m_container.id || container.state == world::ContainerState::Removed)
                continue;
            auto const width = chip_button_width(m_canvas.measure(), container.name);
            if (right - width < rect.x + 260)
                break;
            right -= width;
            if (chip_button(m_canvas, "isolation.container." + container.name,
                    { right, rect.center().y - chip_height / 2, width, chip_height }, container.name,
                    theme::Category::Process, false))
                m_context.state.selected = stage::id_of(id);
            right -= tight;
        }
        return rect.right() - right + tight;
    }

    std::string owner_name(std::string const& kind) const
    {
        auto const& containers = m_context.state.player.world().containers;
        auto const owner = containers.find(m_container.joined.at(kind));
        return owner == containers.end() ? std::string() : owner->second.name;
    }

    void draw_walls(Rect rect)
    {
        auto const words = tr("Walls");
        text_in(m_canvas, rect.left_part(60), words, theme::Style::Strong, m_theme.text);
        rect = rect.without_left(64);
        auto& peeled = m_context.state.peeled;
        for (auto const kind : namespace_kinds) {
            std::string const key(kind);
            bool const own = m_container.namespaces.contains(key);
            auto const label = !own                ? say("{}: the host's", kind)
                : m_container.joined.contains(key) ? say("{}: that of {}", kind, owner_name(key))
                                                   : key;
            auto const width = chip_button_width(m_canvas.measure(), label);
            auto const place = rect.left_part(width);
            if (place.width < width)
                break;
            if (!own)
                chip_in(m_canvas, Rect::centered(place.center(), { width, chip_height }), label, category_of_kind(kind),
                    { .icon = theme::Icon::Close, .border = Stroke::Dashed });
            else if (chip_button(m_canvas, "isolation.wall." + key,
                         Rect::centered(place.center(), { width, chip_height }), label, category_of_kind(kind),
                         !peeled.contains(key))) {
                if (peeled.erase(key) == 0)
                    peeled.insert(key);
                m_context.state.revealed_topic = m_context.state.topic = key;
            }
            rect = rect.without_left(width + tight);
        }
        auto const all = tr("All on");
        auto const width = button_width(m_canvas.measure(), all);
        if (!peeled.empty() && rect.width > width
            && button(m_canvas, "isolation.all", rect.right_part(width), all, { .emphasis = Emphasis::Quiet }))
            peeled.clear();
    }

    Canvas const& m_canvas;
    theme::Theme const& m_theme;
    Context& m_context;
    world::Container const& m_container;
};

// The two sides of each namespace below each other, with a wall between them where there is one.
class IsolationSides {
public:
    IsolationSides(Canvas const& canvas, float width, Context& context, world::Container const& container)
        : m_canvas(canvas)
        , m_theme(canvas.theme())
        , m_context(context)
        , m_container(container)
        , m_side((width - gutter) / 2)
    {
    }

    float y() const { return m_y; }

    Rect draw(IsolationTopic const& topic)
    {
        bool const measurable = topic.kind == "cgroup" && m_container.cgroup;
        auto const height
            = std::max(height_of(topic.inside), height_of(topic.outside)) + (measurable ? control_height + tight : 0);
        Rect const inside { 0, m_y, m_side, height }, outside { m_side + gutter, m_y, m_side, height };
        draw_side(inside, topic, topic.inside, true);
        draw_side(outside, topic, topic.outside, false);
        draw_wall({ m_side, m_y, gutter, height }, topic);
        if (measurable)
            draw_measuring(outside.inset(snug, tight).bottom_part(control_height));
        m_y += height + snug;
        return { 0, inside.y, 2 * m_side + gutter, height };
    }

    void draw_privileges(trace::PrivilegesDropped const& privileges)
    {
        std::set<std::string, std::less<>> kept;
        for (auto const& name : privileges.kept)
            kept.insert(name.starts_with("CAP_") ? name.substr(4) : name);
        IsolationSide may, may_not;
        for (auto const& capability : capabilities) {
            auto& side = kept.contains(capability.name) ? may : may_not;
            side.lines.push_back({ std::string(capability.name), std::string(tr(capability.allows)),
                stage::fact_id(m_container.id, "privileges") });
        }
        auto const lost = may_not.lines.size();
        if (privileges.no_new_privileges)
            may.note = std::string(tr("No program can win more: no_new_privs is set."));
        shorten(may_not, std::max<std::size_t>(may.lines.size(), 9));
        auto const height = std::max(height_of(may), height_of(may_not));
        Rect const left { 0, m_y, m_side, height }, right { m_side + gutter, m_y, m_side, height };
        draw_list(left, say("Its root may: {} of {} capabilities", may.lines.size(), capabilities.size()), may, "may");
        draw_list(right, say("Its root may not: {}", lost), may_not, "may-not");
        m_y += height + snug;
        draw_refused(privileges);
    }

private:
    float key_width(IsolationSide const& side) const
    {
        float widest = 0;
        for (auto const& line : side.lines)
            widest = std::max(widest, m_canvas.measure().width(theme::Style::Mono, line.key));
        return std::min(std::ceil(widest), (m_side - 2 * snug) * 0.5f);
    }

    // The lines that matter most stand first; of the others, the names do.
    static void shorten(IsolationSide& side, std::size_t most)
    {
        if (side.lines.size() <= most)
            return;
        std::string others;
        for (auto i = most; i < side.lines.size(); ++i)
            others += (others.empty() ? "" : ", ") + side.lines[i].key;
        side.lines.resize(most);
        side.note = say("and {}", others);
    }

    float note_height(IsolationSide const& side) const
    {
        return side.note.empty()
            ? 0
            : paragraph_height(m_canvas.measure(), theme::Style::Caption, side.note, m_side - 2 * snug) + hair;
    }
    float height_of(IsolationSide const& side) const
    {
        return side_head + static_cast<float>(side.lines.size()) * side_line + note_height(side) + snug;
    }

    void draw_side(Rect const& rect, IsolationTopic const& topic, IsolationSide const& side, bool is_inside)
    {
        bool const imagined = is_inside && topic.wall == Wall::Peeled;
        ground(rect, imagined ? Stroke::Dashed : Stroke::Solid);
        auto const head = rect.top_part(side_head).inset(snug, 0);
        auto const number = is_inside && topic.wall == Wall::Own ? topic.inode : topic.host_inode;
        auto right = head.right();
        if (number) {
            auto const words = fmt::format("{}:[{}]", topic.kind, *number);
            auto const width = m_canvas.measure().width(theme::Style::Mono, words);
            text_in(m_canvas, head.right_part(width + 1), words, theme::Style::Mono, m_theme.dim_text);
            right -= width + snug;
        }
        auto const told = is_inside && topic.wall != Wall::Own ? (imagined ? tr("if it were shared") : tr("the host's"))
                                                               : std::string_view();
        if (!told.empty()) {
            right -= tag_size(m_canvas.measure(), told).width;
            tag(m_canvas, { right, head.center().y - 11 }, told, imagined ? Stroke::Dashed : Stroke::Solid);
            right -= tight;
        }
        text_in(
            m_canvas, { head.x, head.y, right - head.x, head.height }, topic.title, theme::Style::Strong, m_theme.text);
        draw_lines(rect, side, fmt::format("isolation.{}.{}", topic.kind, is_inside ? "in" : "out"),
            m_theme[category_of_kind(topic.kind)].stroke);
    }

    void draw_list(Rect const& rect, std::string const& title, IsolationSide const& side, std::string_view name)
    {
        ground(rect, Stroke::Solid);
        text_in(m_canvas, rect.top_part(side_head).inset(snug, 0), title, theme::Style::Strong, m_theme.text);
        draw_lines(rect, side, fmt::format("isolation.{}", name), m_theme.text);
    }

    void draw_lines(Rect const& rect, IsolationSide const& side, std::string const& name, theme::Color key_color)
    {
        auto const keys = key_width(side);
        // Lines about one thing are selected as one.
        bool const about_one = side.lines.size() > 1
            && std::all_of(side.lines.begin(), side.lines.end(),
                [&](SideLine const& other) { return other.object == side.lines.front().object; });
        if (about_one && m_context.state.selected == side.lines.front().object)
            outline(m_canvas, rect, theme::radius::card, m_theme[theme::Category::Selection].stroke, 2);
        Rect line { rect.x + snug, rect.y + side_head, rect.width - 2 * snug, side_line };
        for (std::size_t i = 0; i < side.lines.size(); ++i) {
            auto const& entry = side.lines[i];
            if (m_canvas.is_visible(line)) {
                if (!entry.object.empty())
                    take_touch(line, fmt::format("{}.{}", name, i), entry.object, !about_one);
                text_in(m_canvas, line.left_part(entry.value.empty() ? line.width : keys), entry.key,
                    theme::Style::Mono, key_color, Align::Start, Cut::Middle);
                text_in(m_canvas, line.without_left(keys + snug), entry.value, theme::Style::Caption, m_theme.text,
                    Align::Start, entry.value.starts_with("/") ? Cut::Middle : Cut::End);
            }
            line = line.moved(0, side_line);
        }
        if (!side.note.empty())
            paragraph(m_canvas, { line.x, line.y + hair, line.width, 100 }, side.note, theme::Style::Caption,
                m_theme.dim_text);
    }

    void take_touch(Rect const& line, std::string const& name, std::string const& object, bool outlined)
    {
        auto const hand = touch(m_canvas, name, line, Reach::MouseOnly);
        auto& state = m_context.state;
        if (hand.warmth > 0)
            fill(m_canvas, line.outset(2), theme::radius::bar, m_theme.text.faded(0.07f * hand.warmth));
        if (outlined && state.selected == object)
            outline(m_canvas, line.outset(2), theme::radius::bar, m_theme[theme::Category::Selection].stroke, 1.5f);
        if (hand.clicked) {
            state.selected = object;
            state.inspector = true;
        }
    }

    void ground(Rect const& rect, Stroke border)
    {
        fill(m_canvas, rect, theme::radius::card, m_theme.surface);
        outline(m_canvas, rect, theme::radius::card, border == Stroke::Solid ? m_theme.line : m_theme.dim_text,
            m_theme.border_width, border);
    }

    // A solid wall, one that is thought away, or an equals sign.
    void draw_wall(Rect const& rect, IsolationTopic const& topic)
    {
        auto const middle = rect.center();
        auto const& color = m_theme[category_of_kind(topic.kind)];
        if (topic.wall == Wall::Own) {
            fill(m_canvas, Rect::centered(middle, { 6, rect.height }), 3, color.fill);
        } else if (topic.wall == Wall::Peeled) {
            line(m_canvas, { middle.x, rect.y }, { middle.x, rect.bottom() }, m_theme.dim_text, 1.5f, Stroke::Dashed);
        } else {
            fill(m_canvas, Rect::centered({ middle.x, middle.y - 4 }, { 18, 3 }), 1, m_theme.text);
            fill(m_canvas, Rect::centered({ middle.x, middle.y + 4 }, { 18, 3 }), 1, m_theme.text);
        }
    }

    // Nothing is measured unasked: the button asks as anybody would.
    void draw_measuring(Rect const& rect)
    {
        auto const* terminal = m_context.input.terminal;
        bool const possible = terminal != nullptr && terminal->available && !terminal->busy
            && m_container.state == world::ContainerState::Running;
        auto const command = "docker stats --no-stream " + m_container.name;
        auto const label = m_container.used ? tr("Measure again") : tr("Measure what it uses");
        auto const hint = possible ? say("Runs {}", command) : std::string(tr("Only what runs now can be measured"));
        if (button(m_canvas, "isolation.measure", rect.left_part(button_width(m_canvas.measure(), label) + wide), label,
                { .icon = theme::Icon::Gauge, .hint = hint, .enabled = possible })) {
            m_context.commands.push_back(RunCommandLine { command });
            m_context.state.player.follow();
        }
    }

    void draw_refused(trace::PrivilegesDropped const& privileges)
    {
        auto const width = 2 * m_side + gutter;
        std::string list;
        for (auto const& call : privileges.refused)
            list += (list.empty() ? "" : "  ") + call;
        auto const inside = width - 2 * snug;
        auto const words
            = list.empty() ? 0.0f : paragraph_height(m_canvas.measure(), theme::Style::Mono, list, inside) + tight;
        Rect const rect { 0, m_y, width, side_head + words + tight };
        ground(rect, Stroke::Solid);
        auto const title = privileges.filtered_syscalls == 0 ? std::string(tr("No system call filter is installed"))
            : list.empty()
            ? say("A system call filter of {} rules is installed", privileges.filtered_syscalls)
            : say("The kernel refuses it {} system calls, whatever their arguments", privileges.refused.size());
        text_in(m_canvas, rect.top_part(side_head).inset(snug, 0), title, theme::Style::Strong, m_theme.text);
        if (!list.empty())
            paragraph(m_canvas, { snug, m_y + side_head, inside, words }, list, theme::Style::Mono, m_theme.dim_text);
        m_y += rect.height + snug;
    }

    Canvas const& m_canvas;
    theme::Theme const& m_theme;
    Context& m_context;
    world::Container const& m_container;
    float m_side;
    float m_y { 0 };
};

// Below both sides, because it is the same for both.
void draw_kernel(Canvas const& canvas, Rect const& rect, Context& context, world::Container const& container)
{
    auto const& theme = canvas.theme();
    auto const& host = world::host_of(context.state.player.world(), container.host);
    auto const& colors = theme[theme::Category::Process];
    fill(canvas, rect, theme::radius::card, theme::over(colors.fill.faded(theme.tint), theme.surface));
    outline(canvas, rect, theme::radius::card, colors.stroke.faded(theme.tint_border), theme.border_width);
    auto const words = say("One kernel serves both: {}", host.kernel);
    auto const width = canvas.measure().width(theme::Style::Strong, words) + 28;
    auto const middle = Rect::centered(rect.center(), { std::min(width, rect.width - 2 * snug), rect.height });
    icon(canvas, { middle.x + 8, middle.center().y }, theme::Icon::Microchip, colors.stroke);
    text_in(canvas, middle.without_left(26), words, theme::Style::Strong, theme.text);
    if (touch(canvas, "isolation.kernel", rect, Reach::MouseOnly).clicked) {
        context.state.selected = stage::kernel_id(host.id);
        context.state.inspector = true;
    }
}

void draw_absence(Canvas const& canvas, Rect const& rect, std::string_view what, std::string_view remedy)
{
    auto const box = Rect::centered(rect.center(), { std::min(640.0f, rect.width - 2 * wide), 110 });
    text_in(canvas, box.top_part(36), what, theme::Style::Heading, canvas.theme().text, Align::Center);
    paragraph(canvas, box.without_top(44), remedy, theme::Style::Body, canvas.theme().dim_text, Align::Center);
}

constexpr std::string_view privileges_topic = "privileges";

// Up and Down go from topic to topic; what is gone to is scrolled to.
void walk_topics(State& state)
{
    auto const by = pressed_or_repeated(Chord::of(Key::Down)) ? 1 : pressed_or_repeated(Chord::of(Key::Up)) ? -1 : 0;
    if (by == 0)
        return;
    std::vector<std::string_view> topics(namespace_kinds.begin(), namespace_kinds.end());
    topics.push_back(privileges_topic);
    auto const now = std::find(topics.begin(), topics.end(), state.topic);
    auto const last = static_cast<std::ptrdiff_t>(topics.size()) - 1;
    auto const wanted = now == topics.end() ? 0 : std::clamp<std::ptrdiff_t>(now - topics.begin() + by, 0, last);
    state.topic = state.revealed_topic = topics[static_cast<std::size_t>(wanted)];
}

void draw_sides(Canvas const& canvas, Rect const& rect, Context& context, world::Container const& container)
{
    auto const& theme = canvas.theme();
    auto const side = (rect.width - 14 - gutter) / 2;
    auto const titles = rect.top_part(28);
    text_in(canvas, titles.left_part(side), tr("What it sees"), theme::Style::Heading, theme.text);
    text_in(canvas, titles.without_left(side + gutter).left_part(side), tr("What the host sees"), theme::Style::Heading,
        theme.text);
    ScrollArea area(canvas, "isolation.sides", rect.without_top(32));
    IsolationSides sides(area.canvas(), area.width(), context, container);
    auto& state = context.state;
    if (state.overlay == Overlay::None)
        walk_topics(state);
    for (auto const& topic : isolation_of(container, state.player.world(), state.index, state.peeled)) {
        auto const place = sides.draw(topic);
        if (state.revealed_topic == topic.kind)
            area.reveal(place.top_part(rect.height - 40));
    }
    auto const y = sides.y();
    if (container.privileges)
        sides.draw_privileges(*container.privileges);
    if (state.revealed_topic == privileges_topic)
        area.reveal({ 0, y, 1, std::min(sides.y() - y, rect.height - 40) });
    state.revealed_topic.clear();
    area.set_content_height(sides.y());
}

}

void draw_isolation(Canvas const& canvas, Rect const& rect, Context& context)
{
    stage_ground(canvas, rect);
    auto& state = context.state;
    if (state.selected.starts_with("container:"))
        state.isolated = state.selected;
    auto const* container = isolated_container(state.isolated, state.player.world(), state.index);
    if (container == nullptr)
        return draw_absence(canvas, rect, tr("No container is there yet"),
            tr("Isolation belongs to a container: what its processes see, and what the host sees of them."));
    auto const inside = rect.inset(wide, snug);
    IsolationHead(canvas, context, *container).draw(inside.top_part(76));
    auto const below = inside.without_top(84);
    if (container->namespaces.empty())
        return draw_absence(canvas, below, tr("Nothing runs in it yet"),
            tr("A container that was only created is files and a config. The kernel gives it namespaces when it "
               "starts."));
    draw_sides(canvas, below.without_bottom(kernel_slab + tight), context, *container);
    draw_kernel(canvas, below.bottom_part(kernel_slab), context, *container);
}

}
