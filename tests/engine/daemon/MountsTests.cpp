#include "engine/daemon/Mounts.h"
#include "tests/support/Catch.h"

#include <nlohmann/json.hpp>

using namespace drydock;
using namespace drydock::daemon;
using json = nlohmann::ordered_json;

namespace {

std::string refusal_of(MountRequests const& requests, json const& mounts = json::array())
{
    auto const parsed = parse_mounts(requests, mounts);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().kind() == ErrorKind::InvalidInput);
    return parsed.error().message();
}

}

TEST_CASE("Mounts: -v, --tmpfs and VOLUME make one list, outer mounts first", "[engine][daemon]")
{
    auto const mounts = REQUIRE_OK(parse_mounts(
        { { "vol:/data/deep:ro", "/host:/data" }, { { "/scratch", "size=1m" } }, { "/var/lib/x", "/data" } },
        json::array()));
    REQUIRE(mounts.size() == 4);
    CHECK(mounts[0].target == "/data");
    CHECK(mounts[0].kind == MountKind::Bind);
    CHECK(mounts[0].source_missing == IfMissing::Make);
    CHECK(mounts[1].target == "/scratch");
    CHECK(mounts[1].options == "size=1m");
    CHECK(mounts[2].target == "/data/deep");
    CHECK(mounts[2].source == "vol");
    CHECK(mounts[2].read_only);
    CHECK(mounts[3].anonymous); // the image's /data gave way to the user's
    auto const kept = REQUIRE_OK(mounts_from_record(to_record(mounts)));
    CHECK(kept[2].target == mounts[2].target);
    CHECK(kept[2].read_only);
    CHECK(kept[1].options == "size=1m");
}

TEST_CASE("Mounts: what cannot be is refused in docker's words", "[engine][daemon]")
{
    CHECK(refusal_of({ { "a:b:c:d" }, {}, {} }) == "invalid volume specification: 'a:b:c:d'");
    CHECK(refusal_of({ { "v:data" }, {}, {} }).find("mount path must be absolute") != std::string::npos);
    CHECK(refusal_of({ { "v:/" }, {}, {} }).find("destination can't be '/'") != std::string::npos);
    CHECK(refusal_of({ { "v:/x/../.." }, {}, {} }).find("destination can't be '/'") != std::string::npos);
    for (auto const* mode : { "maybe", "ro,rw", "z,Z", "shared,slave", "ro,", "" }) {
        auto const wanted = std::string(mode);
        CHECK(refusal_of({ { "/h:/d:" + wanted }, {}, {} }) == "invalid mode: " + wanted);
    }
    CHECK(refusal_of({ { "v:/d:shared" }, {}, {} })
        == "invalid volume specification: 'v:/d:shared': invalid mount config for type \"volume\": field BindOptions "
           "must not be specified");
    auto const bind = [](char const* type, char const* propagation) {
        return json::array({ { { "Type", type }, { "Source", std::string(type) == "bind" ? "/h" : "v" },
            { "Target", "/d" }, { "BindOptions", { { "Propagation", propagation } } } } });
    };
    CHECK(refusal_of({}, bind("bind", "zz")) == "invalid mount config for type \"bind\": invalid propagation mode: zz");
    CHECK(refusal_of({}, bind("volume", "slave"))
        == "invalid mount config for type \"volume\": field BindOptions must not be specified");
    CHECK(refusal_of({ { "v:/d", "w:/d" }, {}, {} }) == "Duplicate mount point: /d");
    CHECK(refusal_of({ { "v:/a/../proc/sys" }, {}, {} }).find("inside /proc") != std::string::npos);
    CHECK(refusal_of({ {}, { { "/d", "size=1m,suid" } }, {} }).find("invalid tmpfs option") != std::string::npos);
    CHECK(refusal_of({}, json::array({ { { "Type", "npipe" }, { "Target", "/d" } } })).find("mount type unknown")
        != std::string::npos);
    CHECK(refusal_of({}, json::array({ { { "Type", "bind" }, { "Source", "rel" }, { "Target", "/d" } } }))
              .find("mount path must be absolute")
        != std::string::npos);
}

TEST_CASE("Mounts: a bind keeps how mounts travel, and how it was said", "[engine][daemon]")
{
    auto const said = REQUIRE_OK(parse_mounts({ { "/h:/a:ro,rslave,Z", "/h:/b", "v:/c" }, {}, {} },
        json::array({ { { "Type", "bind" }, { "Source", "/h" }, { "Target", "/d" },
            { "BindOptions", { { "Propagation", "shared" } } } } })));
    auto const kept = REQUIRE_OK(mounts_from_record(to_record(said)));
    REQUIRE(kept.size() == 4);
    CHECK(kept[0].options == "rslave");
    CHECK(kept[0].mode == "ro,rslave,Z");
    CHECK(kept[0].read_only);
    CHECK(kept[1].options.empty());
    CHECK(kept[1].mode.empty());
    CHECK(kept[2].mode == "z");
    CHECK(kept[3].options == "shared");
}

TEST_CASE("Mounts: tmpfs options are split into flags and data", "[engine][daemon]")
{
    auto const options = REQUIRE_OK(parse_tmpfs_options("rw,exec,size=64m,mode=1777"));
    CHECK(options.executable);
    CHECK_FALSE(options.read_only);
    CHECK(options.data == "size=64m,mode=1777");
    CHECK_FALSE(REQUIRE_OK(parse_tmpfs_options("")).executable);
}
