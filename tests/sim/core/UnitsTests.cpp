#include "sim/core/Units.h"
#include "tests/support/Catch.h"

using namespace drydock;

TEST_CASE("Units: rfc3339 and parse_rfc3339 are each other's inverse", "[sim][core]")
{
    auto const nanoseconds = GENERATE(as<std::int64_t> {}, 0, 1'795'470'646'703'172'400, -1, 951'782'400'000'000'001);
    CAPTURE(nanoseconds);
    auto const back = parse_rfc3339(rfc3339({ nanoseconds }));
    REQUIRE(back);
    CHECK(back->nanoseconds == nanoseconds);
}

TEST_CASE("Units: parse_rfc3339 reads offsets and refuses what is no time", "[sim][core]")
{
    CHECK(parse_rfc3339("1970-01-01T01:00:00+01:00") == Timestamp { 0 });
    auto const text = GENERATE(as<std::string> {}, "", "now", "2026-13-01T00:00:00Z", "2026-01-01",
        "2026-01-01T00:00:00", "0001-01-01T00:00:00Z", "2026-01-01T00:00:00Zx");
    CAPTURE(text);
    CHECK_FALSE(parse_rfc3339(text));
}

TEST_CASE("Units: rough_duration speaks as docker does", "[sim][core]")
{
    using std::chrono::seconds;
    CHECK(rough_duration(std::chrono::milliseconds(999)) == "Less than a second");
    CHECK(rough_duration(seconds(1)) == "1 second");
    CHECK(rough_duration(seconds(59)) == "59 seconds");
    CHECK(rough_duration(seconds(60)) == "About a minute");
    CHECK(rough_duration(seconds(3599)) == "59 minutes");
    CHECK(rough_duration(seconds(3600)) == "About an hour");
    CHECK(rough_duration(std::chrono::hours(47)) == "47 hours");
    CHECK(rough_duration(std::chrono::hours(48)) == "2 days");
    CHECK(rough_duration(std::chrono::hours(24 * 15)) == "2 weeks");
    CHECK(rough_duration(std::chrono::hours(24 * 365 * 3)) == "3 years");
}
