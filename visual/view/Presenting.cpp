#include "visual/view/Presenting.h"

#include "sim/words/Language.h"
#include "visual/view/Views.h"

#include <fmt/format.h>

#include <algorithm>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;

constexpr float pen_width = 3, light_around_pointer = 220;

// The smallest thing of the stage that the pointer is on.
std::optional<Rect> thing_at(Canvas const& canvas, Point pointer)
{
    std::optional<Rect> found;
    for (auto const& [name, rect] : canvas.interaction().marks()) {
        bool const smaller = !found || rect.width * rect.height < found->width * found->height;
        if (name.starts_with("stage.") && rect.contains(pointer) && smaller)
            found = rect;
    }
    return found;
}

// What the light falls on: the thing under the pointer, what is selected, or the place the pointer is at.
Rect lit_place(Canvas const& canvas, Rect const& stage, State const& state)
{
    auto const pointer = canvas.logical(ImGui::GetIO().MousePos);
    if (stage.contains(pointer)) {
        if (auto const thing = thing_at(canvas, pointer))
            return thing->outset(tight);
    }
    if (auto const selected = canvas.interaction().find("stage." + state.selected); selected && !state.selected.empty())
        return selected->outset(tight);
    return stage.contains(pointer) ? Rect::centered(pointer, { light_around_pointer, light_around_pointer * 0.6f })
                                   : stage;
}

void draw_strokes(Canvas const& canvas, Presenting const& presenting)
{
    auto const ink = canvas.ink(canvas.theme().focus);
    for (auto const& stroke : presenting.strokes) {
        std::vector<ImVec2> points;
        for (auto const point : stroke)
            points.push_back(canvas.device(point));
        canvas.list().AddPolyline(
            points.data(), static_cast<int>(points.size()), ink, 0, canvas.device_width(pen_width));
    }
}

// A stroke lasts from press to release; the next step wipes the picture clean.
void take_pen(Canvas const& canvas, Rect const& stage, Presenting& presenting, std::size_t beat)
{
    if (beat != presenting.drawn_at)
        presenting.strokes.clear();
    presenting.drawn_at = beat;
    auto const hand = touch(canvas, "presenting.paper", stage, Reach::MouseOnly);
    if (!hand.held)
        return;
    if (ImGui::IsMouseClicked(0) || presenting.strokes.empty())
        presenting.strokes.emplace_back();
    auto& stroke = presenting.strokes.back();
    if (stroke.empty() || !(stroke.back() == hand.pointer))
        stroke.push_back(hand.pointer);
}

// ---- Hands ----

struct ClassQuestion {
    std::string id;
    std::string text;
    std::vector<std::string> choices;
    std::optional<std::string> answer; // as far as the log knows it
};

// The last question that was asked; without one, the class may still vote.
ClassQuestion question_of(Context& context)
{
    auto const& player = context.state.player;
    if (auto const& scenario = player.world().scenario; scenario && !scenario->predictions.empty()) {
        auto const& last = scenario->predictions.back();
        ClassQuestion question { .id = last.id, .text = last.question, .choices = last.choices, .answer = last.answer };
        for (std::uint64_t i = 0; i < player.log().size() && !question.answer; ++i) {
            auto const* resolved = player.log()[i].event.get_if<trace::PredictionResolved>();
            if (resolved != nullptr && resolved->id == last.id)
                question.answer = resolved->answer;
        }
        if (!question.choices.empty())
            return question;
    }
    return { .id = {},
        .text = std::string(words::key("Hands up")),
        .choices = { std::string(words::key("Yes")), std::string(words::key("No")) },
        .answer = {} };
}

// What else was typed does not count.
int counted_hands(std::string_view typed)
{
    int count = 0;
    for (char const c : typed.substr(0, 6))
        count = c >= '0' && c <= '9' ? count * 10 + (c - '0') : count;
    return count;
}

// One choice: its words, how many hands, and a bar as long as their share.
void draw_choice(Canvas const& canvas, Rect const& row, std::string_view name, std::string_view words,
    std::string& typed, float share, bool right)
{
    auto const& theme = canvas.theme();
    constexpr float label = 230, field = 76;
    text_in(canvas, row.left_part(label - snug), words, theme::Style::Strong, theme.text);
    text_field(canvas, name, row.without_left(label).left_part(field), typed, { .placeholder = "0" });
    auto const room = row.without_left(label + field + snug);
    auto const bar = Rect { room.x, room.center().y - 10, room.width - 34, 20 };
    meter(canvas, bar, share, right ? theme::Category::Network : theme::Category::Process);
    if (right)
        icon(canvas, { room.right() - 14, room.center().y }, theme::Icon::Check, theme[theme::Category::Network].stroke,
            theme::icon_size::large);
}

}

