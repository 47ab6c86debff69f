// What distribution-spec 1.1 asks for and RegistryServerTests.cpp does not show already, with its sections named. Each
// case is one request to a registry that holds `a:1` (config "{}", layer "layer"); SESSION in a path or a header's
// value is the address of an upload that holds "01234".

#include "Hub.h"

#include <nlohmann/json.hpp>

using namespace drydock;
using oci::Digest;
using tests::Hub;

namespace {

struct Ask {
    std::string section;
    std::string method;
    std::string path;
    std::string body;
    http::Headers headers;
    int status;
    std::string header; // "Name: value" that the answer must have; a name alone: any value; "": none
};

std::string const layer = Digest::of("layer").to_string();
std::string const digits = Digest::of("0123456789").to_string();
std::string const digits_512 = Digest::of("0123456789", Digest::Algorithm::Sha512).to_string();
std::string const nothing = Digest::of("").to_string();
std::string const absent = Digest::of("absent").to_string();
http::Headers const octets { { "Content-Type", "application/octet-stream" } };

http::Headers octets_at(std::string const& range)
{
    return { { "Content-Type", "application/octet-stream" }, { "Content-Range", range } };
}

std::string filled(std::string text, std::string const& session)
{
    if (auto const at = text.find("SESSION"); at != std::string::npos)
        text.replace(at, 7, session);
    return text;
}

nlohmann::json listed(Hub& hub, std::string const& query)
{
    auto const reply = hub.ask("GET", query);
    REQUIRE(reply.status == 200);
    return nlohmann::json::parse(reply.body)["manifests"];
}

std::string about(std::string document, std::string const& subject, std::string const& more = {})
{
    document.insert(document.size() - 1,
        R"(,"subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":")" + subject
            + R"(","size":1})" + more);
    return document;
}

}

