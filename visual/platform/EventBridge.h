#pragma once

// Carries SFML's events into Dear ImGui, a frame's worth at a time. What would change the same thing twice within one
// frame (a button that goes down and up again) waits for the next, so a click shorter than a frame is never lost, and a
// recorded list of events always replays alike.

#include <SFML/Window/Event.hpp>

#include <cstdint>
#include <deque>

struct ImGuiIO;

namespace drydock::platform {

class EventBridge {
public:
    void push(sf::Event const& event) { m_waiting.push_back(event); }
    bool has_waiting() const { return !m_waiting.empty(); }
    enum class Keys : std::uint8_t { Go, Wait };
    // Takes from the front what fits into one frame; no key where keys wait.
    void feed(ImGuiIO&, Keys = Keys::Go);

private:
    struct Taken;
    bool conflicts(sf::Event const&, Taken const&) const;
    void apply(sf::Event const&, ImGuiIO&, Taken&);

    std::deque<sf::Event> m_waiting;
};

}
