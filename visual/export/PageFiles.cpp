#include "visual/export/PageFiles.h"

#include "sim/core/Embed.h"
#include "sim/core/Verify.h"

DRYDOCK_EMBED(page_html, PAGE_HTML);
DRYDOCK_EMBED(page_css, PAGE_CSS);
DRYDOCK_EMBED(page_js, PAGE_JS);
DRYDOCK_EMBED(page_regular, PAGE_FONT_REGULAR);
DRYDOCK_EMBED(page_medium, PAGE_FONT_MEDIUM);
DRYDOCK_EMBED(page_semibold, PAGE_FONT_SEMIBOLD);
DRYDOCK_EMBED(page_mono, PAGE_FONT_MONO);
DRYDOCK_EMBED(page_icons, PAGE_FONT_ICONS);

namespace drydock::exporting {

namespace {

std::string_view as_text(std::span<std::byte const> bytes)
{
    return { reinterpret_cast<char const*>(bytes.data()), bytes.size() };
}

}

std::string_view page_html()
{
    return as_text(DRYDOCK_EMBEDDED(page_html));
}

std::string_view page_css()
{
    return as_text(DRYDOCK_EMBEDDED(page_css));
}

std::string_view page_js()
{
    return as_text(DRYDOCK_EMBEDDED(page_js));
}

std::string_view page_font(theme::Face face)
{
    switch (face) {
    case theme::Face::Regular: return as_text(DRYDOCK_EMBEDDED(page_regular));
    case theme::Face::Medium: return as_text(DRYDOCK_EMBEDDED(page_medium));
    case theme::Face::SemiBold:
    case theme::Face::DisplayBold:
    case theme::Face::DisplaySemiBold: return as_text(DRYDOCK_EMBEDDED(page_semibold)); // the stage has no display cuts
    case theme::Face::Mono: return as_text(DRYDOCK_EMBEDDED(page_mono));
    case theme::Face::Icons: return as_text(DRYDOCK_EMBEDDED(page_icons));
    }
    VERIFY(!"a face without a file");
}

}
