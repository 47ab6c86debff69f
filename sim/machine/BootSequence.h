#pragma once

// How long it takes until instances answer, when they share cores and disk. Instances may begin at any time and be of
// any technology: each goes through its phases, and in each phase waits out the latency, gets its part of the cores
// (never more than one) and its part of the disk's rate. N equal ones at once take, phase by phase,
// max(latency, work x N / cores, bytes x N / rate).

#include "sim/machine/Model.h"

#include <cstdint>
#include <vector>

namespace drydock::machine {

struct Start {
    Technology const* technology { nullptr };
    double at { 0 }; // s
};

struct PhaseReached {
    std::string name;
    Figure begun; // s since the beginning of all
    Figure ended;
};

struct Started {
    std::vector<PhaseReached> phases;
    Figure elapsed; // s from its own start until it answers
};

// Latencies vary by exp(jitter x a normal variate of the seed); 0: they do not.
struct Jitter {
    double sigma { 0 };
    std::uint64_t seed { 1 };
};

// One for each start, in the same order.
std::vector<Started> boot(HostMachine const&, std::vector<Start> const&, Jitter const& = {});

}
