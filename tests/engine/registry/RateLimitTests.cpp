#include "engine/registry/RateLimit.h"
#include "tests/support/Catch.h"

using namespace drydock;
using registry::rate_limit_of;
using registry::RateLimit;

TEST_CASE("RateLimit: reads what Docker Hub says beside a manifest", "[engine][registry]")
{
    http::Headers const headers { { "ratelimit-limit", "100;w=21600" }, { "ratelimit-remaining", "76;w=21600" } };
    auto const limit = rate_limit_of(headers);
    REQUIRE(limit.has_value());
    CHECK(*limit == RateLimit { 100, 76, 21600 });
    CHECK(limit->to_string() == "76 of 100 pulls left in 6 hours");
    CHECK(rate_limit_of({ { "RateLimit-Limit", "200" }, { "RateLimit-Remaining", "0" } }) == RateLimit { 200, 0, 0 });
    CHECK(RateLimit { 200, 0, 0 }.to_string() == "0 of 200 pulls left");
}

TEST_CASE("RateLimit: what is missing or is no number says nothing", "[engine][registry]")
{
    CHECK_FALSE(rate_limit_of({}));
    CHECK_FALSE(rate_limit_of({ { "RateLimit-Limit", "100" } }));
    auto const bad = GENERATE(as<std::string> {}, "", "many", "-1", "1.5", "100;", "100;w=", "100;w=x", "100;v=1",
        "100;w=999999999999", "99999999999999999999", "100 ;w=1");
    CAPTURE(bad);
    CHECK_FALSE(rate_limit_of({ { "RateLimit-Limit", bad }, { "RateLimit-Remaining", "1" } }));
    CHECK_FALSE(rate_limit_of({ { "RateLimit-Limit", "1" }, { "RateLimit-Remaining", bad } }));
}
