#pragma once

// The picture of one moment of the story: scene(t) is a pure function to a flat row of primitives, in drawing order.
// Three things read it: the canvas draws it, the pointer is looked up in it, and tests compare it as text.

#include "sim/timeline/Timeline.h"
#include "visual/stage/Choreography.h"
#include "visual/stage/Layout.h"

#include <string>
#include <variant>
#include <vector>

namespace drydock::stage {

enum class Tone : std::uint8_t { Text, Dim, Accent, Line, Surface, Focus, Stroke, Fill, OnFill };

// A role, or the stroke or fill of a category.
struct Ink {
    Tone tone { Tone::Text };
    theme::Category category { theme::Category::Process };
    float opacity { 1 };
    bool operator==(Ink const&) const = default;
};

struct CardShape {
    canvas::CardLook look;
};
struct FillShape {
    Ink ink;
    float radius { theme::radius::control };
};
struct OutlineShape {
    Ink ink;
    float radius { theme::radius::control };
    float width { 1.5f };
    canvas::Stroke stroke { canvas::Stroke::Solid };
};
struct HatchShape {
    Ink ink;
};
struct TextShape {
    std::string text;
    theme::Style style { theme::Style::Body };
    Ink ink;
    canvas::Align align { canvas::Align::Start };
    canvas::Cut cut { canvas::Cut::End };
    int lines { 1 };
};
struct ChipShape {
    std::string text;
    theme::Category category { theme::Category::Process };
    canvas::ChipLook look;
};
struct IconShape {
    theme::Icon icon;
    Ink ink;
    float size { theme::icon_size::normal };
};
struct StateShape {
    canvas::StateMark mark;
};
struct MeterShape {
    float part;
    theme::Category category;
};
struct WireShape {
    Point from, to;
    theme::Category category;
    float part { 1 };
    canvas::Stroke stroke { canvas::Stroke::Solid };
};
struct PulseShape {
    float radius;
    float k;
};
// A bubble with a tail: what is said about `at`.
struct BubbleShape {
    Point at;
};

using Shape = std::variant<CardShape, FillShape, OutlineShape, HatchShape, TextShape, ChipShape, IconShape, StateShape,
    MeterShape, WireShape, PulseShape, BubbleShape>;

struct Primitive {
    std::string id; // of the object that it belongs to
    Rect rect;
    float opacity { 1 };
    Shape shape;
};

// How long, in seconds of the story, something may still move after a beat's motion.
inline constexpr double pulse_time = 0.45;

struct Scene {
    std::vector<Primitive> primitives;
    std::vector<std::string> lit; // ids of the current beat's actors
    std::string caption;
    bool moving { false };
};

Ruler ruler_of(canvas::Measure const&);

struct Look {
    View view;
    float unlit { 0.6f }; // opacity of what is not the centre of attention; the theme's
    bool reduced_motion { false };
    std::string selected; // an id
};

// Keeps the layouts before and after the current beat, so that playing computes them once a beat; the result does not
// depend on it.
class Director {
public:
    Director(timeline::Timeline& timeline, Choreography const& choreography)
        : m_timeline(timeline)
        , m_choreography(choreography)
    {
    }

    Scene scene(double story, Look const&, Ruler const&);

private:
    struct Borders {
        std::uint64_t first { 0 }, end { 0 };
        View view;
        float scale { 0 };
        Layout before, after;
    };
    Borders const& borders(Beat const&, View const&, Ruler const&);

    timeline::Timeline& m_timeline;
    Choreography const& m_choreography;
    std::optional<Borders> m_borders;
};

// Captions, what travels, and the ground of a host are not what somebody means who points there.
bool can_be_selected(Primitive const&);
// The topmost object at that point; empty for the empty stage.
std::string object_at(Scene const&, Point);
// One line per primitive: id, kind, place rounded to half a pixel, text, ink. For snapshots.
std::string dump(Scene const&);
void draw(Scene const&, canvas::Canvas const&);

}
