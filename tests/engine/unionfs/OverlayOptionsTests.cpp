#include "engine/unionfs/OverlayOptions.h"
#include "tests/support/Catch.h"
#include "tests/support/TemporaryDirectory.h"

#include <fstream>

using namespace drydock;
using namespace drydock::tests;
using namespace drydock::unionfs;

namespace {

std::string refusal_of(std::string_view options)
{
    auto const parsed = OverlayOptions::parse(options);
    REQUIRE_FALSE(parsed);
    return parsed.error().message();
}

}

TEST_CASE("OverlayOptions: directories with colons, commas and backslashes in their names", "[engine][unionfs]")
{
    auto const options
        = REQUIRE_OK(OverlayOptions::parse("lowerdir=/top:/a\\:b:/c\\,d,upperdir=/u\\\\v,workdir=/w,rw"));
    CHECK(options.lower == std::vector<std::filesystem::path> { "/top", "/a:b", "/c,d" });
    CHECK(options.upper == "/u\\v");
    CHECK(options.work == "/w");
    CHECK_FALSE(options.read_only);
    CHECK(REQUIRE_OK(OverlayOptions::parse("ro,lowerdir=/a")).read_only);
}

TEST_CASE("OverlayOptions: what cannot be mounted is refused by name", "[engine][unionfs]")
{
    CHECK(refusal_of("upperdir=/u,workdir=/w").starts_with("lowerdir is missing"));
    CHECK(refusal_of("lowerdir=/a,upperdir=/u").starts_with("upperdir needs a workdir"));
    CHECK(refusal_of("lowerdir=/a,workdir=/w").starts_with("workdir is of no use"));
    CHECK(refusal_of("lowerdir=/a,lowerdir=/b").find("given twice") != std::string::npos);
    CHECK(refusal_of("lowerdir=/a::/b").find("needs directories") != std::string::npos);
    CHECK(refusal_of("lowerdir=/a,upperdir=,workdir=/w").find("\"upperdir\" needs a directory") != std::string::npos);
    CHECK(refusal_of("lowerdir=/a,metacopy=on").find("\"metacopy=on\" is unknown") != std::string::npos);
}

TEST_CASE("OverlayOptions: the stack of plain directories, topmost first", "[engine][unionfs]")
{
    TemporaryDirectory directory;
    auto const at = [&](char const* name) { return directory.path() / name; };
    for (auto const* name : { "top", "bottom", "upper", "work" })
        std::filesystem::create_directory(at(name));
    std::ofstream(at("top") / "both") << "top";
    std::ofstream(at("bottom") / "both") << "bottom";
    std::ofstream(at("bottom") / "below") << "below";

    OverlayOptions options;
    options.lower = { at("top"), at("bottom") };
    UnionMount const read_only(REQUIRE_OK(open_stack(options)), {}, {});
    CHECK(REQUIRE_OK(read_only.read_all("/both")) == "top");
    CHECK(REQUIRE_OK(read_only.read_all("/below")) == "below");

    options.upper = at("upper");
    options.work = at("work");
    UnionMount writable(REQUIRE_OK(open_stack(options)), {}, {});
    REQUIRE_OK(writable.unlink("/both"));
    CHECK_FALSE(writable.stat("/both"));
    CHECK(std::filesystem::exists(at("top") / "both"));

    options.read_only = true; // what the upper directory says still holds
    CHECK_FALSE(UnionMount(REQUIRE_OK(open_stack(options)), {}, {}).stat("/both"));

    options.lower = { at("nowhere") };
    CHECK(open_stack(options).error().message().find("lowerdir") != std::string::npos);
}
