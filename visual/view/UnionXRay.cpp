// The x-ray: the merged tree at the left, a column for each branch beside it, topmost first. In each row a ray goes
// through the branches as overlayfs looks the path up, to the one that answers.

#include "sim/words/Language.h"
#include "visual/stage/Names.h"
#include "visual/view/UnionCells.h"
#include "visual/view/UnionParts.h"

#include <fmt/format.h>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;
using overlay::Kind;
using overlay::Part;

constexpr float row_height = 27, head_height = 66, narrow_head_height = 86;

// Without a path it only says how to pick one.
float biography_height(std::string const& path)
{
    return path.empty() ? 52 : 138;
}
constexpr float column_least = 112, column_most = 230, tree_least = 270;
constexpr float indent = 18, scroll_bar = 14;

class UnionXRay {
public:
    UnionXRay(
        Canvas const& canvas, Rect const& rect, UnionModel const& model, UnionMoment const& moment, Context& context)
        : m_canvas(canvas)
        , m_theme(canvas.theme())
        , m_model(model)
        , m_moment(moment)
        , m_context(context)
        , m_state(context.state.union_view)
        , m_lit(lit_path())
        , m_rect(rect.without_bottom(biography_height(m_lit) + snug))
    {
    }

    // The path whose life is told below the rows: what the hand points at, what happens now, or what was chosen.
    std::string const& lit() const { return m_lit; }

    void draw()
    {
        if (m_state.revealed != m_lit)
            show_column_of(m_lit);
        place_columns();
        draw_heads();
        draw_rows();
    }

private:
    // What happens now, unless one has chosen since it began; without either what happened last, if all paths are
    // shown.
    std::string lit_path() const
    {
        bool const story_leads = !m_moment.path.empty() && m_state.chosen_in != m_context.state.player.beat_index();
        if (story_leads || !m_state.path.empty())
            return story_leads ? m_moment.path : m_state.path;
        return m_state.filter.empty() && !m_state.only_changes ? m_moment.recent : std::string();
    }

    // ---- Columns ----

    struct Place {
        std::size_t branch;
        float x;
    };

    std::size_t pinned() const { return m_model.container ? 1 : 0; }
    std::size_t shown_columns() const
    {
        auto const fit = static_cast<std::size_t>((m_rect.width - tree_least - scroll_bar) / column_least);
        return std::min(m_model.columns.size(), std::max<std::size_t>(2, fit));
    }

    // Scrolls the layers so that the one that answers is among those shown.
    void show_column_of(std::string const& path)
    {
        auto const ray = overlay::look_up(m_model.stack, path);
        if (ray.visited.empty() || ray.visited.back() < pinned())
            return;
        auto const layer = ray.visited.back() - pinned(), room = shown_columns() - pinned();
        if (layer < m_state.first_layer)
            m_state.first_layer = layer;
        else if (layer >= m_state.first_layer + room)
            m_state.first_layer = layer - room + 1;
    }

    void place_columns()
    {
        auto const count = m_model.columns.size();
        auto const room = m_rect.width - tree_least - scroll_bar;
        auto const shown = shown_columns();
        m_column = std::clamp(room / static_cast<float>(shown), column_least, column_most);
        m_heads = m_column < 150 ? narrow_head_height : head_height;
        m_tree = m_rect.width - scroll_bar - m_column * static_cast<float>(shown);
        // The sheet stays; of the layers those from `first_layer` on are shown.
        m_hidden = count - shown;
        m_state.first_layer = std::min(m_state.first_layer, m_hidden);
        for (std::size_t i = 0; i < shown; ++i) {
            auto const branch = i < pinned() ? i : i + m_state.first_layer;
            m_places.push_back({ branch, m_tree + m_column * static_cast<float>(i) });
        }
    }
    Place const* place_of(std::size_t branch) const
    {
        auto const found
            = std::find_if(m_places.begin(), m_places.end(), [&](Place const& p) { return p.branch == branch; });
        return found == m_places.end() ? nullptr : &*found;
    }

    void draw_heads()
    {
        auto const heads = m_rect.top_part(m_heads);
        auto const tree = heads.left_part(m_tree - tight);
        text_in(m_canvas, tree.top_part(30), words::tr("Merged tree"), theme::Style::Strong, m_theme.text);
        std::string words(m_model.subject.is_container ? words::tr("what the container's processes see")
                                                       : words::tr("what a container of it would see"));
        std::uint64_t omitted = 0;
        for (auto const& column : m_model.columns)
            omitted += column.omitted;
        if (omitted > 0)
            words = words::say("{} paths more are not told", omitted);
        else if (m_state.peeled > 0)
            words = words::say("without the {} topmost", m_state.peeled);
        else if (m_hidden > 0)
            words = words::say(
                "{} of {} layers fit beside it", m_places.size() - pinned(), m_model.columns.size() - pinned());
        text_in(m_canvas, tree.without_top(28).top_part(24), words, theme::Style::Caption, m_theme.dim_text);
        draw_layer_buttons(tree);
        for (auto const& place : m_places)
            draw_head({ m_rect.x + place.x, heads.y, m_column - tight, m_heads - hair }, place.branch);
    }

