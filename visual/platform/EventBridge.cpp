#include "visual/platform/EventBridge.h"

#include "visual/platform/Input.h"

#include <array>
#include <optional>
#include <set>
#include <utility>

namespace drydock::platform {

namespace {

using canvas::Key;

Key key_of(sf::Keyboard::Key code)
{
    using K = sf::Keyboard;
    auto const nth = [code](Key first, K::Key base) {
        return static_cast<Key>(static_cast<int>(first) + static_cast<int>(code) - static_cast<int>(base));
    };
    if (code >= K::A && code <= K::Z)
        return nth(Key::A, K::A);
    if (code >= K::Num0 && code <= K::Num9)
        return nth(Key::Digit0, K::Num0);
    if (code >= K::Numpad0 && code <= K::Numpad9)
        return nth(Key::Digit0, K::Numpad0);
    if (code >= K::F1 && code <= K::F12)
        return nth(Key::F1, K::F1);
    constexpr std::array others { std::pair(K::Tab, Key::Tab), std::pair(K::Left, Key::Left),
        std::pair(K::Right, Key::Right), std::pair(K::Up, Key::Up), std::pair(K::Down, Key::Down),
        std::pair(K::PageUp, Key::PageUp), std::pair(K::PageDown, Key::PageDown), std::pair(K::Home, Key::Home),
        std::pair(K::End, Key::End), std::pair(K::Insert, Key::Insert), std::pair(K::Delete, Key::Delete),
        std::pair(K::BackSpace, Key::Backspace), std::pair(K::Space, Key::Space), std::pair(K::Enter, Key::Enter),
        std::pair(K::Escape, Key::Escape) };
    for (auto const& [theirs, ours] : others) {
        if (theirs == code)
            return ours;
    }
    return Key::None;
}

std::optional<MouseButton> button_of(sf::Mouse::Button button)
{
    if (button == sf::Mouse::Left)
        return MouseButton::Left;
    if (button == sf::Mouse::Right)
        return MouseButton::Right;
    if (button == sf::Mouse::Middle)
        return MouseButton::Middle;
    return {};
}

// X11 delivers Enter, Escape and Ctrl+letter as text too; only what shows is text.
bool is_text(sf::Uint32 code)
{
    return code >= 32 && code != 127;
}

ImVec2 position(int x, int y)
{
    return { static_cast<float>(x), static_cast<float>(y) };
}

}

struct EventBridge::Taken {
    bool moved { false }, wheeled { false }, typed { false };
    std::set<sf::Mouse::Button> buttons;
    std::set<sf::Keyboard::Key> keys;
};

void EventBridge::feed(ImGuiIO& io, Keys keys)
{
    Taken taken;
    auto const waits = [keys](sf::Event const& event) {
        return keys == Keys::Wait && (event.type == sf::Event::KeyPressed || event.type == sf::Event::TextEntered);
    };
    while (!m_waiting.empty() && !conflicts(m_waiting.front(), taken) && !waits(m_waiting.front())) {
        apply(m_waiting.front(), io, taken);
        m_waiting.pop_front();
    }
}

bool EventBridge::conflicts(sf::Event const& event, Taken const& taken) const
{
    // Only what the type says may be read: an sf::Event is a union.
    switch (static_cast<int>(event.type)) {
    case sf::Event::MouseMoved: return !taken.buttons.empty() || taken.wheeled;
    case sf::Event::MouseButtonPressed:
    case sf::Event::MouseButtonReleased:
        return taken.moved || taken.wheeled || taken.buttons.contains(event.mouseButton.button);
    case sf::Event::MouseWheelScrolled: return taken.moved || !taken.buttons.empty();
    case sf::Event::KeyPressed:
    case sf::Event::KeyReleased: return taken.typed || taken.keys.contains(event.key.code);
    default: return false;
    }
}

void EventBridge::apply(sf::Event const& event, ImGuiIO& io, Taken& taken)
{
    auto const type = static_cast<int>(event.type);
    switch (type) {
    case sf::Event::MouseMoved:
        taken.moved = true;
        return set_mouse_position(io, position(event.mouseMove.x, event.mouseMove.y));
    case sf::Event::MouseButtonPressed:
    case sf::Event::MouseButtonReleased:
        taken.buttons.insert(event.mouseButton.button);
        set_mouse_position(io, position(event.mouseButton.x, event.mouseButton.y));
        if (auto const button = button_of(event.mouseButton.button))
            set_mouse_button(io, *button, type == sf::Event::MouseButtonPressed);
        return;
    case sf::Event::MouseWheelScrolled:
        taken.wheeled = true;
        if (event.mouseWheelScroll.wheel == sf::Mouse::HorizontalWheel)
            return add_wheel(io, event.mouseWheelScroll.delta, 0);
        return add_wheel(io, 0, event.mouseWheelScroll.delta);
    case sf::Event::MouseLeft: return set_mouse_position(io, { -1, -1 });
    case sf::Event::KeyPressed:
    case sf::Event::KeyReleased:
        taken.keys.insert(event.key.code);
        canvas::set_modifiers(io, event.key.control, event.key.shift, event.key.alt);
        if (auto const key = key_of(event.key.code); key != Key::None)
            canvas::set_key(io, key, type == sf::Event::KeyPressed);
        return;
    case sf::Event::TextEntered:
        taken.typed = true;
        if (is_text(event.text.unicode))
            io.AddInputCharacter(event.text.unicode);
        return;
    case sf::Event::LostFocus:
        // Their releases go to another window.
        for (int key = 1; key < static_cast<int>(Key::Count); ++key)
            canvas::set_key(io, static_cast<Key>(key), false);
        canvas::set_modifiers(io, false, false, false);
        return;
    default: return;
    }
}

}
