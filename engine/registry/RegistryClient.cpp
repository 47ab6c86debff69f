#include "engine/registry/RegistryClient.h"

#include "engine/registry/RegistryParts.h"
#include "sim/core/Verify.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace drydock::registry {

using oci::Digest;

namespace {

// HARDENING T15 to T18.
constexpr int max_tries = 5;
constexpr int max_redirects = 10;
constexpr Duration silence_limit = std::chrono::seconds(15);
constexpr Duration drip_window = std::chrono::seconds(30);
constexpr std::uint64_t drip_bytes = 30 * 1024; // less than that in a window: the registry keeps us hanging
constexpr Duration first_pause = std::chrono::milliseconds(200);
constexpr Duration longest_pause = std::chrono::seconds(30);

std::string host_header(network::Endpoint const& to)
{
    return to.kind == network::Endpoint::Kind::Tcp ? fmt::format("{}:{}", to.host, to.port) : "localhost";
}

// The registry's own words: {"errors":[{"code","message"}]} (distribution-spec, "Error Codes").
Error refusal(http::Response& response)
{
    auto const body = response.body->read_all(64 * 1024).value_or("");
    auto error = http::error_of(response.status, {});
    auto const document = nlohmann::json::parse(body, nullptr, false);
    if (!document.is_object() || !document.contains("errors") || !document["errors"].is_array()
        || document["errors"].empty() || !document["errors"][0].is_object())
        return error;
    auto const& first = document["errors"][0];
    auto const text = [&](char const* field) {
        return first.contains(field) && first[field].is_string() ? first[field].get<std::string>() : std::string();
    };
    return { error.kind(), fmt::format("{}: {}", text("code"), text("message")) };
}

bool is_temporary(int status)
{
    return status == 408 || status == 429 || status >= 500;
}

// What one try came to: done, or an error and whether another try may help.
struct Try {
    std::optional<Error> error;
    bool worth_repeating { false };
    Duration pause { 0 }; // at least; from Retry-After
};

Duration retry_after(http::Response const& response)
{
    auto const text = response.headers.get("Retry-After").value_or("");
    std::int64_t seconds = 0;
    std::from_chars(text.data(), text.data() + text.size(), seconds);
    return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, 30));
}

Try refused(http::Response& response)
{
    auto const pause = retry_after(response);
    return { refusal(response), is_temporary(response.status), pause };
}

Try failed(Error error)
{
    bool const cut = error.kind() == ErrorKind::Unavailable;
    return { std::move(error), cut };
}

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

struct RegistryClient::Impl {
    network::Network& network;
    Scheduler& scheduler;
    HostId from;
    network::Endpoint endpoint;
    ActorId registry;
    trace::Publisher publisher;
    http::Client client;

    struct Transfer {
        std::string target;
        Digest digest;
        std::uint64_t size;
        std::uint64_t received;
        std::function<Result<void>(std::string_view)> const& sink;
        std::function<Result<void>()> const& restarted;
        std::uint64_t announced { 0 };
    };

    Result<http::Response> get(std::string const& target, http::Headers headers);
    Result<http::Response> get_elsewhere(network::Endpoint const&, std::string const& target, http::Headers headers);
    Result<void> repeat(std::function<Try()> const& once);
    Try fetch_document(std::string const& target, Document& document);
    Try fetch_blob(Transfer&);
    Result<void> accept_head(Transfer&, http::Response const&);
    Try copy(Transfer&, http::BodyReader&);
    Result<void> take(Transfer&, std::string_view piece);
    void announce(Transfer&);
};

RegistryClient::RegistryClient(network::Network& network, Scheduler& scheduler, HostId from, network::Endpoint endpoint,
    ActorId registry, trace::Publisher publisher)
    : m_impl(std::make_unique<Impl>(Impl { network, scheduler, from, endpoint, std::move(registry),
        std::move(publisher), http::Client(network, from, endpoint, scheduler, host_header(endpoint)) }))
{
}

RegistryClient::~RegistryClient() = default;

ActorId const& RegistryClient::registry() const
{
    return m_impl->registry;
}

// ---- Requests ----

namespace {

struct Place {
    std::optional<network::Endpoint> endpoint; // nothing: where we are
    std::string target;
};

// Where a redirect leads. https would need TLS, and everything that is not http is a trick.
Result<Place> parse_location(std::string_view location)
{
    if (location.starts_with('/') && !location.starts_with("//"))
        return Place { std::nullopt, std::string(location) };
    constexpr std::string_view scheme = "http://";
    if (!location.starts_with(scheme))
        return fail(ErrorKind::NotSupported, fmt::format("a redirect to \"{}\"", location));
    auto const rest = location.substr(scheme.size());
    auto const authority = rest.substr(0, rest.find('/'));
    bool const has_port = authority.find(':', authority.find(']') + 1) != std::string_view::npos;
    auto const endpoint = TRY(network::Endpoint::parse("tcp://" + std::string(authority) + (has_port ? "" : ":80")));
    return Place { endpoint, authority.size() < rest.size() ? std::string(rest.substr(authority.size())) : "/" };
}

}

