#include "sim/time/VirtualScheduler.h"
#include "tests/support/Catch.h"

#include <algorithm>
#include <deque>
#include <vector>

using namespace drydock;
using namespace std::chrono_literals;

namespace {

constexpr Timestamp story_begin { 1'700'000'000'000'000'000 };

// Three producers and a consumer over a bounded queue: what the consumer took, in order.
struct Market {
    VirtualScheduler scheduler;
    std::mutex mutex;
    std::unique_ptr<Condition> changed;
    std::deque<int> queue;
    std::vector<int> taken;

    explicit Market(std::uint64_t seed)
        : scheduler(seed, story_begin)
        , changed(scheduler.make_condition())
    {
    }
    void put(int item)
    {
        std::unique_lock lock(mutex);
        changed->wait(lock, [&] { return queue.size() < 2; });
        queue.push_back(item);
        changed->notify_all();
    }
    void take()
    {
        std::unique_lock lock(mutex);
        changed->wait(lock, [&] { return !queue.empty(); });
        taken.push_back(queue.front());
        queue.pop_front();
        changed->notify_all();
    }
    void trade()
    {
        std::vector<std::unique_ptr<Task>> producers;
        for (int p = 0; p < 3; ++p) {
            producers.push_back(scheduler.spawn("producer", [this, p] {
                for (int i = 0; i < 5; ++i)
                    put(p * 5 + i);
            }));
        }
        for (int i = 0; i < 15; ++i)
            take();
    }
    std::vector<int> run()
    {
        REQUIRE(scheduler.run_until_idle([this] { trade(); }));
        return taken;
    }
};

}

TEST_CASE("VirtualScheduler: the same seed gives the same order, other seeds the same result", "[sim][time]")
{
    std::vector<int> expected(15);
    std::generate(expected.begin(), expected.end(), [n = 0]() mutable { return n++; });
    std::vector<std::vector<int>> orders;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        CAPTURE(seed);
        auto order = Market(seed).run();
        if (seed % 20 == 0)
            REQUIRE(Market(seed).run() == order);
        orders.push_back(order);
        std::sort(order.begin(), order.end());
        REQUIRE(order == expected);
    }
    std::sort(orders.begin(), orders.end());
    CHECK(std::unique(orders.begin(), orders.end()) - orders.begin() > 50);
}

TEST_CASE("VirtualScheduler: the clock jumps to the earliest deadline", "[sim][time]")
{
    VirtualScheduler scheduler(1, story_begin);
    std::vector<int> order;
    REQUIRE(scheduler.run_until_idle([&] {
        auto late = scheduler.spawn("late", [&] { scheduler.sleep_for(2h), order.push_back(2); });
        auto early = scheduler.spawn("early", [&] { scheduler.sleep_for(1h), order.push_back(1); });
    }));
    CHECK(order == std::vector { 1, 2 });
    CHECK(scheduler.now() - story_begin >= 2h);
    CHECK(scheduler.now() - story_begin < 2h + 1ms);
}

TEST_CASE("VirtualScheduler: moments that tasks ask for are strictly ordered; asking from outside changes nothing",
    "[sim][time]")
{
    VirtualScheduler scheduler(1, story_begin);
    REQUIRE(scheduler.run_until_idle([&] {
        auto const first = scheduler.now();
        CHECK(scheduler.now() == first + VirtualScheduler::tick);
    }));
    CHECK(scheduler.now() == scheduler.now());
}

TEST_CASE("VirtualScheduler: deadlines beyond the end of root stay pending for the next run", "[sim][time]")
{
    VirtualScheduler scheduler(1, story_begin);
    bool rang = false;
    std::unique_ptr<Task> alarm;
    REQUIRE(scheduler.run_until_idle([&] {
        alarm = scheduler.spawn("alarm", [&] {
            scheduler.sleep_for(10s);
            rang = true;
        });
    }));
    CHECK_FALSE(rang);
    CHECK(scheduler.now() - story_begin < 1s);
    REQUIRE(scheduler.run_until_idle([&] { scheduler.sleep_for(5s); }));
    CHECK_FALSE(rang);
    REQUIRE(scheduler.run_until_idle([&] { scheduler.sleep_for(6s); }));
    CHECK(rang);
}

