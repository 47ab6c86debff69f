// The concept test: one question a page, no word about right or wrong before the end; then what was believed, what is
// so, and which lesson shows it.

#include "sim/words/Language.h"
#include "visual/view/Views.h"

#include <fmt/format.h>

#include <algorithm>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;

constexpr Size item_size { 860, 560 }, results_size { 1180, 640 };
constexpr float choice_height = 52, result_row = 36;

std::string_view title_of(TestPhase phase)
{
    return phase == TestPhase::Before ? words::tr("Concept test before the course")
                                      : words::tr("Concept test after the course");
}

// ---- Asking ----

void finish(Context& context)
{
    auto& test = context.state.test;
    test.over = true;
    test.looked_at = 0;
    context.commands.push_back(KeepTest { test.phase, test.answers });
}

void go_to_next(Context& context, std::size_t items)
{
    auto& test = context.state.test;
    if (test.item + 1 < items)
        ++test.item;
    else
        finish(context);
}

void draw_choice(
    Canvas const& canvas, Rect const& row, std::size_t index, std::string_view text, std::optional<std::size_t>& answer)
{
    auto const& theme = canvas.theme();
    auto const hand = touch(canvas, fmt::format("test.choice.{}", index), row);
    bool const chosen = answer == index;
    auto const ground = theme::over(theme.text.faded(0.06f * hand.warmth), theme.raised);
    fill(canvas, row, theme::radius::control, chosen ? theme::over(theme.accent.faded(0.18f), theme.surface) : ground);
    outline(canvas, row, theme::radius::control, chosen ? theme.accent : theme.line, chosen ? 2 : theme.border_width);
    focus_ring(canvas, hand, theme::radius::control);
    auto const key = std::to_string(index + 1);
    key_cap(canvas, { row.x + snug, row.center().y - 12 }, key);
    auto const words = row.without_left(56).without_right(snug);
    auto const height = paragraph_height(canvas.measure(), theme::Style::Body, text, words.width);
    paragraph(canvas, Rect::centered(words.center(), { words.width, height }), text, theme::Style::Body, theme.text,
        Align::Start, 2);
    auto const digit = static_cast<Key>(static_cast<std::size_t>(Key::Digit0) + index + 1);
    if (hand.clicked || pressed(Chord::of(digit)))
        answer = chosen ? std::nullopt : std::optional(index);
}

void draw_steps(Canvas const& canvas, Rect const& foot, Context& context, std::size_t items)
{
    auto& test = context.state.test;
    bool const last = test.item + 1 == items;
    auto const next = last ? words::tr("Finish") : test.answers[test.item] ? words::tr("Go on") : words::tr("Skip");
    ButtonLook const forward { .emphasis = test.answers[test.item] || last ? Emphasis::Primary : Emphasis::Normal,
        .chord = Chord::of(Key::Right) };
    // A button that has the keyboard's focus takes Enter by itself.
    bool const entered = pressed(Chord::of(Key::Enter)) && !canvas.interaction().has_focus("test.next")
        && !canvas.interaction().focused().starts_with("test.choice");
    bool const goes_on
        = button(canvas, "test.next", foot.right_part(150), next, forward) || pressed(Chord::of(Key::Right)) || entered;
    bool const goes_back = button(canvas, "test.back", foot.left_part(120), words::tr("Back"),
                               { .emphasis = Emphasis::Quiet, .chord = Chord::of(Key::Left), .enabled = test.item > 0 })
        || pressed(Chord::of(Key::Left));
    text_in(canvas, foot, words::tr("1 to 4 choose, → goes on"), theme::Style::Caption, canvas.theme().dim_text,
        Align::Center);
    if (goes_on)
        go_to_next(context, items);
    else if (goes_back && test.item > 0)
        --test.item;
}