TEST_CASE("Conformance: each request is answered as the specification has it", "[engine][registry]")
{
    auto const manifest = Digest::of(Hub::manifest_of("{}", "layer")).to_string();
    for (auto const& [section, method, path, body, headers, status, header] : std::vector<Ask> {
             { "Pulling manifests", "HEAD", "/v2/a/manifests/1", "", {}, 200, "Docker-Content-Digest: " + manifest },
             { "Pulling manifests", "HEAD", "/v2/a/manifests/" + manifest, "", {}, 200, "Content-Length" },
             { "Pulling manifests", "HEAD", "/v2/a/manifests/none", "", {}, 404, "" },
             { "Pulling manifests", "HEAD", "/v2/a/manifests/" + absent, "", {}, 404, "" },
             { "Pulling blobs", "HEAD", "/v2/a/blobs/" + layer, "", {}, 200, "Content-Length: 5" },
             { "Pulling blobs", "HEAD", "/v2/a/blobs/" + absent, "", {}, 404, "" },
             { "Pulling blobs", "GET", "/v2/a/blobs/" + layer, "", { { "Range", "bytes=5-" } }, 416,
                 "Content-Range: bytes */5" },
             { "Pulling blobs", "GET", "/v2/a/blobs/" + layer, "", { { "Range", "bytes=1-2" } }, 206,
                 "Content-Range: bytes 1-2/5" },
             { "POST then PUT", "POST", "/v2/a/blobs/uploads/", "", {}, 202, "Location" },
             { "POST then PUT", "PUT", "SESSION?digest=" + digits, "56789", octets, 201,
                 "Location: /v2/a/blobs/" + digits },
             { "POST then PUT", "PUT", "SESSION?digest=" + digits_512, "56789", octets, 201,
                 "Docker-Content-Digest: " + digits_512 },
             { "POST then PUT", "PUT", "SESSION?digest=" + absent, "56789", octets, 400, "" },
             { "POST then PUT", "PUT", "SESSION", "56789", octets, 400, "" },
             { "Single POST", "POST", "/v2/a/blobs/uploads/?digest=" + nothing, "", octets, 201,
                 "Location: /v2/a/blobs/" + nothing },
             { "Single POST", "POST", "/v2/a/blobs/uploads/?digest=" + absent, "x", octets, 400, "" },
             { "Pushing a blob in chunks", "PATCH", "SESSION", "56789", octets_at("5-9"), 202, "Range: 0-9" },
             { "Pushing a blob in chunks", "PATCH", "SESSION", "56789", octets_at("6-10"), 416, "Range: 0-4" },
             { "Pushing a blob in chunks", "PATCH", "SESSION", "01234", octets_at("0-4"), 416, "Location: SESSION" },
             { "Pushing a blob in chunks", "PUT", "SESSION?digest=" + digits, "56789", octets_at("7-11"), 416,
                 "Range: 0-4" },
             { "Pushing a blob in chunks", "GET", "SESSION", "", {}, 204, "Range: 0-4" },
             { "Pushing a blob in chunks", "GET", "SESSION", "", {}, 204, "Location: SESSION" },
             { "Pushing a blob in chunks", "GET", "/v2/a/blobs/uploads/none", "", {}, 404, "" },
             { "Cancelling an upload", "DELETE", "SESSION", "", {}, 204, "" },
             { "Mounting a blob", "POST", "/v2/b/blobs/uploads/?mount=" + layer + "&from=a", "", {}, 201,
                 "Location: /v2/b/blobs/" + layer },
             { "Mounting a blob", "POST", "/v2/b/blobs/uploads/?mount=" + absent + "&from=a", "", {}, 202, "Location" },
             { "Mounting a blob", "POST", "/v2/b/blobs/uploads/?mount=" + layer, "", {}, 201,
                 "Location: /v2/b/blobs/" + layer },
             { "Mounting a blob", "POST", "/v2/b/blobs/uploads/?mount=nonsense&from=a", "", {}, 202, "Location" },
             { "Pushing manifests", "PUT", "/v2/a/manifests/2", Hub::manifest_of("{}", "layer"),
                 { { "Content-Type", tests::oci_manifest } }, 201, "Location: /v2/a/manifests/" + manifest },
             { "Pushing manifests", "PUT", "/v2/a/manifests/" + manifest, Hub::manifest_of("{}", "layer"),
                 { { "Content-Type", tests::oci_manifest } }, 201, "Docker-Content-Digest: " + manifest },
             { "Pushing manifests with subject", "PUT", "/v2/a/manifests/3",
                 about(Hub::manifest_of("{}", "layer"), absent), { { "Content-Type", tests::oci_manifest } }, 201,
                 "OCI-Subject: " + absent },
             { "Listing referrers", "GET", "/v2/a/referrers/" + absent, "", {}, 200,
                 "Content-Type: application/vnd.oci.image.index.v1+json" },
             { "Listing referrers", "GET", "/v2/a/referrers/nonsense", "", {}, 400, "" },
             { "Listing tags", "GET", "/v2/a/tags/list?last=1", "", {}, 200, "" },
             { "Deleting tags", "DELETE", "/v2/a/manifests/1", "", {}, 202, "" },
             { "Deleting manifests", "DELETE", "/v2/a/manifests/" + manifest, "", {}, 202, "" },
             { "Deleting manifests", "DELETE", "/v2/a/manifests/" + absent, "", {}, 404, "" },
             { "Deleting blobs", "DELETE", "/v2/a/blobs/" + layer, "", {}, 405, "" }, // a manifest needs it
             { "Deleting blobs", "DELETE", "/v2/a/blobs/" + absent, "", {}, 404, "" },
             { "Deleting blobs", "POST", "/v2/a/blobs/" + layer, "", {}, 405, "" },
         }) {
        CAPTURE(section, method, path);
        Hub hub;
        hub.push_image("a", "1");
        auto const session = hub.ask("POST", "/v2/a/blobs/uploads/").headers.get("Location").value();
        REQUIRE(hub.ask("PATCH", session, "01234").status == 202);
        auto const reply = hub.ask(method, filled(path, session), body, headers);
        CHECK(reply.status == status);
        if (!header.empty()) {
            auto const colon = header.find(": ");
            auto const value = reply.headers.get(header.substr(0, colon));
            REQUIRE(value);
            if (colon != std::string::npos)
                CHECK(*value == filled(header.substr(colon + 2), session));
        }
        // "Error Codes": a body of JSON with a list of errors, where there is a body at all.
        if (status >= 400 && !reply.body.empty())
            CHECK(nlohmann::json::parse(reply.body)["errors"][0]["code"].is_string());
    }
}

TEST_CASE("Conformance: an upload goes on behind a chunk that was refused", "[engine][registry]")
{
    Hub hub;
    auto session = hub.ask("POST", "/v2/a/blobs/uploads/").headers.get("Location").value();
    CHECK(hub.ask("PATCH", session, "56789", octets_at("5-9")).status == 416);
    for (auto const& [bytes, range] : { std::pair { "01234", "0-4" }, std::pair { "56789", "5-9" } }) {
        auto const reply = hub.ask("PATCH", session, bytes, octets_at(range));
        REQUIRE(reply.status == 202);
        session = reply.headers.get("Location").value();
    }
    CHECK(hub.ask("PUT", session + "?digest=" + digits).status == 201);
    CHECK(hub.ask("GET", "/v2/a/blobs/" + digits).body == "0123456789");
}

