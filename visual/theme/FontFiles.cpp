#include "visual/theme/FontFiles.h"

#include "sim/core/Verify.h"

// The assembler's .incbin copies a file into the object as it stands: no megabytes of C++ array to compile.
#define EMBED(name, path)                                                                                              \
    __asm__(".pushsection .rodata, \"a\", @progbits\n"                                                                 \
            ".global drydock_font_" #name "_begin\n"                                                                   \
            ".balign 16\n"                                                                                             \
            "drydock_font_" #name "_begin:\n"                                                                          \
            ".incbin \"" path "\"\n"                                                                                   \
            ".global drydock_font_" #name "_end\n"                                                                     \
            "drydock_font_" #name "_end:\n"                                                                            \
            ".byte 0\n"                                                                                                \
            ".popsection\n");                                                                                          \
    extern "C" std::byte const drydock_font_##name##_begin[];                                                          \
    extern "C" std::byte const drydock_font_##name##_end[]

EMBED(regular, FONT_REGULAR);
EMBED(medium, FONT_MEDIUM);
EMBED(semibold, FONT_SEMIBOLD);
EMBED(display_bold, FONT_DISPLAY_BOLD);
EMBED(display_semibold, FONT_DISPLAY_SEMIBOLD);
EMBED(mono, FONT_MONO);
EMBED(icons, FONT_ICONS);

namespace drydock::theme {

std::span<std::byte const> font_file(Face face)
{
    switch (face) {
    case Face::Regular: return { drydock_font_regular_begin, drydock_font_regular_end };
    case Face::Medium: return { drydock_font_medium_begin, drydock_font_medium_end };
    case Face::SemiBold: return { drydock_font_semibold_begin, drydock_font_semibold_end };
    case Face::DisplayBold: return { drydock_font_display_bold_begin, drydock_font_display_bold_end };
    case Face::DisplaySemiBold: return { drydock_font_display_semibold_begin, drydock_font_display_semibold_end };
    case Face::Mono: return { drydock_font_mono_begin, drydock_font_mono_end };
    case Face::Icons: return { drydock_font_icons_begin, drydock_font_icons_end };
    }
    VERIFY(!"a face without a file");
}

}
