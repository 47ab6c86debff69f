#include "tests/support/Catch.h"
#include "visual/canvas/Widgets.h"
#include "visual/platform/Driver.h"

using namespace drydock;
using namespace drydock::canvas;
using platform::Driver;

namespace {

// A small program with one of each.
struct Panel {
    int pressed { 0 };
    bool on { false };
    std::size_t choice { 0 };
    float volume { 0.5f };
    std::string words;
    int submissions { 0 };
    bool dialog { false };
    bool note { false };
    int below { 0 };
    Point dragged {};
    int palette { 0 };

    void operator()(Canvas& canvas)
    {
        if (button(canvas, "go", { 20, 20, 100, 32 }, "Go"))
            ++pressed;
        button(canvas, "never", { 140, 20, 100, 32 }, "Never", { .enabled = false });
        toggle(canvas, "switch", { 20, 70, 200, 32 }, "Switch", on);
        constexpr std::array<std::string_view, 3> labels { "Role", "Object", "Metal" };
        segmented(canvas, "depth", { 20, 120, 300, 32 }, labels, choice);
        slider(canvas, "volume", { 20, 170, 200, 32 }, volume);
        if (text_field(canvas, "words", { 20, 220, 300, 36 }, words).submitted)
            ++submissions;
        auto const thing = touch(canvas, "thing", { 400, 100, 200, 200 }, Reach::MouseOnly);
        dragged = dragged + thing.dragged;
        if (touch(canvas, "thing/inner", { 450, 150, 40, 40 }, Reach::MouseOnly).clicked)
            ++below;
        if (pressed_chord())
            ++palette;
        if (note)
            draw_note(canvas);
        if (dialog)
            draw_dialog(canvas);
    }

    static bool pressed_chord()
    {
        return canvas::pressed(*Chord::parse("Ctrl+K")) || canvas::pressed(Chord::typed('?'));
    }

    static void draw_note(Canvas const& canvas)
    {
        Overlay const overlay(canvas, "note", { 310, 330, 200, 60 }, OverlayKind::Floating);
    }

    void draw_dialog(Canvas const& canvas)
    {
        Overlay const overlay(canvas, "dialog", { 300, 200, 300, 200 }, OverlayKind::Modal);
        if (overlay.dismissed() || button(overlay.canvas(), "dialog.close", { 320, 340, 100, 32 }, "Close"))
            dialog = false;
    }
};

struct Fixture {
    Panel panel;
    Driver driver { std::ref(panel), { 640, 480 } };
};

}

TEST_CASE("Driver: a button counts each click, a disabled one none", "[visual][platform]")
{
    Fixture f;
    REQUIRE_OK(f.driver.click("go"));
    REQUIRE_OK(f.driver.click("go"));
    REQUIRE_OK(f.driver.click("never"));
    CHECK(f.panel.pressed == 2);
}

TEST_CASE("Driver: a name that is nowhere is an error that says which there are", "[visual][platform]")
{
    Fixture f;
    auto const result = f.driver.click("gone");
    REQUIRE_FALSE(result);
    CHECK(result.error().message().find("volume") != std::string::npos);
}

TEST_CASE("Driver: switches flip, segments choose, sliders follow the hand", "[visual][platform]")
{
    Fixture f;
    REQUIRE_OK(f.driver.click("switch"));
    CHECK(f.panel.on);
    REQUIRE_OK(f.driver.click("depth.2"));
    CHECK(f.panel.choice == 2);
    REQUIRE_OK(f.driver.drag("volume", Point { 46, 0 }));
    CHECK(f.panel.volume == Approx(0.75f).margin(0.01));
}

TEST_CASE("Driver: typed text arrives in the field that was clicked, Enter submits it", "[visual][platform]")
{
    Fixture f;
    REQUIRE_OK(f.driver.click("words"));
    f.driver.type("docker run größe");
    CHECK(f.panel.words == "docker run größe");
    f.driver.press(Chord::of(Key::Backspace));
    CHECK(f.panel.words == "docker run größ");
    f.driver.press(Chord::of(Key::Enter));
    CHECK(f.panel.submissions == 1);
}

TEST_CASE("Driver: what is drawn later is on top; what lies below can still be dragged", "[visual][platform]")
{
    Fixture f;
    REQUIRE_OK(f.driver.click("thing/inner"));
    CHECK(f.panel.below == 1);
    f.panel.dragged = {};
    REQUIRE_OK(f.driver.drag("thing", Point { 40, -20 }));
    CHECK(f.panel.dragged == Point { 40, -20 });
}

