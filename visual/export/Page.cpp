#include "visual/export/Page.h"

#include "sim/core/Base64.h"
#include "sim/words/Language.h"
#include "visual/canvas/Text.h"
#include "visual/export/PageFiles.h"
#include "visual/platform/Offscreen.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace drydock::exporting {

namespace {

using Json = nlohmann::ordered_json;

// The stage of presenter mode: larger than in the window, since here it has no panels beside it.
constexpr canvas::Rect page_room { 0, 0, 1113, 539 };

Json rgb(theme::Color color)
{
    return { color.red, color.green, color.blue };
}

// The colours that visual/canvas/Draw.cpp gives a card, without a tint (-1) or with a category's.
Json card_colors(theme::Theme const& theme, int tint)
{
    auto ground = theme.dark ? theme.raised : theme.surface;
    auto border = theme.line, broken = theme::mix(theme.line, theme.dim_text, 0.6f);
    if (tint >= 0) {
        auto const& category = theme.categories.at(static_cast<std::size_t>(tint));
        ground = theme::over(category.fill.faded(theme.tint), ground);
        border = broken = theme::over(category.stroke.faded(theme.tint_border), ground);
    }
    auto const foot = theme::mix(ground, theme.dark ? theme.surface : theme.raised, theme.gradient * 12);
    return { { "ground", rgb(ground) }, { "foot", rgb(foot) }, { "border", rgb(border) }, { "broken", rgb(broken) } };
}

Json theme_data(theme::ThemeName name)
{
    auto const& theme = theme::theme(name);
    Json data { { "name", theme.name }, { "dark", theme.dark }, { "stage", rgb(theme.stage) },
        { "surface", rgb(theme.surface) }, { "raised", rgb(theme.raised) }, { "line", rgb(theme.line) },
        { "text", rgb(theme.text) }, { "dim", rgb(theme.dim_text) }, { "accent", rgb(theme.accent) },
        { "on_accent", rgb(theme.on_accent) }, { "focus", rgb(theme.focus) }, { "tint", theme.tint },
        { "tint_border", theme.tint_border }, { "border", theme.border_width }, { "unlit", theme.unlit },
        { "dots", theme.dark ? 0.05 : 0.07 },
        { "meter", rgb(theme::over(theme.text.faded(theme.dark ? 0.08f : 0.1f), theme.surface)) } };
    for (auto const& category : theme.categories)
        data["categories"].push_back({ rgb(category.fill), rgb(category.on_fill), rgb(category.stroke) });
    for (int tint = -1; tint < static_cast<int>(theme.categories.size()); ++tint)
        data["cards"].push_back(card_colors(theme, tint));
    for (auto const elevation :
        { theme::Elevation::Flat, theme::Elevation::Card, theme::Elevation::Container, theme::Elevation::Spotlight }) {
        auto const shadow = theme.shadow(elevation);
        data["shadows"].push_back({ shadow.offset_y, shadow.spread, shadow.alpha });
    }
    return data;
}

// The names under which the page knows the faces.
std::string_view family_of(theme::Face face)
{
    switch (face) {
    case theme::Face::Regular: return "Regular";
    case theme::Face::Medium: return "Medium";
    case theme::Face::SemiBold:
    case theme::Face::DisplayBold:
    case theme::Face::DisplaySemiBold: return "SemiBold";
    case theme::Face::Mono: return "Mono";
    case theme::Face::Icons: return "Icons";
    }
    return "Regular";
}

Json styles()
{
    auto list = Json::array();
    for (auto const style : theme::all_styles) {
        auto const& type = theme::type_style(style);
        list.push_back({ { "face", family_of(type.face) }, { "em", type.em }, { "line", theme::line_to_em(type.face) },
            { "leading", canvas::Measure::line_height(style) } });
    }
    return list;
}

std::string font_faces()
{
    std::string css;
    for (auto const face :
        { theme::Face::Regular, theme::Face::Medium, theme::Face::SemiBold, theme::Face::Mono, theme::Face::Icons })
        css += fmt::format("@font-face {{ font-family: \"Drydock {}\"; src: url(data:font/{};base64,{}); }}\n",
            family_of(face), page_font(face).starts_with("OTTO") ? "otf" : "ttf", base64(page_font(face)));
    return css;
}

Json page_words()
{
    using words::tr;
    Json keys = Json::array({ { "Space", tr("Play or pause") }, { "← →", tr("One step back, forward") },
        { "Home, End", tr("To the beginning, to the end") }, { ", .", tr("Slower, faster") },
        { "1 2 3", tr("Depth: roles, objects, metal") }, { "T", tr("Next theme: dark, light, projector") },
        { "M", tr("Reduced motion") }, { "C", tr("All captions") }, { "I", tr("Inspector") },
        { "N, Shift+N", tr("Select the next, the previous thing") } });
    Json buttons { { "start", tr("To the beginning") }, { "back", tr("Previous beat") },
        { "play", tr("Play or pause") }, { "next", tr("Next beat") }, { "end", tr("To the end") },
        { "slower", tr("Slower") }, { "faster", tr("Faster") }, { "theme", tr("Theme") }, { "help-button", tr("Keys") },
        { "transcript-button", tr("Captions") }, { "inspector-button", tr("Inspector") } };
    Json inspector { { "tabs", { tr("Words"), tr("Fields"), tr("Raw"), tr("Proof") } },
        { "happened", tr("What happened to it last") }, { "events_before", tr("and {} events before") },
        { "records_before", tr("and {} records before") }, { "record", tr("record {}, {}") },
        { "no_fields", tr("It has none.") },
        { "no_records", tr("No record speaks of it: it is a place, not a thing.") },
        { "no_proofs", tr("There is nothing outside of Drydock that shows this.") },
        { "not_run", tr("This was recorded elsewhere, so nothing is run for it. The commands can be copied.") },
        { "source", tr("The code that did it and said so") }, { "copy", tr("Copy") }, { "copied", tr("Copied") },
        { "gone", tr("It is not there at this moment.") } };
    return { { "keys_title", tr("Keys") }, { "keys", keys }, { "buttons", buttons }, { "meet", tr("You will meet") },
        { "like", tr("What it is like") }, { "continue", tr("Continue") }, { "think", tr("What do you think?") },
        { "skip", tr("Skip") }, { "show_me", tr("Show me") }, { "goes_on", tr("Space goes on") },
        { "where", tr("beat {} of {}") }, { "scrub", tr("Moment of the story") },
        { "depths", { tr("1 Roles"), tr("2 Objects"), tr("3 Metal") } }, { "inspector", inspector } };
}

std::string title_of(trace::EventLog const& log, PageSettings const& settings)
{
    for (std::uint64_t i = 0; i < log.size(); ++i) {
        if (auto const* scenario = log[i].event.get_if<trace::ScenarioBegan>())
            return std::string(words::tr(scenario->title));
    }
    return settings.title;
}

// JSON in which "<" cannot end the element it stands in.
std::string inside_script(Json const& json)
{
    std::string text;
    for (char const c : json.dump(-1, ' ', false, Json::error_handler_t::replace))
        text += c == '<' ? std::string("\\u003c") : std::string(1, c);
    return text;
}

std::string escaped(std::string_view text)
{
    std::string html;
    for (char const c : text)
        html += c == '<' ? "&lt;" : c == '&' ? "&amp;" : c == '"' ? "&quot;" : std::string(1, c);
    return html;
}

// Puts the values in the places that the template names, "{{title}}"; what is in a value is not looked at again.
std::string filled(std::string_view page, std::map<std::string, std::string, std::less<>> const& values)
{
    std::string text;
    while (true) {
        auto const open = page.find("{{");
        text += page.substr(0, open);
        if (open == std::string_view::npos)
            return text;
        auto const close = page.find("}}", open);
        text += values.at(std::string(page.substr(open + 2, close - open - 2)));
        page.remove_prefix(close + 2);
    }
}

}

