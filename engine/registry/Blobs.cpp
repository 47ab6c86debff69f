#include "engine/registry/RegistryParts.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace drydock::registry {

using oci::Digest;

namespace {

struct Range {
    std::uint64_t first { 0 };
    std::uint64_t last { 0 }; // inclusive
};

enum class RangeAnswer : std::uint8_t { Whole, Part, NotSatisfiable };

std::optional<std::uint64_t> number(std::string_view digits)
{
    std::uint64_t value = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc {} || end != digits.data() + digits.size())
        return std::nullopt;
    return value;
}

// RFC 9110, 14.1.2 and 14.2: "bytes=2-5", "bytes=2-", "bytes=-5". What is no single range is ignored; one that ends
// before it begins, "bytes=5-2", may be ignored or refused, and a client that sends it would not expect the whole blob.
RangeAnswer apply_range(std::string_view header, std::uint64_t size, Range& range)
{
    constexpr std::string_view unit = "bytes=";
    auto const dash = header.find('-');
    if (!header.starts_with(unit) || dash == std::string_view::npos)
        return RangeAnswer::Whole;
    auto const first = number(header.substr(unit.size(), dash - unit.size()));
    auto const last = number(header.substr(dash + 1));
    bool const open = dash + 1 == header.size();
    if (dash == unit.size()) {
        if (!last)
            return RangeAnswer::Whole;
        range = { size - std::min(*last, size), size - 1 };
        return *last == 0 || size == 0 ? RangeAnswer::NotSatisfiable : RangeAnswer::Part;
    }
    if (!first || (!last && !open))
        return RangeAnswer::Whole;
    if (*first >= size || (last && *last < *first))
        return RangeAnswer::NotSatisfiable;
    range = { *first, open ? size - 1 : std::min(*last, size - 1) };
    return RangeAnswer::Part;
}

Result<void> send(content::ReadableFile const& file, std::uint64_t offset, std::uint64_t length, http::BodyWriter& body)
{
    std::string buffer(256 * 1024, '\0');
    while (length > 0) {
        auto const count = TRY(file.read_at(
            offset, std::span(buffer).first(static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), length)))));
        if (count == 0)
            return fail(ErrorKind::Corrupt, "the blob is shorter than it was");
        TRY(body.write(std::string_view(buffer).substr(0, count)));
        offset += count;
        length -= count;
    }
    return body.finish();
}

}

void RegistryServer::Impl::blobs(http::Exchange& exchange, std::string const& repository, std::string const& text)
{
    if (text == "uploads")
        return upload(exchange, repository, {});
    auto const digest = Digest::parse(text);
    if (!digest)
        return refuse(exchange, 400, Code::DigestInvalid, text);
    if (exchange.method() == "GET" || exchange.method() == "HEAD")
        return get_blob(exchange, repository, *digest);
    if (exchange.method() == "DELETE")
        return delete_blob(exchange, repository, *digest);
    refuse(exchange, 405, Code::Unsupported, exchange.method());
}

void RegistryServer::Impl::get_blob(http::Exchange& exchange, std::string const& repository, Digest const& digest)
{
    auto const file = store.open(digest);
    if (!file || !repositories.has_blob(repository, digest))
        return refuse(exchange, 404, Code::BlobUnknown, digest.to_string());
    auto const size = (*file)->size();
    auto const etag = "\"" + digest.to_string() + "\"";
    http::Headers headers { { "Content-Type", "application/octet-stream" },
        { "Docker-Content-Digest", digest.to_string() }, { "Etag", etag }, { "Accept-Ranges", "bytes" },
        { "Docker-Distribution-Api-Version", "registry/2.0" } };

    Range range { 0, size == 0 ? 0 : size - 1 };
    bool const same = exchange.headers().get("If-Range").value_or(etag) == etag;
    auto const wanted = exchange.headers().get("Range");
    auto const part = wanted && same ? apply_range(*wanted, size, range) : RangeAnswer::Whole;
    if (part == RangeAnswer::NotSatisfiable)
        return answer(exchange, 416, { { "Content-Range", fmt::format("bytes */{}", size) } });
    if (part == RangeAnswer::Part)
        headers.add("Content-Range", fmt::format("bytes {}-{}/{}", range.first, range.last, size));
    auto const length = part == RangeAnswer::Part ? range.last - range.first + 1 : size;
    auto const body = exchange.respond_streaming(part == RangeAnswer::Part ? 206 : 200, std::move(headers), length);
    // A body that stays short cuts the connection, and that is all we can still tell the client.
    if (body && exchange.method() == "GET")
        static_cast<void>(send(**file, range.first, length, **body));
}

void RegistryServer::Impl::delete_blob(http::Exchange& exchange, std::string const& repository, Digest const& digest)
{
    if (!repositories.has_blob(repository, digest))
        return refuse(exchange, 404, Code::BlobUnknown, digest.to_string());
    if (is_used(repository, digest))
        return refuse(exchange, 405, Code::Unsupported, "a manifest refers to " + digest.to_string());
    auto removed = repositories.remove_blob(repository, digest);
    // Repositories share the bytes, so one of them must not pull the floor from under another.
    if (removed && !repositories.anybody_has(digest) && store.has(digest))
        removed = store.remove(digest);
    if (!removed)
        return refuse(exchange, 500, Code::Unknown, removed.error().message());
    answer(exchange, 202, {});
}

bool RegistryServer::Impl::is_used(std::string const& repository, Digest const& blob) const
{
    auto const manifests = repositories.manifests(repository);
    return std::any_of(manifests.begin(), manifests.end(), [&](Digest const& digest) {
        return digest == blob || store.read(digest).value_or("").find(blob.hex()) != std::string::npos;
    });
}

}