void draw_item(Canvas const& canvas, Rect const& room, Context& context)
{
    auto const& theme = canvas.theme();
    auto& test = context.state.test;
    auto const& items = context.input.course->test;
    auto const& item = items[test.item];
    auto inside = room;
    text_in(canvas, inside.top_part(28), title_of(test.phase), theme::Style::Caption, theme.dim_text);
    text_in(canvas, inside.top_part(28).without_right(control_height),
        words::say("{} of {}", test.item + 1, items.size()), theme::Style::Strong, theme.text, Align::End);
    inside = inside.without_top(36);
    meter(canvas, inside.top_part(8), static_cast<float>(test.item + 1) / static_cast<float>(items.size()),
        theme::Category::Process);
    inside = inside.without_top(8 + wide);
    paragraph(canvas, inside, words::tr(item.question), theme::Style::Heading, theme.text, Align::Start, 5);
    auto const rows = static_cast<float>(item.choices.size());
    auto const foot = inside.bottom_part(control_height);
    auto choices = inside.without_bottom(control_height + wide).bottom_part(rows * (choice_height + tight) - tight);
    for (std::size_t i = 0; i < item.choices.size(); ++i) {
        draw_choice(canvas, choices.top_part(choice_height), i, words::tr(item.choices[i]), test.answers[test.item]);
        choices = choices.without_top(choice_height + tight);
    }
    draw_steps(canvas, foot, context, items.size());
}

// ---- What came of it ----

enum class Outcome : std::uint8_t { Right, Wrong, Skipped };

Outcome outcome_of(TestItem const& item, std::optional<std::size_t> answer)
{
    return !answer ? Outcome::Skipped : *answer == item.right ? Outcome::Right : Outcome::Wrong;
}

void draw_outcome_mark(Canvas const& canvas, Point center, Outcome outcome)
{
    auto const& theme = canvas.theme();
    switch (outcome) {
    case Outcome::Right: return icon(canvas, center, theme::Icon::Check, theme[theme::Category::Network].stroke);
    case Outcome::Wrong: return icon(canvas, center, theme::Icon::Close, theme[theme::Category::Alert].stroke);
    case Outcome::Skipped: return icon(canvas, center, theme::Icon::Minus, theme.dim_text);
    }
}

void draw_result_rows(Canvas const& canvas, Rect const& room, Context& context)
{
    auto const& theme = canvas.theme();
    auto& test = context.state.test;
    auto const& items = context.input.course->test;
    canvas::ScrollArea area(canvas, "test.results", room);
    auto const& on = area.canvas();
    for (std::size_t i = 0; i < items.size(); ++i) {
        Rect const row { 0, static_cast<float>(i) * result_row, area.width() - tight, result_row };
        auto const name = fmt::format("test.result.{}", i);
        auto const hand = touch(on, name, row);
        if (hand.clicked)
            test.looked_at = i;
        if (test.looked_at == i || hand.warmth > 0)
            fill(on, row, theme::radius::control, test.looked_at == i ? theme.raised : theme.raised.faded(hand.warmth));
        if (test.looked_at == i && std::exchange(test.revealed, name) != name)
            area.reveal(row);
        focus_ring(on, { .rect = row.inset(3), .focused = hand.focused }, theme::radius::control);
        draw_outcome_mark(on, { row.x + 20, row.center().y }, outcome_of(items[i], test.answers[i]));
        text_in(
            on, row.without_left(40).without_right(tight), words::tr(items[i].belief), theme::Style::Body, theme.text);
    }
    area.set_content_height(static_cast<float>(items.size()) * result_row);
    if (pressed_or_repeated(Chord::of(Key::Down)) && test.looked_at + 1 < items.size())
        ++test.looked_at;
    if (pressed_or_repeated(Chord::of(Key::Up)) && test.looked_at > 0)
        --test.looked_at;
}

// The one that is looked at: what was asked, what was said, what is so and why.
class ResultDetail {
public:
    ResultDetail(Canvas const& canvas, Rect const& room)
        : m_canvas(canvas)
        , m_rest(room)
    {
    }

    void say(std::string_view words, theme::Style style, theme::Color color, float gap)
    {
        m_rest = m_rest.without_top(paragraph(m_canvas, m_rest, words, style, color) + gap);
    }
    void answer(std::string_view caption, std::string_view words, Outcome outcome)
    {
        say(caption, theme::Style::Caption, m_canvas.theme().dim_text, hair);
        draw_outcome_mark(m_canvas, { m_rest.x + 8, m_rest.y + 11 }, outcome);
        auto const room = m_rest.without_left(28);
        m_rest
            = m_rest.without_top(paragraph(m_canvas, room, words, theme::Style::Strong, m_canvas.theme().text) + snug);
    }

private:
    Canvas const& m_canvas;
    Rect m_rest;
};

