// distribution-spec 1.1, request by request.

#include "Hub.h"

#include "engine/registry/Repositories.h"

using namespace drydock;
using oci::Digest;
using tests::Hub;

namespace {

http::Headers type(std::string value)
{
    return { { "Content-Type", std::move(value) } };
}

}

TEST_CASE("RegistryServer: says that it is a registry", "[engine][registry]")
{
    Hub hub;
    auto const reply = hub.ask("GET", "/v2/");
    CHECK(reply.status == 200);
    CHECK(reply.body == "{}");
    CHECK(reply.headers.get("Docker-Distribution-Api-Version") == "registry/2.0");
}

TEST_CASE("RegistryServer: gives back a manifest byte for byte, by tag and by digest", "[engine][registry]")
{
    Hub hub;
    auto const bytes = hub.push_image("library/busybox", "1.36");
    auto const digest = Digest::of(bytes).to_string();
    for (auto const& reference : { std::string("1.36"), digest }) {
        auto const reply = hub.ask("GET", "/v2/library/busybox/manifests/" + reference);
        CHECK(reply.status == 200);
        CHECK(reply.body == bytes);
        CHECK(reply.headers.get("Content-Type") == tests::oci_manifest);
        CHECK(reply.headers.get("Docker-Content-Digest") == digest);
        auto const head = hub.ask("HEAD", "/v2/library/busybox/manifests/" + reference);
        CHECK(head.status == 200);
        CHECK(head.headers.get("Content-Length") == std::to_string(bytes.size()));
        CHECK(head.body.empty());
    }
    CHECK(hub.ask("GET", "/v2/library/busybox/manifests/1.36", {}, { { "If-None-Match", "\"" + digest + "\"" } }).status
        == 304);
}

TEST_CASE("RegistryServer: gives parts of a blob", "[engine][registry]")
{
    Hub hub;
    auto const path = "/v2/a/blobs/" + hub.push_blob("a", "0123456789").to_string();
    struct Case {
        std::string range;
        int status;
        std::string body;
        std::string content_range;
    };
    for (auto const& [range, status, body, content_range] : std::vector<Case> {
             { "bytes=2-5", 206, "2345", "bytes 2-5/10" },
             { "bytes=7-", 206, "789", "bytes 7-9/10" },
             { "bytes=-3", 206, "789", "bytes 7-9/10" },
             { "bytes=-99", 206, "0123456789", "bytes 0-9/10" },
             { "bytes=8-99", 206, "89", "bytes 8-9/10" },
             { "bytes=10-", 416, "", "bytes */10" },
             { "bytes=-0", 416, "", "bytes */10" },
             { "bytes=5-2", 416, "", "bytes */10" },
             { "bytes=0-1,3-4", 200, "0123456789", "" },
             { "lines=1-2", 200, "0123456789", "" },
             { "bytes=x-", 200, "0123456789", "" },
         }) {
        CAPTURE(range);
        auto const reply = hub.ask("GET", path, {}, { { "Range", range } });
        CHECK(reply.status == status);
        CHECK(reply.body == body);
        CHECK(reply.headers.get("Content-Range").value_or("") == content_range);
    }
    auto const whole = hub.ask("GET", path, {}, { { "Range", "bytes=2-5" }, { "If-Range", "\"other\"" } });
    CHECK(whole.status == 200);
    auto const head = hub.ask("HEAD", path);
    CHECK(head.headers.get("Content-Length") == "10");
    CHECK(head.headers.get("Accept-Ranges") == "bytes");
}

