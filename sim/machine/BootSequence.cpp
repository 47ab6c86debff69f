#include "sim/machine/BootSequence.h"

#include "sim/core/Random.h"
#include "sim/core/Verify.h"
#include "sim/machine/CostModel.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace drydock::machine {

namespace {

constexpr double never = std::numeric_limits<double>::infinity();
// What is left of a phase is a difference of sums; below this it is rounding.
constexpr double nothing = 1e-9;

// One number of the standard normal distribution (Box and Muller 1958).
double normal_variate(Random& random)
{
    auto const uniform = [&] { return (static_cast<double>(random.next() >> 11) + 0.5) * 0x1p-53; };
    auto const radius = std::sqrt(-2 * std::log(uniform()));
    return radius * std::cos(2 * 3.14159265358979323846 * uniform());
}

// An instance on its way, with what is left of the phase that it is in.
struct Booting {
    Start start;
    std::vector<double> latencies; // of its phases
    std::size_t phase { 0 };
    double latency { 0 };
    double processor { 0 };
    double read { 0 };
    std::vector<std::pair<double, double>> times; // of the phases so far

    bool runs(double now) const { return now >= start.at && phase < latencies.size(); }
    bool phase_done() const { return latency <= nothing && processor <= nothing && read <= nothing; }

    void enter(double now)
    {
        if (phase == latencies.size())
            return;
        latency = latencies[phase];
        processor = start.technology->phases[phase].processor.value;
        read = start.technology->phases[phase].read.value;
        times.emplace_back(now, now);
    }
};

// What each instance that wants it gets of a resource, in a second.
struct Rates {
    double processor { 0 };
    double read { 0 };
};

Rates shares(HostMachine const& host, std::vector<Booting> const& all, double now)
{
    double computing = 0;
    double reading = 0;
    for (auto const& one : all) {
        computing += one.runs(now) && one.processor > nothing ? 1 : 0;
        reading += one.runs(now) && one.read > nothing ? 1 : 0;
    }
    return { .processor = std::min(1.0, host.cores.value / std::max(1.0, computing)),
        .read = host.read_rate.value / std::max(1.0, reading) };
}

// When the next thing happens that changes the shares: somebody begins, or is done with a resource.
double next_change(std::vector<Booting> const& all, Rates const& rates, double now)
{
    auto next = never;
    for (auto const& one : all) {
        if (one.start.at > now)
            next = std::min(next, one.start.at);
        if (!one.runs(now))
            continue;
        for (auto const left : { one.latency, one.processor / rates.processor, one.read / rates.read }) {
            if (left > nothing)
                next = std::min(next, now + left);
        }
    }
    return next;
}

void advance(Booting& one, Rates const& rates, double seconds)
{
    one.latency = std::max(0.0, one.latency - seconds);
    one.processor = std::max(0.0, one.processor - seconds * rates.processor);
    one.read = std::max(0.0, one.read - seconds * rates.read);
}

void leave_finished_phases(Booting& one, double now)
{
    while (one.runs(now) && one.phase_done()) {
        one.times.back().second = now;
        ++one.phase;
        one.enter(now);
    }
}

Started report(Booting const& one, HostMachine const& host)
{
    auto const& phases = one.start.technology->phases;
    std::vector<Parameter const*> inputs { &host.cores, &host.read_rate };
    Started started;
    auto const figure = [&](double seconds) {
        return modelled(
            seconds, "s", "phases one after another, each the slowest of latency, processor and disk", inputs);
    };
    for (auto const& phase : phases)
        inputs.insert(inputs.end(), { &phase.latency, &phase.processor, &phase.read });
    for (std::size_t i = 0; i < phases.size(); ++i)
        started.phases.push_back({ phases[i].name, figure(one.times[i].first), figure(one.times[i].second) });
    started.elapsed = figure(one.times.empty() ? 0 : one.times.back().second - one.start.at);
    return started;
}

}

std::vector<Started> boot(HostMachine const& host, std::vector<Start> const& starts, Jitter const& jitter)
{
    Random random(jitter.seed);
    std::vector<Booting> all;
    for (auto const& start : starts) {
        VERIFY(start.technology != nullptr && start.at >= 0);
        Booting one { .start = start, .latencies = {}, .times = {} };
        for (auto const& phase : start.technology->phases) {
            auto const factor = jitter.sigma > 0 ? std::exp(jitter.sigma * normal_variate(random)) : 1;
            one.latencies.push_back(phase.latency.value * factor);
        }
        one.enter(start.at);
        all.push_back(std::move(one));
    }
    for (double now = 0; now < never;) {
        for (auto& one : all)
            leave_finished_phases(one, now);
        auto const rates = shares(host, all, now);
        auto const next = next_change(all, rates, now);
        for (auto& one : all) {
            if (one.runs(now) && next < never)
                advance(one, rates, next - now);
        }
        now = next;
    }
    std::vector<Started> result;
    for (auto const& one : all)
        result.push_back(report(one, host));
    return result;
}

}
