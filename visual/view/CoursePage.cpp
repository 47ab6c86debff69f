// The course: its lessons in their order with what each refutes and how far one has come, shorter tracks through it,
// open tasks, demonstrations and the concept test. Everything is reached by Tab and the arrow keys.

#include "sim/words/Language.h"
#include "visual/view/Views.h"

#include <fmt/format.h>

#include <algorithm>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;
using EntryKind = ScenarioEntry::Kind;
using EntryState = ScenarioEntry::State;

constexpr Size course_size { 1180, 640 };
constexpr float lesson_row = 58, other_row = 38, others_width = 372;

void open_scenario(Context& context, std::string const& id)
{
    context.commands.push_back(OpenScenario { id });
    context.state.overlay = Overlay::None;
}

bool is_in_track(Context const& context, ScenarioEntry const& entry)
{
    auto const track = context.state.course.track;
    if (track == 0 || track > context.input.course->tracks.size())
        return true;
    auto const& lessons = context.input.course->tracks[track - 1].lessons;
    return std::find(lessons.begin(), lessons.end(), entry.id) != lessons.end();
}

// The lessons that are shown, in their order.
std::vector<ScenarioEntry const*> lessons_of(Context const& context)
{
    std::vector<ScenarioEntry const*> lessons;
    for (auto const& entry : *context.input.scenarios) {
        if (entry.kind == EntryKind::Lesson && is_in_track(context, entry))
            lessons.push_back(&entry);
    }
    return lessons;
}

void draw_state(Canvas const& canvas, Point center, EntryState state)
{
    auto const& theme = canvas.theme();
    switch (state) {
    case EntryState::Done: return icon(canvas, center, theme::Icon::Check, theme[theme::Category::Network].stroke);
    case EntryState::Begun: return icon(canvas, center, theme::Icon::Play, theme.accent, theme::icon_size::small);
    case EntryState::NotBegun: return ring(canvas, center, 6, theme.dim_text);
    }
}

// A row that leads to a scenario; scrolled to where the keyboard has come to it.
Response touch_row(ScrollArea& area, Rect const& row, ScenarioEntry const& entry, CourseState& state)
{
    auto const& on = area.canvas();
    auto const hand = touch(on, "course." + entry.id, row);
    if (hand.warmth > 0 || hand.focused)
        fill(on, row, theme::radius::control,
            on.theme().raised.faded(std::max(hand.warmth, hand.focused ? 1.0f : 0.0f)));
    if (hand.focused && state.revealed != entry.id) {
        area.reveal(row);
        state.revealed = entry.id;
    }
    return hand;
}

void draw_lesson(ScrollArea& area, Rect const& row, ScenarioEntry const& entry, Context& context)
{
    auto const& on = area.canvas();
    auto const& theme = on.theme();
    auto const hand = touch_row(area, row, entry, context.state.course);
    auto const inside = row.inset(snug, tight);
    draw_state(on, { inside.x + 8, inside.y + 11 }, entry.state);
    auto const upper = inside.top_part(22), lower = inside.bottom_part(20);
    if (entry.number > 0)
        text_in(on, { inside.x + 26, upper.y, 26, upper.height }, std::to_string(entry.number), theme::Style::Strong,
            theme.dim_text, Align::End);
    auto const words = upper.without_left(64);
    text_in(on, words.without_right(70), words::tr(entry.title), theme::Style::Strong, theme.text);
    text_in(on, words, words::say("{} min", entry.minutes), theme::Style::Caption, theme.dim_text, Align::End);
    auto note = lower.without_left(64);
    if (entry.state != EntryState::NotBegun) {
        auto const state = entry.state == EntryState::Done ? words::say("done {}", entry.done_on) : words::say("begun");
        auto const width = on.measure().width(theme::Style::Caption, state);
        text_in(on, note, state, theme::Style::Caption, theme.dim_text, Align::End);
        note = note.without_right(width + normal);
    }
    std::string beliefs;
    for (auto const& belief : entry.refutes)
        beliefs += (beliefs.empty() ? "" : " · ") + std::string(words::tr(belief));
    text_in(on, note, beliefs.empty() ? std::string(words::tr(entry.summary)) : words::say("Not so: {}", beliefs),
        theme::Style::Caption, theme.dim_text);
    focus_ring(on, { .rect = row.inset(3), .focused = hand.focused }, theme::radius::control);
    if (hand.clicked)
        open_scenario(context, entry.id);
}