TEST_CASE("RegistryServer: takes a blob in chunks, in order", "[engine][registry]")
{
    Hub hub;
    auto const begun = hub.ask("POST", "/v2/a/blobs/uploads/");
    REQUIRE(begun.status == 202);
    CHECK(begun.headers.get("Range") == "0-0");
    auto const location = begun.headers.get("Location").value();
    auto const first = hub.ask("PATCH", location, "01234", { { "Content-Range", "0-4" } });
    CHECK(first.status == 202);
    CHECK(first.headers.get("Range") == "0-4");
    for (auto const* range : { "9-13", "0-4", "4-8", "5-8", "5", "x-y", "9-5" }) {
        CAPTURE(range);
        auto const refused = hub.ask("PATCH", location, "56789", { { "Content-Range", range } });
        CHECK(refused.status == 416);
        CHECK(refused.headers.get("Range") == "0-4");
    }
    auto const progress = hub.ask("GET", location);
    CHECK(progress.status == 204);
    CHECK(progress.headers.get("Range") == "0-4");
    auto const digest = Digest::of("0123456789").to_string();
    auto const closed = hub.ask("PUT", location + "?digest=" + digest, "56789", { { "Content-Range", "5-9" } });
    CHECK(closed.status == 201);
    CHECK(closed.headers.get("Location") == "/v2/a/blobs/" + digest);
    CHECK(hub.ask("GET", "/v2/a/blobs/" + digest).body == "0123456789");
    CHECK(hub.ask("GET", location).status == 404);
}

TEST_CASE("RegistryServer: a wrong digest leaves nothing behind", "[engine][registry]")
{
    Hub hub;
    auto const digest = Digest::of("promised").to_string();
    auto const reply = hub.ask("POST", "/v2/a/blobs/uploads/?digest=" + digest, "something else");
    CHECK(reply.status == 400);
    CHECK(reply.body.find("\"code\":\"DIGEST_INVALID\"") != std::string::npos);
    CHECK(hub.ask("HEAD", "/v2/a/blobs/" + digest).status == 404);
    CHECK(hub.storage->list("uploads").empty());
    CHECK(hub.storage->list("ingest").empty());
}

TEST_CASE("RegistryServer: takes sha512 digests too", "[engine][registry]")
{
    Hub hub;
    auto const digest = Digest::of("text", Digest::Algorithm::Sha512).to_string();
    CHECK(hub.ask("POST", "/v2/a/blobs/uploads/?digest=" + digest, "text").status == 201);
    CHECK(hub.ask("GET", "/v2/a/blobs/" + digest).body == "text");
}

TEST_CASE("RegistryServer: an upload can be cancelled", "[engine][registry]")
{
    Hub hub;
    auto const location = hub.ask("POST", "/v2/a/blobs/uploads/").headers.get("Location").value();
    CHECK(hub.ask("DELETE", location).status == 204);
    CHECK(hub.ask("PATCH", location, "x").status == 404);
}

TEST_CASE("RegistryServer: mounts a blob it has, and offers an upload for one it has not", "[engine][registry]")
{
    Hub hub;
    auto const digest = hub.push_blob("a", "shared").to_string();
    auto const mounted = hub.ask("POST", "/v2/b/blobs/uploads/?mount=" + digest + "&from=a");
    CHECK(mounted.status == 201);
    CHECK(mounted.headers.get("Location") == "/v2/b/blobs/" + digest);
    auto const other = Digest::of("other").to_string();
    CHECK(hub.ask("POST", "/v2/b/blobs/uploads/?mount=" + other + "&from=a").status == 202);
}

TEST_CASE("RegistryServer: a blob belongs to the repositories it was pushed or mounted into", "[engine][registry]")
{
    Hub hub;
    auto const digest = hub.push_blob("a", "shared").to_string();
    CHECK(hub.ask("GET", "/v2/b/blobs/" + digest).status == 404);
    CHECK(hub.ask("POST", "/v2/b/blobs/uploads/?mount=" + digest + "&from=c").status == 202);
    CHECK(hub.ask("POST", "/v2/b/blobs/uploads/?mount=" + digest).status == 201); // from anywhere
    CHECK(hub.ask("GET", "/v2/b/blobs/" + digest).body == "shared");
    CHECK(hub.ask("DELETE", "/v2/a/blobs/" + digest).status == 202);
    CHECK(hub.ask("GET", "/v2/a/blobs/" + digest).status == 404);
    CHECK(hub.ask("GET", "/v2/b/blobs/" + digest).body == "shared");
    CHECK(hub.ask("DELETE", "/v2/b/blobs/" + digest).status == 202);
    CHECK(hub.storage->list("blobs/sha256").empty());
}

