#include "sim/oci/Reference.h"
#include "tests/support/Catch.h"

using namespace drydock;
using oci::Reference;

TEST_CASE("Reference: fills in registry, library/ and tag as docker does", "[sim][oci]")
{
    struct Row {
        char const* text;
        char const* canonical;
        char const* familiar;
    };
    auto const row = GENERATE(Row { "busybox", "docker.io/library/busybox:latest", "busybox:latest" },
        Row { "me/app:v1", "docker.io/me/app:v1", "me/app:v1" },
        Row { "docker.io/library/x", "docker.io/library/x:latest", "x:latest" },
        Row { "127.0.0.1:5000/app:1", "127.0.0.1:5000/app:1", "127.0.0.1:5000/app:1" },
        Row { "localhost/app", "localhost/app:latest", "localhost/app:latest" });
    CAPTURE(row.text);
    auto const reference = REQUIRE_OK(Reference::parse(row.text));
    CHECK(reference.canonical() == row.canonical);
    CHECK(reference.familiar() == row.familiar);
}

TEST_CASE("Reference: refuses what the grammar does not allow", "[sim][oci]")
{
    auto const text = GENERATE(as<std::string> {}, "", "Upper", "a b", "x:", "x:-bad", "x@sha256:12", "../etc", "a//b",
        "-a", "host:99999999/x", std::string(700, 'a'));
    CAPTURE(text);
    auto const reference = Reference::parse(text);
    REQUIRE_FALSE(reference);
    CHECK(reference.error().kind() == ErrorKind::InvalidInput);
}

TEST_CASE("Reference: the short form never means another image", "[sim][oci]")
{
    for (auto const* text : { "docker.io/quay.io/app", "docker.io/library/a/b", "docker.io/localhost/app" }) {
        auto const reference = REQUIRE_OK(Reference::parse(text));
        CHECK(REQUIRE_OK(Reference::parse(reference.familiar())) == reference);
    }
    CHECK(REQUIRE_OK(Reference::parse("docker.io/library/a/b")).familiar() == "library/a/b:latest");
    CHECK(REQUIRE_OK(Reference::parse("docker.io/quay.io/app")).familiar() == "docker.io/quay.io/app:latest");
}
