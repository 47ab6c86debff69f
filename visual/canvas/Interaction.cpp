#include "visual/canvas/Interaction.h"

#include "sim/core/Verify.h"
#include "visual/theme/Tokens.h"

#include <algorithm>
#include <utility>

namespace drydock::canvas {

void Interaction::begin_frame(double wall_seconds)
{
    VERIFY(m_scopes.empty());
    m_now = wall_seconds;
    m_last_marks = std::exchange(m_marks, {});
    m_last_stops = std::exchange(m_stops, {});
    m_last_top_scope = std::exchange(m_top_scope, {});
    std::erase_if(m_fades, [this](auto const& entry) { return entry.second.frame != m_frame; });
    ++m_frame;
    m_smallest_letters = 0;
    m_tab_kept = std::exchange(m_tab_wanted, false);
    m_field_awaited = std::max(0, m_field_awaited - 1);
    m_animating = m_field_awaited > 0;
}

void Interaction::mark(std::string_view name, Rect const& rect)
{
    m_marks.insert_or_assign(std::string(name), rect);
}

std::optional<Rect> Interaction::find(std::string_view name) const
{
    if (auto const it = m_marks.find(name); it != m_marks.end())
        return it->second;
    if (auto const it = m_last_marks.find(name); it != m_last_marks.end())
        return it->second;
    return {};
}

void Interaction::want_focus(std::string_view name)
{
    m_stops.push_back({ std::string(name), m_scopes.empty() ? std::string() : m_scopes.back() });
}

void Interaction::open_scope(std::string_view name)
{
    m_scopes.emplace_back(name);
    m_top_scope = name;
    // Who had the keyboard below a dialog that has just opened would go on taking its keys.
    auto const is_below = [&](Stop const& stop) { return stop.name == m_focus && stop.scope != name; };
    if (m_last_top_scope != name && std::any_of(m_last_stops.begin(), m_last_stops.end(), is_below))
        m_focus.clear();
}

void Interaction::close_scope()
{
    VERIFY(!m_scopes.empty());
    m_scopes.pop_back();
}

void Interaction::focus(std::string_view name)
{
    m_focus = name;
}

void Interaction::step_focus(int direction)
{
    std::vector<std::string const*> reachable;
    for (auto const& stop : m_last_stops) {
        if (m_last_top_scope.empty() || stop.scope == m_last_top_scope)
            reachable.push_back(&stop.name);
    }
    m_ring_visible = true;
    if (reachable.empty()) {
        m_focus.clear();
        return;
    }
    auto const it
        = std::find_if(reachable.begin(), reachable.end(), [&](auto const* name) { return *name == m_focus; });
    auto const count = static_cast<int>(reachable.size());
    auto const from = it != reachable.end() ? static_cast<int>(it - reachable.begin()) : (direction > 0 ? -1 : count);
    m_focus = *reachable[static_cast<std::size_t>((from + direction + count) % count)];
}

float Interaction::fade(std::string_view name, bool on, float initial)
{
    auto it = m_fades.find(name);
    if (it == m_fades.end())
        it = m_fades.emplace(std::string(name), Fade { initial, m_now, m_frame }).first;
    auto& fade = it->second;
    std::chrono::duration<double> const full = theme::motion::hover;
    auto const change = reduced_motion ? 1.0f : static_cast<float>((m_now - fade.asked) / full.count());
    fade = { std::clamp(fade.value + (on ? change : -change), 0.0f, 1.0f), m_now, m_frame };
    m_animating = m_animating || (on ? fade.value < 1 : fade.value > 0);
    return fade.value;
}

}
