// Below the x-ray: how one path was looked up, in words, and its life as a row of cards. A click goes to the moment.

#include "sim/overlay/Biography.h"
#include "sim/words/Language.h"
#include "visual/view/UnionParts.h"

#include <fmt/format.h>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;
using overlay::Deed;

constexpr float card_width = 206, card_height = 66, arrow = 22;

// "read-write layer, layer 7, …, layer 3": in the order in which they were asked.
std::string asked(UnionModel const& model, overlay::Ray const& ray)
{
    constexpr std::size_t most = 4;
    auto const count = ray.visited.size();
    std::string names;
    for (std::size_t i = 0; i < count; ++i) {
        if (count > most && i == 2)
            names += ", …";
        if (count <= most || i < 2 || i + 1 == count)
            names += (names.empty() ? "" : ", ") + model.columns[ray.visited[i]].title;
    }
    return names;
}

std::string answer_words(UnionModel const& model, overlay::Ray const& ray)
{
    auto const& first = model.columns[ray.visited.front()].title;
    if (ray.visited.size() > 1)
        return words::say("Asked: {}. The last one answers.", asked(model, ray));
    return ray.visited.front() == 0 ? words::say("{} is asked first, and answers.", first)
                                    : words::say("Nobody above {} has the directory. It is asked, and answers.", first);
}

std::string ray_words(UnionModel const& model, std::string const& path)
{
    auto const ray = overlay::look_up(model.stack, path);
    if (ray.path != path && ray.path != "/")
        return words::say("{} is not there, so no branch is asked for what was in it.", ray.path);
    if (!ray.answered && ray.whited_out)
        return words::say("Asked: {}. A whiteout ends the search: it is not there.", asked(model, ray));
    if (!ray.answered)
        return words::say("Asked: {}. Nobody has it.", asked(model, ray));
    if (ray.object.kind == overlay::Kind::Directory)
        return words::say("Asked: {}. Where branches have the directory, their names are merged.", asked(model, ray));
    auto const* const row = model.merged.find(path);
    auto const hidden
        = row == nullptr ? 0 : std::count_if(row->copies.begin(), row->copies.end(), [](overlay::Copy const& copy) {
              return copy.part == overlay::Part::Hidden;
          });
    auto text = answer_words(model, ray);
    if (hidden == 1)
        text += " " + std::string(words::tr("The copy below is hidden."));
    else if (hidden > 1)
        text += " " + words::say("{} copies below are hidden.", hidden);
    return text;
}

struct LifeCard {
    overlay::LifeEvent event;
    std::size_t times { 1 };
};

// Writes one after the other are one card.
std::vector<LifeCard> cards_of(std::vector<overlay::LifeEvent> const& life)
{
    std::vector<LifeCard> cards;
    for (auto const& event : life) {
        if (!cards.empty() && event.deed == Deed::Written && cards.back().event.deed == Deed::Written) {
            cards.back().event = event;
            ++cards.back().times;
        } else {
            cards.push_back({ event });
        }
    }
    return cards;
}

std::string title_of(LifeCard const& card)
{
    auto const layer = card.event.layer.value_or(0) + 1;
    switch (card.event.deed) {
    case Deed::Brought: return words::say("Layer {} brings it", layer);
    case Deed::Replaced: return words::say("Layer {} replaces it", layer);
    case Deed::Deleted: return words::say("Layer {} deletes it", layer);
    case Deed::CopiedUp: return std::string(words::tr("Copied up"));
    case Deed::Created: return std::string(words::tr("Created"));
    case Deed::Written:
        return card.times == 1 ? std::string(words::tr("Written")) : words::say("Written {} times", card.times);
    case Deed::Changed: return std::string(words::tr("Changed"));
    case Deed::Renamed: return std::string(words::tr("Renamed"));
    case Deed::Removed: return std::string(words::tr("Removed"));
    case Deed::WhitedOut: return std::string(words::tr("Whiteout made"));
    case Deed::MadeOpaque: return std::string(words::tr("Made opaque"));
    case Deed::TakenBack: return std::string(words::tr("Undone"));
    }
    return {};
}

std::string detail_of(overlay::LifeEvent const& event, UnionModel const& model, bool is_directory)
{
    if (event.layer) {
        auto const& made_by = model.columns[model.layer_column(*event.layer)].created_by;
        return event.size == 0 || is_directory ? made_by : human_size(event.size) + " · " + made_by;
    }
    switch (event.deed) {
    case Deed::CopiedUp:
        return is_directory ? std::string(words::tr("without what lies in it"))
                            : words::say("{}, the original stays", human_size(event.size));
    case Deed::Written: return words::say("{} now", human_size(event.size));
    case Deed::WhitedOut: return std::string(words::tr("the layers below keep it"));
    case Deed::MadeOpaque: return std::string(words::tr("it hides what is below"));
    case Deed::Created: return std::string(words::tr("in the read-write layer"));
    case Deed::Changed:
    case Deed::Renamed: return event.detail;
    case Deed::Removed: return std::string(words::tr("gone from the tree"));
    case Deed::TakenBack: return std::string(words::tr("what came after is taken back"));
    case Deed::Brought:
    case Deed::Replaced:
    case Deed::Deleted: break;
    }
    return {};
}