TEST_CASE("RegistryServer: refuses a manifest that is wrong or points at nothing", "[engine][registry]")
{
    Hub hub;
    auto const whole = hub.push_image("a", "ok");
    auto const put = [&](std::string const& body, std::string const& media_type, std::string const& reference = "x") {
        auto const reply = hub.ask("PUT", "/v2/a/manifests/" + reference, body, type(media_type));
        auto const code = reply.body.find("\"code\":\"");
        return std::to_string(reply.status) + " "
            + (code == std::string::npos ? "" : reply.body.substr(code + 8, reply.body.find('"', code + 8) - code - 8));
    };
    CHECK(put(Hub::manifest_of("{}", "absent"), tests::oci_manifest) == "400 MANIFEST_BLOB_UNKNOWN");
    CHECK(put("{}", tests::oci_manifest) == "400 MANIFEST_INVALID");
    CHECK(put("no json", tests::oci_manifest) == "400 MANIFEST_INVALID");
    CHECK(put(whole, "text/plain") == "400 MANIFEST_INVALID");
    CHECK(put(whole, std::string(oci::media_type::docker_manifest)) == "400 MANIFEST_INVALID");
    CHECK(put(whole, tests::oci_manifest, Digest::of("other").to_string()) == "400 DIGEST_INVALID");
    CHECK(put(whole, tests::oci_manifest, ".bad") == "400 MANIFEST_INVALID");
    CHECK(put(std::string(5 << 20, ' '), tests::oci_manifest) == "413 MANIFEST_INVALID");
    CHECK(put(whole, "") == "201 "); // the document's own mediaType
}

TEST_CASE("RegistryServer: an index has to point at manifests of the repository", "[engine][registry]")
{
    Hub hub;
    auto const manifest = hub.push_image("a", "amd64");
    oci::ImageIndex index { std::string(oci::media_type::oci_index),
        { { { tests::oci_manifest, Digest::of(manifest), manifest.size(), {} }, oci::Platform {} } } };
    CHECK(hub.ask("PUT", "/v2/a/manifests/all", index.to_json(), type(index.media_type)).status == 201);
    CHECK(hub.ask("PUT", "/v2/b/manifests/all", index.to_json(), type(index.media_type)).status == 400);
}

TEST_CASE("RegistryServer: lists tags and repositories in order, page by page", "[engine][registry]")
{
    Hub hub;
    for (auto const* tag : { "b", "c", "a", "B" })
        hub.push_image("team/app", tag);
    hub.push_image("app", "latest");
    hub.push_image("team/app/blobs", "x");
    CHECK(hub.ask("GET", "/v2/team/app/tags/list").body == R"({"name":"team/app","tags":["B","a","b","c"]})");
    auto const page = hub.ask("GET", "/v2/team/app/tags/list?n=2");
    CHECK(page.body == R"({"name":"team/app","tags":["B","a"]})");
    CHECK(page.headers.get("Link") == "</v2/team/app/tags/list?n=2&last=a>; rel=\"next\"");
    auto const rest = hub.ask("GET", "/v2/team/app/tags/list?n=2&last=a");
    CHECK(rest.body == R"({"name":"team/app","tags":["b","c"]})");
    CHECK_FALSE(rest.headers.get("Link"));
    auto const none = hub.ask("GET", "/v2/team/app/tags/list?n=0");
    CHECK(none.body == R"({"name":"team/app","tags":[]})");
    CHECK_FALSE(none.headers.get("Link"));
    CHECK(hub.ask("GET", "/v2/team/app/tags/list?n=x").status == 400);
    CHECK(hub.ask("GET", "/v2/_catalog").body == R"({"repositories":["app","team/app","team/app/blobs"]})");
    CHECK(hub.ask("GET", "/v2/_catalog?n=1&last=app").headers.get("Link")
        == "</v2/_catalog?n=1&last=team%2Fapp>; rel=\"next\"");
    CHECK(hub.ask("GET", "/v2/team/app/blobs/manifests/x").status == 200);
}