    void draw_layer_buttons(Rect const& tree)
    {
        Rect const right = tree.top_part(28).right_part(28);
        if (m_state.peeled > 0
            && icon_button(m_canvas, "union.peel.back", right.moved(m_hidden > 0 ? -64 : 0, 0), theme::Icon::Undo,
                { .hint = words::tr("Put the upper layers back") }))
            m_state.peeled = 0;
        if (m_hidden == 0)
            return;
        if (icon_button(m_canvas, "union.layers.down", right, theme::Icon::Right,
                { .emphasis = Emphasis::Quiet,
                    .hint = words::tr("Lower layers"),
                    .enabled = m_state.first_layer < m_hidden }))
            ++m_state.first_layer;
        if (icon_button(m_canvas, "union.layers.up", right.moved(-32, 0), theme::Icon::Left,
                { .emphasis = Emphasis::Quiet, .hint = words::tr("Upper layers"), .enabled = m_state.first_layer > 0 }))
            --m_state.first_layer;
    }

    void draw_head(Rect const& rect, std::size_t branch)
    {
        auto const& column = m_model.columns[branch];
        auto const hand = touch(m_canvas, fmt::format("union.branch.{}", branch), rect);
        bool const selected = m_context.state.selected == column.id;
        card(m_canvas, rect,
            { .elevation = theme::Elevation::Flat, .stripe = theme::Category::Storage, .selected = selected });
        if (hand.clicked) {
            m_context.state.selected = column.id;
            m_context.state.inspector = true;
        }
        focus_ring(m_canvas, hand, theme::radius::card);
        auto const inside = rect.inset(snug, hair);
        auto const size = column.is_sheet ? std::string() : human_size(column.size);
        auto const size_width = size.empty() ? 0 : m_canvas.measure().width(theme::Style::Caption, size) + hair;
        bool const is_narrow = m_heads > head_height;
        auto const top = inside.top_part(24).without_right(is_narrow && branch > 0 ? 26 : 0); // beside the eye
        bool const both_fit = m_canvas.measure().width(theme::Style::Strong, column.title) + size_width < top.width;
        bool const is_short = column.is_sheet && m_column < 150;
        text_in(m_canvas, both_fit ? top.without_right(size_width) : top,
            is_short ? words::tr("Read-write") : std::string_view(column.title), theme::Style::Strong, m_theme.text);
        if (both_fit)
            text_in(m_canvas, top, size, theme::Style::Caption, m_theme.dim_text, Align::End);
        auto const what = column.is_sheet ? std::string(words::tr("writes go here")) : column.created_by;
        draw_peel(is_narrow ? rect.top_part(34) : rect, branch);
        auto const below = inside.without_top(26);
        if (is_narrow)
            paragraph(m_canvas, below, what, theme::Style::Caption, m_theme.dim_text, Align::Start, 2);
        else
            text_in(m_canvas, below.top_part(24).without_right(branch > 0 ? 26 : 0), what, theme::Style::Caption,
                m_theme.dim_text);
        hint(m_canvas, hand, column.created_by);
    }

    // What was deleted above is here to be read again: a layer forgets nothing.
    void draw_peel(Rect const& head, std::size_t branch)
    {
        if (branch == 0)
            return;
        Rect const place { head.right() - 30, head.bottom() - 32, 26, 28 };
        if (icon_button(m_canvas, fmt::format("union.peel.{}", branch), place, theme::Icon::Eye,
                { .emphasis = Emphasis::Quiet, .hint = words::tr("Take off what lies above") })) {
            m_state.peeled += branch;
            m_state.first_layer = 0;
        }
    }

    // ---- Rows ----

    void draw_rows()
    {
        UnionFilter const filter { m_state.filter, m_state.only_changes, m_state.unfolded, m_lit };
        m_rows = visible_rows(m_model, filter);
        auto const place = m_rect.without_top(m_heads + hair);
        draw_empty_columns(place);
        take_keys(filter);
        ScrollArea area(m_canvas, "union.rows", place);
        auto const& on = area.canvas();
        float y = 0;
        for (std::size_t i = 0; i < m_rows.size(); ++i, y += row_height) {
            Rect const row { 0, y, area.width(), row_height };
            auto const& it = m_model.merged.rows[m_rows[i]];
            if (it.path == m_lit && m_state.revealed != m_lit) {
                m_state.revealed = m_lit;
                area.reveal(row.outset(row_height));
            }
            if (on.is_visible(row))
                draw_row(on, row, it, i, filter);
        }
        if (m_rows.empty())
            text_in(
                on, { snug, 0, m_tree, row_height }, words::tr("No path fits"), theme::Style::Body, m_theme.dim_text);
        area.set_content_height(y);
    }

