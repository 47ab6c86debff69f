#pragma once

// What the comparison of hypervisor and container remembers between frames: which of its pictures is shown, what its
// sliders say, and whose lanes are looked at.

#include "visual/view/Race.h"

#include <array>
#include <cstddef>
#include <string>

namespace drydock::view {

enum class CompareSection : std::uint8_t { Race, Call, Density, Ship, Isolation, Morph };

struct CompareState {
    CompareSection section { CompareSection::Race };
    Race race;
    std::string machine, container; // ids of the lanes; empty: those that began last
    float clock { -1 };             // of both lanes, 0 to 1 along the axis; below 0: the story's
    bool tables { false };          // of figures, in place of the lanes
    // Ids of technologies of the model, one for each side; empty: what has started, or else the usual one.
    std::string machine_technology, container_technology;
    std::size_t call { 0 };
    std::size_t hop { 0 };
    float app { -1 }; // of the density, 0 to 1 along a slider; below 0: as the model has it
    float instances { 0.5f };
    float bandwidth { -1 };    // likewise
    float sent { 1 };          // how much of the slowest shipment's time has passed
    std::size_t changed { 1 }; // layer
    std::size_t wall { 0 };
    float morph { 0 }; // 0 to 3
};

}
