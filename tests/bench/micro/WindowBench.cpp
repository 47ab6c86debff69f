// A frame of the whole window at 1920x1080, drawn by our own rasterizer as on a machine without a GPU: with nothing to
// do, with 200 containers on 2,000 layers, and in the middle of a motion.

#include "tests/support/SampleTraces.h"
#include "visual/platform/Offscreen.h"
#include "visual/view/Screen.h"
#include "visual/view/Views.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

using namespace drydock;

namespace {

class Window {
public:
    explicit Window(trace::EventLog const& log)
        : m_log(log)
        , m_timeline(log)
        , m_offscreen(theme::theme(theme::ThemeName::Dark))
    {
        m_input.log = &m_log;
        m_input.timeline = &m_timeline;
        m_input.run = 1;
        frame(0);
    }
    view::Player& player() { return m_screen.player(); }
    view::State& state() { return m_screen.state(); }
    void frame(double elapsed)
    {
        m_input.elapsed = elapsed;
        std::vector<view::Command> commands;
        benchmark::DoNotOptimize(m_offscreen.render_frame(
            1920, 1080, 1.5f, 0, [&](canvas::Canvas& canvas) { m_screen.draw(canvas, m_input, commands); }));
    }

private:
    trace::EventLog const& m_log;
    timeline::Timeline m_timeline;
    platform::Offscreen m_offscreen;
    view::FrameInput m_input;
    view::Screen m_screen;
};

// 40 images of 50 layers each, 200 containers on one of them.
void fill_the_stage(trace::EventLog& log)
{
    testing::SampleTrace sample(log);
    sample.anatomy_of_docker_run();
    struct StoppedClock final : Clock {
        Timestamp now() const override { return { 1 }; }
    } const clock;
    trace::Publisher const daemon(
        log, clock, { HostId { "laptop" }, ActorId { "daemon" }, trace::Provenance::Simulated });
    oci::Digest image = oci::Digest::of("none");
    for (int i = 0; i < 40; ++i) {
        trace::ImageStored stored { .image = oci::Digest::of(fmt::format("image {}", i)) };
        for (int layer = 0; layer < 50; ++layer)
            stored.layers.push_back({ oci::Digest::of(fmt::format("layer {} {}", i, layer)), 1000, "RUN something" });
        image = stored.image;
        daemon.publish(std::move(stored));
        daemon.publish(trace::ImageTagged { fmt::format("app:{}", i), image });
    }
    for (int i = 0; i < 200; ++i) {
        ContainerId const id { fmt::format("{:064x}", i + 1) };
        daemon.publish(trace::ContainerCreated {
            id, fmt::format("web-{}", i), "app:39", image, { "sleep", "1000" }, fmt::format("h{}", i) });
        daemon.publish(trace::ContainerStarted { id });
    }
}

void frame_idle(benchmark::State& state)
{
    trace::EventLog log;
    testing::SampleTrace(log).anatomy_of_docker_run();
    Window window(log);
    window.player().to_end();
    for (auto _ : state)
        window.frame(0);
}

void frame_busy(benchmark::State& state)
{
    trace::EventLog log;
    fill_the_stage(log);
    Window window(log);
    window.player().to_end();
    for (auto _ : state)
        window.frame(0);
}

void frame_playing(benchmark::State& state)
{
    trace::EventLog log;
    testing::SampleTrace(log).anatomy_of_docker_run();
    Window window(log);
    window.player().seek(0);
    window.player().play();
    for (auto _ : state)
        window.frame(1.0 / 60);
}

// Commands of a hundred spans each, which are nested and overlap, by two actors: a million records.
void fill_the_timeline(trace::EventLog& log)
{
    testing::SampleTrace sample(log);
    sample.anatomy_of_docker_run();
    struct TickingClock final : Clock {
        Timestamp now() const override { return { time += 1000 }; }
        mutable std::int64_t time { 1'000'000'000'000 };
    } const clock;
    auto const pen_of = [&](char const* actor) {
        return trace::Publisher(log, clock, { HostId { "laptop" }, ActorId { actor }, trace::Provenance::Simulated });
    };
    trace::Publisher const client = pen_of("client"), daemon = pen_of("daemon");
    std::uint64_t span = 1'000'000;
    while (log.size() < 1'000'000) {
        client.publish(trace::CommandEntered { ActorId { "client" }, "docker ps" });
        auto const root = ++span;
        client.publish(trace::SpanBegan { { root }, { 0 }, "command", "docker ps", trace::Depth::Role });
        for (int i = 0; i < 50; ++i) {
            auto const outer = ++span, inner = ++span;
            daemon.publish(trace::SpanBegan { { outer }, { root }, "list", "List containers", trace::Depth::Object });
            daemon.publish(trace::SpanBegan { { inner }, { outer }, "read", "Read a record", trace::Depth::Metal });
            daemon.publish(trace::SpanEnded { { inner }, true, "" });
            daemon.publish(trace::SpanEnded { { outer }, true, "" });
        }
        client.publish(trace::SpanEnded { { root }, true, "" });
        client.publish(trace::CommandFinished { ActorId { "client" }, "docker ps", 0 });
    }
}

// The window with the tall timeline; the argument says which part of it is in sight: one in so many.
void frame_timeline(benchmark::State& state)
{
    trace::EventLog log;
    fill_the_timeline(log);
    Window window(log);
    window.player().to_end();
    window.state().timeline.height = 268;
    window.frame(0);
    auto const whole = view::timeline_axis(window.state()).length();
    auto const part = whole / static_cast<double>(state.range(0));
    if (state.range(0) > 1)
        view::show_stretch(window.state(), { whole / 2, whole / 2 + part });
    for (auto _ : state)
        window.frame(0);
}

BENCHMARK(frame_timeline)->Arg(1)->Arg(100)->Arg(10'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(frame_idle)->Unit(benchmark::kMillisecond);
BENCHMARK(frame_busy)->Unit(benchmark::kMillisecond);
BENCHMARK(frame_playing)->Unit(benchmark::kMillisecond);

}