theme::Icon icon_of_deed(Deed deed)
{
    switch (deed) {
    case Deed::Brought:
    case Deed::Replaced: return theme::Icon::Database;
    case Deed::Deleted:
    case Deed::WhitedOut:
    case Deed::Removed: return theme::Icon::Close;
    case Deed::CopiedUp: return theme::Icon::Copy;
    case Deed::Created: return theme::Icon::Plus;
    case Deed::Written: return theme::Icon::Pencil;
    case Deed::Changed: return theme::Icon::Settings;
    case Deed::Renamed: return theme::Icon::Exchange;
    case Deed::MadeOpaque: return theme::Icon::Lock;
    case Deed::TakenBack: return theme::Icon::Undo;
    }
    return theme::Icon::File;
}

std::vector<LifeCard> life_of(UnionModel const& model, std::string const& path, Context& context)
{
    auto& kept = context.state.union_view.life;
    auto const records = context.state.player.records();
    if (kept.path != path || kept.subject != model.subject.id || kept.records != records) {
        kept = { .path = path, .subject = model.subject.id, .records = records, .life = {}, .first = 0 };
        auto const layers = std::span(model.stack).subspan(model.container ? 1 : 0);
        kept.life = overlay::layers_biography(path, layers);
        if (model.container) {
            auto later = overlay::container_biography(path, *model.container, context.state.player.log(), records);
            std::move(later.begin(), later.end(), std::back_inserter(kept.life));
        }
    }
    return cards_of(kept.life);
}

void draw_card(Canvas const& canvas, Rect const& rect, LifeCard const& life, std::size_t index, UnionModel const& model,
    Context& context)
{
    auto const& theme = canvas.theme();
    auto const record = life.event.record ? life.event.record
        : life.event.layer                ? model.columns[model.layer_column(*life.event.layer)].listed
                                          : std::nullopt;
    auto const hand = touch(canvas, fmt::format("union.life.{}", index), rect);
    card(canvas, rect, { .elevation = theme::Elevation::Flat, .stripe = theme::Category::Storage });
    if (hand.warmth > 0)
        fill(canvas, rect, theme::radius::card, theme.text.faded(0.06f * hand.warmth));
    focus_ring(canvas, hand, theme::radius::card);
    auto const inside = rect.inset(normal, tight);
    icon(canvas, { inside.x + 7, inside.y + 12 }, icon_of_deed(life.event.deed), theme[theme::Category::Storage].stroke,
        theme::icon_size::small);
    text_in(canvas, inside.top_part(24).without_left(24), title_of(life), theme::Style::Strong, theme.text);
    auto const* const row = model.merged.find(context.state.union_view.life.path);
    bool const is_directory = row != nullptr && row->is_directory();
    text_in(canvas, inside.without_top(26).top_part(24), detail_of(life.event, model, is_directory),
        theme::Style::Caption, theme.dim_text);
    if (record)
        hint(canvas, hand, words::say("Go to record {}", *record));
    if (hand.clicked && record) {
        auto& player = context.state.player;
        player.show_still(
            player.choreography().pacing().step_at(player.choreography().pacing().story_at(*record + 1) - 1e-6));
    }
}

}

void draw_union_biography(
    Canvas const& canvas, Rect const& rect, UnionModel const& model, std::string const& path, Context& context)
{
    auto const& theme = canvas.theme();
    line(canvas, rect.origin(), { rect.right(), rect.y }, theme.line);
    auto inside = rect.without_top(tight);
    if (path.empty()) {
        paragraph(canvas, inside.without_top(tight),
            words::tr("Pick a path: the ray shows which branch answers, and here you read its life. Up and Down move, "
                      "Enter opens a directory, / filters."),
            theme::Style::Body, theme.dim_text);
        return;
    }
    auto const cards = life_of(model, path, context);
    auto const name = elided(canvas.measure(), theme::Style::Mono, path, inside.width * 0.4f, Cut::Middle);
    auto const title = inside.top_part(26);
    auto const width = canvas.measure().width(theme::Style::Mono, name) + normal;
    text_in(canvas, title, name, theme::Style::Mono, theme.text);
    text_in(canvas, title.without_left(width), ray_words(model, path), theme::Style::Caption, theme.dim_text);
    inside = inside.without_top(34);

    auto& first = context.state.union_view.life.first;
    auto const fit = std::max<std::size_t>(1, static_cast<std::size_t>((inside.width + arrow) / (card_width + arrow)));
    auto const most = cards.size() > fit ? cards.size() - fit : 0;
    first = std::min(first, most);
    auto const begin = most - first; // the newest are shown unless one went back
    float x = inside.x;
    for (auto i = begin; i < std::min(cards.size(), begin + fit); ++i) {
        if (i > begin)
            icon(canvas, { x - arrow / 2, inside.y + card_height / 2 }, theme::Icon::Right, theme.dim_text, 12);
        draw_card(canvas, { x, inside.y, card_width, card_height }, cards[i], i, model, context);
        x += card_width + arrow;
    }
    if (cards.empty())
        text_in(canvas, inside.top_part(30), words::tr("No branch ever had it"), theme::Style::Body, theme.dim_text);
    if (most == 0)
        return;
    Rect const right = rect.without_top(hair).top_part(28).right_part(28);
    if (icon_button(canvas, "union.life.later", right, theme::Icon::Right,
            { .emphasis = Emphasis::Quiet, .hint = words::tr("Later"), .enabled = first > 0 }))
        --first;
    if (icon_button(canvas, "union.life.earlier", right.moved(-32, 0), theme::Icon::Left,
            { .emphasis = Emphasis::Quiet, .hint = words::tr("Earlier"), .enabled = first < most }))
        ++first;
}

}
