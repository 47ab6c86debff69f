#pragma once

// What the page of Page.h is made of, part of the program since the build: HTML, style, script, fonts.

#include "visual/theme/FontFiles.h"

#include <string_view>

namespace drydock::exporting {

std::string_view page_html();
std::string_view page_css();
std::string_view page_js();
// The faces that the stage is drawn with, in the letters it needs.
std::string_view page_font(theme::Face);

}
