#include "tests/support/Catch.h"
#include "visual/canvas/Widgets.h"
#include "visual/platform/EventBridge.h"
#include "visual/platform/Frame.h"

using namespace drydock;
using namespace drydock::canvas;
using platform::EventBridge;
using platform::Frame;

namespace {

sf::Event moved(int x, int y)
{
    sf::Event event;
    event.type = sf::Event::MouseMoved;
    event.mouseMove = { x, y };
    return event;
}

sf::Event button(sf::Event::EventType type, int x, int y)
{
    sf::Event event;
    event.type = type;
    event.mouseButton = { sf::Mouse::Left, x, y };
    return event;
}

sf::Event key(sf::Event::EventType type, sf::Keyboard::Key code, bool control = false)
{
    sf::Event event;
    event.type = type;
    event.key.code = code;
    event.key.alt = event.key.shift = event.key.system = false;
    event.key.control = control;
    return event;
}

sf::Event text(sf::Uint32 code)
{
    sf::Event event;
    event.type = sf::Event::TextEntered;
    event.text.unicode = code;
    return event;
}

// A frame with one button, fed by events alone.
struct Program {
    Frame frame;
    EventBridge bridge;
    int pressed { 0 };
    int palette { 0 };
    bool opens { false };
    std::string words;
    int frames { 0 };

    Program()
    {
        run();
        run();
    }

    void run()
    {
        frame.activate();
        bridge.feed(
            ImGui::GetIO(), frame.interaction().awaits_field() ? EventBridge::Keys::Wait : EventBridge::Keys::Go);
        frame.run(320, 200, 1, 0.016 * ++frames, 0.016f, [this](Canvas& canvas) {
            pressed += canvas::button(canvas, "go", { 10, 10, 100, 40 }, "Go");
            palette += canvas::pressed(*Chord::parse("Ctrl+K"));
            if (std::exchange(opens, false))
                canvas.interaction().focus("words");
            text_field(canvas, "words", { 10, 100, 200, 40 }, words);
            if (canvas::pressed(*Chord::parse("Ctrl+T"))) {
                opens = true;
                canvas.interaction().await_field();
            }
        });
    }

    void run_until_empty()
    {
        while (bridge.has_waiting())
            run();
        run();
    }
};

constexpr auto down = sf::Event::MouseButtonPressed, up = sf::Event::MouseButtonReleased;

}

TEST_CASE("EventBridge: clicks shorter than a frame are all counted", "[visual][platform]")
{
    Program program;
    program.bridge.push(moved(50, 30));
    for (int i = 0; i < 3; ++i) {
        program.bridge.push(button(down, 50, 30));
        program.bridge.push(button(up, 50, 30));
    }
    program.run_until_empty();
    CHECK(program.pressed == 3);
}

TEST_CASE("EventBridge: a click lands where the pointer was then, not where it went", "[visual][platform]")
{
    Program program;
    for (auto const& event : { moved(50, 30), button(down, 50, 30), button(up, 50, 30), moved(300, 190) })
        program.bridge.push(event);
    program.run_until_empty();
    CHECK(program.pressed == 1);
}

TEST_CASE("EventBridge: a motion of many steps takes one frame", "[visual][platform]")
{
    Program program;
    for (int x = 0; x < 100; ++x)
        program.bridge.push(moved(x, 10));
    program.run();
    CHECK_FALSE(program.bridge.has_waiting());
}

TEST_CASE("EventBridge: a chord is one press; its text is none", "[visual][platform]")
{
    Program program;
    program.bridge.push(key(sf::Event::KeyPressed, sf::Keyboard::LControl, true));
    program.bridge.push(key(sf::Event::KeyPressed, sf::Keyboard::K, true));
    program.bridge.push(text(0x0b)); // what X11 delivers for Ctrl+K
    program.bridge.push(key(sf::Event::KeyReleased, sf::Keyboard::K, true));
    program.bridge.push(key(sf::Event::KeyReleased, sf::Keyboard::LControl));
    program.run_until_empty();
    CHECK(program.palette == 1);
}

TEST_CASE("EventBridge: quick typing keeps its order, signs beyond ASCII included", "[visual][platform]")
{
    Program program;
    for (auto const& event : { moved(50, 120), button(down, 50, 120), button(up, 50, 120) })
        program.bridge.push(event);
    program.run_until_empty();
    for (auto const code : { 'a', 'b', 'b' }) {
        auto const which = static_cast<sf::Keyboard::Key>(code - 'a');
        program.bridge.push(key(sf::Event::KeyPressed, which));
        program.bridge.push(text(static_cast<sf::Uint32>(code)));
        program.bridge.push(key(sf::Event::KeyReleased, which));
    }
    program.bridge.push(key(sf::Event::KeyPressed, sf::Keyboard::BackSpace));
    program.bridge.push(text(0x08));
    program.bridge.push(key(sf::Event::KeyReleased, sf::Keyboard::BackSpace));
    program.bridge.push(text(0xe9));
    program.run_until_empty();
    CHECK(program.words == "abé");
}

TEST_CASE("EventBridge: what is typed behind the key that opens a field is all in it", "[visual][platform]")
{
    Program program;
    program.bridge.push(key(sf::Event::KeyPressed, sf::Keyboard::T, true));
    program.bridge.push(key(sf::Event::KeyReleased, sf::Keyboard::T));
    for (auto const code : { 'd', 'o' }) {
        auto const which = static_cast<sf::Keyboard::Key>(code - 'a');
        program.bridge.push(key(sf::Event::KeyPressed, which));
        program.bridge.push(text(static_cast<sf::Uint32>(code)));
        program.bridge.push(key(sf::Event::KeyReleased, which));
    }
    program.run_until_empty();
    CHECK(program.words == "do");
}

TEST_CASE("EventBridge: a field that does not come holds up no key for long", "[visual][platform]")
{
    Program program;
    program.frame.interaction().await_field();
    program.bridge.push(key(sf::Event::KeyPressed, sf::Keyboard::K, true));
    program.run_until_empty();
    CHECK(program.palette == 1);
}

TEST_CASE("EventBridge: keys do not stay down when the window loses the keyboard", "[visual][platform]")
{
    Program program;
    program.bridge.push(key(sf::Event::KeyPressed, sf::Keyboard::Right));
    program.run();
    CHECK(held(Key::Right));
    sf::Event lost;
    lost.type = sf::Event::LostFocus;
    program.bridge.push(lost);
    program.run_until_empty();
    CHECK_FALSE(held(Key::Right));
}