TEST_CASE("RegistryServer: says what it does not know", "[engine][registry]")
{
    Hub hub;
    hub.push_image("a", "ok");
    auto const digest = Digest::of("absent").to_string();
    struct Case {
        std::string method;
        std::string path;
        int status;
        std::string code;
    };
    for (auto const& [method, path, status, code] : std::vector<Case> {
             { "GET", "/v2/a/manifests/absent", 404, "MANIFEST_UNKNOWN" },
             { "GET", "/v2/a/manifests/" + digest, 404, "MANIFEST_UNKNOWN" },
             { "GET", "/v2/b/manifests/ok", 404, "NAME_UNKNOWN" },
             { "GET", "/v2/b/tags/list", 404, "NAME_UNKNOWN" },
             { "GET", "/v2/a/blobs/" + digest, 404, "BLOB_UNKNOWN" },
             { "GET", "/v2/a/blobs/sha256:abc", 400, "DIGEST_INVALID" },
             { "GET", "/v2/a/blobs/..%2f..%2fsecret", 404, "UNSUPPORTED" },
             { "DELETE", "/v2/a/blobs/" + digest, 404, "BLOB_UNKNOWN" },
             { "DELETE", "/v2/a/manifests/absent", 404, "MANIFEST_UNKNOWN" },
             { "DELETE", "/v2/a/manifests/" + digest, 404, "MANIFEST_UNKNOWN" },
             { "GET", "/v2/A/manifests/ok", 400, "NAME_INVALID" },
             { "GET", "/v2/a..b/manifests/ok", 400, "NAME_INVALID" },
             { "GET", "/v2/../manifests/ok", 400, "NAME_INVALID" },
             { "GET", "/v2//manifests/ok", 400, "NAME_INVALID" },
             { "PATCH", "/v2/a/blobs/uploads/absent", 404, "BLOB_UPLOAD_UNKNOWN" },
             { "PUT", "/v2/a/blobs/uploads/absent?digest=" + digest, 404, "BLOB_UPLOAD_UNKNOWN" },
             { "POST", "/v2/a/blobs/uploads/?digest=nonsense", 400, "DIGEST_INVALID" },
             { "POST", "/v2/a/manifests/ok", 405, "UNSUPPORTED" },
             { "GET", "/", 404, "UNSUPPORTED" },
             { "GET", "/v1/_ping", 404, "UNSUPPORTED" },
         }) {
        CAPTURE(method, path);
        auto const reply = hub.ask(method, path);
        CHECK(reply.status == status);
        CHECK(reply.body.starts_with("{\"errors\":[{\"code\":\"" + code + "\",\"message\":\""));
        CHECK(reply.headers.get("Content-Type") == "application/json");
    }
}

TEST_CASE("RegistryServer: forgets tags, manifests and blobs, in that order", "[engine][registry]")
{
    Hub hub;
    auto const manifest = Digest::of(hub.push_image("a", "one")).to_string();
    hub.push_image("a", "two");
    auto const layer = Digest::of("layer").to_string();
    CHECK(hub.ask("DELETE", "/v2/a/manifests/one").status == 202);
    CHECK(hub.ask("GET", "/v2/a/manifests/one").status == 404);
    CHECK(hub.ask("DELETE", "/v2/a/blobs/" + layer).status == 405);
    CHECK(hub.ask("DELETE", "/v2/a/manifests/" + manifest).status == 202);
    CHECK(hub.ask("GET", "/v2/a/manifests/two").status == 404);
    CHECK(hub.ask("DELETE", "/v2/a/blobs/" + layer).status == 202);
    CHECK(hub.ask("GET", "/v2/a/blobs/" + layer).status == 404);
}

