#pragma once

// A trace as one HTML file that any browser plays, from a memory stick and without a network: the recording of its
// stage (Recording.h), a script that draws it on a canvas, and the fonts. docs/decisions/0009-page-by-script.md says
// why it is a script and not this program compiled for the browser.

#include "visual/export/Recording.h"

namespace drydock::exporting {

struct PageSettings {
    std::string title; // where the trace is no scenario
    trace::Depth depth { trace::Depth::Role };
    theme::ThemeName theme { theme::ThemeName::Dark }; // at first
};

// The text of the file; nothing where `progress` said stop. The log has at least one record.
std::optional<std::string> page_of(trace::EventLog const&, PageSettings const&, Progress const&);

}
