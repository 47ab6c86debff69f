#pragma once

// How things start and stop moving: closed forms from progress (0 to 1) to position (0 to 1), so that any moment of an
// animation can be drawn without the moments before it. Progress outside of 0 to 1 is clamped.

#include <chrono>

namespace drydock::canvas {

// The CSS cubic-bezier() with end points (0,0) and (1,1).
struct CubicBezier {
    float x1, y1, x2, y2;
    float operator()(float progress) const;
};

// Material Design 3's motion tokens.
inline constexpr CubicBezier standard { .2f, 0, 0, 1 }, decelerate { .05f, .7f, .1f, 1 },
    accelerate { .3f, 0, .8f, .15f };

float linear(float progress);
// For camera and zoom: velocity and acceleration vanish at both ends.
float smooth(float progress);
// For transfers: constant speed in between, easing only over the first and last eighth of the way.
float travel(float progress);

// How far an animation is that begins `begin` after the story does and lasts `duration`; a duration of zero (reduced
// motion) is over at once.
float progress(
    std::chrono::duration<double> now, std::chrono::duration<double> begin, std::chrono::duration<double> duration);

// The delay of the `rank`th of `count` things that start one after another.
std::chrono::duration<double> stagger(int rank, int count);

}