TEST_CASE(
    "Conformance: referrers come with type, size and annotations, and go with their manifest", "[engine][registry]")
{
    Hub hub;
    auto const image = Digest::of(hub.push_image("a", "1")).to_string();
    CHECK(listed(hub, "/v2/a/referrers/" + image).empty());
    auto const typed
        = about(Hub::manifest_of("{}", "layer"), image, R"(,"artifactType":"text/sbom","annotations":{"k":"v"})");
    auto const plain = about(Hub::manifest_of("{}", "layer"), image);
    for (auto const& document : { typed, plain })
        REQUIRE(hub.ask("PUT", "/v2/a/manifests/" + Digest::of(document).to_string(), document,
                       { { "Content-Type", tests::oci_manifest } })
                    .status
            == 201);
    CHECK(listed(hub, "/v2/a/referrers/" + image).size() == 2);
    CHECK(listed(hub, "/v2/b/referrers/" + image).empty());
    auto const sboms = listed(hub, "/v2/a/referrers/" + image + "?artifactType=text%2Fsbom");
    REQUIRE(sboms.size() == 1);
    CHECK(sboms[0]["digest"] == Digest::of(typed).to_string());
    CHECK(sboms[0]["size"] == typed.size());
    CHECK(sboms[0]["annotations"]["k"] == "v");
    // Without a type of its own, that of the config.
    CHECK(listed(hub, "/v2/a/referrers/" + image + "?artifactType=application%2Fvnd.oci.image.config.v1%2Bjson").size()
        == 1);
    // An index may have a subject too.
    oci::ImageIndex index { std::string(oci::media_type::oci_index), {} };
    auto const text = about(index.to_json(), image);
    auto const put = hub.ask("PUT", "/v2/a/manifests/index", text, { { "Content-Type", index.media_type } });
    CHECK(put.status == 201);
    CHECK(put.headers.get("OCI-Subject") == image);
    CHECK(listed(hub, "/v2/a/referrers/" + image).size() == 3);
    REQUIRE(hub.ask("DELETE", "/v2/a/manifests/" + Digest::of(typed).to_string()).status == 202);
    CHECK(listed(hub, "/v2/a/referrers/" + image).size() == 2);
}

TEST_CASE("Conformance: a manifest put by its digest takes all the tags that the query names", "[engine][registry]")
{
    Hub hub;
    auto const manifest = hub.push_image("a", "1");
    auto const digest = Digest::of(manifest, Digest::Algorithm::Sha512).to_string();
    http::Headers const type { { "Content-Type", tests::oci_manifest } };
    auto const put = hub.ask("PUT", "/v2/a/manifests/" + digest + "?tag=2&tag=v2.0", manifest, type);
    REQUIRE(put.status == 201);
    CHECK(put.headers.count("OCI-Tag") == 2);
    for (auto const* tag : { "2", "v2.0" })
        CHECK(hub.ask("HEAD", std::string("/v2/a/manifests/") + tag).headers.get("Docker-Content-Digest") == digest);
    // All or nothing: a name that is no tag leaves the others untouched as well.
    CHECK(hub.ask("PUT", "/v2/a/manifests/" + digest + "?tag=3&tag=..", manifest, type).status == 400);
    CHECK(hub.ask("HEAD", "/v2/a/manifests/3").status == 404);
    // Beside a tag in the path the parameter means nothing.
    CHECK(hub.ask("PUT", "/v2/a/manifests/4?tag=5", manifest, type).headers.count("OCI-Tag") == 0);
    CHECK(hub.ask("HEAD", "/v2/a/manifests/5").status == 404);
}

TEST_CASE("Conformance: a manifest may lack the layers that only their owner hands out", "[engine][registry]")
{
    Hub hub;
    hub.push_blob("a", "{}");
    for (auto const& [layer_type, status] : {
             std::pair { "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", 201 },
             std::pair { "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", 201 },
             std::pair { "application/vnd.oci.image.layer.v1.tar+gzip", 400 },
         }) {
        CAPTURE(layer_type);
        auto document = Hub::manifest_of("{}", "layer");
        std::string const ordinary(oci::media_type::oci_layer_gzip);
        document.replace(document.find(ordinary), ordinary.size(), layer_type);
        auto const put
            = hub.ask("PUT", "/v2/a/manifests/windows", document, { { "Content-Type", tests::oci_manifest } });
        CHECK(put.status == status);
    }
}

TEST_CASE("Conformance: only a registry that was told so takes manifests with gaps", "[engine][registry]")
{
    Hub hub;
    auto const image = Hub::manifest_of("{}", "layer");
    oci::ImageIndex const index { std::string(oci::media_type::oci_index),
        { { { tests::oci_manifest, Digest::of(image), image.size(), {} }, std::nullopt } } };
    for (auto const& [document, type] : { std::pair { image, tests::oci_manifest },
             std::pair { index.to_json(), std::string(oci::media_type::oci_index) } }) {
        CAPTURE(type);
        auto const put = [&] { return hub.ask("PUT", "/v2/a/manifests/x", document, { { "Content-Type", type } }); };
        hub.serve([&](http::Exchange& exchange) { hub.registry.handle(exchange); });
        auto const refused = put();
        CHECK(refused.status == 400);
        CHECK(refused.body.find("MANIFEST_BLOB_UNKNOWN") != std::string::npos);
        auto const storage = content::make_memory_storage();
        registry::RegistryServer mirror(*storage, hub.random, {}, nullptr, registry::Gaps::Allowed);
        hub.serve([&](http::Exchange& exchange) { mirror.handle(exchange); });
        CHECK(put().status == 201);
        CHECK(hub.ask("GET", "/v2/a/manifests/x").body == document);
        hub.server.reset(); // before what it serves
    }
}
