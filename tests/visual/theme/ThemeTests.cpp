#include "tests/support/Catch.h"
#include "visual/theme/Icons.h"
#include "visual/theme/Theme.h"
#include "visual/theme/Type.h"

using namespace drydock;
using namespace drydock::theme;

namespace {

// Names the pair where it fails.
void check_contrast(Theme const& theme, std::string_view what, Color text, Color ground, double least)
{
    CAPTURE(theme.name, what);
    CHECK(contrast(text, ground) >= least);
}

std::string card_top(Theme const& theme)
{
    return theme.dark ? "raised" : "surface";
}

}

TEST_CASE("Theme: text reaches WCAG AA (4.5) on every ground it stands on", "[visual][theme]")
{
    for (auto const name : all_themes) {
        auto const& t = theme::theme(name);
        for (auto const& [role, ground] :
            { std::pair("stage", t.stage), std::pair("surface", t.surface), std::pair("raised", t.raised) }) {
            check_contrast(t, std::string("text on ") + role, t.text, ground, 7); // AAA
            check_contrast(t, std::string("dim text on ") + role, t.dim_text, ground, 4.5);
            check_contrast(t, std::string("accent on ") + role, t.accent, ground, 4.5);
            check_contrast(t, std::string("focus ring on ") + role, t.focus, ground, 3);
        }
        check_contrast(t, "label of a primary button", t.on_accent, t.accent, 4.5);
    }
}

TEST_CASE("Theme: every category can be read, as text, as line, and with text upon it", "[visual][theme]")
{
    for (auto const name : all_themes) {
        auto const& t = theme::theme(name);
        auto const card = t.dark ? t.raised : t.surface;
        for (auto const category : all_categories) {
            auto const word = std::string(to_string(category));
            auto const& colors = t[category];
            check_contrast(t, word + ": text on its fill", colors.on_fill, colors.fill, 4.5);
            check_contrast(t, word + ": stroke on the stage", colors.stroke, t.stage, 4.5);
            check_contrast(t, word + ": stroke on a card, " + card_top(t), colors.stroke, card, 4.5);
            auto const chip = over(colors.fill.faded(t.tint), card);
            check_contrast(t, word + ": text on a chip", t.text, chip, 7);
            check_contrast(t, word + ": icon on a chip", colors.stroke, chip, 3); // graphics, WCAG 1.4.11
        }
    }
}

TEST_CASE("Theme: what is not lit can still be read", "[visual][theme]")
{
    for (auto const name : all_themes) {
        auto const& t = theme::theme(name);
        auto const card = over(t.surface.faded(t.unlit), t.stage);
        auto const seen = [&](Color color) { return over(color.faded(t.unlit), card); };
        check_contrast(t, "unlit text", seen(t.text), card, 4.5);
        check_contrast(t, "unlit dim text", seen(t.dim_text), card, 3);
        CHECK(contrast(t.text, card) / contrast(seen(t.text), card) >= 1.8); // the light is still seen to be on
    }
}

TEST_CASE("Theme: categories differ by icon, not only by colour", "[visual][theme]")
{
    for (auto const one : all_categories) {
        for (auto const other : all_categories)
            CHECK((one == other) == (icon_of(one) == icon_of(other)));
    }
}

TEST_CASE("Theme: every style is at least 1/50 of the screen's height in the projector preset", "[visual][theme]")
{
    for (auto const style : all_styles) {
        CAPTURE(type_style(style).name);
        CHECK(type_style(style).em * density_factor(Density::Projector) >= 720.0f / 50);
    }
}

TEST_CASE("Theme: the scale follows the screen in quarters and never shrinks below one", "[visual][theme]")
{
    CHECK(scale_for_height(600) == 1);
    CHECK(scale_for_height(720) == 1);
    CHECK(scale_for_height(1080) == 1.5f);
    CHECK(scale_for_height(1200) == 1.75f);
    CHECK(scale_for_height(2160) == 3);
}

TEST_CASE("Theme: shadows grow with elevation", "[visual][theme]")
{
    for (auto const name : all_themes) {
        auto const& t = theme::theme(name);
        CHECK(t.shadow(Elevation::Flat).alpha == 0);
        CHECK(t.shadow(Elevation::Card).spread < t.shadow(Elevation::Container).spread);
        CHECK(t.shadow(Elevation::Container).alpha < t.shadow(Elevation::Spotlight).alpha);
    }
}
