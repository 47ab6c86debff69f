#include "visual/view/LessonCards.h"

#include "sim/words/Language.h"
#include "visual/view/AnalogyPicture.h"
#include "visual/view/Views.h"

#include <algorithm>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;

// Whether the goals were reached after what was done last.
bool just_ended(Player const& player)
{
    auto const& log = player.log();
    for (auto i = player.records(); i > 0; --i) {
        auto const& event = log[i - 1].event;
        if (event.is<trace::ScenarioEnded>())
            return true;
        if (event.is<trace::CommandEntered>() || event.is<trace::PhaseBegan>())
            return false;
    }
    return false;
}

// That of the moment.
std::optional<LessonCard> card_of(State const& state, FrameInput const& input)
{
    auto const& player = state.player;
    if (!player.is_open() || player.beat() == nullptr || !player.world().scenario)
        return std::nullopt;
    auto const& scenario = *player.world().scenario;
    if (player.log()[player.beat()->lead].event.is<trace::LessonIntroduced>())
        return LessonCard::Opening;
    if (input.lesson == nullptr) // nobody can go on from here
        return std::nullopt;
    if (scenario.variation)
        return scenario.variation_shows.empty() ? std::nullopt : std::optional(LessonCard::Variation);
    return goals_are_met(player.world()) && just_ended(player) ? std::optional(LessonCard::Closing) : std::nullopt;
}

// ---- You will meet ----

constexpr Size opening_size { 1160, 580 };
constexpr float parts_width = 500;

float part_height(Measure const& measure, trace::LessonPart const& part, float width)
{
    return 24 + paragraph_height(measure, theme::Style::Body, words::tr(part.says), width) + snug;
}

void draw_parts(Canvas const& canvas, Rect const& room, world::Scenario const& scenario)
{
    auto const& theme = canvas.theme();
    canvas::ScrollArea area(canvas, "lesson.parts", room);
    auto const& on = area.canvas();
    Rect rest { 0, 0, area.width(), 4000 };
    for (auto const& part : scenario.parts) {
        text_in(on, rest.top_part(22), words::tr(part.name), theme::Style::Strong, theme.accent);
        paragraph(on, rest.without_top(24), words::tr(part.says), theme::Style::Body, theme.text);
        rest = rest.without_top(part_height(on.measure(), part, rest.width));
    }
    area.set_content_height(rest.y);
}

void draw_likeness(Canvas const& canvas, Rect const& room, world::Scenario const& scenario)
{
    auto const& theme = canvas.theme();
    auto const analogy = words::tr(scenario.analogy);
    auto const sentence = paragraph_height(canvas.measure(), theme::Style::Heading, analogy, room.width);
    auto const field = room.without_bottom(sentence + normal);
    auto const unit = std::min(field.width / picture_field.width, field.height / picture_field.height);
    auto const frame = field.top_part(picture_field.height * unit);
    fill(canvas, frame, theme::radius::card, theme.stage);
    draw_analogy(canvas, frame, shapes_of(scenario.picture));
    canvas.mark("lesson.picture", frame);
    paragraph(
        canvas, { room.x, frame.bottom() + normal, room.width, sentence }, analogy, theme::Style::Heading, theme.text);
}

void draw_opening(Canvas const& window, Context& context, world::Scenario const& scenario)
{
    bool const is_like = !scenario.analogy.empty();
    bool const is_wide = is_like && !scenario.parts.empty();
    auto const [whole, box] = fitted(window, { is_wide ? opening_size.width : 620, opening_size.height });
    canvas::Overlay const overlay(whole, "lesson", box, OverlayKind::Modal);
    auto const& on = overlay.canvas();
    auto const& theme = on.theme();
    card(on, box, { .elevation = theme::Elevation::Spotlight });
    auto inside = box.inset(broad, wide);
    text_in(on, inside.top_part(36), words::tr(scenario.title), theme::Style::Title, theme.text);
    inside = inside.without_top(52);
    auto const foot = inside.bottom_part(control_height);
    inside = inside.without_bottom(control_height + normal);
    auto parts = inside;
    if (is_like) {
        auto const likeness = scenario.parts.empty() ? inside : inside.without_left(parts_width + broad);
        text_in(on, likeness.top_part(24), words::tr("What it is like"), theme::Style::Caption, theme.dim_text);
        draw_likeness(on, likeness.without_top(32), scenario);
        parts = inside.left_part(parts_width);
    }
    if (!scenario.parts.empty()) {
        text_in(on, parts.top_part(24), words::tr("You will meet"), theme::Style::Caption, theme.dim_text);
        draw_parts(on, parts.without_top(32), scenario);
    }
    auto const label = words::tr("Continue");
    ButtonLook const look {
        .emphasis = Emphasis::Primary, .icon = theme::Icon::Play, .chord = chord_of(Action::PlayPause)
    };
    bool const asked
        = button(on, "lesson.continue", foot.right_part(button_width(on.measure(), label, look)), label, look)
        || pressed(Chord::of(Key::Enter));
    text_in(on, foot, words::tr("Space or Enter goes on. O shows this again."), theme::Style::Caption, theme.dim_text);
    if (asked)
        context.ask(Action::PlayPause);
    else if (overlay.dismissed())
        put_away(context.state, LessonCard::Opening);
}

