#include "sim/oci/Manifest.h"
#include "tests/support/Catch.h"

using namespace drydock;
using namespace drydock::oci;

namespace {

ImageConfig example()
{
    ImageConfig config;
    config.created = "2026-01-01T00:00:00Z";
    config.user = "1000:1000";
    config.env = { "PATH=/bin", "A=b=c" };
    config.entrypoint = { "/entry", "with space" };
    config.cmd = { "sh" };
    config.working_dir = "/work";
    config.stop_signal = "SIGINT";
    config.exposed_ports = { "53/udp", "80/tcp" };
    config.volumes = { "/data" };
    config.labels = { { "org.example", "<&>" } };
    config.diff_ids = { { Digest::of("one") } };
    config.history = { { "2026-01-01T00:00:00Z", "ADD rootfs", "", false }, { "", "CMD [\"sh\"]", "x", true } };
    return config;
}

}

TEST_CASE("ImageConfig: comes back from its JSON as it was", "[sim][oci]")
{
    auto const config = example();
    auto const again = REQUIRE_OK(ImageConfig::parse(config.to_json()));
    CHECK(again.platform == config.platform);
    CHECK(again.user == config.user);
    CHECK(again.env == config.env);
    CHECK(again.entrypoint == config.entrypoint);
    CHECK(again.cmd == config.cmd);
    CHECK(again.working_dir == config.working_dir);
    CHECK(again.stop_signal == config.stop_signal);
    CHECK(again.exposed_ports == config.exposed_ports);
    CHECK(again.volumes == config.volumes);
    CHECK(again.labels == config.labels);
    CHECK(again.diff_ids == config.diff_ids);
    CHECK(again.history == config.history);
    CHECK(again.to_json() == config.to_json());
}

TEST_CASE("ImageConfig: takes Go's null for an empty list", "[sim][oci]")
{
    auto const config = REQUIRE_OK(ImageConfig::parse(
        R"({"architecture":"amd64","os":"linux","config":{"Env":null,"Cmd":null,"Labels":null},"history":null,)"
        R"("rootfs":{"type":"layers","diff_ids":[]}})"));
    CHECK(config.env.empty());
    CHECK(config.diff_ids.empty());
}

TEST_CASE("ImageConfig: refuses what it cannot trust, naming the field", "[sim][oci][hardening]")
{
    struct Case {
        std::string text;
        std::string names;
    };
    auto const c = GENERATE(values<Case>({
        { R"({})", "architecture" },
        { R"({"architecture":"amd64","os":"linux"})", "rootfs" },
        { R"({"architecture":"amd64","os":"linux","rootfs":{"type":"layers"}})", "diff_ids" },
        { R"({"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:00"]}})", "diff_ids" },
        { R"({"architecture":"amd64","os":"linux","rootfs":{"type":"files","diff_ids":[]}})", "type" },
        { R"({"architecture":1,"os":"linux","rootfs":{"type":"layers","diff_ids":[]}})", "architecture" },
        { R"({"architecture":"amd64","os":"linux","config":{"Cmd":"sh"},"rootfs":{"type":"layers","diff_ids":[]}})",
            "config.Cmd" },
        { R"({"architecture":"amd64","os":"linux","config":{"Labels":{"a":1}},"rootfs":{"type":"layers","diff_ids":[]}})",
            "config.Labels.a" },
        { R"({"architecture":"amd64","os":"linux","history":[{}],"rootfs":{"type":"layers","diff_ids":[]}})",
            "history" },
    }));
    CAPTURE(c.text);
    auto const config = ImageConfig::parse(c.text);
    REQUIRE_FALSE(config.has_value());
    CHECK(config.error().kind() == ErrorKind::InvalidInput);
    CAPTURE(config.error().message());
    CHECK(config.error().message().find(c.names) != std::string::npos);
}
