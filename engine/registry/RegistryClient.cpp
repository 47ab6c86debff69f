#include "engine/registry/RegistryParts.h"
#include "engine/registry/RegistryTransport.h"
#include "sim/core/Verify.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace drydock::registry {

using oci::Digest;

namespace {

// HARDENING T15.
constexpr Duration drip_window = std::chrono::seconds(30);
constexpr std::uint64_t drip_bytes = 30 * 1024; // less than that in a window: the registry keeps us hanging

// Ends a body that only drips. The time between two reads counts, so that a stall and a trickle look the same.
class ImpatientReader final : public http::BodyReader {
public:
    ImpatientReader(http::BodyReader& body, Clock const& clock)
        : m_body(body)
        , m_clock(clock)
        , m_window_begin(clock.now())
    {
    }
    // Complains before it reads, never about bytes that have come.
    Result<std::size_t> read_some(std::span<char> buffer) override
    {
        if (m_too_slow)
            return fail(ErrorKind::Unavailable, "the registry sends less than 1 KiB a second");
        auto const count = TRY(m_body.read_some(buffer));
        m_in_window += count;
        if (auto const now = m_clock.now(); count > 0 && now - m_window_begin >= drip_window) {
            m_too_slow = m_in_window < drip_bytes;
            m_window_begin = now;
            m_in_window = 0;
        }
        return count;
    }

private:
    http::BodyReader& m_body;
    Clock const& m_clock;
    Timestamp m_window_begin;
    std::uint64_t m_in_window { 0 };
    bool m_too_slow { false };
};

// "bytes 100-199/200" has to be what was asked for (RFC 9110, 14.4).
bool is_requested_range(http::Response const& response, std::uint64_t offset, std::uint64_t size)
{
    return response.headers.get("Content-Range") == fmt::format("bytes {}-{}/{}", offset, size - 1, size);
}

}

struct RegistryClient::Impl::Transfer {
    std::string repository;
    Digest digest;
    std::uint64_t size;
    std::uint64_t received;
    std::function<Result<void>(std::string_view)> const& sink;
    std::function<Result<void>()> const& restarted;
    std::uint64_t announced { 0 };
};

RegistryClient::RegistryClient(network::Network& network, Scheduler& scheduler, HostId from, Site site,
    trace::Publisher publisher, std::stop_token stop)
    : m_impl(std::make_unique<Impl>(
        network, scheduler, std::move(from), std::move(site), std::move(publisher), std::move(stop)))
{
}

RegistryClient::~RegistryClient() = default;

ActorId const& RegistryClient::registry() const
{
    return m_impl->transport.site().actor;
}

Result<void> RegistryClient::check(std::optional<std::string> const& push_repository)
{
    auto response
        = TRY(m_impl->transport.send({ .target = "/v2/" }, push_repository ? push_scope(*push_repository) : Scope {}));
    if (response.status != 200)
        return fail(refusal(response));
    return {};
}

// ---- Manifests ----

Try RegistryClient::Impl::fetch_document(std::string const& repository, std::string const& target, Document& document)
{
    using namespace oci::media_type;
    http::Headers accept;
    for (auto const type : { docker_manifest, docker_list, oci_manifest, oci_index })
        accept.add("Accept", std::string(type));
    auto response = transport.send({ .target = target, .headers = std::move(accept) }, pull_scope(repository));
    if (!response)
        return failed(std::move(response).error());
    note_rate_limit(response->headers);
    if (response->status != 200)
        return refused(*response);
    auto body = ImpatientReader(*response->body, transport.scheduler()).read_all(max_document);
    if (!body)
        return failed(std::move(body).error());
    auto const type = response->headers.get("Content-Type").value_or("");
    document.media_type = type.substr(0, type.find(';'));
    document.bytes = std::move(*body);
    if (auto const promised = response->headers.get("Docker-Content-Digest")) {
        auto digest = Digest::parse(*promised);
        if (!digest)
            return { std::move(digest).error().with_context("Docker-Content-Digest") };
        document.digest = *digest;
    } else {
        document.digest = Digest::of(document.bytes);
    }
    return {};
}

