#pragma once

// The faces baked for one scale: an ImFont for each style of the type scale, with the icons merged in, plus the soft
// square that every shadow is made of, in one 8-bit atlas. Baking takes 0.1 to 0.3 s; keep it and share it.

#include "visual/theme/Type.h"

#include <imgui.h>

#include <array>
#include <span>

namespace drydock::theme {

class Fonts {
public:
    // `scale` is device pixels per logical pixel, the user's own preference included.
    explicit Fonts(float scale);
    Fonts(Fonts const&) = delete;
    Fonts& operator=(Fonts const&) = delete;

    float scale() const { return m_scale; }
    ImFontAtlas& atlas() { return m_atlas; }
    ImFontAtlas const& atlas() const { return m_atlas; }

    ImFont& font(Style style) const { return *m_fonts[static_cast<std::size_t>(style)]; }
    // The smallest bake of that face which need not be enlarged to this many device pixels.
    ImFont& font_for(Face, float pixels) const;

    // A rounded square of full coverage that fades out over `shadow_falloff` texels at its rim.
    static constexpr int shadow_texels = 64;
    static constexpr int shadow_falloff = 24;
    struct TextureArea {
        ImVec2 begin, end;
    };
    TextureArea shadow() const { return m_shadow; }

private:
    void bake(Style);
    void bake_shadow(int custom_rect);

    float m_scale;
    ImFontAtlas m_atlas;
    std::array<ImFont*, all_styles.size()> m_fonts {};
    TextureArea m_shadow {};
};

}
