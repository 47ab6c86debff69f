#pragma once

// The stage of a whole trace, sampled, as JSON that a script can play (page/Page.js): for every beat the primitives of
// its Scene as tracks through the beat's frames. What does not move is said once; what a thing is ("shapes") and where
// it lies ("things") are numbered, so that a thing which stays through twenty beats costs twenty numbers. Texts are cut
// and wrapped here, so the script measures nothing.

#include "sim/timeline/Timeline.h"
#include "visual/canvas/Canvas.h"
#include "visual/export/Numbered.h"
#include "visual/export/PageObjects.h"
#include "visual/stage/Scene.h"

#include <functional>

namespace drydock::exporting {

inline constexpr double recording_frame_time = 1.0 / 25; // seconds of story; between two frames the script interpolates
inline constexpr float recording_unlit = 0.6f;           // what `unlit` things are recorded with; themes differ

// What is done so far, from 0 to 1; false stops it.
using Progress = std::function<bool(double)>;

class Recording {
public:
    Recording(trace::EventLog const&, canvas::Measure const&, canvas::Rect const& room);
    ~Recording();

    // The beats at that depth. Nothing where `progress` said stop.
    std::optional<nlohmann::ordered_json> beats(trace::Depth, Progress const&);
    // What the tracks refer to; complete when all beats are recorded.
    nlohmann::ordered_json shapes() const;
    nlohmann::ordered_json things() const;
    // What the inspector says of what lies where.
    PageObjects& objects() { return m_objects; }

private:
    struct Tracks;
    stage::Look look_at(trace::Depth) const;
    nlohmann::ordered_json tracks_of(stage::Beat const&, stage::Director&, trace::Depth, int frames);
    nlohmann::ordered_json question_of(stage::Beat const&);
    nlohmann::ordered_json lesson_of(stage::Beat const&);

    trace::EventLog const& m_log;
    canvas::Measure m_measure;
    canvas::Rect m_room;
    stage::Ruler m_ruler;
    timeline::Timeline m_timeline;
    Numbered m_shapes;
    Numbered m_things;
    PageObjects m_objects;
};

}
