#include "tests/support/Catch.h"
#include "tests/support/Pictures.h"
#include "tests/visual/view/Desk.h"
#include "visual/platform/Offscreen.h"
#include "visual/view/Exchanges.h"

#include <fmt/format.h>

using namespace drydock;
using testing::SampleTrace;
using tests::chord;
using tests::Desk;

namespace {

// A pull as our engine tells it: the command, the request in its span, the registry's requests below.
struct Wires {
    Wires()
    {
        SampleTrace sample(log);
        sample.appear();
        auto const ask = [&](auto publish, std::string id, std::string method, std::string target, int status) {
            publish(trace::RequestReceived { ExchangeId { id }, ConnectionId { "k1" }, sample.client_id,
                sample.daemon_id, std::move(method), std::move(target), "Host: docker", "" });
            publish(trace::ResponseSent { ExchangeId { id }, ConnectionId { "k1" }, sample.daemon_id, sample.client_id,
                status, "OK", "", "", 0 });
        };
        auto const pen = [&](auto event) { sample.daemon(std::move(event)); };
        sample.daemon(trace::SpanBegan { { 1 }, {}, "command", "docker pull busybox", trace::Depth::Role });
        {
            trace::SpanGuard const command({ 1 });
            sample.type("docker pull busybox");
            sample.daemon(trace::SpanBegan { { 2 }, { 1 }, "request", "POST", trace::Depth::Role });
        }
        {
            trace::SpanGuard const request({ 2 });
            ask(pen, "a", "POST", "/v1.41/images/create?fromImage=busybox", 200);
            sample.daemon(trace::SpanBegan { { 3 }, { 2 }, "request", "GET", trace::Depth::Role });
            {
                trace::SpanGuard const below({ 3 });
                ask(pen, "b", "GET", "/v2/library/busybox/manifests/latest", 404);
            }
            sample.daemon(trace::SpanEnded { { 3 }, true, "" });
            sample.daemon(trace::ImageNotFoundLocally { "busybox:latest" });
        }
        sample.daemon(trace::SpanEnded { { 2 }, true, "" });
        index.extend(log);
    }
    trace::EventLog log;
    view::LogIndex index;
};

}

TEST_CASE("LogIndex: a request knows the command and the request that led to it", "[visual][view]")
{
    Wires wires;
    auto const& all = wires.index.exchanges();
    REQUIRE(all.size() == 2);
    CHECK_FALSE(all[0].cause);
    CHECK(all[1].cause == 0u);
    REQUIRE(all[1].command);
    CHECK(wires.log[*all[1].command].event.get_if<trace::CommandEntered>()->line == "docker pull busybox");
    CHECK(view::cause_depth(all[1], wires.index) == 1);
    CHECK(view::exchange_id(all[1].id) == "exchange:b");
}

TEST_CASE("LogIndex: grown record by record it is the same as made at once", "[visual][view]")
{
    trace::EventLog log;
    view::LogIndex grown;
    SampleTrace sample(log);
    sample.appear();
    grown.extend(log);
    sample.pull("busybox:latest", 1000, 3);
    grown.extend(log);
    sample.create("c1", "a", "busybox", { "sh" });
    sample.launch("c1", { "sh" }, 4711);
    grown.extend(log);
    view::LogIndex whole;
    whole.extend(log);
    REQUIRE(grown.spans().size() == whole.spans().size());
    for (std::size_t i = 0; i < whole.spans().size(); ++i) {
        CHECK(grown.spans()[i].last_record == whole.spans()[i].last_record);
        CHECK(grown.spans()[i].lane == whole.spans()[i].lane);
        CHECK(grown.spans()[i].nesting == whole.spans()[i].nesting);
    }
    CHECK(grown.exchanges().size() == whole.exchanges().size());
    CHECK(grown.times() == whole.times());
}

TEST_CASE("Exchanges: those that have been asked, by text and by who takes part", "[visual][view]")
{
    Wires wires;
    auto const shown = [&](view::ExchangeFilter const& filter, std::uint64_t records) {
        return view::exchanges_shown(wires.index, wires.log, records, filter);
    };
    auto const all = wires.log.size();
    CHECK(shown({}, all).size() == 2);
    CHECK(shown({}, wires.index.exchanges()[1].asked).size() == 1); // the second comes later
    CHECK(shown({ "MANIFESTS", {} }, all) == std::vector<std::size_t> { 1 });
    CHECK(shown({ "404", {} }, all) == std::vector<std::size_t> { 1 });
    CHECK(shown({ "404", {} }, *wires.index.exchanges()[1].answered).empty()); // not answered yet
    CHECK(shown({ "", { ActorId { "daemon" } } }, all).empty());
}

TEST_CASE("Exchanges: what happened on its behalf is what its spans hold", "[visual][view]")
{
    Wires wires;
    std::vector<std::string> names;
    for (auto const record : view::records_inside(wires.index.exchanges()[0], wires.log, wires.index, wires.log.size()))
        names.emplace_back(trace::name_of(wires.log[record].event));
    CHECK(names == std::vector<std::string> { "RequestReceived", "ResponseSent", "ImageNotFoundLocally" });
}

