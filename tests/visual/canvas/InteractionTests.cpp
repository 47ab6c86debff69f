#include "tests/support/Catch.h"
#include "visual/canvas/Interaction.h"

using namespace drydock::canvas;

namespace {
void draw(Interaction& interaction, double now, std::initializer_list<char const*> names)
{
    interaction.begin_frame(now);
    for (auto const* const name : names) {
        interaction.mark(name, { 1, 2, 3, 4 });
        interaction.want_focus(name);
    }
}
}

TEST_CASE("Interaction: a place is known through the next frame and forgotten after", "[visual][canvas]")
{
    Interaction interaction;
    draw(interaction, 0, { "a" });
    CHECK(interaction.find("a") == Rect { 1, 2, 3, 4 });
    draw(interaction, 1, {});
    CHECK(interaction.find("a"));
    draw(interaction, 2, {});
    CHECK_FALSE(interaction.find("a"));
}

TEST_CASE("Interaction: focus walks in drawing order, around the end, and back", "[visual][canvas]")
{
    Interaction interaction;
    draw(interaction, 0, { "a", "b", "c" });
    interaction.begin_frame(1);
    interaction.focus_next();
    CHECK(interaction.focused() == "a");
    interaction.focus_previous();
    CHECK(interaction.focused() == "c");
    interaction.focus_next();
    CHECK(interaction.focused() == "a");
    interaction.focus("gone");
    interaction.focus_next();
    CHECK(interaction.focused() == "a");
}

TEST_CASE("Interaction: with nothing to focus there is no focus", "[visual][canvas]")
{
    Interaction interaction;
    interaction.focus("a");
    interaction.begin_frame(1);
    interaction.focus_next();
    CHECK(interaction.focused().empty());
}

TEST_CASE("Interaction: an open scope keeps the focus to itself", "[visual][canvas]")
{
    Interaction interaction;
    draw(interaction, 0, { "outside" });
    interaction.open_scope("dialog");
    interaction.want_focus("inside");
    interaction.close_scope();
    interaction.begin_frame(1);
    interaction.focus_next();
    CHECK(interaction.focused() == "inside");
    interaction.focus_next();
    CHECK(interaction.focused() == "inside");
}

TEST_CASE("Interaction: a dialog that opens takes the keyboard from what lies below", "[visual][canvas]")
{
    Interaction interaction;
    auto const frame = [&](bool dialog) {
        interaction.begin_frame(0);
        interaction.want_focus("prompt");
        if (dialog) {
            interaction.open_scope("menu");
            interaction.want_focus("item");
            interaction.close_scope();
        }
    };
    frame(false);
    interaction.focus("prompt");
    frame(false);
    CHECK(interaction.has_focus("prompt"));
    frame(true);
    CHECK(interaction.focused().empty());
    frame(true);
    interaction.focus_next();
    frame(true);
    CHECK(interaction.has_focus("item"));
}

TEST_CASE("Interaction: a hover fades in and out over its duration, then rests", "[visual][canvas]")
{
    Interaction interaction;
    interaction.begin_frame(0);
    CHECK(interaction.warmth("a", true) == 0);
    CHECK(interaction.animating());
    interaction.begin_frame(0.06);
    CHECK(interaction.warmth("a", true) == Approx(0.5));
    interaction.begin_frame(0.5);
    CHECK(interaction.warmth("a", true) == 1);
    CHECK_FALSE(interaction.animating());
    interaction.begin_frame(0.53);
    CHECK(interaction.warmth("a", false) == Approx(0.75));
    CHECK(interaction.animating());
}

TEST_CASE("Interaction: a switch seen for the first time stands where it stands", "[visual][canvas]")
{
    Interaction interaction;
    interaction.begin_frame(0);
    CHECK(interaction.transition("on", true) == 1);
    CHECK(interaction.transition("off", false) == 0);
    CHECK_FALSE(interaction.animating());
}

TEST_CASE("Interaction: reduced motion knows no in-between", "[visual][canvas]")
{
    Interaction interaction;
    interaction.reduced_motion = true;
    interaction.begin_frame(0);
    CHECK(interaction.warmth("a", true) == 1);
    CHECK_FALSE(interaction.animating());
}
