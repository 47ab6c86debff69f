// Things to sort into bins: several questions of one part that have the same choices, asked one by one and laid out
// together. When the part is over, each stands where the run has put it, with a mark on what was put elsewhere.

#include "sim/words/Language.h"
#include "visual/view/Views.h"

#include <fmt/format.h>

#include <algorithm>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;

constexpr std::size_t fewest_to_sort = 3;
constexpr float sort_width = 900, sort_row = 24;

struct Sort {
    std::vector<trace::PredictionAsked const*> items;
    std::size_t at { 0 }; // the item that is asked now; all of them when the run has answered

    std::vector<std::string> const& bins() const { return items.front()->choices; }
    bool answered() const { return at == items.size(); }
};

// The part that is shown began here.
std::uint64_t began_at(State const& state)
{
    auto const& marks = state.index.marks();
    for (auto mark = marks.rbegin(); mark != marks.rend(); ++mark) {
        if (mark->record < state.player.records() && mark->kind == TimelineMark::Kind::Phase)
            return mark->record;
    }
    return state.player.records();
}

// All that the part asks with the choices of the question that is shown, also what is not asked yet.
std::vector<trace::PredictionAsked const*> alike(State const& state, world::Prediction const& shown)
{
    std::vector<trace::PredictionAsked const*> items;
    auto const& log = state.player.log();
    for (auto i = began_at(state); i < log.size(); ++i) {
        auto const& event = log[i].event;
        if (event.is<trace::CommandEntered>() || event.is<trace::PhaseEnded>())
            break;
        auto const* asked = event.get_if<trace::PredictionAsked>();
        if (asked != nullptr && asked->choices == shown.choices)
            items.push_back(asked);
    }
    return items;
}

std::optional<Sort> sort_at(State const& state)
{
    auto const& world = state.player.world();
    if (!world.scenario || world.scenario->predictions.empty())
        return std::nullopt;
    auto const& last = world.scenario->predictions.back();
    Sort sort { .items = alike(state, last) };
    auto const shown
        = std::find_if(sort.items.begin(), sort.items.end(), [&](auto const* item) { return item->id == last.id; });
    if (sort.items.size() < fewest_to_sort || shown == sort.items.end())
        return std::nullopt;
    bool const over = state.player.log()[state.player.beat()->lead].event.is<trace::PhaseEnded>();
    if (last.answer.has_value() != over)
        return std::nullopt; // while the answers come one by one, the narration says them
    sort.at = over ? sort.items.size() : static_cast<std::size_t>(shown - sort.items.begin());
    return sort;
}

std::string_view run_says(world::World const& world, std::string const& id)
{
    for (auto const& prediction : world.scenario->predictions) {
        if (prediction.id == id && prediction.answer)
            return *prediction.answer;
    }
    return {};
}

class SortCard {
public:
    SortCard(Canvas const& canvas, Sort const& sort, Context& context)
        : m_canvas(canvas)
        , m_sort(sort)
        , m_context(context)
    {
    }

    void draw(Rect const& box)
    {
        auto const& theme = m_canvas.theme();
        card(m_canvas, box, { .elevation = theme::Elevation::Spotlight });
        auto inside = box.inset(wide, wide);
        text_in(m_canvas, inside.top_part(20), heading(), theme::Style::Caption, theme.accent);
        inside = inside.without_top(wide);
        if (!m_sort.answered())
            text_in(m_canvas, inside.top_part(title_height), words::tr(m_sort.items[m_sort.at]->question),
                theme::Style::Heading, theme.text);
        draw_bins(inside.without_top(title_height));
        draw_foot(inside.bottom_part(control_height));
    }

    // The same while it is filled, so that nothing jumps.
    static float height(Sort const& sort)
    {
        return 3 * wide + title_height + control_height + snug + static_cast<float>(sort.items.size()) * sort_row
            + control_height;
    }

private:
    static constexpr float title_height = 40;

