#include "sim/oci/Digest.h"
#include "tests/support/Catch.h"

using namespace drydock;
using oci::Digest;

TEST_CASE("Digest: rejects text that OCI does not allow", "[sim][oci]")
{
    auto const text = GENERATE(as<std::string> {}, "", "sha256:", "md5:e3b0", "SHA256:00",
        "sha256:" + std::string(63, 'a'), "sha256:" + std::string(64, 'A'), "sha256:" + std::string(65, 'a'),
        "sha512:" + std::string(64, 'a'), "sha256:../" + std::string(61, 'a'));
    CAPTURE(text);
    auto const digest = Digest::parse(text);
    REQUIRE_FALSE(digest);
    CHECK(digest.error().kind() == ErrorKind::InvalidInput);
}

TEST_CASE("Digest: of nothing is the well-known one, and text survives a round trip", "[sim][oci]")
{
    auto const digest = Digest::of("");
    CHECK(digest.to_string() == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(REQUIRE_OK(Digest::parse(digest.to_string())) == digest);
}