TEST_CASE("RegistryServer: lists what refers to a manifest", "[engine][registry]")
{
    Hub hub;
    auto const image = Digest::of(hub.push_image("a", "image")).to_string();
    auto document = Hub::manifest_of("{}", "layer");
    document.insert(document.size() - 1,
        R"(,"artifactType":"text/sbom","subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":")"
            + image + R"(","size":1})");
    auto const put = hub.ask("PUT", "/v2/a/manifests/sbom", document, type(tests::oci_manifest));
    REQUIRE(put.status == 201);
    CHECK(put.headers.get("OCI-Subject") == image);
    auto const all = hub.ask("GET", "/v2/a/referrers/" + image);
    CHECK(all.headers.get("Content-Type") == std::string(oci::media_type::oci_index));
    CHECK(all.body.find(Digest::of(document).to_string()) != std::string::npos);
    CHECK(all.body.find("\"artifactType\":\"text/sbom\"") != std::string::npos);
    auto const filtered = hub.ask("GET", "/v2/a/referrers/" + image + "?artifactType=other");
    CHECK(filtered.headers.get("OCI-Filters-Applied") == "artifactType");
    CHECK(filtered.body.ends_with("\"manifests\":[]}"));
}

TEST_CASE("RegistryServer: takes in an OCI layout, verified", "[engine][registry]")
{
    Hub hub;
    auto const layout = content::make_memory_storage();
    auto const key = [](std::string const& bytes) { return "blobs/sha256/" + Digest::of(bytes).hex(); };
    auto const manifest = Hub::manifest_of("{}", "layer");
    REQUIRE_OK(layout->write_atomically(key("{}"), "{}"));
    REQUIRE_OK(layout->write_atomically(key("layer"), "layer"));
    REQUIRE_OK(layout->write_atomically(key(manifest), manifest));
    auto const describe = [&](std::string const& name) {
        oci::ImageIndex index { std::string(oci::media_type::oci_index),
            { { { tests::oci_manifest, Digest::of(manifest), manifest.size(),
                    { { "org.opencontainers.image.ref.name", name } } },
                std::nullopt } } };
        return layout->write_atomically("index.json", index.to_json());
    };
    REQUIRE_OK(describe("library/busybox:1.36"));
    REQUIRE_OK(hub.registry.import_layout(*layout));
    CHECK(hub.ask("GET", "/v2/library/busybox/manifests/1.36").body == manifest);
    CHECK(hub.ask("GET", "/v2/library/busybox/blobs/" + Digest::of("layer").to_string()).body == "layer");

    REQUIRE_OK(describe("../evil:1"));
    CHECK_FALSE(hub.registry.import_layout(*layout));
    REQUIRE_OK(describe("tampered:1"));
    REQUIRE_OK(layout->write_atomically(key(manifest), manifest + " "));
    auto const tampered = hub.registry.import_layout(*layout);
    REQUIRE_FALSE(tampered);
    CHECK(tampered.error().kind() == ErrorKind::Corrupt);
    CHECK(hub.ask("GET", "/v2/tampered/manifests/1").status == 404);
}

TEST_CASE("Repositories: names and tags follow the grammar", "[engine][registry]")
{
    using namespace registry;
    for (auto const* name : { "a", "library/busybox", "a.b", "a_b", "a__b", "a-b", "a---b", "0/1", "a/b/c" }) {
        CAPTURE(name);
        CHECK(is_repository_name(name));
    }
    for (auto const* name :
        { "", "A", "/a", "a/", "a//b", ".a", "a.", "a..b", "a___b", "a._b", "-a", "a b", "_tags" }) {
        CAPTURE(name);
        CHECK_FALSE(is_repository_name(name));
    }
    CHECK(is_tag("_v1.0-RC"));
    CHECK(is_tag(std::string(128, 'x')));
    CHECK_FALSE(is_tag(std::string(129, 'x')));
    for (auto const* tag : { "", ".", "..", "-a", "a/b", "a:b" })
        CHECK_FALSE(is_tag(tag));
}