    // The columns go on where no row is, so that one sees what belongs to which branch.
    void draw_empty_columns(Rect const& place)
    {
        for (auto const& [branch, x] : m_places)
            fill(m_canvas, { m_rect.x + x, place.y, m_column - tight, place.height }, 0,
                m_theme.text.faded(m_model.columns[branch].is_sheet ? 0.06f : 0.03f));
    }

    void take_keys(UnionFilter const& filter)
    {
        auto const at = std::find_if(m_rows.begin(), m_rows.end(),
            [&](std::size_t row) { return m_model.merged.rows[row].path == m_state.path; });
        auto const choose = [&](std::ptrdiff_t index) {
            m_canvas.interaction().clear_focus(); // Enter is the tree's now
            if (index >= 0 && index < std::ssize(m_rows))
                select(m_model.merged.rows[m_rows[static_cast<std::size_t>(index)]]);
        };
        auto const index = at == m_rows.end() ? std::ptrdiff_t { -1 } : at - m_rows.begin();
        if (pressed_or_repeated(Chord::of(Key::Down)))
            choose(index + 1);
        if (pressed_or_repeated(Chord::of(Key::Up)))
            choose(index - 1);
        bool const nobody_has_keys = m_canvas.interaction().focused().empty();
        if (nobody_has_keys && pressed(Chord::of(Key::Enter)) && at != m_rows.end())
            fold(m_model.merged.rows[*at], filter);
    }

    void select(overlay::Row const& row)
    {
        choose_union_path(row.path, m_context);
        m_lit = row.path;
        auto const* const answer = row.answer();
        if (m_model.container && row.in_branch(0) != nullptr)
            m_context.state.selected = stage::sheet_entry_id(*m_model.container, row.path);
        else if (answer != nullptr)
            m_context.state.selected = m_model.columns[answer->branch].id;
    }

    void fold(overlay::Row const& row, UnionFilter const& filter)
    {
        if (is_open(row, filter))
            m_state.unfolded.erase(row.path);
        else
            m_state.unfolded.insert(row.path);
    }

    void draw_row(
        Canvas const& on, Rect const& row, overlay::Row const& it, std::size_t index, UnionFilter const& filter)
    {
        auto const hand = touch(on, fmt::format("union.path.{}", index), row, Reach::MouseOnly);
        auto const name_x = snug + indent * static_cast<float>(it.depth);
        if (hand.clicked) {
            bool const on_arrow = hand.pointer.x < name_x + indent;
            if (it.end > m_rows[index] + 1 && (on_arrow || m_state.path == it.path))
                fold(it, filter);
            select(it);
        }
        bool const is_lit = it.path == m_lit;
        if (is_lit || hand.hovered)
            fill(on, row.inset(0, 1), theme::radius::bar, m_theme.text.faded(is_lit ? 0.10f : 0.05f));
        if (is_lit && it.path == m_state.path)
            outline(on, row.inset(0, 1), theme::radius::bar, m_theme.focus, 1.5f);
        draw_name(on, row.left_part(m_tree - normal - hair), it, name_x, filter, m_rows[index]);
        if (is_lit || hand.hovered)
            draw_ray(on, row, it);
        draw_copies(on, row, it);
        draw_actions(on, row, it);
    }

    void draw_name(Canvas const& on, Rect const& cell, overlay::Row const& it, float x, UnionFilter const& filter,
        std::size_t number)
    {
        bool const holds_more = it.end > number + 1;
        if (holds_more)
            icon(on, { x + 5, cell.center().y }, is_open(it, filter) ? theme::Icon::Down : theme::Icon::Right,
                m_theme.dim_text, 10);
        auto const* const answer = arriving(it) != nullptr ? &it.copies.back() : it.answer();
        auto const kind = answer != nullptr ? answer->object.kind : it.copies.front().object.kind;
        bool const directory = it.is_directory();
        icon(on, { x + indent + 6, cell.center().y }, directory ? theme::Icon::Folder : icon_of_kind(kind),
            answer == nullptr ? m_theme.dim_text : m_theme[theme::Category::Storage].stroke, theme::icon_size::small);
        auto room = cell.without_left(x + indent + 20);
        auto const gone = answer == nullptr ? words::tr("not there") : std::string_view();
        auto const gone_width = gone.empty() ? 0 : on.measure().width(theme::Style::Caption, gone) + tight;
        room = room.without_right(gone_width);
        auto const name = elided(on.measure(), theme::Style::Mono, it.name(), room.width);
        text_in(on, room, name, theme::Style::Mono, answer == nullptr ? m_theme.dim_text : m_theme.text);
        if (answer != nullptr)
            return;
        strike(on, room.left_part(on.measure().width(theme::Style::Mono, name)), m_theme.dim_text);
        text_in(on, cell, gone, theme::Style::Caption, m_theme.dim_text, Align::End);
    }

