#include "visual/view/Player.h"

#include "sim/words/Language.h"

#include <algorithm>

namespace drydock::view {

namespace {
// The last moment of a beat is its still; its end belongs to the next one.
constexpr double just_before = 0.001;
}

void Player::open(trace::EventLog const& log, timeline::Timeline& timeline, std::uint64_t records)
{
    m_log = &log;
    m_timeline = &timeline;
    m_cursor = { .story = 0, .speed = m_cursor.speed, .playing = true, .following = false };
    m_stop_at.reset();
    m_held = false;
    rebuild();
    if (records > 0)
        m_cursor.seek(m_choreography->pacing().story_at(records), length());
    m_cursor.playing = true;
}

void Player::rebuild()
{
    m_language = words::language();
    m_choreography = std::make_unique<stage::Choreography>(m_depth);
    m_director = std::make_unique<stage::Director>(*m_timeline, *m_choreography);
    m_choreography->extend(*m_log);
}

void Player::advance(double seconds, bool live)
{
    m_choreography->extend(*m_log);
    auto const before = m_cursor.story;
    bool const was_playing = m_cursor.playing;
    if (m_stop_at) {
        m_cursor.story = std::min(m_cursor.story + seconds * m_cursor.speed, *m_stop_at);
        if (m_cursor.story >= *m_stop_at)
            m_stop_at.reset();
    } else {
        m_cursor.advance(seconds, length());
        if (m_cursor.playing)
            stop_at_holds(before);
    }
    // At the end of what is known, more may come at any moment.
    if (live && was_playing && at_end())
        m_cursor.playing = true;
}

void Player::stop_at_holds(double before)
{
    for (auto const& beat : m_choreography->beats()) {
        if (!beat.holds || beat.end <= before || beat.end > m_cursor.story)
            continue;
        m_cursor.story = beat.end - just_before;
        m_cursor.playing = false;
        m_held = true;
        return;
    }
}

void Player::play()
{
    // Whoever stands at a still has seen it, and is not held there again.
    if (auto const* now = beat(); now != nullptr && m_cursor.story >= now->end - 2 * just_before)
        m_cursor.story = std::min(now->end, length());
    m_held = false;
    if (at_end() && !m_choreography->beats().empty() && !m_cursor.following)
        m_cursor.story = 0;
    m_stop_at.reset();
    m_cursor.playing = true;
}

void Player::play_on()
{
    to_end();
    m_held = false;
    m_cursor.playing = true;
}

void Player::pause()
{
    m_cursor.playing = m_cursor.following = false;
    m_stop_at.reset();
}

void Player::toggle()
{
    if (playing())
        pause();
    else
        play();
}

void Player::next_beat()
{
    auto const* now = beat();
    if (now == nullptr)
        return;
    bool const moving = m_cursor.story < now->begin + now->motion;
    pause();
    m_held = false;
    if (moving) {
        m_cursor.story = now->end - just_before;
        return;
    }
    auto const next = beat_index() + 1;
    if (next >= m_choreography->beats().size()) {
        m_cursor.story = length();
        return;
    }
    m_cursor.story = m_choreography->beats()[next].begin;
    m_stop_at = m_choreography->beats()[next].end - just_before;
}

void Player::previous_beat()
{
    auto const index = beat_index();
    pause();
    m_held = false;
    if (index == 0)
        seek(0);
    else
        show_still(index - 1);
}

void Player::step_records(std::int64_t by)
{
    pause();
    auto const now = static_cast<std::int64_t>(m_choreography->pacing().records_at(m_cursor.story));
    auto const wanted = std::clamp<std::int64_t>(now + by, 0, static_cast<std::int64_t>(m_log->size()));
    m_cursor.seek(m_choreography->pacing().story_at(static_cast<std::uint64_t>(wanted)), length());
}

void Player::seek(double story)
{
    m_stop_at.reset();
    m_held = false;
    m_cursor.seek(story, length());
}

void Player::seek_to_record(std::uint64_t record)
{
    auto const& beats = m_choreography->beats();
    auto const found
        = std::find_if(beats.begin(), beats.end(), [&](auto const& beat) { return beat.end_record > record; });
    if (found != beats.end())
        show_still(static_cast<std::size_t>(found - beats.begin()));
}

void Player::show_still(std::size_t beat)
{
    pause();
    m_held = false;
    m_cursor.story = m_choreography->beats().at(beat).end - just_before;
}

void Player::to_end()
{
    pause();
    m_cursor.story = length();
}

void Player::follow()
{
    pause();
    m_held = false;
    m_cursor.following = true;
}

void Player::set_depth(trace::Depth depth)
{
    if (depth == m_depth)
        return;
    m_depth = depth;
    retell();
}

// The same records stay shown; only how finely, or in which language, they are told changes.
void Player::retell()
{
    if (!is_open())
        return;
    auto const shown = beat() == nullptr ? 0 : beat()->lead;
    bool const at_the_end = at_end();
    rebuild();
    m_stop_at.reset();
    auto const& beats = m_choreography->beats();
    auto const found = std::find_if(beats.begin(), beats.end(), [&](auto const& b) { return b.end_record > shown; });
    m_cursor.story = at_the_end || found == beats.end() ? length() : found->end - just_before;
}

stage::Beat const* Player::beat() const
{
    return m_choreography->beats().empty() ? nullptr : &m_choreography->beat_at(m_cursor.story);
}

std::size_t Player::beat_index() const
{
    return m_choreography->beats().empty() ? 0 : m_choreography->pacing().step_at(m_cursor.story);
}

std::uint64_t Player::records() const
{
    return beat() == nullptr ? 0 : beat()->end_record;
}

stage::Scene Player::scene(double story, stage::Look const& look, stage::Ruler const& ruler)
{
    return m_director->scene(story, look, ruler);
}

}
