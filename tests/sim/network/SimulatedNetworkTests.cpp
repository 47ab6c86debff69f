#include "sim/network/SimulatedNetwork.h"
#include "sim/time/VirtualScheduler.h"
#include "tests/support/Catch.h"

#include <cerrno>
#include <optional>

using namespace drydock;
using namespace drydock::network;
using namespace std::chrono_literals;

namespace {

HostId const laptop { "laptop" };
HostId const hub { "hub" };
Endpoint const hub_https { Endpoint::Kind::Tcp, {}, "hub.docker.sim", 443 };
Endpoint const daemon_socket { Endpoint::Kind::Unix, "/run/drydock.sock", {}, 0 };

using Stream = std::unique_ptr<ByteStream>;

// A laptop and a hub over 20 ms and 20 Mbit/s; `serve` gets the accepted end, `use` the connecting one.
struct Bench {
    VirtualScheduler scheduler { 1, Timestamp { 0 } };
    SimulatedNetwork network { scheduler };

    Bench() { network.add_host(hub, { "hub.docker.sim" }); }

    void talk(Endpoint const& at, std::function<void(ByteStream&)> serve, std::function<void(ByteStream&)> use)
    {
        HostId const server = at.kind == Endpoint::Kind::Unix ? laptop : hub;
        REQUIRE(scheduler.run_until_idle([&] {
            auto listener = REQUIRE_OK(network.listen(server, at));
            auto task = scheduler.spawn("server", [&] {
                auto stream = REQUIRE_OK(listener->accept());
                serve(*stream);
            });
            auto stream = REQUIRE_OK(network.connect(laptop, at));
            use(*stream);
            stream.reset();
            task->join();
        }));
    }
    Error connect_error(Endpoint const& to)
    {
        std::optional<Error> error;
        scheduler.run_until_idle([&] {
            auto stream = network.connect(laptop, to);
            REQUIRE_FALSE(stream);
            error = stream.error();
        });
        return *error;
    }
    Duration elapsed() const { return scheduler.now() - Timestamp { 0 }; }
};

Result<std::string> read_to_end(ByteStream& stream)
{
    std::string all;
    std::vector<char> buffer(10'000);
    while (auto const count = TRY(stream.read_some(buffer)))
        all.append(buffer.data(), count);
    return all;
}

std::string some_bytes(std::size_t size)
{
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<char>(i * 31 + i / 251);
    return bytes;
}

}

TEST_CASE("SimulatedNetwork: bytes arrive whole and in order, each way ends by itself", "[sim][network]")
{
    auto const at = GENERATE_REF(hub_https, daemon_socket);
    Bench bench;
    auto const request = some_bytes(300'000);
    bench.talk(
        at,
        [&](ByteStream& stream) {
            CHECK((REQUIRE_OK(read_to_end(stream)) == request));
            REQUIRE_OK(stream.write_all("answer"));
        },
        [&](ByteStream& stream) {
            REQUIRE_OK(stream.write_all(request));
            stream.shutdown_write();
            CHECK(REQUIRE_OK(read_to_end(stream)) == "answer");
            CHECK_FALSE(stream.write_all("more"));
        });
}

TEST_CASE("SimulatedNetwork: a transfer takes latency plus size over bandwidth", "[sim][network]")
{
    Bench bench;
    Timestamp sent;
    Timestamp arrived;
    bench.talk(
        hub_https,
        [&](ByteStream& stream) {
            sent = bench.scheduler.now();
            REQUIRE_OK(stream.write_all(some_bytes(2'500'000)));
        },
        [&](ByteStream& stream) {
            CHECK(bench.elapsed() >= 40ms); // the handshake is one round trip
            REQUIRE_OK(read_to_end(stream));
            arrived = bench.scheduler.now();
        });
    // 2.5 MB at 20 Mbit/s are one second.
    CHECK(arrived - sent >= 1020ms);
    CHECK(arrived - sent < 1022ms);
}

TEST_CASE("SimulatedNetwork: two transfers share their link's bandwidth", "[sim][network]")
{
    Bench bench;
    REQUIRE(bench.scheduler.run_until_idle([&] {
        auto listener = REQUIRE_OK(bench.network.listen(hub, hub_https));
        std::vector<std::unique_ptr<Task>> tasks;
        for (int i = 0; i < 2; ++i) {
            tasks.push_back(bench.scheduler.spawn("server", [&] {
                auto stream = REQUIRE_OK(listener->accept());
                REQUIRE_OK(stream->write_all(some_bytes(1'250'000)));
            }));
            tasks.push_back(bench.scheduler.spawn("client", [&] {
                auto stream = REQUIRE_OK(bench.network.connect(laptop, hub_https));
                CHECK(REQUIRE_OK(read_to_end(*stream)).size() == 1'250'000);
            }));
        }
    }));
    CHECK(bench.elapsed() >= 1060ms);
    CHECK(bench.elapsed() < 1070ms);
}

TEST_CASE("SimulatedNetwork: a writer waits for a reader that does not read", "[sim][network]")
{
    Bench bench;
    Timestamp written;
    bench.talk(
        daemon_socket,
        [&](ByteStream& stream) {
            REQUIRE_OK(stream.write_all(some_bytes(1'000'000)));
            written = bench.scheduler.now();
        },
        [&](ByteStream& stream) {
            bench.scheduler.sleep_for(5s);
            REQUIRE_OK(read_to_end(stream));
        });
    CHECK(written.nanoseconds > Duration(5s).count());
}

TEST_CASE("SimulatedNetwork: close wakes a reader and a writer; the other side reads the end", "[sim][network]")
{
    Bench bench;
    bench.talk(
        hub_https,
        [&](ByteStream& stream) {
            CHECK(REQUIRE_OK(read_to_end(stream)).empty());
            auto const written = stream.write_all("too late");
            REQUIRE_FALSE(written);
            CHECK(written.error().errno_code() == EPIPE);
        },
        [&](ByteStream& stream) {
            auto reader = bench.scheduler.spawn("reader", [&] {
                std::vector<char> buffer(10);
                auto const count = stream.read_some(buffer);
                REQUIRE_FALSE(count);
                CHECK(count.error().kind() == ErrorKind::Cancelled);
            });
            bench.scheduler.sleep_for(1s);
            stream.close();
        });
}

TEST_CASE("SimulatedNetwork: closing a listener cancels accept and frees the address", "[sim][network]")
{
    Bench bench;
    REQUIRE(bench.scheduler.run_until_idle([&] {
        auto listener = REQUIRE_OK(bench.network.listen(laptop, daemon_socket));
        CHECK(bench.network.listen(laptop, daemon_socket).error().kind() == ErrorKind::Conflict);
        auto waiting = bench.scheduler.spawn("accept", [&] {
            auto const stream = listener->accept();
            REQUIRE_FALSE(stream);
            CHECK(stream.error().kind() == ErrorKind::Cancelled);
        });
        bench.scheduler.sleep_for(1s);
        listener->close();
        waiting->join();
        CHECK(bench.network.listen(laptop, daemon_socket));
    }));
}

TEST_CASE("SimulatedNetwork: port 0 is given a free port", "[sim][network]")
{
    Bench bench;
    Endpoint const any { Endpoint::Kind::Tcp, {}, "0.0.0.0", 0 };
    auto const first = REQUIRE_OK(bench.network.listen(hub, any));
    auto const second = REQUIRE_OK(bench.network.listen(hub, any));
    CHECK(first->endpoint().port != 0);
    CHECK(first->endpoint().port != second->endpoint().port);
}

TEST_CASE("SimulatedNetwork: who is not there says so as the kernel would", "[sim][network]")
{
    Bench bench;
    CHECK(bench.connect_error(hub_https).errno_code() == ECONNREFUSED);
    CHECK(bench.connect_error(daemon_socket).errno_code() == ENOENT);
    auto const unknown = bench.connect_error({ Endpoint::Kind::Tcp, {}, "nowhere.sim", 80 });
    CHECK_THAT(unknown.message(), Catch::Contains("lookup nowhere.sim: no such host"));
    CHECK(unknown.kind() == ErrorKind::Unavailable);
}

TEST_CASE("SimulatedNetwork: a firewall rejects at once and drops until patience ends", "[sim][network]")
{
    auto const [action, code, least, most] = GENERATE(table<FirewallAction, int, Duration, Duration>({
        { FirewallAction::Reject, EHOSTUNREACH, 40ms, 41ms },
        { FirewallAction::Drop, ETIMEDOUT, 127s, 128s },
    }));
    Bench bench;
    auto const listener = REQUIRE_OK(bench.network.listen(hub, hub_https));
    bench.network.set_firewall({ { laptop, hub, 80, FirewallAction::Accept }, { {}, hub, 443, action } });
    CHECK(bench.connect_error(hub_https).errno_code() == code);
    CHECK(bench.elapsed() >= least);
    CHECK(bench.elapsed() < most);
    bench.network.set_firewall({});
    CHECK(bench.scheduler.run_until_idle([&] { CHECK(bench.network.connect(laptop, hub_https)); }));
}

TEST_CASE("SimulatedNetwork: a link that is mended in time delivers late, but everything", "[sim][network]")
{
    Bench bench;
    bench.talk(
        hub_https, [&](ByteStream& stream) { REQUIRE_OK(stream.write_all(some_bytes(500'000))); },
        [&](ByteStream& stream) {
            auto repair = bench.scheduler.spawn("repair", [&] {
                bench.scheduler.sleep_for(50ms);
                bench.network.cut(laptop, hub);
                bench.scheduler.sleep_for(10s);
                bench.network.mend(laptop, hub);
            });
            CHECK((REQUIRE_OK(read_to_end(stream)) == some_bytes(500'000)));
        });
    CHECK(bench.elapsed() >= 10s);
    CHECK(bench.elapsed() < 11s);
}

TEST_CASE("SimulatedNetwork: a link that stays cut loses its connections and takes no new ones", "[sim][network]")
{
    Bench bench;
    bench.talk(
        hub_https,
        [&](ByteStream& stream) { CHECK(stream.write_all(some_bytes(500'000)).error().errno_code() == ETIMEDOUT); },
        [&](ByteStream& stream) {
            auto saboteur = bench.scheduler.spawn("saboteur", [&] {
                bench.scheduler.sleep_for(50ms);
                bench.network.cut(laptop, hub);
            });
            CHECK(read_to_end(stream).error().errno_code() == ETIMEDOUT);
        });
    CHECK(bench.connect_error(hub_https).errno_code() == EHOSTUNREACH);
    CHECK(bench.elapsed() < 31s);
}

TEST_CASE("SimulatedNetwork: a reset lets exactly the given bytes pass, once", "[sim][network]")
{
    Bench bench;
    bench.network.reset_after(laptop, hub, 100'000);
    std::size_t received = 0;
    auto const serve = [&](ByteStream& stream) { (void)stream.write_all(some_bytes(500'000)); };
    bench.talk(hub_https, serve, [&](ByteStream& stream) {
        std::vector<char> buffer(8192);
        for (;;) {
            auto const count = stream.read_some(buffer);
            if (!count) {
                CHECK(count.error().errno_code() == ECONNRESET);
                break;
            }
            REQUIRE(*count > 0);
            received += *count;
        }
    });
    CHECK(received == 100'000);
    bench.talk(hub_https, serve, [&](ByteStream& stream) { CHECK(REQUIRE_OK(read_to_end(stream)).size() == 500'000); });
}

TEST_CASE("SimulatedNetwork: an end knows who is at the other", "[sim][network]")
{
    Bench bench;
    bench.talk(
        hub_https,
        [&](ByteStream& stream) {
            CHECK(stream.peer().program == "root");
            CHECK_THAT(stream.peer().address, Catch::StartsWith("laptop:"));
        },
        [&](ByteStream& stream) { CHECK(stream.peer().address == "hub:443"); });
}

TEST_CASE("SimulatedNetwork: a read with a timeout fails when nothing comes, and goes on later", "[sim][network]")
{
    Bench bench;
    bench.talk(
        hub_https,
        [&](ByteStream& stream) {
            bench.scheduler.sleep_for(5s);
            REQUIRE_OK(stream.write_all("late"));
        },
        [&](ByteStream& stream) {
            std::vector<char> buffer(10);
            for (auto const timeout : { Duration(0), Duration(3s) }) {
                stream.set_read_timeout(timeout);
                auto const begin = bench.scheduler.now();
                auto const count = stream.read_some(buffer);
                REQUIRE_FALSE(count);
                CHECK(count.error().kind() == ErrorKind::Unavailable);
                CHECK(bench.scheduler.now() - begin < timeout + 1ms);
                CHECK(bench.scheduler.now() - begin >= timeout);
            }
            stream.set_read_timeout(std::nullopt);
            CHECK(REQUIRE_OK(stream.read_some(buffer)) == 4);
        });
}

TEST_CASE(
    "SimulatedNetwork: whoever watches learns of a half-close, and of a hang-up, when it arrives", "[sim][network]")
{
    Bench bench;
    std::vector<std::int64_t> milliseconds;
    auto const note = [&] { milliseconds.push_back(bench.elapsed() / 1ms); };
    bench.talk(
        hub_https,
        [&](ByteStream& stream) {
            CHECK(stream.await_departure(Departure::SendsNoMore));
            note();
            CHECK(stream.await_departure(Departure::Gone));
            note();
            stream.stop_watching();
            CHECK_FALSE(stream.await_departure(Departure::Gone));
        },
        [&](ByteStream& stream) {
            stream.shutdown_write();
            bench.scheduler.sleep_for(1s);
            note();
        });
    REQUIRE(milliseconds.size() == 3);
    CHECK(milliseconds[0] < 200);
    CHECK(milliseconds[1] >= 1000);
    CHECK(milliseconds[2] >= milliseconds[1]);
}
