#include "engine/registry/RegistryParts.h"
#include "sim/oci/Json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace drydock::registry {

using nlohmann::ordered_json;
using oci::Digest;

namespace {

http::Headers headers_of(Digest const& digest, std::string const& media_type)
{
    return { { "Content-Type", media_type }, { "Docker-Content-Digest", digest.to_string() },
        { "Etag", "\"" + digest.to_string() + "\"" } };
}

// What the document says about itself, where it is an object with a string of that name.
std::string text_field(nlohmann::json const& document, char const* name)
{
    if (!document.is_object() || !document.contains(name) || !document[name].is_string())
        return {};
    return document[name].get<std::string>();
}

// The media type of the request without parameters, else the document's own.
std::string media_type_of(http::Exchange const& exchange, std::string_view bytes)
{
    auto const type = exchange.headers().get("Content-Type").value_or("");
    if (!type.empty())
        return type.substr(0, type.find(';'));
    return text_field(nlohmann::json::parse(bytes, nullptr, false), "mediaType");
}

// The digest of the manifest that `document` is about (image-spec manifest.md, "subject").
std::string subject_of(nlohmann::json const& document)
{
    return document.is_object() && document.contains("subject") ? text_field(document["subject"], "digest") : "";
}

// What a manifest is called besides its digest: the reference where that is a tag, else whatever ?tag= names, as often
// as it stands there (distribution-spec, "Pushing Manifests with tags"; in 1.1 only in the working draft after it).
std::vector<std::string> tags_of(http::Exchange const& exchange, std::string const& reference)
{
    if (!Digest::parse(reference))
        return { reference };
    std::vector<std::string> tags;
    for (auto const& [name, value] : exchange.target().query) {
        if (name == "tag")
            tags.push_back(value);
    }
    return tags;
}

// Layers that their owner hands out, from the addresses in the descriptor. Whoever pushes leaves them out, and so no
// registry can ask for them (image-spec layer.md, "Non-Distributable Layers").
bool is_kept_elsewhere(oci::Descriptor const& layer)
{
    constexpr std::string_view oci = "application/vnd.oci.image.layer.nondistributable.v1.";
    constexpr std::string_view docker = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
    return layer.media_type.starts_with(oci) || layer.media_type == docker;
}

}

void RegistryServer::Impl::manifests(
    http::Exchange& exchange, std::string const& repository, std::string const& reference)
{
    if (!is_tag(reference) && !Digest::parse(reference)) {
        auto const code = exchange.method() == "PUT" ? Code::ManifestInvalid : Code::ManifestUnknown;
        return refuse(exchange, exchange.method() == "PUT" ? 400 : 404, code, reference);
    }
    if (exchange.method() == "GET" || exchange.method() == "HEAD")
        return get_manifest(exchange, repository, reference);
    if (exchange.method() == "PUT")
        return put_manifest(exchange, repository, reference);
    if (exchange.method() == "DELETE")
        return delete_manifest(exchange, repository, reference);
    refuse(exchange, 405, Code::Unsupported, exchange.method());
}

void RegistryServer::Impl::get_manifest(
    http::Exchange& exchange, std::string const& repository, std::string const& reference)
{
    auto digest = Digest::parse(reference);
    if (!digest)
        digest = repositories.resolve(repository, reference);
    auto const media_type = digest ? repositories.media_type(repository, *digest) : fail(Error(digest.error()));
    if (!media_type) {
        auto const code = repositories.exists(repository) ? Code::ManifestUnknown : Code::NameUnknown;
        return refuse(exchange, 404, code, fmt::format("{}: {}", repository, reference));
    }
    auto headers = headers_of(*digest, *media_type);
    if (exchange.headers().get("If-None-Match") == headers.get("Etag"))
        return answer(exchange, 304, std::move(headers));
    auto bytes = store.read(*digest);
    if (!bytes)
        return refuse(exchange, 500, Code::Unknown, bytes.error().message());
    answer(exchange, 200, std::move(headers), std::move(*bytes));
}