    std::string heading() const
    {
        if (!m_sort.answered())
            return words::say("Where does it belong? {} of {}", m_sort.at + 1, m_sort.items.size());
        auto const right = std::count_if(
            m_sort.items.begin(), m_sort.items.end(), [&](auto const* item) { return put(*item) == truth(*item); });
        return words::say("{} of {} stood where they belong", right, m_sort.items.size());
    }

    std::string put(trace::PredictionAsked const& item) const
    {
        auto const& answers = m_context.state.answers;
        auto const answer = answers.find(item.id);
        return answer == answers.end() ? std::string() : answer->second;
    }
    std::string truth(trace::PredictionAsked const& item) const
    {
        return std::string(run_says(m_context.state.player.world(), item.id));
    }

    void draw_bins(Rect const& room)
    {
        auto const& bins = m_sort.bins();
        auto const width = (room.width - static_cast<float>(bins.size() - 1) * snug) / static_cast<float>(bins.size());
        for (std::size_t i = 0; i < bins.size(); ++i)
            draw_bin({ room.x + static_cast<float>(i) * (width + snug), room.y, width, room.height }, i);
    }

    void draw_bin(Rect room, std::size_t index)
    {
        auto const& theme = m_canvas.theme();
        auto const& bin = m_sort.bins()[index];
        auto const head = room.top_part(control_height);
        if (m_sort.answered())
            text_in(m_canvas, head, words::tr(bin), theme::Style::Strong, theme.text);
        else if (button(m_canvas, fmt::format("sort.{}", index), head, words::tr(bin)))
            put_into(bin);
        room = room.without_top(control_height + tight);
        for (std::size_t i = 0; i < m_sort.items.size(); ++i) {
            auto const& item = *m_sort.items[i];
            // The one that is asked now waits above, where it may have been put before somebody stepped back.
            bool const here = m_sort.answered() ? truth(item) == bin : i < m_sort.at && put(item) == bin;
            if (!here)
                continue;
            draw_item(room.top_part(sort_row), item);
            room = room.without_top(sort_row);
        }
    }

    void draw_item(Rect const& row, trace::PredictionAsked const& item)
    {
        auto const& theme = m_canvas.theme();
        constexpr float mark = 22;
        text_in(m_canvas, row.without_left(mark), words::tr(item.question), theme::Style::Body, theme.text);
        if (!m_sort.answered() || put(item).empty())
            return;
        Point const center { row.x + mark / 2 - hair, row.center().y };
        if (put(item) == truth(item))
            icon(m_canvas, center, theme::Icon::Check, theme[theme::Category::Network].stroke);
        else
            icon(m_canvas, center, theme::Icon::Close, theme[theme::Category::Alert].stroke);
    }

    void put_into(std::string const& bin)
    {
        auto const& id = m_sort.items[m_sort.at]->id;
        m_context.commands.push_back(AnswerPrediction { id, bin });
        m_context.state.answers[id] = bin;
        m_context.ask(Action::PlayPause);
    }

    void draw_foot(Rect const& foot)
    {
        if (button(m_canvas, "sort.go-on", foot.right_part(140),
                m_sort.answered() ? words::tr("Continue") : words::tr("Skip"),
                { .emphasis = m_sort.answered() ? Emphasis::Primary : Emphasis::Quiet,
                    .icon = theme::Icon::Play,
                    .chord = chord_of(Action::PlayPause) }))
            m_context.ask(Action::PlayPause);
    }

    Canvas const& m_canvas;
    Sort const& m_sort;
    Context& m_context;
};

}

bool draw_sort(Canvas const& canvas, Rect const& stage, Context& context)
{
    auto const sort = sort_at(context.state);
    if (!sort)
        return false;
    auto const box = Rect::centered(stage.center(), { sort_width, SortCard::height(*sort) });
    canvas::Overlay const overlay(canvas, "sort", box, OverlayKind::Floating);
    SortCard(overlay.canvas(), *sort, context).draw(box);
    return true;
}

}
