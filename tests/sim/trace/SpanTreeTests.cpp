#include "sim/trace/SpanTree.h"
#include "tests/support/Catch.h"
#include "tests/support/Generate.h"

using namespace drydock;
using namespace drydock::trace;

namespace {

void begin(EventLog& log, std::uint64_t id, std::uint64_t parent = 0)
{
    log.append(testing::record_of(SpanBegan { { id }, { parent }, "op", "Span " + std::to_string(id), Depth::Role }));
}

void end(EventLog& log, std::uint64_t id)
{
    log.append(testing::record_of(SpanEnded { { id }, true, "" }));
}

}

TEST_CASE("SpanTree: a span within another one shares its lane, one level deeper", "[sim][trace]")
{
    EventLog log;
    begin(log, 1);
    begin(log, 2, 1);
    end(log, 2);
    end(log, 1);
    auto const spans = spans_of(log, log.size());
    REQUIRE(spans.size() == 2);
    CHECK(spans[0].lane == spans[1].lane);
    CHECK(spans[1].nesting == 1);
}

TEST_CASE("SpanTree: spans that overlap without nesting lie in two lanes", "[sim][trace]")
{
    EventLog log;
    begin(log, 1);
    begin(log, 2);
    end(log, 1);
    end(log, 2);
    begin(log, 3); // the first lane is free again
    auto const spans = spans_of(log, log.size());
    REQUIRE(spans.size() == 3);
    CHECK(spans[0].lane == 0);
    CHECK(spans[1].lane == 1);
    CHECK(spans[2].lane == 0);
    CHECK_FALSE(spans[2].succeeded);
}