void RegistryClient::Impl::note_rate_limit(http::Headers const& headers)
{
    auto const told = rate_limit_of(headers);
    if (!told)
        return;
    {
        std::lock_guard const lock(rate_limit_mutex);
        rate_limit = told;
    }
    publisher().publish(trace::RateLimitTold { .registry = transport.site().actor,
        .limit = told->limit,
        .remaining = told->remaining,
        .window = told->window });
}

std::optional<RateLimit> RegistryClient::rate_limit() const
{
    std::lock_guard const lock(m_impl->rate_limit_mutex);
    return m_impl->rate_limit;
}

Result<Document> RegistryClient::manifest(std::string const& repository, std::string const& tag_or_digest)
{
    auto const wanted = Digest::parse(tag_or_digest);
    auto const name = repository + (wanted ? "@" : ":") + tag_or_digest;
    Document document { {}, Digest::of(""), {} };
    auto const target = fmt::format("/v2/{}/manifests/{}", repository, tag_or_digest);
    auto fetched = m_impl->transport.repeat([&] { return m_impl->fetch_document(repository, target, document); });
    if (!fetched && fetched.error().kind() == ErrorKind::NotFound)
        return fail(
            ErrorKind::NotFound, fmt::format("manifest for {} not found: manifest unknown: manifest unknown", name));
    if (!fetched)
        return fail(std::move(fetched).error().with_context("manifest " + name));
    if (!oci::is_manifest(document.media_type) && !oci::is_index(document.media_type))
        return fail(ErrorKind::NotSupported,
            fmt::format("manifest {}: \"{}\" is no media type of a manifest", name, document.media_type));
    // The tag was the registry's to resolve; a digest is ours to insist on.
    if (wanted)
        document.digest = *wanted;
    auto const actual = Digest::of(document.bytes, document.digest.algorithm());
    if (actual != document.digest) {
        m_impl->publisher().publish(trace::DigestMismatched { .expected = document.digest,
            .actual = actual,
            .what = trace::Verified::Manifest,
            .bytes = document.bytes.size() });
        return fail(ErrorKind::Corrupt,
            fmt::format(
                "manifest {} hashes to {}, expected {}", name, actual.to_string(), document.digest.to_string()));
    }
    return document;
}

// ---- Blobs ----

Result<void> RegistryClient::blob(std::string const& repository, Digest const& digest, std::uint64_t size,
    std::uint64_t offset, std::function<Result<void>(std::string_view)> const& sink,
    std::function<Result<void>()> const& restarted)
{
    VERIFY(offset <= size);
    Impl::Transfer transfer { repository, digest, size, offset, sink, restarted, offset };
    m_impl->publisher().publish(trace::BlobTransferStarted { .digest = digest,
        .size = size,
        .from = registry(),
        .to = m_impl->publisher().origin().actor,
        .offset = offset });
    if (offset == size && size > 0)
        return {};
    TRY_WITH("blob " + digest.to_string(), m_impl->transport.repeat([&] { return m_impl->fetch_blob(transfer); }));
    return {};
}

Try RegistryClient::Impl::fetch_blob(Transfer& transfer)
{
    http::Headers headers;
    if (transfer.received > 0)
        headers.set("Range", fmt::format("bytes={}-", transfer.received));
    auto const target = fmt::format("/v2/{}/blobs/{}", transfer.repository, transfer.digest.to_string());
    auto response
        = transport.send({ .target = target, .headers = std::move(headers) }, pull_scope(transfer.repository));
    if (!response)
        return failed(std::move(response).error());
    if (response->status != 200 && response->status != 206)
        return refused(*response);
    if (auto accepted = accept_head(transfer, *response); !accepted)
        return { std::move(accepted).error() };
    ImpatientReader body(*response->body, transport.scheduler());
    return copy(transfer, body);
}

