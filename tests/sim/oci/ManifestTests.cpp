#include "sim/oci/Manifest.h"
#include "tests/support/Catch.h"

using namespace drydock;
using namespace drydock::oci;

namespace {

std::string const config_digest = Digest::of("config").to_string();
std::string const layer_digest = Digest::of("layer").to_string();

std::string manifest_text(std::string const& extra = "")
{
    return R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",)" + extra
        + R"("config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":")" + config_digest
        + R"(","size":7},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":")"
        + layer_digest + R"(","size":9}]})";
}

Error refused(std::string const& text, std::string_view type = media_type::oci_manifest)
{
    auto const manifest = Manifest::parse(text, type);
    REQUIRE_FALSE(manifest.has_value());
    return manifest.error();
}

std::string replaced(std::string text, std::string const& from, std::string const& to)
{
    auto const at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

}

TEST_CASE("Manifest: says what its JSON says and writes the same bytes again", "[sim][oci]")
{
    auto const manifest = REQUIRE_OK(Manifest::parse(manifest_text(), media_type::oci_manifest));
    CHECK(manifest.config.digest.to_string() == config_digest);
    REQUIRE(manifest.layers.size() == 1);
    CHECK(manifest.layers[0].size == 9);
    CHECK(manifest.to_json() == manifest_text());
}

TEST_CASE("Manifest: refuses a document that is also an index", "[sim][oci][hardening]")
{
    CHECK(refused(manifest_text(R"("manifests":[],)")).message().find("manifests") != std::string::npos);
    auto const as_index = ImageIndex::parse(manifest_text(), media_type::oci_index);
    REQUIRE_FALSE(as_index.has_value());
}

TEST_CASE("Manifest: refuses a media type other than the promised one", "[sim][oci][hardening]")
{
    CHECK(refused(manifest_text(), media_type::docker_manifest).kind() == ErrorKind::InvalidInput);
}

TEST_CASE("Manifest: refuses what cannot be read in one way only, naming the field", "[sim][oci][hardening]")
{
    auto const text = manifest_text();
    CHECK(refused(replaced(text, "\"size\":9", "\"size\":-1")).message()
        == "manifest: layers[0].size is not a whole number from 0 to 2^63-1");
    CHECK(refused(replaced(text, "\"size\":9", "\"size\":1.5")).message().find("layers[0].size") != std::string::npos);
    CHECK(refused(replaced(text, "\"size\":9", "\"size\":9,\"size\":8")).message().find("\"size\" twice")
        != std::string::npos);
    CHECK(refused(replaced(text, "\"schemaVersion\":2", "\"schemaVersion\":1")).message().find("schemaVersion")
        != std::string::npos);
    CHECK(refused(replaced(text, layer_digest, "sha256:../../etc")).message().find("digest") != std::string::npos);
    CHECK(refused(manifest_text("\"annotations\":{\"a\":\"\xff\"},")).kind() == ErrorKind::InvalidInput);
    CHECK(refused(manifest_text("\"x\":" + std::string(100'000, '[') + ",")).kind() == ErrorKind::InvalidInput);
    CHECK(refused(manifest_text("\"x\":" + std::string(100, '[') + std::string(100, ']') + ","))
              .message()
              .find("64 levels")
        != std::string::npos);
    CHECK(refused(manifest_text() + std::string(5 << 20, ' ')).kind() == ErrorKind::LimitExceeded);
    CHECK(refused("[]").message() == "manifest is not a JSON object");
    CHECK(refused("").kind() == ErrorKind::InvalidInput);
}

TEST_CASE("ImageIndex: chooses the platform and names those there are", "[sim][oci]")
{
    ImageIndex index { .media_type = std::string(media_type::oci_index), .manifests = {} };
    auto const add = [&](std::string const& name, std::optional<Platform> platform) {
        index.manifests.push_back({ { std::string(media_type::oci_manifest), Digest::of(name), 1, {} }, platform });
    };
    add("arm6", Platform { "arm", "linux", "v6" });
    add("arm7", Platform { "arm", "linux", "v7" });
    add("amd", Platform {});
    add("attestation", Platform { "unknown", "unknown", "" });
    auto const parsed = REQUIRE_OK(ImageIndex::parse(index.to_json(), media_type::oci_index));

    CHECK(REQUIRE_OK(parsed.choose({})).digest == Digest::of("amd"));
    CHECK(REQUIRE_OK(parsed.choose({ "arm", "linux", "v7" })).digest == Digest::of("arm7"));
    CHECK(REQUIRE_OK(parsed.choose({ "arm", "linux", "" })).digest == Digest::of("arm6"));
    auto const none = parsed.choose({ "riscv64", "linux", "" });
    REQUIRE_FALSE(none.has_value());
    CHECK(none.error().kind() == ErrorKind::NotFound);
    CHECK(none.error().message()
        == "no matching manifest for linux/riscv64 in the manifest list entries (there are: linux/arm/v6, "
           "linux/arm/v7, linux/amd64)");
}

TEST_CASE("Layer media types: say the compression, and foreign layers are refused", "[sim][oci]")
{
    CHECK(REQUIRE_OK(layer_compression(media_type::docker_layer)) == Compression::Gzip);
    CHECK(REQUIRE_OK(layer_compression(media_type::oci_layer)) == Compression::None);
    CHECK(REQUIRE_OK(layer_compression(media_type::oci_layer_zstd)) == Compression::Zstd);
    auto const foreign = layer_compression("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip");
    REQUIRE_FALSE(foreign.has_value());
    CHECK(foreign.error().kind() == ErrorKind::NotSupported);
}

TEST_CASE("ChainId: each layer's id covers all below it", "[sim][oci]")
{
    std::vector<DiffId> const layers { { Digest::of("a") }, { Digest::of("b") } };
    CHECK(chain_id_of(std::span(layers).first(1)).digest == Digest::of("a"));
    CHECK(chain_id_of(layers).digest == Digest::of(Digest::of("a").to_string() + " " + Digest::of("b").to_string()));
}
