#include "visual/theme/FontFiles.h"

#include "sim/core/Embed.h"
#include "sim/core/Verify.h"

DRYDOCK_EMBED(font_regular, FONT_REGULAR);
DRYDOCK_EMBED(font_medium, FONT_MEDIUM);
DRYDOCK_EMBED(font_semibold, FONT_SEMIBOLD);
DRYDOCK_EMBED(font_display_bold, FONT_DISPLAY_BOLD);
DRYDOCK_EMBED(font_display_semibold, FONT_DISPLAY_SEMIBOLD);
DRYDOCK_EMBED(font_mono, FONT_MONO);
DRYDOCK_EMBED(font_icons, FONT_ICONS);

namespace drydock::theme {

std::span<std::byte const> font_file(Face face)
{
    switch (face) {
    case Face::Regular: return DRYDOCK_EMBEDDED(font_regular);
    case Face::Medium: return DRYDOCK_EMBEDDED(font_medium);
    case Face::SemiBold: return DRYDOCK_EMBEDDED(font_semibold);
    case Face::DisplayBold: return DRYDOCK_EMBEDDED(font_display_bold);
    case Face::DisplaySemiBold: return DRYDOCK_EMBEDDED(font_display_semibold);
    case Face::Mono: return DRYDOCK_EMBEDDED(font_mono);
    case Face::Icons: return DRYDOCK_EMBEDDED(font_icons);
    }
    VERIFY(!"a face without a file");
}

}
