#pragma once

// Dear ImGui's own widgets (text fields, scroll bars, tooltips) in the colours and measures of a theme.

#include "visual/theme/Theme.h"

struct ImGuiStyle;

namespace drydock::platform {

// `style` is made anew, for scaling a style multiplies what is there.
void apply(theme::Theme const&, float scale, ImGuiStyle& style);

}