// ---- What is reached ----

constexpr float closing_width = 640;

// Draws one below the other, or only measures.
class ClosingCard {
public:
    ClosingCard(Canvas const& canvas, Context& context, world::Scenario const& scenario)
        : m_canvas(canvas)
        , m_theme(canvas.theme())
        , m_context(context)
        , m_scenario(scenario)
    {
    }

    float height(float width)
    {
        m_draws = false;
        return walk({ 0, 0, width, 4000 });
    }
    void draw(Rect const& box)
    {
        m_draws = true;
        walk(box);
    }

private:
    float walk(Rect const& box)
    {
        m_rest = box.inset(wide, wide);
        m_headings = 0;
        bool const met = goals_are_met(m_context.state.player.world());
        heading(met ? words::tr("You have reached it") : words::tr("What is to be reached"));
        for (auto const& goal : m_scenario.goals)
            item(goal.met ? theme::Icon::Check : theme::Icon::Bullseye,
                goal.met ? m_theme[theme::Category::Network].stroke : m_theme.dim_text, words::tr(goal.text));
        if (auto const* lesson = m_context.input.lesson; lesson != nullptr) {
            if (!lesson->next.empty())
                heading(words::tr("Try next"));
            for (auto const& sentence : lesson->next)
                item(theme::Icon::Right, m_theme.accent, words::tr(sentence));
            buttons(*lesson, met);
        }
        return m_rest.y - box.y + wide;
    }

    void heading(std::string_view what)
    {
        m_rest = m_rest.without_top(m_headings++ > 0 ? snug : 0);
        if (m_draws)
            text_in(m_canvas, m_rest.top_part(28), what, theme::Style::Heading, m_theme.text);
        m_rest = m_rest.without_top(28 + tight);
    }

    void item(theme::Icon sign, theme::Color color, std::string_view what)
    {
        auto const room = m_rest.without_left(28);
        auto const height = paragraph_height(m_canvas.measure(), theme::Style::Body, what, room.width);
        if (m_draws) {
            icon(m_canvas, { m_rest.x + 8, m_rest.y + 11 }, sign, color);
            paragraph(m_canvas, room.top_part(height), what, theme::Style::Body, m_theme.text);
        }
        m_rest = m_rest.without_top(height + tight);
    }

    // What may be long stands on rows of its own; the names of lessons are cut where they must be.
    void buttons(LessonOffer const& lesson, bool met)
    {
        m_rest = m_rest.without_top(tight);
        if (!lesson.variation.empty())
            row(Action::Variation, "lesson.break",
                lesson.varied ? words::say("Take it back") : words::say("Break it: {}", words::tr(lesson.variation)),
                lesson.varied ? theme::Icon::Undo : theme::Icon::Bolt, Emphasis::Normal, met || lesson.varied,
                met ? std::string_view() : words::tr("The goals come first"));
        if (!lesson.next_lesson.empty())
            row(Action::NextLesson, "lesson.next-button", words::say("Next lesson: {}", words::tr(lesson.next_title)),
                theme::Icon::Book, met ? Emphasis::Primary : Emphasis::Normal, true, {});
    }

    void row(Action action, std::string_view name, std::string const& label, theme::Icon sign, Emphasis emphasis,
        bool enabled, std::string_view why_not)
    {
        if (m_draws
            && button(m_canvas, name, m_rest.top_part(control_height), label,
                { .emphasis = emphasis,
                    .icon = sign,
                    .hint = why_not.empty() ? words::tr(info_of(action).label) : why_not,
                    .chord = chord_of(action),
                    .enabled = enabled }))
            m_context.ask(action);
        m_rest = m_rest.without_top(control_height + tight);
    }

    Canvas const& m_canvas;
    theme::Theme const& m_theme;
    Context& m_context;
    world::Scenario const& m_scenario;
    Rect m_rest;
    bool m_draws { false };
    int m_headings { 0 };
};