TEST_CASE("Exchanges: the curl line asks the same, whatever stands in it", "[visual][view]")
{
    trace::RequestReceived request;
    request.method = "POST";
    request.target = "/v1.41/containers/create?name=a'b&x=1";
    request.body = R"({"Cmd":["echo","it's"]})";
    CHECK(view::curl_line(request, "unix:///run/drydock.sock")
        == R"(curl --unix-socket /run/drydock.sock -X POST -H 'Content-Type: application/json' )"
           R"(-d '{"Cmd":["echo","it'\''s"]}' 'http://localhost/v1.41/containers/create?name=a'\''b&x=1')");
    request.method = "HEAD";
    request.target = "/_ping";
    request.body.clear();
    CHECK(view::curl_line(request, "tcp://hub:5000") == "curl --head http://hub:5000/_ping");
}

TEST_CASE("Wire view: the keys walk through the requests, a click opens one, links lead on", "[visual][view]")
{
    Desk desk;
    desk.driver.press(chord("End"));
    desk.driver.press(chord("Ctrl+4"));
    desk.driver.run(2);
    desk.driver.press(chord("Down"));
    desk.driver.press(chord("Down"));
    CHECK(desk.screen.state().selected == "exchange:2");
    desk.driver.run(2);
    REQUIRE_OK(desk.driver.click("wire.request.fold.0"));
    CHECK(desk.screen.state().wire.folded_request == std::set<std::size_t> { 0 });
    REQUIRE_OK(desk.driver.click("wire.curl"));
    REQUIRE(desk.asked_for<view::CopyText>() != nullptr);
    CHECK(desk.asked_for<view::CopyText>()->text.starts_with("curl --unix-socket /run/drydock.sock -X POST"));
    REQUIRE_OK(desk.driver.click("wire.moment"));
    CHECK(desk.screen.player().records() < desk.log.size() / 2);
    REQUIRE_OK(desk.driver.click("wire.close"));
    CHECK(desk.screen.state().selected.empty());
}

TEST_CASE("Wire view: what is typed filters, an actor can be left out", "[visual][view]")
{
    Desk desk;
    desk.driver.press(chord("End"));
    desk.driver.press(chord("Ctrl+4"));
    desk.driver.run(2);
    auto const all = desk.screen.state().wire.shown.size();
    REQUIRE_OK(desk.driver.click("wire.query"));
    desk.driver.type("manifests");
    desk.driver.run(2);
    CHECK(desk.screen.state().wire.shown.size() == 1);
    for (int i = 0; i < 9; ++i)
        desk.driver.press(chord("Backspace"));
    REQUIRE_OK(desk.driver.click("wire.actor.registry:hub"));
    desk.driver.run(2);
    CHECK(desk.screen.state().wire.shown.size() == all - 1);
}

TEST_CASE("Wire view: ten thousand requests cost what is in sight", "[visual][view]")
{
    Desk desk;
    SampleTrace sample(desk.log);
    for (int i = 0; i < 10'000; ++i)
        sample.ask(fmt::format("x{}", i), "GET", fmt::format("/v1.41/containers/{}/json", i), 200, "OK");
    desk.driver.press(chord("End"));
    desk.driver.press(chord("Ctrl+4"));
    desk.driver.run(3);
    desk.screen.player().to_end();
    desk.driver.run(3);
    CHECK(desk.screen.state().wire.shown.size() > 10'000);
    std::size_t rows = 0;
    for (auto const& [name, rect] : desk.driver.interaction().marks())
        rows += name.starts_with("wire.row.") ? std::size_t { 1 } : std::size_t { 0 };
    CHECK(rows > 5);
    CHECK(rows < 40);
}

TEST_CASE(
    "Wire view: the list shows the moment's request, also where one steps; then it is the reader's", "[visual][view]")
{
    Desk desk;
    SampleTrace sample(desk.log);
    sample.type("docker ps");
    for (int i = 0; i < 60; ++i)
        sample.ask(fmt::format("x{}", i), "POST", fmt::format("/v1.41/containers/{}/start", i), 204, "No Content");
    desk.driver.press(chord("Ctrl+4"));
    desk.driver.run(4);
    desk.screen.player().to_end();
    desk.driver.run(4);
    auto const in_sight
        = [&](std::string const& id) { return desk.driver.interaction().find("wire.row." + id).has_value(); };
    CHECK(in_sight("x59"));
    CHECK_FALSE(in_sight("1"));
    desk.driver.press(chord("Left"));
    desk.driver.press(chord("Left"));
    desk.driver.run(4);
    auto const newest = desk.screen.state().index.exchanges()[desk.screen.state().wire.shown.back()].id.value;
    CHECK(newest != "x59");
    CHECK(in_sight(newest));
    REQUIRE_OK(desk.driver.wheel("wire.list", 100));
    desk.driver.run(4);
    CHECK(in_sight("1"));
    CHECK_FALSE(in_sight(newest));
}

TEST_CASE("Wire view: as it looks", "[visual][view][pictures]")
{
    Desk desk;
    desk.driver.press(chord("End"));
    desk.driver.press(chord("Ctrl+4"));
    desk.driver.run(2);
    auto const render = [&](theme::ThemeName name) {
        platform::Offscreen screen(theme::theme(name));
        desk.input.theme = name;
        auto const draw = [&](canvas::Canvas& canvas) { desk.draw(canvas); };
        screen.render(1280, 720, 1, draw);
        return screen.render(1280, 720, 1, draw);
    };
    CHECK_PICTURE("tests/visual/view/pictures/wire-list-light.png", render(theme::ThemeName::Light));
    desk.screen.state().selected = "exchange:4";
    for (auto const name : theme::all_themes)
        CHECK_PICTURE(fmt::format("tests/visual/view/pictures/wire-{}.png", theme::theme(name).name), render(name));
}