TEST_CASE("Driver: Tab walks in drawing order, Enter and Space press what has the focus", "[visual][platform]")
{
    Fixture f;
    f.driver.press(Chord::of(Key::Tab));
    CHECK(f.driver.interaction().focused() == "go");
    f.driver.press(Chord::of(Key::Enter));
    CHECK(f.panel.pressed == 1);
    f.driver.press(Chord::of(Key::Tab)); // "never" is disabled
    CHECK(f.driver.interaction().focused() == "switch");
    f.driver.press(Chord::of(Key::Space));
    CHECK(f.panel.on);
    f.driver.press(Chord::of(Key::Tab).with_shift());
    CHECK(f.driver.interaction().focused() == "go");
    f.driver.press(Chord::of(Key::Tab).with_shift());
    CHECK(f.driver.interaction().focused() == "words");
    f.driver.type("abc");
    CHECK(f.panel.words == "abc");
    f.driver.press(Chord::of(Key::Tab));
    f.driver.type("d");
    CHECK(f.panel.words == "abc");
    CHECK(f.driver.interaction().focused() == "go");
}

TEST_CASE("Driver: the focus ring shows for the keyboard and hides for the mouse", "[visual][platform]")
{
    Fixture f;
    CHECK_FALSE(f.driver.interaction().ring_visible());
    f.driver.press(Chord::of(Key::Tab));
    CHECK(f.driver.interaction().ring_visible());
    REQUIRE_OK(f.driver.hover("thing"));
    CHECK_FALSE(f.driver.interaction().ring_visible());
}

TEST_CASE("Driver: shortcuts work except where a text field wants the keys itself", "[visual][platform]")
{
    Fixture f;
    f.driver.press(Chord::typed('?'));
    CHECK(f.panel.palette == 1);
    f.driver.press(*Chord::parse("Ctrl+K"));
    CHECK(f.panel.palette == 2);
    REQUIRE_OK(f.driver.click("words"));
    f.driver.press(Chord::typed('?'));
    CHECK(f.panel.palette == 2);
    CHECK(f.panel.words == "?");
    f.driver.press(*Chord::parse("Ctrl+K"));
    CHECK(f.panel.palette == 3);
}

TEST_CASE(
    "Driver: of two overlays the one that is drawn later lies above, whichever appeared first", "[visual][platform]")
{
    Fixture f;
    f.panel.dialog = true;
    f.driver.run(2);
    f.panel.note = true; // over the dialog's button, if it were above
    f.driver.run(2);
    REQUIRE_OK(f.driver.click("dialog.close"));
    CHECK_FALSE(f.panel.dialog);
}

TEST_CASE(
    "Driver: a modal card takes all clicks and the focus, and goes when one clicks beside it", "[visual][platform]")
{
    Fixture f;
    f.panel.dialog = true;
    f.driver.run(2);
    REQUIRE_OK(f.driver.click("dialog.close"));
    CHECK_FALSE(f.panel.dialog);

    f.panel.dialog = true;
    f.driver.run(2);
    f.driver.press(Chord::of(Key::Tab));
    CHECK(f.driver.interaction().focused() == "dialog.close");
    f.driver.press(Chord::of(Key::Tab));
    CHECK(f.driver.interaction().focused() == "dialog.close");
    REQUIRE_OK(f.driver.click("go"));
    CHECK(f.panel.pressed == 0);
    CHECK_FALSE(f.panel.dialog);

    f.panel.dialog = true;
    f.driver.run(2);
    f.driver.press(Chord::of(Key::Escape));
    CHECK_FALSE(f.panel.dialog);
}

TEST_CASE("Driver: a hover warms up over its duration and asks for frames only meanwhile", "[visual][platform]")
{
    Fixture f;
    f.driver.run(3);
    CHECK_FALSE(f.driver.interaction().animating());
    REQUIRE_OK(f.driver.hover("go"));
    CHECK(f.driver.interaction().animating());
    REQUIRE_OK(f.driver.wait_until([&] { return !f.driver.interaction().animating(); }, 60));
}

TEST_CASE("Driver: scale changes no names and no logical places", "[visual][platform]")
{
    Panel panel;
    Driver twice(std::ref(panel), { 640, 480 }, 2);
    REQUIRE_OK(twice.click("go"));
    CHECK(panel.pressed == 1);
    CHECK(twice.interaction().find("go") == Rect { 20, 20, 100, 32 });
}
