#pragma once

// Which moment is shown: the beats of the log at the chosen depth and the cursor in them. All of playing, stepping,
// seeking and following is here, without a pixel, so that it is tested without a window.

#include "sim/timeline/Pacing.h"
#include "visual/stage/Choreography.h"
#include "visual/stage/Scene.h"

#include <memory>
#include <optional>
#include <string>

namespace drydock::view {

class Player {
public:
    // Another log: everything starts anew, with what happened after its first `records`.
    void open(trace::EventLog const&, timeline::Timeline&, std::uint64_t records = 0);
    bool is_open() const { return m_log != nullptr; }

    // Takes in what is new and lets `seconds` of wall time pass.
    void advance(double seconds, bool live);

    void play();
    void play_on(); // from the end of what is known: what happens from now on
    void pause();
    void toggle();
    void next_beat(); // plays it and stops at its still; a click during its motion ends that
    void previous_beat();
    void step_records(std::int64_t by);
    void seek(double story);
    void seek_to_record(std::uint64_t record); // to the still of the beat that it belongs to
    void show_still(std::size_t beat);         // as that beat ends, to be read
    void to_end();
    void follow();
    void set_depth(trace::Depth);
    void retell(); // the same moment in the language that is on now
    void faster() { m_cursor.faster(); }
    void slower() { m_cursor.slower(); }
    void set_speed(double speed) { m_cursor.speed = speed; }

    bool playing() const { return m_cursor.playing || m_cursor.following || m_stop_at.has_value(); }
    bool following() const { return m_cursor.following; }
    bool at_end() const { return m_cursor.story >= length() - 1e-6; }
    // Whether it stopped because a part is over or a question is asked.
    bool held() const { return m_held; }
    double story() const { return m_cursor.story; }
    double length() const { return m_choreography->length(); }
    double speed() const { return m_cursor.speed; }
    trace::Depth depth() const { return m_depth; }
    std::string const& language() const { return m_language; } // in which it tells
    stage::Choreography const& choreography() const { return *m_choreography; }
    stage::Beat const* beat() const; // null where there is none yet
    std::size_t beat_index() const;
    // How many records have happened at the moment shown: those of the whole beat, as its still shows them.
    std::uint64_t records() const;
    world::World const& world() const { return m_timeline->world_at(records()); }
    trace::EventLog const& log() const { return *m_log; }

    stage::Scene scene(double story, stage::Look const&, stage::Ruler const&);

private:
    void rebuild();
    void stop_at_holds(double before);

    trace::EventLog const* m_log { nullptr };
    timeline::Timeline* m_timeline { nullptr };
    trace::Depth m_depth { trace::Depth::Role };
    std::string m_language;
    std::unique_ptr<stage::Choreography> m_choreography;
    std::unique_ptr<stage::Director> m_director;
    timeline::Cursor m_cursor;
    std::optional<double> m_stop_at;
    bool m_held { false };
};

}
