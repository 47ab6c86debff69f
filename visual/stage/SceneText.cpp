#include "visual/stage/Scene.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace drydock::stage {

namespace {

std::string describe(Ink const& ink)
{
    static constexpr std::array names { "text", "dim", "accent", "line", "surface", "focus", "stroke", "fill", "on" };
    auto name = std::string(names.at(static_cast<std::size_t>(ink.tone)));
    if (ink.tone == Tone::Stroke || ink.tone == Tone::Fill || ink.tone == Tone::OnFill)
        name += ":" + std::string(theme::to_string(ink.category));
    return name;
}

struct Describe {
    std::string operator()(CardShape const& s) const
    {
        return fmt::format("card {}", s.look.stripe ? theme::to_string(*s.look.stripe) : "plain");
    }
    std::string operator()(FillShape const& s) const { return "fill " + describe(s.ink); }
    std::string operator()(OutlineShape const& s) const { return "outline " + describe(s.ink); }
    std::string operator()(HatchShape const& s) const { return "hatch " + describe(s.ink); }
    std::string operator()(TextShape const& s) const
    {
        return fmt::format("text {} {} \"{}\"", theme::type_style(s.style).name, describe(s.ink), s.text);
    }
    std::string operator()(ChipShape const& s) const
    {
        return fmt::format("chip {} \"{}\"", theme::to_string(s.category), s.text);
    }
    std::string operator()(IconShape const& s) const
    {
        return fmt::format("icon {:x} {}", static_cast<unsigned>(s.icon), describe(s.ink));
    }
    std::string operator()(StateShape const& s) const { return fmt::format("state {}", static_cast<int>(s.mark)); }
    std::string operator()(MeterShape const& s) const { return fmt::format("meter {:.2f}", s.part); }
    std::string operator()(WireShape const& s) const { return fmt::format("wire {:.2f}", s.part); }
    std::string operator()(PulseShape const& s) const { return fmt::format("pulse {:.2f}", s.k); }
    std::string operator()(BubbleShape const& s) const
    {
        return fmt::format("bubble to {:.0f},{:.0f}", s.at.x, s.at.y);
    }
};

float to_half(float value)
{
    return std::round(value * 2) / 2;
}

}

std::string dump(Scene const& scene)
{
    std::string text;
    for (auto const& p : scene.primitives) {
        text += fmt::format("{:<34} {:>6} {:>6} {:>6} {:>6}  {:.2f}  {}\n", p.id, to_half(p.rect.x), to_half(p.rect.y),
            to_half(p.rect.width), to_half(p.rect.height), p.opacity, std::visit(Describe {}, p.shape));
    }
    return text;
}

}
