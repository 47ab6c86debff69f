// The half of RegistryClient that sends (distribution-spec 1.1, "Push").

#include "engine/registry/RegistryTransport.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace drydock::registry {

using oci::Digest;

namespace {

constexpr std::size_t piece_bytes = 256 * 1024;
std::string const already_there = "already in the registry";

std::string blob_path(std::string const& repository, Digest const& digest)
{
    return fmt::format("/v2/{}/blobs/{}", repository, digest.to_string());
}

// The address of an upload is the registry's business: it may hold a query already, and is never rebuilt.
std::string with_digest(std::string const& location, Digest const& digest)
{
    return location + (location.find('?') == std::string::npos ? "?" : "&")
        + "digest=" + http::percent_encode(digest.to_string());
}

}

struct RegistryClient::Impl::Upload {
    std::string const& repository;
    oci::Descriptor const& blob;
    content::ReadableFile const& file;
    std::optional<std::string> from; // ask for a mount from there
    std::function<Result<void>(std::uint64_t)> const& sent;
    Scope scope {};
    std::string location {};    // where the upload goes on; the newest one counts; empty: there is no session
    std::uint64_t offset { 0 }; // bytes that the registry has of it
    bool mounted { false };
    std::uint64_t announced { 0 };   // bytes, in the last event
    std::optional<Error> stopped {}; // what `sent` or the file said
};

Result<bool> RegistryClient::Impl::has(std::string const& repository, Digest const& digest)
{
    bool there = false;
    TRY(transport.repeat([&]() -> Try {
        auto response
            = transport.send({ .method = "HEAD", .target = blob_path(repository, digest) }, push_scope(repository));
        if (!response)
            return failed(std::move(response).error());
        there = response->status == 200;
        return there || response->status == 404 ? Try {} : refused(*response);
    }));
    return there;
}

Result<RegistryClient::Mount> RegistryClient::push_blob(std::string const& repository, oci::Descriptor const& blob,
    content::ReadableFile const& file, std::optional<std::string> const& known_in,
    std::function<Result<void>(std::uint64_t)> const& sent)
{
    auto const& publisher = m_impl->publisher();
    auto const what = "blob " + blob.digest.to_string();
    if (TRY_WITH(what, m_impl->has(repository, blob.digest))) {
        publisher.publish(trace::BlobSkipped { .digest = blob.digest, .size = blob.size, .reason = already_there });
        return Mount { BlobArrived::WasThere, {} };
    }
    Impl::Upload upload { .repository = repository, .blob = blob, .file = file, .from = known_in, .sent = sent };
    TRY_WITH(what, m_impl->transport.repeat([&] { return m_impl->upload(upload); }));
    // docker looks again as well: what is not there now would only be missed by whoever pulls.
    if (!TRY_WITH(what, m_impl->has(repository, blob.digest)))
        return fail(ErrorKind::Corrupt, what + ": the registry took it and does not have it");
    if (upload.mounted)
        return Mount { BlobArrived::Mounted, *upload.from };
    return Mount {};
}

// One whole try: a session, the bytes that the registry does not have, the name that all of them must have.
Try RegistryClient::Impl::upload(Upload& upload)
{
    auto result = upload.location.empty() ? begin_upload(upload) : find_upload(upload);
    if (result.error || upload.mounted)
        return result;
    if (upload.offset < upload.blob.size || upload.blob.size == 0)
        result = send_blob(upload);
    if (!result.error)
        result = finish_upload(upload);
    // What was not an accident does not come right by going on; an upload that is begun anew may.
    if (result.error && !result.worth_repeating)
        upload.location.clear();
    return result;
}

namespace {

// How much of an upload has arrived: "0-41" for 42 bytes. For none at all the spec has no form, and registries say
// "0-0", which is one byte as well: taken for none, it costs at worst an upload that begins anew.
std::optional<std::uint64_t> arrived(http::Response const& response, std::uint64_t size)
{
    auto const range = response.headers.get("Range").value_or("");
    std::uint64_t last = 0;
    auto const* const end = range.data() + range.size();
    if (!range.starts_with("0-"))
        return std::nullopt;
    auto const [rest, error] = std::from_chars(range.data() + 2, end, last);
    if (error != std::errc {} || rest != end || last >= size)
        return std::nullopt;
    return last == 0 ? 0 : last + 1;
}

}

// After a cut: the registry says how far it came (distribution-spec, "Pushing a blob in chunks": GET <location>). Where
// it does not, or knows nothing of the session any more, another one begins.
Try RegistryClient::Impl::find_upload(Upload& upload)
{
    auto response = transport.send({ .method = "GET", .target = upload.location }, upload.scope);
    if (!response)
        return failed(std::move(response).error());
    auto const offset = response->status == 204 ? arrived(*response, upload.blob.size) : std::nullopt;
    if (!offset) {
        upload.location.clear();
        return begin_upload(upload);
    }
    upload.offset = upload.announced = *offset;
    upload.location = response->headers.get("Location").value_or(upload.location);
    publisher().publish(trace::BlobTransferStarted { .digest = upload.blob.digest,
        .size = upload.blob.size,
        .from = publisher().origin().actor,
        .to = transport.site().actor,
        .offset = upload.offset });
    return {};
}

