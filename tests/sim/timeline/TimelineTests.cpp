#include "sim/timeline/Timeline.h"
#include "tests/support/Catch.h"
#include "tests/support/Generate.h"

using namespace drydock;

namespace {

void fill(trace::EventLog& log, std::uint64_t count)
{
    Random random(11);
    auto const events = testing::one_of_each(random);
    for (std::uint64_t i = 0; i < count; ++i)
        log.append(testing::record_of(events[random.below(events.size())], static_cast<std::int64_t>(i)));
}

world::World folded(trace::EventLog const& log, std::uint64_t count)
{
    world::World world;
    for (std::uint64_t i = 0; i < count; ++i)
        world::apply(world, log[i]);
    return world;
}

}

TEST_CASE("Timeline: stepping equals running equals seeking, at every prefix", "[sim][timeline]")
{
    trace::EventLog log;
    fill(log, 400);
    timeline::Timeline stepped(log);
    timeline::Timeline sought(log);
    for (std::uint64_t count = 0; count <= log.size(); ++count) {
        CAPTURE(count);
        auto const expected = folded(log, count);
        REQUIRE(stepped.world_at(count) == expected);
        sought.world_at((count * 7919) % (log.size() + 1)); // from somewhere else, before or behind
        REQUIRE(sought.world_at(count) == expected);
    }
    for (std::uint64_t count = log.size() + 1; count-- > 0;)
        REQUIRE(stepped.world_at(count).applied == count);
}

TEST_CASE("Timeline: seeking across checkpoints is exact", "[sim][timeline]")
{
    trace::EventLog log;
    fill(log, 5 * timeline::Timeline::checkpoint_interval + 17);
    timeline::Timeline timeline(log);
    Random random(2);
    for (int i = 0; i < 30; ++i) {
        auto const count = random.below(log.size() + 1);
        CAPTURE(count);
        REQUIRE(timeline.world_at(count) == folded(log, count));
    }
}

TEST_CASE("Timeline: a log that grows is followed", "[sim][timeline]")
{
    trace::EventLog log;
    timeline::Timeline timeline(log);
    for (int i = 0; i < 3; ++i) {
        fill(log, 700);
        CHECK(timeline.world_at(log.size()) == folded(log, log.size()));
    }
}