TEST_CASE("VirtualScheduler: wait_until says whether the notice or the deadline came first", "[sim][time]")
{
    VirtualScheduler scheduler(1, story_begin);
    std::mutex mutex;
    auto condition = scheduler.make_condition();
    REQUIRE(scheduler.run_until_idle([&] {
        std::unique_lock lock(mutex);
        CHECK_FALSE(condition->wait_until(lock, scheduler.now() + 3s));
        CHECK(lock.owns_lock());
        auto caller = scheduler.spawn("caller", [&] {
            scheduler.sleep_for(1s);
            condition->notify_all();
        });
        CHECK(condition->wait_until(lock, scheduler.now() + 3s));
        CHECK(scheduler.now() - story_begin < 5s);
    }));
}

TEST_CASE("VirtualScheduler: a deadlock ends the run and names who waits", "[sim][time]")
{
    VirtualScheduler scheduler(1, story_begin);
    std::mutex mutex;
    auto never = scheduler.make_condition();
    bool unwound = false;
    struct AtEnd {
        bool& flag;
        ~AtEnd() { flag = true; }
    };
    CHECK_FALSE(scheduler.run_until_idle([&] {
        AtEnd guard { unwound };
        auto server = scheduler.spawn("accept on :80", [&] {
            std::unique_lock lock(mutex);
            never->wait(lock);
        });
        server->join();
    }));
    CHECK(unwound);
    CHECK_THAT(scheduler.deadlock_report(), Catch::Contains("root: for the end of accept on :80"));
    CHECK_THAT(scheduler.deadlock_report(), Catch::Contains("accept on :80: for a condition"));
    // The world goes on afterwards.
    CHECK(scheduler.run_until_idle([&] { scheduler.sleep_for(1s); }));
}

TEST_CASE("VirtualScheduler: a thread from outside may wait; the world runs meanwhile", "[sim][time]")
{
    VirtualScheduler scheduler(1, story_begin);
    std::mutex mutex;
    auto changed = scheduler.make_condition();
    bool done = false;
    auto task = scheduler.spawn("worker", [&] {
        scheduler.sleep_for(1min);
        std::lock_guard lock(mutex);
        done = true;
        changed->notify_all();
    });
    {
        std::unique_lock lock(mutex);
        changed->wait(lock, [&] { return done; });
    }
    CHECK(done);
    scheduler.sleep_for(1min);
    task->join();
    CHECK(task->finished());
    CHECK(scheduler.now() - story_begin >= 2min);
}

TEST_CASE("VirtualScheduler: its end unwinds every task, children before the parents that wait for them", "[sim][time]")
{
    std::vector<std::string> ended;
    std::mutex mutex;
    struct Note {
        std::vector<std::string>& ended;
        std::string name;
        ~Note() { ended.push_back(name); }
    };
    {
        VirtualScheduler scheduler(1, story_begin);
        auto never = scheduler.make_condition();
        std::unique_ptr<Task> server;
        REQUIRE(scheduler.run_until_idle([&] {
            server = scheduler.spawn("server", [&] {
                Note note { ended, "server" };
                auto connection = scheduler.spawn("connection", [&] {
                    Note inner { ended, "connection" };
                    std::unique_lock lock(mutex);
                    never->wait(lock, [] { return false; });
                });
                scheduler.sleep_for(1000h);
            });
        }));
        // The handle goes last, as it may in a struct of members.
        static std::unique_ptr<Task> keeps_handle;
        keeps_handle = std::move(server);
    }
    CHECK(ended == std::vector<std::string> { "connection", "server" });
}

TEST_CASE("VirtualScheduler: a handle that goes ends a task that nobody could wake", "[sim][time]")
{
    VirtualScheduler scheduler(1, story_begin);
    std::mutex mutex;
    auto never = scheduler.make_condition();
    auto task = scheduler.spawn("stuck", [&] {
        std::unique_lock lock(mutex);
        never->wait(lock, [] { return false; });
    });
    task.reset();
    CHECK(scheduler.run_until_idle([] {}));
}
