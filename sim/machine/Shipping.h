#pragma once

// What travels when something has changed, and for how long, to many hosts behind one uplink. For containers: the
// layers from the changed one upwards, since each has a new digest. For virtual machines there are three baselines, and
// a ratio without its baseline says nothing: the whole image, the compressed image, the blocks that differ.

#include "sim/machine/Model.h"

namespace drydock::machine {

enum class Baseline : std::uint8_t { WholeImage, CompressedImage, BlockDifference };
std::string_view to_string(Baseline);

struct Shipment {
    Figure bytes;   // B to each host
    Figure total;   // B in all
    Figure seconds; // until the last host has it
};

// `changed` counts from the bottom, 0 being the base image. Past the last layer: the config alone.
Shipment ship_layers(Model const&, std::size_t changed);
Shipment ship_machine(Model const&, Baseline);

// How long one host takes for so many compressed bytes: they arrive and are unpacked at the same time.
Figure pull_time(Model const&, double compressed_bytes);

}