void RegistryServer::Impl::put_manifest(
    http::Exchange& exchange, std::string const& repository, std::string const& reference)
{
    auto const bytes = exchange.body().read_all(max_document);
    if (!bytes) {
        bool const too_long = bytes.error().kind() == ErrorKind::LimitExceeded;
        return refuse(exchange, too_long ? 413 : 400, Code::ManifestInvalid, bytes.error().message());
    }
    auto const named = Digest::parse(reference);
    auto const digest = Digest::of(*bytes, named ? named->algorithm() : Digest::Algorithm::Sha256);
    if (named && *named != digest)
        return refuse(exchange, 400, Code::DigestInvalid, digest.to_string());
    auto const tags = tags_of(exchange, reference);
    if (auto const bad = std::find_if_not(tags.begin(), tags.end(), is_tag); bad != tags.end())
        return refuse(exchange, 400, Code::ManifestInvalid, *bad);
    auto const stored = store_manifest(repository, digest, media_type_of(exchange, *bytes), *bytes);
    if (!stored && stored.error().kind() == ErrorKind::NotFound)
        return refuse(exchange, 400, Code::ManifestBlobUnknown, stored.error().message());
    if (!stored && stored.error().kind() == ErrorKind::Io)
        return refuse(exchange, 500, Code::Unknown, stored.error().message());
    if (!stored)
        return refuse(exchange, 400, Code::ManifestInvalid, stored.error().message());
    for (auto const& tag : tags) {
        if (auto const tagged = repositories.tag(repository, tag, digest); !tagged)
            return refuse(exchange, 500, Code::Unknown, tagged.error().message());
    }
    http::Headers headers { { "Location", fmt::format("/v2/{}/manifests/{}", repository, digest.to_string()) },
        { "Docker-Content-Digest", digest.to_string() } };
    if (auto const subject = subject_of(nlohmann::json::parse(*bytes)); !subject.empty())
        headers.add("OCI-Subject", subject);
    if (named) {
        for (auto const& tag : tags)
            headers.add("OCI-Tag", tag);
    }
    answer(exchange, 201, std::move(headers));
}

Result<void> RegistryServer::Impl::store_manifest(
    std::string const& repository, Digest const& digest, std::string const& media_type, std::string const& bytes)
{
    TRY(check_references(repository, media_type, bytes));
    TRY(store.put(digest, bytes, trace::Verified::Manifest));
    return repositories.add(repository, digest, media_type);
}

// A manifest that points at nothing would only fail at the pull (HARDENING T9; MANIFEST_BLOB_UNKNOWN).
Result<void> RegistryServer::Impl::check_references(
    std::string const& repository, std::string const& media_type, std::string const& bytes) const
{
    if (oci::is_index(media_type)) {
        for (auto const& entry : TRY(oci::ImageIndex::parse(bytes, media_type)).manifests) {
            if (gaps == Gaps::Refused && !repositories.media_type(repository, entry.descriptor.digest))
                return fail(ErrorKind::NotFound, entry.descriptor.digest.to_string());
        }
        return {};
    }
    if (!oci::is_manifest(media_type))
        return fail(ErrorKind::InvalidInput, fmt::format("\"{}\" is no media type of a manifest", media_type));
    auto const manifest = TRY(oci::Manifest::parse(bytes, media_type));
    auto blobs = manifest.layers;
    blobs.push_back(manifest.config);
    for (auto const& blob : blobs) {
        auto const size = store.size(blob.digest);
        bool const missing = !size || !repositories.has_blob(repository, blob.digest);
        if (missing && (gaps == Gaps::Allowed || is_kept_elsewhere(blob)))
            continue;
        if (missing)
            return fail(ErrorKind::NotFound, blob.digest.to_string());
        if (*size != blob.size)
            return fail(ErrorKind::InvalidInput,
                fmt::format("{} has {} bytes, not {}", blob.digest.to_string(), *size, blob.size));
    }
    return {};
}

void RegistryServer::Impl::delete_manifest(
    http::Exchange& exchange, std::string const& repository, std::string const& reference)
{
    auto const digest = Digest::parse(reference);
    auto const removed = digest ? repositories.remove(repository, *digest) : repositories.untag(repository, reference);
    if (!removed)
        return refuse(exchange, 404, Code::ManifestUnknown, reference);
    answer(exchange, 202, {});
}

// distribution-spec 1.1, "Listing Referrers": an index of the manifests whose subject is `digest`.
void RegistryServer::Impl::referrers(http::Exchange& exchange, std::string const& repository, std::string const& digest)
{
    if (!Digest::parse(digest))
        return refuse(exchange, 400, Code::DigestInvalid, digest);
    auto const wanted_type = exchange.target().get("artifactType");
    ordered_json index { { "schemaVersion", 2 }, { "mediaType", oci::media_type::oci_index } };
    index["manifests"] = ordered_json::array();
    for (auto const& candidate : repositories.manifests(repository)) {
        auto const bytes = store.read(candidate).value_or("");
        auto const document = nlohmann::json::parse(bytes, nullptr, false);
        if (subject_of(document) != digest)
            continue;
        auto type = text_field(document, "artifactType");
        if (type.empty() && document.contains("config"))
            type = text_field(document["config"], "mediaType");
        if (wanted_type && *wanted_type != type)
            continue;
        ordered_json entry { { "mediaType", repositories.media_type(repository, candidate).value_or("") },
            { "digest", candidate.to_string() }, { "size", bytes.size() } };
        if (!type.empty())
            entry["artifactType"] = type;
        if (document.contains("annotations"))
            entry["annotations"] = document["annotations"];
        index["manifests"].push_back(std::move(entry));
    }
    http::Headers headers { { "Content-Type", std::string(oci::media_type::oci_index) } };
    if (wanted_type)
        headers.add("OCI-Filters-Applied", "artifactType");
    answer(exchange, 200, std::move(headers), index.dump());
}

}