std::optional<std::string> page_of(trace::EventLog const& log, PageSettings const& settings, Progress const& progress)
{
    platform::Offscreen offscreen;
    auto const& fonts = offscreen.frame().fonts(1);
    Recording recording(log, canvas::Measure(fonts), page_room);
    auto const title = title_of(log, settings);
    Json data { { "title", title }, { "depth", static_cast<int>(settings.depth) },
        { "room", { page_room.width, page_room.height } }, { "frame_time", recording_frame_time },
        { "unlit", recording_unlit }, { "cap_height", canvas::cap_height },
        { "shadow", { { "texels", theme::Fonts::shadow_texels }, { "falloff", theme::Fonts::shadow_falloff } } },
        { "words", page_words() }, { "styles", styles() } };
    auto names = theme::all_themes;
    std::rotate(names.begin(), std::find(names.begin(), names.end(), settings.theme), names.end());
    for (auto const name : names)
        data["themes"].push_back(theme_data(name));
    constexpr std::array depths { trace::Depth::Role, trace::Depth::Object, trace::Depth::Metal };
    for (std::size_t i = 0; i < depths.size(); ++i) {
        auto beats = recording.beats(
            depths[i], [&](double part) { return progress((static_cast<double>(i) + part) / depths.size()); });
        if (!beats)
            return std::nullopt;
        data["depths"].push_back(std::move(*beats));
    }
    data["shapes"] = recording.shapes();
    data["things"] = recording.things();
    data["places"] = recording.objects().places();
    data["descriptions"] = recording.objects().descriptions();
    data["records"] = recording.objects().records();
    return filled(page_html(),
        { { "language", std::string(words::language()) }, { "title", escaped(title) }, { "fonts", font_faces() },
            { "css", std::string(page_css()) }, { "js", std::string(page_js()) },
            { "recording", inside_script(data) } });
}

}
