#pragma once

// The modelled half of the comparison between hypervisor and container: a host machine, the technologies that put a
// program into a box of its own, and what shipping a change costs. All numbers come from one TOML file that a teacher
// edits; each carries its unit, its plausible range and its source, and the file is refused where one does not.

#include "sim/core/Figure.h"
#include "sim/core/Units.h"
#include "sim/scenario/Scenario.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::machine {

// One number of the file.
struct Parameter {
    double value { 0 };
    double low { 0 };
    double high { 0 };
    std::string unit;
    std::string source {};
    bool checked { true }; // the source's own words were read for this
};

struct HostMachine {
    Parameter cores;
    Parameter clock;        // GHz
    Parameter memory;       // MiB
    Parameter disk;         // MiB
    Parameter read_rate;    // MiB/s
    Parameter uplink;       // Mbit/s
    Parameter page_sharing; // the part of guest memory that kernel same-page merging keeps once
    Parameter exit_cost;    // cycles from a guest to its monitor and back
};

// Type 1 runs on the hardware, type 2 as a program of an operating system. KVM, a module of the host's kernel with one
// process for each machine, is filed under either; the model follows what the machine is for.
enum class Hypervisor : std::uint8_t { None, Type1, Type2 };
enum class Kernel : std::uint8_t { Shared, Own, UserSpace };
enum class PageCache : std::uint8_t { Shared, PerInstance };
enum class DiskLayout : std::uint8_t { FullCopy, BackingFile, Layers };

// A part of the way from "start it" to "it answers". Lasts as long as the slowest of the three.
struct Phase {
    std::string name;
    Parameter latency;   // s, on an idle machine
    Parameter processor; // s of one core
    Parameter read;      // MiB from disk
};

// A way to put a program into a box of its own. What it does not have is 0.
struct Technology {
    std::string id;
    std::string title;
    Hypervisor hypervisor { Hypervisor::None };
    Kernel kernel { Kernel::Shared };
    PageCache page_cache { PageCache::Shared };
    DiskLayout disk { DiskLayout::Layers };
    Parameter reserve;       // MiB that the host keeps for itself
    Parameter engine;        // MiB, once: a daemon
    Parameter monitor;       // MiB each: the process that plays the hardware
    Parameter guest_memory;  // MiB each: the guest's kernel and services
    Parameter shared_kernel; // MiB of it that all guests have in one copy, the kernel's file being mapped
    Parameter instance;      // MiB each: shim and kernel objects
    Parameter image;         // MiB, uncompressed
    Parameter hot;           // the part of it that is read
    Parameter writes;        // MiB each: what an instance writes
    Parameter idle;          // % of the machine's processor each
    Parameter compute;       // throughput, as a part of bare metal's
    Parameter random_io;     // likewise
    Parameter round_trip;    // us more than bare metal
    std::vector<Phase> phases;
};

struct ShippedLayer {
    std::string what;
    Parameter size; // B, compressed
};

struct ShippingCosts {
    Parameter hosts;
    Parameter unpack_rate;            // MiB/s of uncompressed bytes
    Parameter unpacked;               // uncompressed over compressed
    Parameter metadata;               // B: manifest and config
    Parameter vm_image;               // MiB
    Parameter vm_compressed;          // MiB
    Parameter vm_difference;          // the part of the compressed image that a block difference has
    std::vector<ShippedLayer> layers; // bottom first
};

struct QuotedFigure {
    std::string what;
    std::string subject;
    Figure figure;
};

struct Model {
    HostMachine host;
    Parameter app_memory; // MiB, the same in every box
    std::vector<Technology> technologies;
    ShippingCosts shipping;
    std::vector<QuotedFigure> quoted;

    Technology const* find(std::string_view id) const;
};

struct LoadedModel {
    std::optional<Model> model;              // nothing where there are problems
    std::vector<scenario::Problem> problems; // all that were found, in the order of the file
};

LoadedModel load_model(std::string_view toml);

}
