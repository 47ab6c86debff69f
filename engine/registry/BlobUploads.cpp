#include "engine/registry/RegistryParts.h"

#include <fmt/format.h>

#include <charconv>

namespace drydock::registry {

using oci::Digest;

namespace {

// "0-41" for 42 bytes. For none at all the spec has no form; every registry says "0-0".
std::string range_of(std::uint64_t size)
{
    return fmt::format("0-{}", size == 0 ? 0 : size - 1);
}

http::Headers session_headers(std::string const& repository, Uploads::Lease const& session)
{
    return { { "Location", fmt::format("/v2/{}/blobs/uploads/{}", repository, session.id()) },
        { "Docker-Upload-UUID", session.id() }, { "Range", range_of(session.size()) } };
}

// Content-Range of a chunk is "<first>-<last>", inclusive and without a unit (distribution-spec, "Pushing a blob in
// chunks"). It has to begin where the session ends.
bool follows(http::Exchange const& exchange, std::uint64_t size)
{
    auto const header = exchange.headers().get("Content-Range");
    if (!header)
        return true;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    auto const* const end = header->data() + header->size();
    auto const [dash, first_error] = std::from_chars(header->data(), end, first);
    if (first_error != std::errc {} || dash == end || *dash != '-')
        return false;
    auto const [rest, last_error] = std::from_chars(dash + 1, end, last);
    if (last_error != std::errc {} || rest != end || first != size || last < first)
        return false;
    auto const length = exchange.headers().get("Content-Length");
    return !length || *length == std::to_string(last - first + 1);
}

// What arrived before the connection broke stays, so that the client can go on behind it.
Result<void> receive(http::BodyReader& body, Uploads::Lease& session)
{
    std::string buffer(256 * 1024, '\0');
    while (auto const count = TRY(body.read_some(buffer)))
        TRY(session.append(std::string_view(buffer).substr(0, count)));
    return {};
}

// The session is given back before the client hears of it: its next request may come at once.
void answer_with_progress(http::Exchange& exchange, int status, std::string const& repository, Uploads::Lease session)
{
    auto headers = session_headers(repository, session);
    session.release();
    answer(exchange, status, std::move(headers));
}

void refuse_write(http::Exchange& exchange, Error const& error, Uploads::Lease session)
{
    session.release();
    bool const ours = error.kind() == ErrorKind::Io;
    refuse(exchange, ours ? 500 : 400, ours ? Code::Unknown : Code::BlobUploadInvalid, error.message());
}

}

// A blob of another repository, without its bytes, where the client may read that one; false where it has to upload
// it. Without `from` any repository will do, as the spec allows.
bool RegistryServer::Impl::mount(http::Exchange& exchange, std::string const& repository, std::string const& text)
{
    auto const digest = Digest::parse(text);
    auto const from = exchange.target().get("from");
    if (!digest || !store.has(*digest))
        return false;
    bool const readable = from
        ? repositories.has_blob(*from, *digest) && (!gate || !gate->check(exchange, { *from, "pull" }))
        : !gate && repositories.anybody_has(*digest);
    if (!readable || !repositories.add_blob(repository, *digest))
        return false;
    answer(exchange, 201,
        { { "Location", fmt::format("/v2/{}/blobs/{}", repository, text) }, { "Docker-Content-Digest", text } });
    return true;
}

void RegistryServer::Impl::begin_upload(http::Exchange& exchange, std::string const& repository)
{
    auto const& target = exchange.target();
    if (auto const digest = target.get("mount"); digest && mount(exchange, repository, *digest))
        return;
    auto session = uploads.begin(repository);
    if (!session)
        return refuse(exchange, 500, Code::Unknown, session.error().message());
    if (auto const digest = target.get("digest"))
        return finish_upload(exchange, repository, std::move(*session), *digest);
    answer_with_progress(exchange, 202, repository, std::move(*session));
}

void RegistryServer::Impl::upload(http::Exchange& exchange, std::string const& repository, std::string const& id)
{
    auto const& method = exchange.method();
    if (id.empty() && method == "POST")
        return begin_upload(exchange, repository);
    auto session = uploads.take(repository, id);
    if (!session) {
        bool const unknown = session.error().kind() == ErrorKind::NotFound;
        return refuse(exchange, unknown ? 404 : 409, unknown ? Code::BlobUploadUnknown : Code::BlobUploadInvalid,
            session.error().message());
    }
    if (method == "GET" || method == "HEAD")
        return answer_with_progress(exchange, 204, repository, std::move(*session));
    if (method == "DELETE") {
        session->cancel();
        return answer(exchange, 204, {});
    }
    if (method != "PATCH" && method != "PUT")
        return refuse(exchange, 405, Code::Unsupported, method);
    if (!follows(exchange, session->size()))
        return answer_with_progress(exchange, 416, repository, std::move(*session));
    if (method == "PUT")
        return finish_upload(exchange, repository, std::move(*session), exchange.target().get("digest").value_or(""));
    if (auto const received = receive(exchange.body(), *session); !received)
        return refuse_write(exchange, received.error(), std::move(*session));
    answer_with_progress(exchange, 202, repository, std::move(*session));
}

// The last bytes, if any, and the name that all of them must have.
void RegistryServer::Impl::finish_upload(
    http::Exchange& exchange, std::string const& repository, Uploads::Lease session, std::string const& text)
{
    auto const digest = Digest::parse(text);
    if (!digest)
        return refuse(exchange, 400, Code::DigestInvalid, text);
    if (auto const received = receive(exchange.body(), session); !received)
        return refuse_write(exchange, received.error(), std::move(session));
    auto const committed = session.commit(*digest);
    if (!committed && committed.error().kind() == ErrorKind::Corrupt) {
        session.cancel();
        return refuse(exchange, 400, Code::DigestInvalid, committed.error().message());
    }
    if (!committed)
        return refuse_write(exchange, committed.error(), std::move(session));
    if (auto const added = repositories.add_blob(repository, *digest); !added)
        return refuse(exchange, 500, Code::Unknown, added.error().message());
    answer(exchange, 201,
        { { "Location", fmt::format("/v2/{}/blobs/{}", repository, text) }, { "Docker-Content-Digest", text } });
}

}