void draw_presenting(Canvas const& canvas, Rect const& stage, Context& context)
{
    auto& presenting = context.state.presenting;
    if (context.state.player.beat() == nullptr)
        return;
    if (presenting.spotlight)
        spotlight(canvas, lit_place(canvas, stage, context.state), theme::radius::card, 1);
    if (presenting.pen)
        take_pen(canvas, stage, presenting, context.state.player.beat_index());
    draw_strokes(canvas, presenting);
}

void draw_hands(Canvas const& canvas, Rect const& stage, Context& context)
{
    auto& presenting = context.state.presenting;
    if (!presenting.counting || context.state.player.beat() == nullptr)
        return;
    auto const question = question_of(context);
    auto& hands = presenting.hands[question.id];
    hands.resize(question.choices.size());
    int total = 0;
    for (auto const& typed : hands)
        total += counted_hands(typed);

    constexpr float width = 680, row = 44;
    auto const text = words::tr(question.text);
    auto const head = paragraph_height(canvas.measure(), theme::Style::Heading, text, width - 2 * broad);
    auto const rows = static_cast<float>(question.choices.size());
    auto const box = Rect::centered(stage.center(), { width, head + rows * row + control_height + 5 * wide });
    canvas::Overlay const overlay(canvas, "hands", box, OverlayKind::Floating);
    auto const& on = overlay.canvas();
    auto const& theme = on.theme();
    card(on, box, { .elevation = theme::Elevation::Spotlight });
    auto inside = box.inset(broad, wide);
    text_in(on, inside.top_part(20),
        total == 0 ? words::say("How many hands for each answer?") : words::say("{} hands", total),
        theme::Style::Caption, theme.accent);
    inside = inside.without_top(wide + hair);
    paragraph(on, inside, text, theme::Style::Heading, theme.text);
    inside = inside.without_top(head + normal);
    for (std::size_t i = 0; i < question.choices.size(); ++i) {
        auto const share = total == 0 ? 0 : static_cast<float>(counted_hands(hands[i])) / static_cast<float>(total);
        draw_choice(on, inside.top_part(control_height), fmt::format("hands.{}", i), words::tr(question.choices[i]),
            hands[i], share, presenting.revealed && question.answer == question.choices[i]);
        inside = inside.without_top(row);
    }
    auto const foot = box.inset(broad, wide).bottom_part(control_height);
    if (question.answer
        && button(on, "hands.reveal", foot.right_part(200),
            presenting.revealed ? words::tr("Hide the answer") : words::tr("Show the answer"),
            { .emphasis = Emphasis::Primary, .icon = theme::Icon::Eye }))
        presenting.revealed = !presenting.revealed;
    if (button(on, "hands.close", foot.left_part(130), words::tr("Close"), { .chord = chord_of(Action::CountHands) }))
        presenting.counting = false;
}

void draw_blackout(Canvas const& canvas, State const& state)
{
    if (!state.presenting.blackout)
        return;
    canvas::Overlay const overlay(canvas, "blackout", canvas.bounds(), OverlayKind::Modal);
    fill(overlay.canvas(), canvas.bounds(), 0, {});
}

// A presenter's clicker sends "b" or "." for the black screen; what ends it does nothing else.
bool take_clicker(State& state)
{
    auto& blackout = state.presenting.blackout;
    auto const any_of = [](std::initializer_list<std::string_view> chords) {
        return std::any_of(chords.begin(), chords.end(), [](std::string_view text) {
            auto const chord = Chord::parse(text);
            return chord && pressed(*chord);
        });
    };
    if (blackout) {
        blackout = !any_of({ "B", ".", "Esc", "Space", "Enter", "Left", "Right", "PgUp", "PgDn", "Ctrl+B" });
        return true;
    }
    if (!state.presenter || !any_of({ "B", "." }))
        return false;
    blackout = true;
    return true;
}

}
