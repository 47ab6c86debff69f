#include "engine/client/TemplateFunctions.h"
#include "tests/support/Catch.h"

#include <nlohmann/json.hpp>

using namespace drydock;
using namespace drydock::client;
using json = nlohmann::ordered_json;

TEST_CASE("Template functions: what is not for them is refused", "[engine][client]")
{
    CHECK_FALSE(call_template_function("nosuch", {}));
    CHECK_FALSE(call_template_function("index", { json::array({ 1 }), 1 }));
    CHECK_FALSE(call_template_function("index", { 7, 1 }));
    CHECK_FALSE(call_template_function("slice", { "abc", 2, 9 }));
    CHECK(REQUIRE_OK(call_template_function("index", { json { { "a", 1 } }, "b" })) == "");
    CHECK(REQUIRE_OK(call_template_function("pad", { "x", 1, 2 })) == " x  ");
    CHECK(REQUIRE_OK(call_template_function("lt", { 9, 10 })) == true); // numbers, and not their digits
    CHECK(REQUIRE_OK(call_template_function("eq", { "a", "b", "a" })) == true);
}

TEST_CASE("Template functions: values as Go prints them", "[engine][client]")
{
    CHECK(template_text(nullptr) == "<no value>");
    CHECK(template_text(json { { "b", { 1, 2 } }, { "a", true } }) == "map[a:true b:[1 2]]");
    CHECK_FALSE(template_truth(json::array()));
    CHECK_FALSE(template_truth(0));
    CHECK(template_truth("0"));
}
