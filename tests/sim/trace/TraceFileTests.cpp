#include "sim/trace/EventJson.h"
#include "sim/trace/Perfetto.h"
#include "sim/trace/TraceFile.h"
#include "tests/support/Catch.h"
#include "tests/support/Generate.h"

#include <fstream>
#include <set>
#include <sstream>

using namespace drydock;
using namespace drydock::trace;

namespace {

std::string written(EventLog const& log)
{
    std::ostringstream out;
    REQUIRE_OK(TraceWriter(out).write_new(log));
    return out.str();
}

std::string error_of(std::string const& text)
{
    std::istringstream in(text);
    EventLog log;
    auto const outcome = read_trace(in, log);
    REQUIRE_FALSE(outcome);
    return outcome.error().message();
}

std::string const header = "{\"drydock_trace\":1}\n";

}

TEST_CASE("TraceFile: every event type comes back as it was written", "[sim][trace]")
{
    auto const seed = GENERATE(range<std::uint64_t>(1, 9));
    Random random(seed);
    EventLog log;
    for (auto& event : testing::one_of_each(random))
        log.append(testing::record_of(std::move(event), static_cast<std::int64_t>(random.below(1000))));
    std::istringstream in(written(log));
    EventLog loaded;
    REQUIRE_OK(read_trace(in, loaded));
    REQUIRE(loaded.size() == log.size());
    for (std::uint64_t i = 0; i < log.size(); ++i) {
        INFO(to_json(log[i]));
        CHECK(loaded[i].event == log[i].event);
        CHECK(loaded[i].time == log[i].time);
        CHECK(loaded[i].span == log[i].span);
        CHECK(*loaded[i].origin == *log[i].origin);
        CHECK(std::string(loaded[i].source.file) == log[i].source.file);
        CHECK(loaded[i].source.line == log[i].source.line);
    }
    CHECK(written(loaded) == written(log));
}

TEST_CASE("TraceFile: what is written bit by bit is what is written at once", "[sim][trace]")
{
    EventLog log;
    std::ostringstream out;
    TraceWriter writer(out);
    for (int i = 0; i < 5; ++i) {
        log.append(testing::record_of(ActorLeft { ActorId { std::to_string(i) } }));
        REQUIRE_OK(writer.write_new(log));
    }
    CHECK(out.str() == written(log));
}

TEST_CASE("TraceFile: an error names the line and what is wrong with it", "[sim][trace]")
{
    auto const record = to_json(testing::record_of(ActorLeft { ActorId { "x" } }));
    auto const replaced = [&](std::string const& from, std::string const& to) {
        auto line = record;
        line.replace(line.find(from), from.size(), to);
        return header + record + "\n" + line + "\n";
    };
    using Catch::Contains;
    CHECK_THAT(error_of(""), Contains("line 1") && Contains("empty"));
    CHECK_THAT(error_of("{}\n"), Contains("line 1") && Contains("drydock_trace"));
    CHECK_THAT(error_of("{\"drydock_trace\":9}\n"), Contains("version 9"));
    CHECK_THAT(error_of(header + record + "\n" + record.substr(0, 40)), Contains("line 3") && Contains("cut off"));
    CHECK_THAT(error_of(replaced("ActorLeft", "ActorFled")), Contains("line 3") && Contains("ActorFled"));
    CHECK_THAT(
        error_of(replaced("{\"actor\":\"x\"}", "{}")), Contains("line 3") && Contains("missing field \"actor\""));
    CHECK_THAT(error_of(replaced("{\"actor\":\"x\"}", "{\"actor\":5}")), Contains("expected text, found 5"));
    CHECK_THAT(error_of(replaced("{\"actor\":\"x\"}", "{\"actor\":\"x\",\"y\":1}")), Contains("not known"));
    CHECK_THAT(error_of(replaced("\"simulated\"", "\"dreamt\"")), Contains("provenance"));
}

TEST_CASE("TraceFile: the records before a broken line are kept", "[sim][trace]")
{
    auto const record = to_json(testing::record_of(ActorLeft { ActorId { "x" } }));
    std::istringstream in(header + record + "\n" + record + "\nbroken\n");
    EventLog log;
    REQUIRE_FALSE(read_trace(in, log));
    CHECK(log.size() == 2);
}

TEST_CASE("TraceFile: text that is not UTF-8 survives", "[sim][trace]")
{
    OutputWritten const event { ContainerId { "c" }, false, "\x01\xff\xfe ok", 6 };
    auto const json = to_json(Event { event });
    CHECK_THAT(json, Catch::Contains("\"hex\":\"01fffe206f6b\""));
    CHECK(REQUIRE_OK(event_from_json("OutputWritten", json)) == trace::Event(event));
}

TEST_CASE("Perfetto: every span is a slice and every other event an instant", "[sim][trace]")
{
    EventLog log;
    log.append(testing::record_of(SpanBegan { { 1 }, {}, "pull", "Pull \"x\"", Depth::Role }, 1000));
    log.append(testing::record_of(ActorLeft { ActorId { "x" } }, 2000));
    log.append(testing::record_of(SpanEnded { { 1 }, true, "" }, 5500));
    std::ostringstream out;
    REQUIRE_OK(write_perfetto(log, out));
    using Catch::Contains;
    CHECK_THAT(out.str(), Contains(R"("ph":"X","name":"Pull \"x\"")") && Contains(R"("ts":0.0,"dur":4.5)"));
    CHECK_THAT(out.str(), Contains(R"("ph":"i")") && Contains(R"("name":"ActorLeft")"));
}

TEST_CASE("docs/events.md lists every event, each once, and no other", "[sim][trace][docs]")
{
    Random random(1);
    std::set<std::string> in_code;
    for (auto const& event : testing::one_of_each(random))
        in_code.insert(std::string(name_of(event)));

    std::set<std::string> in_document;
    std::ifstream document("docs/events.md");
    REQUIRE(document.is_open());
    for (std::string line; std::getline(document, line);) {
        if (!line.starts_with("- `"))
            continue;
        auto const name = line.substr(3, line.find('`', 3) - 3);
        INFO(name);
        CHECK(in_document.insert(name).second);
    }
    CHECK(in_document == in_code);
}