    // ---- The ray ----

    // Through every branch that was asked; a ring where one had nothing, an arrow into the one that answers.
    void draw_ray(Canvas const& on, Rect const& row, overlay::Row const& it)
    {
        auto const ray = overlay::look_up(m_model.stack, it.path);
        if (ray.visited.empty())
            return;
        auto const y = row.center().y;
        auto const last = ray.visited.back();
        auto const* const target = place_of(last);
        auto const end = target != nullptr ? target->x + tight : m_rect.width;
        auto const ends_here = ray.path == it.path && it.in_branch(last) != nullptr;
        disc(on, { m_tree - tight, y }, 4, m_theme.accent);
        line(on, { m_tree - tight, y }, { ends_here ? end : end + m_column / 2 - tight, y }, m_theme.accent, 2.5f);
        for (auto const branch : ray.visited) {
            auto const* const place = place_of(branch);
            if (place == nullptr || (it.in_branch(branch) != nullptr))
                continue;
            Point const middle { place->x + m_column / 2 - hair, y };
            disc(on, middle, 6, m_theme.stage);
            ring(on, middle, 6, m_theme.accent, 2);
        }
        if (ends_here && target != nullptr) {
            auto& list = on.list();
            auto const tip = on.device({ end, y }), back = on.device({ end - 9, y - 6 });
            auto const fore = on.device({ end - 9, y + 6 });
            list.AddTriangleFilled(tip, fore, back, on.ink(m_theme.accent));
        }
    }

    // ---- What happens now ----

    // What the beat brings into the read-write layer under this path, while it is on its way.
    UnionAction const* arriving(overlay::Row const& it) const
    {
        auto const brings = [&](UnionAction const& action) {
            return action.path == it.path
                && (action.motion == UnionMotion::CopyUp || action.motion == UnionMotion::Create
                    || action.motion == UnionMotion::Whiteout);
        };
        auto const found = std::find_if(m_moment.actions.begin(), m_moment.actions.end(), brings);
        return m_moment.k >= 1 || found == m_moment.actions.end() ? nullptr : &*found;
    }

    // Until it has arrived, what it will hide is what one sees.
    void draw_copies(Canvas const& on, Rect const& row, overlay::Row const& it)
    {
        bool waits = arriving(it) != nullptr;
        for (auto copy : it.copies) {
            auto const* const place = place_of(copy.branch);
            if (waits && copy.branch == 0)
                continue;
            if (waits && copy.part == Part::Hidden && copy.hidden_by == 0)
                copy.part = Part::Answers;
            waits = waits && copy.part != Part::Answers;
            if (place != nullptr)
                draw_union_copy(on, cell_of(*place, row), copy);
        }
    }

    void draw_actions(Canvas const& on, Rect const& row, overlay::Row const& it)
    {
        if (m_moment.k >= 1 || !m_model.container)
            return;
        auto const home = cell_of(m_places.front(), row);
        auto const kind = it.is_directory() ? Kind::Directory : Kind::File;
        for (auto const& action : m_moment.actions) {
            if (action.path != it.path)
                continue;
            auto const* const from = place_of(action.from);
            draw_union_motion(on, home, from == nullptr ? home.moved(m_rect.width - home.x, 0) : cell_of(*from, row),
                action, kind, m_moment.k);
        }
    }

    Rect cell_of(Place const& place, Rect const& row) const
    {
        return Rect { place.x, row.y, m_column - tight, row.height }.inset(tight, 3);
    }

    Canvas const& m_canvas;
    theme::Theme const& m_theme;
    UnionModel const& m_model;
    UnionMoment const& m_moment;
    Context& m_context;
    UnionState& m_state;
    std::string m_lit;
    Rect m_rect;
    float m_tree { 0 }, m_column { 0 }, m_heads { 0 };
    std::size_t m_hidden { 0 }; // layers without room for a column
    std::vector<Place> m_places;
    std::vector<std::size_t> m_rows;
};

}

void draw_union_xray(
    Canvas const& canvas, Rect const& rect, UnionModel const& model, UnionMoment const& moment, Context& context)
{
    UnionXRay xray(canvas, rect, model, moment, context);
    xray.draw();
    draw_union_biography(canvas, rect.bottom_part(biography_height(xray.lit())), model, xray.lit(), context);
}

}
