#pragma once

// Golden pictures: what was drawn, compared with the PNG that somebody looked at and approved. A few pixels may differ
// a little, for processors disagree in the last bits of a square root inside Dear ImGui.
//
//     CHECK_PICTURE("tests/visual/pictures/gallery-dark.png", surface);
//
// DRYDOCK_UPDATE_SNAPSHOTS=1 approves what is drawn now.

#include "tests/support/Catch.h"
#include "visual/canvas/Surface.h"

#include <string>

namespace drydock::tests {

struct Difference {
    double differing_share { 0 }; // of the pixels, by more than 8 levels in any channel
    double psnr { 0 };            // dB; infinite where all are equal
    bool same_size { true };
    bool is_acceptable(double most_differing) const
    {
        return same_size && differing_share <= most_differing && psnr >= (most_differing > few_pixels ? 30 : 45);
    }
    static constexpr double few_pixels = 0.001;
};

Difference difference(canvas::Surface const& expected, canvas::Surface const& actual);

// Empty where the picture matches; else what to say. Writes `actual` and the differences beside the build.
// `most_differing`: the share of pixels that may; more where the picture shows digests of what the machine has.
std::string compare_picture(
    std::string const& golden, canvas::Surface const& actual, double most_differing = Difference::few_pixels);

}

#define CHECK_PICTURE(golden, surface)                                                                                 \
    do {                                                                                                               \
        auto const drydock_complaint = ::drydock::tests::compare_picture(golden, surface);                             \
        INFO(drydock_complaint);                                                                                       \
        CHECK(drydock_complaint.empty());                                                                              \
    } while (false)
