#include "visual/theme/Type.h"

#include "sim/core/Verify.h"

#include <algorithm>
#include <cmath>

namespace drydock::theme {

TypeStyle const& type_style(Style style)
{
    static constexpr std::array<TypeStyle, 7> styles { {
        { "caption", Face::Medium, 14.5f, 1.35f },
        { "body", Face::Regular, 16, 1.45f },
        { "strong", Face::SemiBold, 16, 1.45f },
        { "heading", Face::SemiBold, 20, 1.35f },
        { "title", Face::DisplayBold, 28, 1.25f },
        { "narration", Face::DisplaySemiBold, 40, 1.2f },
        { "mono", Face::Mono, 15, 1.45f },
    } };
    return styles[static_cast<std::size_t>(style)];
}

float line_to_em(Face face)
{
    switch (face) {
    case Face::Mono: return 1.32f;
    case Face::Icons: return 1.0f;
    case Face::Regular:
    case Face::Medium:
    case Face::SemiBold:
    case Face::DisplayBold:
    case Face::DisplaySemiBold: return 1.21f;
    }
    VERIFY(!"a face without a line height");
}

float density_factor(Density density)
{
    return density == Density::Projector ? 1.0f : 0.8f;
}

float scale_for_height(float device_pixels)
{
    return std::max(1.0f, std::round(device_pixels / 720.0f * 4.0f) / 4.0f);
}

}
