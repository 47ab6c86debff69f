// The model file: what is accepted, and that every refusal says where.

#include "sim/machine/Model.h"
#include "tests/sim/machine/ModelFile.h"
#include "tests/support/Catch.h"

using namespace drydock;
using namespace drydock::machine;

namespace {

// The first complaint about the file with `from` replaced, once; "" where there is none.
std::string complaint(std::string const& from, std::string const& to)
{
    auto text = tests::model_text();
    auto const at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
    auto const loaded = load_model(text);
    CHECK(loaded.model.has_value() == loaded.problems.empty());
    return loaded.problems.empty() ? "" : loaded.problems.front().to_string("m");
}

}

TEST_CASE("Model: the shipped file loads, and every number of it has a source", "[sim][machine]")
{
    auto const model = tests::model();
    CHECK(model.technologies.size() >= 6);
    REQUIRE(model.find("container") != nullptr);
    CHECK(model.find("vm-type-1")->phases.size() == 6);
    CHECK(model.find("nothing") == nullptr);
    for (auto const& quoted : model.quoted) {
        CHECK(quoted.figure.kind == FigureKind::Quoted);
        CHECK_FALSE(quoted.figure.source.empty());
    }
}

TEST_CASE("Model: what a file gets wrong is told with line and column", "[sim][machine]")
{
    CHECK(complaint("value = 16, ", "value = 0.5, ")
        == "m:9:23: `cores` is 0.5: from 1 to 512, or widen the range with a source for it");
}

TEST_CASE("Model: a number without a source, with another unit or out of its range is refused", "[sim][machine]")
{
    CHECK(complaint("source = \"assumption: 64 GiB; set your own\"", "source = \"\"").find("`memory` has no source")
        != std::string::npos);
    CHECK(complaint(", source = \"assumption: 64 GiB; set your own\"", "").find("`source` is missing")
        != std::string::npos);
    CHECK(complaint("unit = \"GHz\"", "unit = \"MHz\"").find("cannot be in \"MHz\"") != std::string::npos);
    CHECK(complaint("value = 0.064", "value = 0.64").find("`hot` is 0.64") != std::string::npos);
    CHECK(complaint("low = 1,   high = 512", "low = 512,   high = 1").find("range of `cores` is empty")
        != std::string::npos);
    CHECK(complaint("value = 3.0", "value = nan").find("must be a number") != std::string::npos);
    CHECK(complaint("value = 3.0", "value = \"3\"").find("must be a number") != std::string::npos);
    CHECK(
        complaint("low = 0,   high = 0.9,", "low = -1,   high = 0.9,").find("cannot be negative") != std::string::npos);
}

TEST_CASE("Model: misspelt keys, unknown words and doubles are refused", "[sim][machine]")
{
    CHECK(complaint("uplink ", "uplonk ").find("uplink") != std::string::npos);
    CHECK(complaint("kernel = \"own\"", "kernel = \"owned\"").find("cannot be \"owned\"") != std::string::npos);
    CHECK(complaint("id = \"microvm\"", "id = \"vm-type-1\"").find("two technologies") != std::string::npos);
    CHECK(complaint("checked = false", "checked = maybe").find("m:") == 0);
    CHECK(load_model("").problems.size() >= 4);
    CHECK(load_model(std::string(2 << 20, '#')).problems.front().message.find("bytes") != std::string::npos);
}