void draw_lessons(Canvas const& canvas, Rect const& room, Context& context)
{
    canvas::ScrollArea area(canvas, "course.lessons", room);
    Rect rest { 0, 0, area.width() - tight, 100'000 };
    for (auto const* entry : lessons_of(context)) {
        draw_lesson(area, rest.top_part(lesson_row), *entry, context);
        rest = rest.without_top(lesson_row);
    }
    if (rest.y < 1)
        text_in(area.canvas(), rest.top_part(lesson_row), words::tr("None of these lessons is here."),
            theme::Style::Body, canvas.theme().dim_text);
    area.set_content_height(rest.y);
}

// ---- Beside the lessons ----

class Others {
public:
    Others(ScrollArea& area, Context& context)
        : m_area(area)
        , m_canvas(area.canvas())
        , m_context(context)
        , m_rest { 0, 0, area.width() - tight, 100'000 }
    {
    }

    void list(std::string_view title, EntryKind kind)
    {
        bool any = false;
        for (auto const& entry : *m_context.input.scenarios) {
            if (entry.kind != kind)
                continue;
            if (!std::exchange(any, true))
                heading(title);
            scenario(entry);
        }
        if (any)
            m_rest = m_rest.without_top(snug);
    }

    void concept_test()
    {
        auto const& course = *m_context.input.course;
        if (course.test.empty())
            return;
        heading(words::tr("Concept test"));
        paragraph_below(words::say("{} questions about what happens, for before the course and for after it. Your "
                                   "answers stay on this machine.",
            course.test.size()));
        auto const cells = columns(m_rest.top_part(control_height), 2, tight);
        test_button("course.test-before", cells[0], words::tr("Before"), TestPhase::Before);
        test_button("course.test-after", cells[1], words::tr("After"), TestPhase::After);
        m_rest = m_rest.without_top(control_height + tight);
        result(TestPhase::Before, course);
        result(TestPhase::After, course);
        m_rest = m_rest.without_top(snug);
    }

    void forget()
    {
        auto& forgetting = m_context.state.course.forgetting;
        if (!forgetting) {
            auto const label = words::tr("Forget my progress…");
            ButtonLook const look { .emphasis = Emphasis::Quiet, .icon = theme::Icon::Trash };
            auto const width = button_width(m_canvas.measure(), label, look);
            forgetting
                = button(m_canvas, "course.forget", m_rest.top_part(control_height).left_part(width), label, look);
        } else {
            paragraph_below(words::tr("Every lesson will be as if it had not been begun. Test results stay."));
            auto const cells = columns(m_rest.top_part(control_height), 2, tight);
            if (button(m_canvas, "course.forget-all", cells[0], words::tr("Forget"), { .icon = theme::Icon::Trash })) {
                m_context.commands.push_back(ForgetProgress {});
                forgetting = false;
            }
            if (button(m_canvas, "course.keep", cells[1], words::tr("Keep")))
                forgetting = false;
        }
        m_rest = m_rest.without_top(control_height);
    }

    float height() const { return m_rest.y; }

private:
    void heading(std::string_view title)
    {
        text_in(m_canvas, m_rest.top_part(26), title, theme::Style::Heading, m_canvas.theme().text);
        m_rest = m_rest.without_top(30);
    }

    void paragraph_below(std::string_view words)
    {
        auto const height = paragraph(m_canvas, m_rest, words, theme::Style::Caption, m_canvas.theme().dim_text);
        m_rest = m_rest.without_top(height + tight);
    }

    void scenario(ScenarioEntry const& entry)
    {
        auto const& theme = m_canvas.theme();
        auto const row = m_rest.top_part(other_row);
        auto const hand = touch_row(m_area, row, entry, m_context.state.course);
        auto const inside = row.inset(tight, 0);
        draw_state(m_canvas, { inside.x + 8, inside.center().y }, entry.state);
        auto const words = inside.without_left(wide);
        text_in(m_canvas, words.without_right(64), words::tr(entry.title), theme::Style::Body, theme.text);
        text_in(
            m_canvas, words, words::say("{} min", entry.minutes), theme::Style::Caption, theme.dim_text, Align::End);
        focus_ring(m_canvas, { .rect = row.inset(3), .focused = hand.focused }, theme::radius::control);
        hint(m_canvas, hand, words::tr(entry.summary));
        if (hand.clicked)
            open_scenario(m_context, entry.id);
        m_rest = m_rest.without_top(other_row);
    }

    void test_button(std::string_view name, Rect const& rect, std::string_view label, TestPhase phase)
    {
        auto& test = m_context.state.test;
        bool const going_on = test.begun && !test.over && test.phase == phase;
        if (!button(m_canvas, name, rect, going_on ? words::say("{}: go on", label) : std::string(label),
                { .icon = theme::Icon::Pencil }))
            return;
        if (!going_on)
            test = { .phase = phase };
        test.begun = true;
        m_context.state.overlay = Overlay::ConceptTest;
    }

    void result(TestPhase phase, Course const& course)
    {
        auto const& kept = course.results[static_cast<std::size_t>(phase)];
        if (!kept)
            return;
        auto const words = phase == TestPhase::Before
            ? words::say("Before: {} of {} right, {}", kept->right, kept->items, kept->date)
            : words::say("After: {} of {} right, {}", kept->right, kept->items, kept->date);
        text_in(m_canvas, m_rest.top_part(22), words, theme::Style::Caption, m_canvas.theme().text);
        m_rest = m_rest.without_top(24);
    }

    ScrollArea& m_area;
    Canvas const& m_canvas;
    Context& m_context;
    Rect m_rest;
};

void draw_others(Canvas const& canvas, Rect const& room, Context& context)
{
    canvas::ScrollArea area(canvas, "course.others", room);
    Others others(area, context);
    others.list(words::tr("Open tasks"), EntryKind::Task);
    others.list(words::tr("Demonstrations"), EntryKind::Demonstration);
    others.concept_test();
    others.forget();
    area.set_content_height(others.height());
}

// ---- The head ----

// Where one was, or else the first lesson that has not been done.
void draw_continue(Canvas const& canvas, Rect const& room, Context& context)
{
    auto const& scenarios = *context.input.scenarios;
    auto const with = [&](auto const& fits) {
        auto const found = std::find_if(scenarios.begin(), scenarios.end(), fits);
        return found == scenarios.end() ? nullptr : &*found;
    };
    auto const* entry
        = with([&](auto const& e) { return e.id == context.input.course->last && e.state == EntryState::Begun; });
    bool const resumes = entry != nullptr;
    if (!resumes)
        entry = with([](auto const& e) { return e.kind == EntryKind::Lesson && e.state != EntryState::Done; });
    if (entry == nullptr)
        return;
    auto const title = words::tr(entry->title);
    auto const label = resumes ? words::say("Continue: {}", title) : words::say("Begin: {}", title);
    ButtonLook const look { .emphasis = Emphasis::Primary, .icon = theme::Icon::Play };
    auto const width = std::min(room.width, button_width(canvas.measure(), label, look));
    bool const entered = canvas.interaction().focused().empty() && pressed(*Chord::parse("Enter"));
    if (!button(canvas, "course.continue", room.right_part(width), label, look) && !entered)
        return;
    if (resumes)
        context.commands.push_back(ResumeScenario { entry->id });
    else
        context.commands.push_back(OpenScenario { entry->id });
    context.state.overlay = Overlay::None;
}

void draw_tracks(Canvas const& canvas, Rect const& room, Context& context)
{
    std::vector<std::string_view> names { words::tr("All lessons") };
    for (auto const& track : context.input.course->tracks)
        names.push_back(words::tr(track.name));
    auto& chosen = context.state.course.track;
    chosen = std::min(chosen, names.size() - 1);
    auto const lessons = lessons_of(context);
    auto const done = std::count_if(
        lessons.begin(), lessons.end(), [](auto const* entry) { return entry->state == EntryState::Done; });
    std::int64_t minutes = 0;
    for (auto const* entry : lessons)
        minutes += entry->minutes;
    auto const note = words::say("{} of {} done, {} min in all", done, lessons.size(), minutes);
    auto const note_width = canvas.measure().width(theme::Style::Caption, note) + normal;
    text_in(canvas, room, note, theme::Style::Caption, canvas.theme().dim_text, Align::End);
    auto const width = std::min(static_cast<float>(names.size()) * 172, room.width - note_width);
    segmented(canvas, "course.track", room.left_part(width), names, chosen);
}

}

Fitted fitted(Canvas const& window, Size size)
{
    auto const all = window.size();
    auto const factor = std::min({ 1.0f, (all.width - normal) / size.width, (all.height - normal) / size.height });
    return { window.zoomed(factor, { 0, 0 }),
        Rect::centered({ all.width / factor / 2, all.height / factor / 2 }, size) };
}

void draw_course(Canvas const& window, Context& context)
{
    if (context.input.course == nullptr || context.input.scenarios == nullptr) {
        context.state.overlay = Overlay::None;
        return;
    }
    auto const [whole, box] = fitted(window, course_size);
    canvas::Overlay const overlay(whole, "course", box, OverlayKind::Modal);
    auto const& on = overlay.canvas();
    card(on, box, { .elevation = theme::Elevation::Spotlight });
    auto inside = box.inset(broad, wide);
    auto const head = inside.top_part(36).without_right(control_height + snug);
    text_in(on, head, words::tr("Course"), theme::Style::Title, on.theme().text);
    draw_continue(on, Rect::centered(head.center(), { head.width, control_height }).without_left(200), context);
    inside = inside.without_top(36 + normal);
    auto const others = inside.right_part(others_width);
    auto const lessons = inside.without_right(others_width + broad);
    draw_tracks(on, lessons.top_part(control_height), context);
    draw_lessons(on, lessons.without_top(control_height + snug), context);
    draw_others(on, others, context);
    auto& interaction = on.interaction();
    if (pressed_or_repeated(Chord::of(Key::Down)))
        interaction.focus_next();
    if (pressed_or_repeated(Chord::of(Key::Up)))
        interaction.focus_previous();
    Rect const close { box.right() - control_height - snug, box.y + snug, control_height, control_height };
    if (icon_button(
            on, "course.close", close, theme::Icon::Close, { .emphasis = Emphasis::Quiet, .hint = words::tr("Close") })
        || overlay.dismissed())
        context.state.overlay = Overlay::None;
}

}