ScenarioEntry const* entry_of(Context const& context, std::string const& id)
{
    for (auto const& entry : *context.input.scenarios) {
        if (!id.empty() && entry.id == id)
            return &entry;
    }
    return nullptr;
}

void draw_result_detail(Canvas const& canvas, Rect const& room, Context& context)
{
    auto const& theme = canvas.theme();
    auto const& test = context.state.test;
    auto const& item = context.input.course->test[test.looked_at];
    auto const answer = test.answers[test.looked_at];
    auto const outcome = outcome_of(item, answer);
    ResultDetail detail(canvas, room);
    detail.say(words::tr(item.question), theme::Style::Strong, theme.text, normal);
    if (outcome == Outcome::Skipped)
        detail.answer(words::tr("You said"), words::tr("nothing: skipped"), outcome);
    else
        detail.answer(words::tr("You said"), words::tr(item.choices[*answer]), outcome);
    if (outcome != Outcome::Right)
        detail.answer(words::tr("It is"), words::tr(item.choices[item.right]), Outcome::Right);
    detail.say(words::tr(item.why), theme::Style::Body, theme.text, normal);
    auto const* entry = entry_of(context, item.lesson);
    if (entry == nullptr)
        return;
    auto const label = words::say("Lesson: {}", words::tr(entry->title));
    if (button(canvas, "test.lesson", room.bottom_part(control_height), label, { .icon = theme::Icon::Book })) {
        context.commands.push_back(OpenScenario { entry->id });
        context.state.overlay = Overlay::None;
    }
}

void draw_results(Canvas const& canvas, Rect const& room, Context& context)
{
    auto const& theme = canvas.theme();
    auto const& test = context.state.test;
    auto const& items = context.input.course->test;
    std::size_t right = 0;
    for (std::size_t i = 0; i < items.size(); ++i)
        right += outcome_of(items[i], test.answers[i]) == Outcome::Right ? 1U : 0U;
    text_in(
        canvas, room.top_part(36), words::say("{} of {} right", right, items.size()), theme::Style::Title, theme.text);
    auto note = std::string(title_of(test.phase));
    if (auto const& before = context.input.course->results[0]; before && test.phase == TestPhase::After)
        note += words::say("; before it: {} of {}, {}", before->right, before->items, before->date);
    text_in(canvas, room.top_part(36).without_right(control_height + tight), note, theme::Style::Caption,
        theme.dim_text, Align::End);
    auto const inside = room.without_top(36 + normal);
    text_in(
        canvas, inside.top_part(22), words::tr("What people believe, and you"), theme::Style::Caption, theme.dim_text);
    auto const below = inside.without_top(28);
    auto const left = below.left_part(540);
    draw_result_rows(canvas, left, context);
    draw_result_detail(canvas, below.without_left(left.width + broad), context);
}

}

void draw_concept_test(Canvas const& window, Context& context)
{
    auto& state = context.state;
    if (context.input.course == nullptr || context.input.scenarios == nullptr || context.input.course->test.empty()) {
        state.overlay = Overlay::None;
        return;
    }
    auto& test = state.test;
    test.begun = true;
    test.answers.resize(context.input.course->test.size());
    auto const [whole, box] = fitted(window, test.over ? results_size : item_size);
    canvas::Overlay const overlay(whole, "test", box, OverlayKind::Modal);
    auto const& on = overlay.canvas();
    card(on, box, { .elevation = theme::Elevation::Spotlight });
    auto const inside = box.inset(broad, wide);
    if (test.over)
        draw_results(on, inside, context);
    else
        draw_item(on, inside, context);
    Rect const close { box.right() - control_height - snug, box.y + snug, control_height, control_height };
    if (icon_button(
            on, "test.close", close, theme::Icon::Close, { .emphasis = Emphasis::Quiet, .hint = words::tr("Close") })
        || overlay.dismissed())
        state.overlay = Overlay::None;
}

}
