// drydock compare: hypervisor against container, measured where this machine can, modelled and quoted beside it.

#include "engine/compare/Comparison.h"
#include "sim/machine/Story.h"
#include "sim/time/LiveScheduler.h"
#include "sim/trace/TraceFile.h"
#include "visual/app/Commands.h"
#include "visual/app/ComparisonModel.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace drydock::app {

namespace {

using ComparisonJson = nlohmann::ordered_json;

std::string shown(double value, std::string const& unit)
{
    if (unit == "s")
        return human_duration(Duration(std::llround(value * 1e9)));
    if (unit == "B")
        return human_size(static_cast<std::uint64_t>(std::max(0.0, value)));
    if (unit == "MiB")
        return human_size(static_cast<std::uint64_t>(std::max(0.0, value) * (1 << 20)));
    return fmt::format("{:g}{}{}", value, unit.empty() ? "" : " ", unit);
}

std::string ratio_text(double ratio)
{
    return ratio < 100 ? fmt::format("{:.2g}", ratio) : fmt::format("{:.0f}", ratio);
}

// Rows of one question, and where they are measured: how many times the first, which is named.
void print_table(std::vector<compare::Row> const& rows)
{
    std::string what;
    compare::Row const* base = nullptr;
    for (auto const& row : rows) {
        if (row.what != what) {
            what = row.what;
            base = &row;
            auto const answers
                = std::count_if(rows.begin(), rows.end(), [&](auto const& other) { return other.what == what; });
            bool const ratios
                = row.median.kind == FigureKind::Measured && row.median.value > 0 && answers > 1 && !row.bound;
            fmt::print("\n{}{}\n", what, ratios ? fmt::format("   (x: times {})", row.subject) : "");
            if (!ratios)
                base = nullptr;
        }
        auto const value = shown(row.median.value, row.median.unit);
        fmt::print("  {:<50} {:>10}", row.subject, row.bound ? "< " + value : value);
        if (row.bound)
            fmt::print("  below what can be told: the host's own wavers by as much");
        else if (base != nullptr)
            fmt::print("  x{:<8}", ratio_text(row.median.value / base->median.value));
        if (row.samples > 1)
            fmt::print(
                "  {} to {}, n = {}", shown(row.low, row.median.unit), shown(row.high, row.median.unit), row.samples);
        if (row.median.kind != FigureKind::Measured)
            fmt::print("  {}", row.median.source);
        fmt::print("\n");
    }
}

ComparisonJson to_json(std::vector<compare::Row> const& rows)
{
    auto list = ComparisonJson::array();
    for (auto const& row : rows)
        list.push_back({ { "what", row.what }, { "subject", row.subject }, { "kind", to_string(row.median.kind) },
            { "unit", row.median.unit }, { "median", row.median.value }, { "low", row.low }, { "high", row.high },
            { "samples", row.samples }, { "bound", row.bound }, { "source", row.median.source } });
    return list;
}

ComparisonJson to_json(compare::Ladder const& ladder)
{
    auto rungs = ComparisonJson::array();
    for (auto const& finding : ladder.rungs)
        rungs.push_back({ { "rung", to_string(finding.rung) }, { "works", finding.works }, { "detail", finding.detail },
            { "remedy", finding.remedy } });
    return rungs;
}

// Each technology once, all started at the same moment, for whoever replays the trace.
void tell_modelled_boots(machine::Model const& model, trace::EventLog& log, Clock const& clock)
{
    std::vector<machine::Start> starts;
    for (auto const& technology : model.technologies)
        starts.push_back({ &technology, 0 });
    machine::tell_boot(model, starts, machine::boot(model.host, starts), log, HostId { "host" }, clock.now());
}

void print_report(compare::Report const& report)
{
    fmt::print("{}\n", report.host);
    for (auto const& finding : report.ladder.rungs)
        fmt::print("  {} {:<26} {}\n", finding.works ? "yes" : "no ", to_string(finding.rung), finding.detail);
    fmt::print("Measured, {}\n", report.run);
    print_table(report.rows);
    fmt::print("\nNot here\n");
    for (auto const& absent : report.absent)
        fmt::print("  {:<26} {}\n", absent.name, absent.why);
}

}

int compare(CompareOptions const& options)
{
    auto const loaded = load_comparison_model(options.model);
    for (auto const& problem : loaded.problems)
        fmt::print(stderr, "{}\n", problem);
    if (!loaded.model)
        return 1;
    auto const* const model = loaded.model.get();
    LiveScheduler const clock;
    trace::EventLog log;
    auto const pen = [&](trace::Provenance provenance) {
        return trace::Publisher(log, clock, { HostId { "host" }, ActorId { "compare" }, provenance });
    };
    auto const modelled = compare::modelled_rows(*model);
    auto const quoted = compare::quoted_rows(*model);
    std::optional<compare::Report> report;
    if (!options.modelled_only) {
        auto measured = compare::compare_here(
            { .drydock = Installation::find().init_program.parent_path() / "drydock",
                .kernel = options.kernel,
                .rounds = options.rounds,
                .progress = [](std::string const& what) { fmt::print(stderr, "… {}\n", what); } },
            pen(trace::Provenance::Live));
        if (!measured)
            return complain(measured.error());
        report = std::move(*measured);
    }
    compare::publish(modelled, "model", pen(trace::Provenance::Modelled));
    compare::publish(quoted, "quoted", pen(trace::Provenance::Quoted));
    tell_modelled_boots(*model, log, clock); // last, for its time runs ahead
    if (options.json) {
        auto rows = report ? to_json(report->rows) : ComparisonJson::array();
        for (auto const* more : { &modelled, &quoted }) {
            for (auto const& row : to_json(*more))
                rows.push_back(row);
        }
        auto absent = ComparisonJson::array();
        for (auto const& each : report ? report->absent : std::vector<compare::Absent>())
            absent.push_back({ { "name", each.name }, { "why", each.why } });
        fmt::print("{}\n",
            ComparisonJson { { "run", report ? report->run : "" }, { "host", report ? report->host : "" },
                { "ladder", report ? to_json(report->ladder) : ComparisonJson::array() }, { "rows", rows },
                { "absent", absent } }
                .dump(2));
    } else {
        if (report)
            print_report(*report);
        fmt::print("\nModelled, {}: not to be divided by what was measured\n",
            options.model.empty() ? "models/comparison.toml" : options.model);
        print_table(modelled);
        fmt::print("\nQuoted: what publications say\n");
        print_table(quoted);
    }
    if (!options.record.empty()) {
        if (auto const saved = trace::save_trace(log, options.record); !saved)
            return complain(saved.error());
    }
    return 0;
}

}
