// What it costs to know: publishing an event, folding it, seeking in a long trace.

#include "sim/time/LiveScheduler.h"
#include "sim/timeline/Timeline.h"
#include "sim/trace/EventLog.h"

#include <benchmark/benchmark.h>

#include <random>

using namespace drydock;

namespace {

trace::Origin const origin { HostId { "laptop" }, ActorId { "daemon" }, trace::Provenance::Live };

// A clock that costs nothing, so that the event is measured and not clock_gettime(2).
class StandingClock final : public Clock {
public:
    Timestamp now() const override { return {}; }
};

ContainerId container(std::uint64_t i)
{
    return ContainerId { std::to_string(1'000'000 + i % 400) };
}

// Events as an engine makes them: containers come and go, write and exit.
std::unique_ptr<trace::EventLog> long_log(std::uint64_t records)
{
    auto log = std::make_unique<trace::EventLog>();
    StandingClock const clock;
    trace::Publisher const publisher(*log, clock, origin);
    for (std::uint64_t i = 0; log->size() < records; ++i) {
        auto const id = container(i);
        publisher.publish(trace::CommandEntered { ActorId { "client" }, "docker run busybox" });
        publisher.publish(
            trace::ContainerCreated { id, "name", "busybox:latest", oci::Digest::of("x"), { "sh" }, "host" });
        publisher.publish(trace::ContainerStarted { id });
        for (int k = 0; k < 40; ++k)
            publisher.publish(trace::FileWritten { id, "/tmp/file" + std::to_string(k % 8), 4096 });
        publisher.publish(trace::ContainerExited { id, 0 });
        publisher.publish(trace::ContainerRemoved { id });
    }
    return log;
}

void publish_event(benchmark::State& state)
{
    auto log = std::make_unique<trace::EventLog>();
    StandingClock const standing;
    LiveScheduler const live;
    trace::Publisher publisher(*log, state.range(0) == 0 ? static_cast<Clock const&>(standing) : live, origin);
    ContainerId const id { "4f2a" };
    for (auto _ : state) {
        publisher.publish(trace::ContainerStarted { id });
        if (log->size() > trace::EventLog::capacity - 10) {
            state.PauseTiming();
            log = std::make_unique<trace::EventLog>();
            publisher = trace::Publisher(*log, standing, origin);
            state.ResumeTiming();
        }
    }
}
BENCHMARK(publish_event)->Arg(0)->ArgName("wall_clock")->Iterations(2'000'000);
BENCHMARK(publish_event)->Arg(1)->ArgName("wall_clock")->Iterations(2'000'000);

void publish_to_nobody(benchmark::State& state)
{
    trace::Publisher const publisher;
    ContainerId const id { "4f2a" };
    for (auto _ : state)
        publisher.publish(trace::ContainerStarted { id });
}
BENCHMARK(publish_to_nobody);

void fold(benchmark::State& state)
{
    auto const log = long_log(100'000);
    for (auto _ : state) {
        world::World world;
        for (std::uint64_t i = 0; i < log->size(); ++i)
            world::apply(world, (*log)[i]);
        benchmark::DoNotOptimize(world);
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(log->size()));
}
BENCHMARK(fold)->Unit(benchmark::kMillisecond);

void seek(benchmark::State& state)
{
    auto const log = long_log(static_cast<std::uint64_t>(state.range(0)));
    timeline::Timeline timeline(*log);
    timeline.world_at(log->size()); // builds the checkpoints
    std::mt19937_64 random(1);
    std::vector<double> times;
    for (auto _ : state) {
        auto const target = random() % log->size();
        auto const begin = std::chrono::steady_clock::now();
        benchmark::DoNotOptimize(timeline.world_at(target).applied);
        times.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
    }
    std::sort(times.begin(), times.end());
    state.counters["p50_us"] = times[times.size() / 2];
    state.counters["p99_us"] = times[times.size() * 99 / 100];
}
BENCHMARK(seek)->Arg(20'000)->Arg(1'000'000)->Iterations(1000)->Unit(benchmark::kMicrosecond);

}

BENCHMARK_MAIN();
