#pragma once

// `drydock export`: a trace becomes a picture, a film, a page for the browser, or a storyboard to print. The ending of
// the name says which.

#include "visual/export/Camera.h"
#include "visual/export/Recording.h"
#include "visual/export/Storyboard.h"

#include <filesystem>

namespace drydock::exporting {

// A moment of the story: that second, or the still of that beat (counted from 1); neither: the last still.
struct Moment {
    std::optional<double> story {};
    std::optional<std::size_t> beat {};
};
// "12.5" or "beat 7". InvalidInput says what is understood.
Result<Moment> parse_moment(std::string_view);

struct ExportSettings {
    std::filesystem::path to; // .png, .gif, .mp4, .webm, .html; anything else is a storyboard's directory
    std::string title;        // where the trace is no scenario
    CameraSettings camera;
    Moment at;                          // of a picture
    StillEach each { StillEach::Beat }; // of a storyboard
    int frames_per_second { 30 };       // of a film
};

// Cancelled where `progress` said stop; nothing is left behind then.
Result<void> export_trace(trace::EventLog const&, ExportSettings const&, Progress const& progress);

}