Try RegistryClient::Impl::begin_upload(Upload& upload)
{
    auto target = fmt::format("/v2/{}/blobs/uploads/", upload.repository);
    upload.scope = push_scope(upload.repository);
    if (upload.from) {
        target += fmt::format("?mount={}&from={}", http::percent_encode(upload.blob.digest.to_string()),
            http::percent_encode(*upload.from));
        upload.scope.merge(pull_scope(*upload.from));
    }
    auto response = transport.send({ .method = "POST", .target = target }, upload.scope);
    if (!response || response->status / 100 == 4) {
        // We may not read that repository, or not both with one token: then the bytes travel.
        if (std::exchange(upload.from, std::nullopt))
            return begin_upload(upload);
    }
    if (!response)
        return failed(std::move(response).error());
    if (response->status == 201 && upload.from) {
        upload.mounted = true;
        publisher().publish(trace::BlobMounted { .digest = upload.blob.digest,
            .size = upload.blob.size,
            .from_repository = *upload.from,
            .registry = transport.site().actor });
        return {};
    }
    if (response->status != 202)
        return refused(*response);
    upload.location = response->headers.get("Location").value_or("");
    publisher().publish(trace::BlobTransferStarted { .digest = upload.blob.digest,
        .size = upload.blob.size,
        .from = publisher().origin().actor,
        .to = transport.site().actor,
        .offset = 0 });
    upload.offset = upload.announced = 0;
    return {};
}

// From the upload's offset on, each time anew: a request may have to be sent again.
Produce RegistryClient::Impl::read_on(Upload& upload)
{
    return [this, &upload, offset = upload.offset]() mutable -> Result<std::string> {
        auto const take = [&]() -> Result<std::string> {
            std::string piece(std::min<std::uint64_t>(piece_bytes, upload.blob.size - offset), '\0');
            piece.resize(TRY(upload.file.read_at(offset, piece)));
            if (piece.empty() && offset < upload.blob.size)
                return fail(ErrorKind::Corrupt, "the blob is shorter than its descriptor says");
            TRY(upload.sent(offset));
            return piece;
        };
        auto piece = take();
        if (!piece) {
            upload.stopped = piece.error();
            return piece;
        }
        offset += piece->size();
        auto const step = std::max<std::uint64_t>(64 * 1024, upload.blob.size / 100);
        if (!piece->empty() && (offset == upload.blob.size || offset - upload.announced >= step)) {
            upload.announced = offset;
            publisher().publish(
                trace::BlobBytesArrived { .digest = upload.blob.digest, .received = offset, .size = upload.blob.size });
        }
        return piece;
    };
}

Try RegistryClient::Impl::send_blob(Upload& upload)
{
    http::Request request { .method = "PATCH", .target = upload.location };
    request.headers.set("Content-Type", "application/octet-stream");
    if (upload.offset > 0)
        request.headers.set("Content-Range", fmt::format("{}-{}", upload.offset, upload.blob.size - 1));
    auto response = transport.send(std::move(request), upload.scope, [&] { return read_on(upload); });
    if (upload.stopped)
        return { std::move(*upload.stopped) };
    if (!response)
        return failed(std::move(response).error());
    if (response->status == 416 && upload.offset > 0) {
        // It has not what it said: then from the start, as one of the tries.
        auto refusal = refused(*response);
        upload.location.clear();
        refusal.worth_repeating = true;
        return refusal;
    }
    if (response->status != 202)
        return refused(*response);
    upload.location = response->headers.get("Location").value_or(upload.location);
    return {};
}

Try RegistryClient::Impl::finish_upload(Upload& upload)
{
    auto response
        = transport.send({ .method = "PUT", .target = with_digest(upload.location, upload.blob.digest) }, upload.scope);
    if (!response)
        return failed(std::move(response).error());
    return response->status == 201 ? Try {} : refused(*response);
}

Result<void> RegistryClient::push_manifest(
    std::string const& repository, std::string const& tag_or_digest, Document const& document)
{
    auto const target = fmt::format("/v2/{}/manifests/{}", repository, tag_or_digest);
    auto const what = fmt::format("manifest {}:{}", repository, tag_or_digest);
    std::optional<std::string> named;
    TRY_WITH(what, m_impl->transport.repeat([&]() -> Try {
        http::Request request { .method = "PUT", .target = target, .headers = {}, .body = document.bytes };
        request.headers.set("Content-Type", document.media_type);
        auto response = m_impl->transport.send(std::move(request), push_scope(repository));
        if (!response)
            return failed(std::move(response).error());
        named = response->headers.get("Docker-Content-Digest");
        return response->status == 201 ? Try {} : refused(*response);
    }));
    if (named && *named != document.digest.to_string())
        return fail(ErrorKind::Corrupt, what + ": the registry calls it " + *named);
    return {};
}

}