void draw_close_button(Canvas const& canvas, Rect const& box, Context& context, LessonCard which)
{
    Rect const close { box.right() - control_height - snug, box.y + snug, control_height, control_height };
    if (icon_button(canvas, "lesson.close", close, theme::Icon::Close,
            { .emphasis = Emphasis::Quiet, .hint = words::tr("Close"), .chord = Chord::of(Key::Escape) }))
        put_away(context.state, which);
}

void draw_closing(Canvas const& canvas, Rect const& stage, Context& context, world::Scenario const& scenario)
{
    auto const height = ClosingCard(canvas, context, scenario).height(closing_width);
    auto const box = Rect::centered(stage.center(), { closing_width, height });
    canvas::Overlay const overlay(canvas, "lesson", box, OverlayKind::Floating);
    auto const& on = overlay.canvas();
    card(on, box, { .elevation = theme::Elevation::Spotlight });
    ClosingCard(on, context, scenario).draw(box);
    draw_close_button(on, box, context, LessonCard::Closing);
}

// At the lower left, so that what broke is to be seen.
void draw_variation(Canvas const& canvas, Rect const& stage, Context& context, world::Scenario const& scenario)
{
    constexpr float width = 540;
    auto const shows = words::tr(scenario.variation_shows);
    auto const words_height = paragraph_height(canvas.measure(), theme::Style::Body, shows, width - 2 * wide);
    auto const height = normal + 28 + tight + words_height + normal + control_height + normal;
    Rect const box { stage.x + wide, stage.bottom() - height - normal, width, height };
    canvas::Overlay const overlay(canvas, "lesson", box, OverlayKind::Floating);
    auto const& on = overlay.canvas();
    auto const& theme = on.theme();
    card(on, box, { .elevation = theme::Elevation::Spotlight });
    auto inside = box.inset(wide, normal);
    icon(on, { inside.x + 8, inside.y + 14 }, theme::Icon::Bolt, theme[theme::Category::Alert].stroke);
    text_in(on, inside.top_part(28).without_left(28).without_right(control_height), words::tr(scenario.variation->name),
        theme::Style::Heading, theme.text);
    inside = inside.without_top(28 + tight);
    paragraph(on, inside, shows, theme::Style::Body, theme.text);
    auto const foot = inside.bottom_part(control_height);
    auto const label = words::tr("Take it back");
    ButtonLook const look { .emphasis = Emphasis::Primary,
        .icon = theme::Icon::Undo,
        .hint = words::tr("The engine as it was before"),
        .chord = chord_of(Action::Variation),
        .enabled = context.input.lesson->varied };
    if (button(on, "lesson.take-back", foot.right_part(button_width(on.measure(), label, look)), label, look))
        context.ask(Action::Variation);
    draw_close_button(on, box, context, LessonCard::Variation);
}

}

bool goals_are_met(world::World const& world)
{
    auto const& scenario = world.scenario;
    return scenario && scenario->succeeded == true
        && std::all_of(scenario->goals.begin(), scenario->goals.end(), [](auto const& goal) { return goal.met; });
}

std::optional<LessonCard> card_shown(State const& state, FrameInput const& input)
{
    if (state.card_asked)
        return state.card_asked;
    auto const card = card_of(state, input);
    return card && card == state.card_put_away ? std::nullopt : card;
}

void put_away(State& state, LessonCard card)
{
    state.card_asked.reset();
    state.card_put_away = card;
}

void toggle_card(State& state, FrameInput const& input, LessonCard card)
{
    if (card_shown(state, input) == card)
        put_away(state, card);
    else
        state.card_asked = card;
}

void draw_lesson_cards(Canvas const& canvas, Rect const& stage, Context& context)
{
    auto& state = context.state;
    if (state.card_put_away && card_of(state, context.input) != state.card_put_away)
        state.card_put_away.reset(); // one came to another moment
    auto const shown = card_shown(state, context.input);
    if (!shown || state.player.beat() == nullptr || !state.player.world().scenario)
        return state.card_asked.reset();
    auto const& scenario = *state.player.world().scenario;
    if (*shown == LessonCard::Closing && goals_are_met(state.player.world())
        && !std::exchange(state.reached_told, true))
        context.commands.push_back(LessonReached {});
    switch (*shown) {
    case LessonCard::Opening:
        if (scenario.parts.empty() && scenario.analogy.empty())
            return state.card_asked.reset();
        return draw_opening(canvas, context, scenario);
    case LessonCard::Closing: return draw_closing(canvas, stage, context, scenario);
    case LessonCard::Variation: return draw_variation(canvas, stage, context, scenario);
    }
}

}