Result<void> RegistryClient::Impl::accept_head(Transfer& transfer, http::Response const& response)
{
    if (response.status == 206) {
        if (transfer.received > 0 && is_requested_range(response, transfer.received, transfer.size))
            return {};
        return fail(ErrorKind::Corrupt,
            fmt::format("asked for the bytes from {} on, the registry sends \"{}\"", transfer.received,
                response.headers.get("Content-Range").value_or("")));
    }
    if (transfer.received == 0)
        return {};
    transfer.received = transfer.announced = 0;
    return transfer.restarted();
}

// A cut is worth another try. What the sink says is not: the same bytes would meet the same full disk again.
Try RegistryClient::Impl::copy(Transfer& transfer, http::BodyReader& body)
{
    std::string buffer(std::min<std::uint64_t>(256 * 1024, transfer.size - transfer.received + 1), '\0');
    for (;;) {
        auto const left = transfer.size - transfer.received;
        // One byte more than is left, to see an end that does not come.
        auto const count = body.read_some(std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), left + 1)));
        // Every byte has come; how the connection ended behind them does not matter, the digest does.
        if (left == 0 && (!count || *count == 0))
            return {};
        if (!count)
            return failed(count.error());
        if (*count == 0)
            return failed({ ErrorKind::Unavailable,
                fmt::format("the transfer ended after {} of {} bytes", transfer.received, transfer.size) });
        if (auto taken = take(transfer, std::string_view(buffer).substr(0, *count)); !taken)
            return { std::move(taken).error() };
    }
}

Result<void> RegistryClient::Impl::take(Transfer& transfer, std::string_view piece)
{
    if (piece.size() > transfer.size - transfer.received)
        return fail(ErrorKind::Corrupt, fmt::format("the registry sends more than {} bytes", transfer.size));
    TRY(transfer.sink(piece));
    transfer.received += piece.size();
    announce(transfer);
    return {};
}

// Often enough to see it move, seldom enough that a large layer does not fill the log.
void RegistryClient::Impl::announce(Transfer& transfer)
{
    auto const step = std::max<std::uint64_t>(64 * 1024, transfer.size / 100);
    if (transfer.received < transfer.size && transfer.received - transfer.announced < step)
        return;
    transfer.announced = transfer.received;
    publisher().publish(
        trace::BlobBytesArrived { .digest = transfer.digest, .received = transfer.received, .size = transfer.size });
}

// ---- Lists ----

namespace {

// The next page: Link: </v2/_catalog?last=app&n=100>; rel="next" (RFC 8288).
std::string next_page(http::Response const& response)
{
    auto const link = response.headers.get("Link").value_or("");
    auto const end = link.find('>');
    if (!link.starts_with('<') || end == std::string::npos || link.find("rel=\"next\"") == std::string::npos)
        return {};
    return link.substr(1, end - 1);
}

}

Result<std::vector<std::string>> RegistryClient::Impl::list(
    std::string target, std::string const& scope, char const* key, std::size_t limit)
{
    std::vector<std::string> names;
    while (!target.empty() && names.size() < limit) {
        auto response = TRY(transport.send({ .target = target }, { scope }));
        if (response.status != 200)
            return fail(refusal(response));
        auto const body = TRY(response.body->read_all(max_document));
        auto const document = nlohmann::json::parse(body, nullptr, false);
        if (!document.is_object() || !document.contains(key) || !(document[key].is_array() || document[key].is_null()))
            return fail(ErrorKind::Corrupt, std::string("the registry's list of ") + key + " is none");
        auto const before = names.size();
        for (auto const& name : document[key]) {
            if (name.is_string() && names.size() < limit)
                names.push_back(name.get<std::string>());
        }
        target = names.size() == before ? std::string() : next_page(response);
    }
    return names;
}

Result<std::vector<std::string>> RegistryClient::repositories(std::size_t limit)
{
    return m_impl->list("/v2/_catalog?n=100", "registry:catalog:*", "repositories", limit);
}

Result<std::vector<std::string>> RegistryClient::tags(std::string const& repository, std::size_t limit)
{
    return m_impl->list("/v2/" + repository + "/tags/list?n=100", "repository:" + repository + ":pull", "tags", limit);
}

}
