#include "sim/machine/CostModel.h"

#include "sim/core/Verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace drydock::machine {

namespace {

bool has_own_cache(Technology const& technology)
{
    return technology.page_cache == PageCache::PerInstance;
}

double hot_pages(Technology const& technology)
{
    return technology.hot.value * technology.image.value;
}

std::vector<Parameter const*> memory_inputs(Model const& model, Technology const& t)
{
    return { &model.host.page_sharing, &model.app_memory, &t.reserve, &t.engine, &t.monitor, &t.guest_memory,
        &t.shared_kernel, &t.instance, &t.image, &t.hot };
}

}

std::string_view to_string(Limit limit)
{
    switch (limit) {
    case Limit::Memory: return "memory";
    case Limit::Disk: return "disk";
    case Limit::Processor: return "processor";
    }
    return "";
}

Figure modelled(double value, std::string unit, std::string formula, std::vector<Parameter const*> const& inputs)
{
    // A parameter that was left out is 0 and has no source: nothing to verify.
    auto const unverified = std::count_if(
        inputs.begin(), inputs.end(), [](auto const* input) { return !input->source.empty() && !input->checked; });
    auto source = "model: " + std::move(formula);
    if (unverified > 0)
        source += fmt::format("; {} of its numbers unverified", unverified);
    return { value, std::move(unit), FigureKind::Modelled, std::move(source) };
}

double CostModel::memory_mib(Technology const& t, Population population) const
{
    VERIFY(population.instances >= 0 && population.images >= 1);
    auto const n = static_cast<double>(population.instances);
    auto const caches = has_own_cache(t) ? n : std::min(n, static_cast<double>(population.images));
    auto const each = t.monitor.value + t.guest_memory.value + t.instance.value + m_model.app_memory.value;
    auto const all = t.reserve.value + t.engine.value + n * each + caches * hot_pages(t);
    if (population.instances < 2)
        return all;
    // The first of the guests brings what the others share.
    auto const mergeable = t.guest_memory.value - t.shared_kernel.value + (has_own_cache(t) ? hot_pages(t) : 0);
    return all - (n - 1) * (t.shared_kernel.value + m_model.host.page_sharing.value * mergeable);
}

Figure CostModel::memory(Technology const& technology, Population population) const
{
    return modelled(memory_mib(technology, population), "MiB",
        has_own_cache(technology)
            ? "reserve + N x (monitor + guest + app + hot part of the image) - (N - 1) x what guests share"
            : "reserve + engine + images x hot part + N x (guest + instance + app)",
        memory_inputs(m_model, technology));
}

double CostModel::disk_mib(Technology const& t, Population population) const
{
    auto const n = static_cast<double>(population.instances);
    auto const copies = t.disk == DiskLayout::FullCopy ? n : std::min(n, static_cast<double>(population.images));
    return copies * t.image.value + n * t.writes.value;
}

Figure CostModel::disk(Technology const& technology, Population population) const
{
    return modelled(disk_mib(technology, population), "MiB",
        technology.disk == DiskLayout::FullCopy ? "N x image" : "images x image + N x what each writes",
        { &technology.image, &technology.writes });
}

Density CostModel::density(Technology const& technology) const
{
    // The most instances whose need is at most `limit`; needs grow with their number, so halving finds it.
    auto const most = [](double limit, auto const& need) {
        std::int64_t fits = 0;
        std::int64_t fails = most_instances + 1;
        while (fails - fits > 1) {
            auto const middle = fits + (fails - fits) / 2;
            (need(middle) <= limit ? fits : fails) = middle;
        }
        return fits;
    };
    auto const& host = m_model.host;
    std::array const limits {
        std::pair(most(host.memory.value,
                      [&](auto n) {
                          return memory_mib(technology, { n, 1 });
                      }),
            Limit::Memory),
        std::pair(most(host.disk.value,
                      [&](auto n) {
                          return disk_mib(technology, { n, 1 });
                      }),
            Limit::Disk),
        std::pair(most(100, [&](auto n) { return static_cast<double>(n) * technology.idle.value; }), Limit::Processor),
    };
    auto const first = *std::min_element(
        limits.begin(), limits.end(), [](auto const& a, auto const& b) { return a.first < b.first; });
    auto inputs = memory_inputs(m_model, technology);
    inputs.insert(inputs.end(), { &host.memory, &host.disk, &technology.writes, &technology.idle });
    return { modelled(static_cast<double>(first.first), "",
                 fmt::format("the most that fit, until {} runs out", to_string(first.second)), inputs),
        first.second };
}

Figure CostModel::throughput(Technology const& technology, std::int64_t busy) const
{
    VERIFY(busy >= 1);
    auto const cores = m_model.host.cores.value;
    return modelled(technology.compute.value * std::min(1.0, cores / static_cast<double>(busy)), "",
        "compute x min(1, cores / busy instances)", { &technology.compute, &m_model.host.cores });
}

std::optional<Figure> CostModel::random_access(Technology const& technology) const
{
    if (technology.random_io.source.empty())
        return std::nullopt;
    return modelled(
        100 * technology.random_io.value, "%", "random accesses, of bare metal's", { &technology.random_io });
}

std::optional<Figure> CostModel::added_round_trip(Technology const& technology) const
{
    if (technology.round_trip.source.empty())
        return std::nullopt;
    return modelled(
        technology.round_trip.value * 1e-6, "s", "a round trip, less bare metal's", { &technology.round_trip });
}

Figure CostModel::exit_tax(double exits_per_second) const
{
    auto const& host = m_model.host;
    return modelled(exits_per_second * host.exit_cost.value / (host.clock.value * 1e9), "",
        "exits a second x cycles of an exit / clock", { &host.exit_cost, &host.clock });
}

}
