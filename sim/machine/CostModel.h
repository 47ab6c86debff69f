#pragma once

// What N instances of a technology cost the host: memory, disk, processor, and how many fit. Formulas only, so the same
// model gives the same figures everywhere; each figure names its formula, and how much of what went into it nobody has
// verified.

#include "sim/machine/Model.h"

#include <cstdint>
#include <optional>

namespace drydock::machine {

// What runs: the same program in every box.
struct Population {
    std::int64_t instances { 1 };
    std::int64_t images { 1 }; // different ones among them
};

enum class Limit : std::uint8_t { Memory, Disk, Processor };
std::string_view to_string(Limit);

struct Density {
    Figure instances;
    Limit limit { Limit::Memory }; // what runs out first
};

class CostModel {
public:
    explicit CostModel(Model const& model)
        : m_model(model)
    {
    }

    Figure memory(Technology const&, Population) const;
    Figure disk(Technology const&, Population) const;
    // How many of one image fit, until the first resource runs out.
    Density density(Technology const&) const;
    // Throughput of each of `busy` instances with one virtual CPU each, as a part of bare metal's.
    Figure throughput(Technology const&, std::int64_t busy) const;
    // What is left of bare metal's random accesses to a disk, in %, and what is added to a round trip on the network;
    // nothing where the model has no number of it.
    std::optional<Figure> random_access(Technology const&) const;
    std::optional<Figure> added_round_trip(Technology const&) const;
    // The part of a core that so many exits a second take away. A system call inside a guest is no exit.
    Figure exit_tax(double exits_per_second) const;

    static constexpr std::int64_t most_instances = 1'000'000;

private:
    double memory_mib(Technology const&, Population) const;
    double disk_mib(Technology const&, Population) const;

    Model const& m_model; // outlives this
};

// A figure that a formula gave.
Figure modelled(double value, std::string unit, std::string formula, std::vector<Parameter const*> const& inputs);

}