// Follows redirects. Each host gets a request of its own, so that nothing meant for one ever reaches another.
Result<http::Response> RegistryClient::Impl::get(std::string const& target, http::Headers headers)
{
    Place place { std::nullopt, target };
    for (int redirects = 0; redirects <= max_redirects; ++redirects) {
        auto response = place.endpoint
            ? TRY(get_elsewhere(*place.endpoint, place.target, headers))
            : TRY(client.send({ .target = place.target, .headers = headers, .read_timeout = silence_limit }));
        auto const location = response.headers.get("Location");
        if (response.status / 100 != 3 || !location)
            return response;
        auto next = TRY(parse_location(*location));
        if (!next.endpoint)
            next.endpoint = place.endpoint;
        place = std::move(next);
    }
    return fail(ErrorKind::LimitExceeded, fmt::format("more than {} redirects", max_redirects));
}

Result<http::Response> RegistryClient::Impl::get_elsewhere(
    network::Endpoint const& to, std::string const& target, http::Headers headers)
{
    http::Client other(network, from, to, scheduler, host_header(to));
    return other.send({ .target = target, .headers = std::move(headers), .read_timeout = silence_limit });
}

// Again after a pause that doubles, as long as there is hope.
Result<void> RegistryClient::Impl::repeat(std::function<Try()> const& once)
{
    auto pause = first_pause;
    for (int number = 1;; ++number) {
        auto result = once();
        if (!result.error)
            return {};
        if (!result.worth_repeating)
            return fail(std::move(*result.error));
        if (number == max_tries)
            return fail(std::move(*result.error).with_context(fmt::format("gave up after {} tries", max_tries)));
        scheduler.sleep_for(std::min(std::max(pause, result.pause), longest_pause));
        pause *= 2;
    }
}

// ---- Manifests ----

Try RegistryClient::Impl::fetch_document(std::string const& target, Document& document)
{
    using namespace oci::media_type;
    http::Headers accept;
    for (auto const type : { docker_manifest, docker_list, oci_manifest, oci_index })
        accept.add("Accept", std::string(type));
    auto response = get(target, std::move(accept));
    if (!response)
        return failed(std::move(response).error());
    if (response->status != 200)
        return refused(*response);
    auto body = ImpatientReader(*response->body, scheduler).read_all(max_document);
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

Result<Document> RegistryClient::manifest(std::string const& repository, std::string const& tag_or_digest)
{
    auto const wanted = Digest::parse(tag_or_digest);
    auto const name = repository + (wanted ? "@" : ":") + tag_or_digest;
    Document document { {}, Digest::of(""), {} };
    auto const target = fmt::format("/v2/{}/manifests/{}", repository, tag_or_digest);
    auto fetched = m_impl->repeat([&] { return m_impl->fetch_document(target, document); });
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
        m_impl->publisher.publish(trace::DigestMismatched { .expected = document.digest,
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
    Impl::Transfer transfer { fmt::format("/v2/{}/blobs/{}", repository, digest.to_string()), digest, size, offset,
        sink, restarted, offset };
    m_impl->publisher.publish(trace::BlobTransferStarted { .digest = digest,
        .size = size,
        .from = m_impl->registry,
        .to = m_impl->publisher.origin().actor,
        .offset = offset });
    if (offset == size && size > 0)
        return {};
    TRY_WITH("blob " + digest.to_string(), m_impl->repeat([&] { return m_impl->fetch_blob(transfer); }));
    return {};
}

Try RegistryClient::Impl::fetch_blob(Transfer& transfer)
{
    http::Headers headers;
    if (transfer.received > 0)
        headers.set("Range", fmt::format("bytes={}-", transfer.received));
    auto response = get(transfer.target, std::move(headers));
    if (!response)
        return failed(std::move(response).error());
    if (response->status != 200 && response->status != 206)
        return refused(*response);
    if (auto accepted = accept_head(transfer, *response); !accepted)
        return { std::move(accepted).error() };
    ImpatientReader body(*response->body, scheduler);
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
    publisher.publish(
        trace::BlobBytesArrived { .digest = transfer.digest, .received = transfer.received, .size = transfer.size });
}

}
