#pragma once

// Hypervisor against container, measured: the same static program in every box that this machine has, one round after
// another so that what disturbs disturbs all, medians with their spread. A figure belongs to a run; a ratio between
// figures of two runs, or of two kinds, is never formed.

#include "engine/compare/Contenders.h"
#include "sim/core/Figure.h"
#include "sim/machine/Model.h"
#include "sim/trace/EventLog.h"

#include <functional>
#include <string>
#include <vector>

namespace drydock::compare {

struct Row {
    std::string what;    // "time to first line"
    std::string subject; // "runc"
    Figure median;       // its source says how it was measured
    double low { 0 };
    double high { 0 };
    std::size_t samples { 0 };
    bool bound { false }; // less than the median: what was looked for is lost in what the host does besides
};

struct Report {
    std::string run;  // names this run
    std::string host; // kernel, cores, and whether this is a guest itself
    Ladder ladder;
    std::vector<Row> rows;
    std::vector<Absent> absent;
};

struct ComparisonOptions {
    std::filesystem::path drydock; // the program; others lie beside it
    std::filesystem::path kernel;  // empty: look for one
    int rounds { 10 };
    // Told what is done, for somebody who waits.
    std::function<void(std::string const&)> progress {};
};

// The measured rows. Publishes MeasurementTaken for each but bounds, which are no figures.
Result<Report> compare_here(ComparisonOptions const&, trace::Publisher const&);

// What the model says to the same questions, and what publications say.
std::vector<Row> modelled_rows(machine::Model const&);
std::vector<Row> quoted_rows(machine::Model const&);
void publish(std::vector<Row> const&, std::string const& run, trace::Publisher const&);

// The middle one of an odd number, the mean of the two middle ones of an even. At least one.
double median_of(std::vector<double> samples);

// What the host's kernel took for itself at a moment, and between which bounds it wavered.
struct KernelMemory {
    std::uint64_t bytes { 0 };
    std::uint64_t wavering { 0 };
};

// By how much it grew for each instance; where that is no more than it wavers, the bound below which it lies.
Row grown_kernel_memory(
    std::string const& subject, KernelMemory const& before, KernelMemory const& after, int instances);

// Bytes that travel when one line of one file changes, for a tree that runs both ways: the layers of an image, and
// three baselines of a machine's image.
Result<std::vector<Row>> measure_change(Workplace const&);

}
