#include "sim/time/LiveScheduler.h"
#include "sim/trace/EventLog.h"
#include "tests/support/Catch.h"

#include <thread>

using namespace drydock;
using namespace drydock::trace;

TEST_CASE("EventLog: keeps every record of concurrent writers, complete and numbered", "[sim][trace]")
{
    EventLog log;
    LiveScheduler clock;
    constexpr int writers = 4;
    constexpr int each = 3000;
    {
        std::vector<std::jthread> threads;
        for (int w = 0; w < writers; ++w) {
            threads.emplace_back([&, w] {
                Publisher publisher(log, clock, { HostId { "h" }, ActorId { "writer" + std::to_string(w) } });
                for (int i = 0; i < each; ++i)
                    publisher.publish(ContainerRemoved { ContainerId { std::to_string(i) } });
            });
        }
    }
    REQUIRE(log.size() == writers * each);
    Timestamp last { INT64_MIN };
    for (std::uint64_t i = 0; i < log.size(); ++i) {
        REQUIRE(log[i].sequence == i);
        REQUIRE(log[i].time >= last);
        last = log[i].time;
    }
}

TEST_CASE("Span: children and events hang below it, and it ends", "[sim][trace]")
{
    EventLog log;
    LiveScheduler clock;
    Publisher publisher(log, clock, { HostId { "h" }, ActorId { "daemon" } });
    {
        auto outer = publisher.span("pull", "Pull busybox", Depth::Role);
        auto inner = publisher.span("fetch", "Fetch layer", Depth::Object);
        publisher.publish(ContainerRemoved {});
        inner.failed("cut");
    }
    CHECK(current_span() == SpanId {});
    REQUIRE(log.size() == 5);
    CHECK(log[1].event.get_if<SpanBegan>()->parent == log[0].event.get_if<SpanBegan>()->span);
    CHECK(log[2].span == log[1].event.get_if<SpanBegan>()->span);
    CHECK_FALSE(log[3].event.get_if<SpanEnded>()->succeeded);
    CHECK(log[4].event.get_if<SpanEnded>()->succeeded);
    CHECK(std::string(log[0].source.file) == "tests/sim/trace/EventLogTests.cpp");
}
