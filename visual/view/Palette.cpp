#include "visual/view/Palette.h"

#include "sim/words/Language.h"
#include "visual/view/Views.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;

char lower(char c)
{
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

struct Entry {
    std::string label;
    std::string keys;
    std::optional<Action> action;
    std::string scenario;
    std::string language {};
    int score { 0 };
};

std::string label_of(ScenarioEntry const& scenario)
{
    auto const title = words::tr(scenario.title);
    switch (scenario.kind) {
    case ScenarioEntry::Kind::Lesson: return words::say("Lesson: {}", title);
    case ScenarioEntry::Kind::Demonstration: return words::say("Demonstration: {}", title);
    case ScenarioEntry::Kind::Task: return words::say("Task: {}", title);
    }
    return {};
}

std::vector<Entry> entries(Context const& context)
{
    std::vector<Entry> found;
    auto const offer = [&](Entry entry) {
        if (auto const score = fuzzy_score(context.state.query, entry.label)) {
            entry.score = *score;
            found.push_back(std::move(entry));
        }
    };
    if (context.input.scenarios != nullptr) {
        for (auto const& scenario : *context.input.scenarios)
            offer({ label_of(scenario), words::say("{} min", scenario.minutes), {}, scenario.id });
    }
    for (auto const& info : actions)
        offer({ std::string(words::tr(info.label)), std::string(info.keys[0]), info.action, {} });
    if (context.input.languages != nullptr) {
        for (auto const& language : *context.input.languages)
            offer({ words::say("Language: {}", language.name), {}, {}, {}, language.code });
    }
    std::stable_sort(found.begin(), found.end(), [](auto const& a, auto const& b) { return a.score > b.score; });
    return found;
}

void choose(Entry const& entry, Context& context)
{
    context.state.overlay = Overlay::None;
    if (entry.action && *entry.action != Action::Palette)
        context.ask(*entry.action);
    if (!entry.scenario.empty())
        context.commands.push_back(OpenScenario { entry.scenario });
    if (!entry.language.empty())
        context.commands.push_back(ChooseLanguage { entry.language });
}

void draw_entry(
    Canvas const& canvas, Rect const& row, Entry const& entry, bool chosen, Context& context, std::size_t index)
{
    auto const& theme = canvas.theme();
    auto const hand = touch(canvas, fmt::format("palette.{}", index), row);
    if (chosen || hand.hovered)
        fill(canvas, row, theme::radius::control, theme.raised);
    auto const inside = row.inset(snug, 0);
    icon(canvas, { inside.x + 8, inside.center().y }, entry.action ? theme::Icon::Right : theme::Icon::Book,
        chosen ? theme.accent : theme.dim_text, theme::icon_size::small);
    text_in(canvas, inside.without_left(28).without_right(130), entry.label, theme::Style::Body, theme.text);
    text_in(canvas, inside, entry.keys, theme::Style::Caption, theme.dim_text, Align::End);
    if (hand.clicked)
        choose(entry, context);
}

}

std::optional<int> fuzzy_score(std::string_view query, std::string_view text)
{
    int score = 0;
    std::size_t at = 0;
    bool consecutive = false;
    for (char const wanted : query) {
        if (wanted == ' ') {
            consecutive = false;
            continue;
        }
        auto const from = at;
        while (at < text.size() && lower(text[at]) != lower(wanted))
            ++at;
        if (at == text.size())
            return {};
        bool const begins_word = at == 0 || text[at - 1] == ' ';
        consecutive = consecutive && at == from;
        score += 1 + (consecutive ? 4 : 0) + (begins_word ? 6 : 0);
        consecutive = true;
        ++at;
    }
    return score;
}

void draw_palette(Canvas const& canvas, Context& context)
{
    auto& state = context.state;
    constexpr float width = 620, row = 38;
    constexpr std::size_t most = 9;
    auto const found = entries(context);
    auto const shown = std::min(most, found.size());
    state.palette_choice = std::min(state.palette_choice, shown == 0 ? 0 : shown - 1);
    auto const height = control_height + 3 * snug + static_cast<float>(std::max<std::size_t>(shown, 1)) * row;
    Rect const box { (canvas.size().width - width) / 2, 90, width, height };
    canvas::Overlay const overlay(canvas, "palette", box, OverlayKind::Modal);
    auto const& on = overlay.canvas();
    card(on, box, { .elevation = theme::Elevation::Spotlight });
    auto inside = box.inset(snug);
    on.interaction().focus("palette.query");
    auto const response = text_field(on, "palette.query", inside.top_part(control_height), state.query,
        { .placeholder = words::tr("What do you want to do?"), .icon = theme::Icon::Search });
    if (response.changed)
        state.palette_choice = 0;
    if (response.down && state.palette_choice + 1 < shown)
        ++state.palette_choice;
    if (response.up && state.palette_choice > 0)
        --state.palette_choice;
    inside = inside.without_top(control_height + snug);
    if (shown == 0)
        text_in(on, inside.top_part(row), words::tr("Nothing is called that"), theme::Style::Body, on.theme().dim_text,
            Align::Center);
    for (std::size_t i = 0; i < shown; ++i) {
        draw_entry(on, inside.top_part(row), found[i], i == state.palette_choice, context, i);
        inside = inside.without_top(row);
    }
    if (response.submitted && shown > 0)
        choose(found[state.palette_choice], context);
    if (overlay.dismissed())
        state.overlay = Overlay::None;
}

}
