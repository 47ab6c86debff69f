#include "tests/support/Catch.h"
#include "tests/support/SampleTraces.h"
#include "visual/view/Player.h"

using namespace drydock;
using view::Player;

namespace {

struct Played {
    explicit Played(void (testing::SampleTrace::*play)() = &testing::SampleTrace::anatomy_of_docker_run)
        : timeline(log)
    {
        (testing::SampleTrace(log).*play)();
        player.open(log, timeline);
    }
    void run(double seconds, bool live = false)
    {
        for (double t = 0; t < seconds; t += 1.0 / 60)
            player.advance(1.0 / 60, live);
    }
    trace::EventLog log;
    timeline::Timeline timeline;
    Player player;
};

}

TEST_CASE("Player: plays from the beginning to the end and stops there", "[visual][view]")
{
    Played p;
    CHECK(p.player.playing());
    p.run(p.player.length() + 1);
    CHECK(p.player.at_end());
    CHECK_FALSE(p.player.playing());
    p.player.toggle(); // once more, from the beginning
    CHECK(p.player.story() == 0);
    CHECK(p.player.playing());
}

TEST_CASE("Player: a step plays one beat and stops at its still", "[visual][view]")
{
    Played p;
    p.player.pause();
    p.player.seek(0);
    p.run(0.1);
    auto const first = *p.player.beat();
    p.player.next_beat(); // during its motion: ends it
    CHECK(p.player.story() > first.begin + first.motion);
    CHECK(p.player.beat_index() == 0);
    p.player.next_beat();
    CHECK(p.player.beat_index() == 1);
    p.run(10);
    CHECK(p.player.beat_index() == 1);
    CHECK(p.player.story() > p.player.beat()->begin + p.player.beat()->motion);
    p.player.previous_beat();
    CHECK(p.player.beat_index() == 0);
}

TEST_CASE("Player: forward and back by records meets every record", "[visual][view]")
{
    Played p;
    p.player.to_end();
    std::size_t steps = 0;
    while (p.player.story() > 0 && steps < 1000) {
        p.player.step_records(-1);
        ++steps;
    }
    CHECK(steps == p.log.size());
}

TEST_CASE("Player: another depth shows the same record", "[visual][view]")
{
    Played p;
    p.player.seek(p.player.length() / 2);
    auto const record = p.player.beat()->lead;
    p.player.set_depth(trace::Depth::Metal);
    CHECK(p.player.beat()->first_record <= record);
    CHECK(p.player.beat()->end_record > record);
    p.player.set_depth(trace::Depth::Role);
    CHECK(p.player.beat()->first_record <= record);
    CHECK(p.player.beat()->end_record > record);
}

TEST_CASE("Player: holds where a part is over, and Space goes on", "[visual][view]")
{
    trace::EventLog log;
    testing::SampleTrace sample(log);
    sample.appear();
    sample.phase(0, "One", "Say one.", {});
    sample.daemon(trace::PhaseEnded { 0 });
    sample.phase(1, "Two", "Say two.", {});
    timeline::Timeline timeline(log);
    Player player;
    player.open(log, timeline);
    for (int i = 0; i < 1000; ++i)
        player.advance(0.02, false);
    CHECK(player.held());
    CHECK_FALSE(player.at_end());
    CHECK(player.world().scenario->phase == 0);
    player.toggle();
    for (int i = 0; i < 1000; ++i)
        player.advance(0.02, false);
    CHECK(player.at_end());
    CHECK(player.world().scenario->phase == 1);
}

TEST_CASE("Player: a follower sees what is added, animated", "[visual][view]")
{
    trace::EventLog log;
    testing::SampleTrace sample(log);
    sample.appear();
    timeline::Timeline timeline(log);
    Player player;
    player.open(log, timeline);
    player.follow();
    for (int i = 0; i < 500; ++i)
        player.advance(0.02, true);
    CHECK(player.at_end());
    auto const before = player.length();
    sample.type("docker ps");
    player.advance(0.02, true);
    CHECK(player.length() > before);
    CHECK(player.story() < player.length());
    CHECK(player.following());
}

TEST_CASE("Player: no stop is missed, wherever the frames fall", "[visual][view]")
{
    Played p(&testing::SampleTrace::a_lesson);
    auto const& beats = p.player.choreography().beats();
    auto const stop = std::find_if(beats.begin(), beats.end(), [](auto const& beat) { return beat.holds; });
    REQUIRE(stop != beats.end());
    for (int i = 0; i < 40; ++i) {
        p.player.seek(stop->end - 0.004 - i * 0.0005);
        p.player.play();
        p.run(0.2);
        CAPTURE(i, p.player.story(), stop->end);
        CHECK(p.player.held());
        p.player.play();
        p.run(0.2);
        CHECK_FALSE(p.player.held());
        p.player.previous_beat(); // to the stop itself: it has been seen
        p.player.play();
        p.run(0.2);
        CHECK_FALSE(p.player.held());
    }
}
