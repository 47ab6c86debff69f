#include "engine/registry/RegistryParts.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace drydock::registry {

using nlohmann::ordered_json;

namespace {

struct Words {
    std::string_view code;
    std::string_view message;
};

Words words_of(Code code)
{
    switch (code) {
    case Code::BlobUnknown: return { "BLOB_UNKNOWN", "blob unknown to registry" };
    case Code::BlobUploadInvalid: return { "BLOB_UPLOAD_INVALID", "blob upload invalid" };
    case Code::BlobUploadUnknown: return { "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry" };
    case Code::DigestInvalid: return { "DIGEST_INVALID", "provided digest did not match uploaded content" };
    case Code::ManifestBlobUnknown:
        return { "MANIFEST_BLOB_UNKNOWN", "manifest references a blob unknown to registry" };
    case Code::ManifestInvalid: return { "MANIFEST_INVALID", "manifest invalid" };
    case Code::ManifestUnknown: return { "MANIFEST_UNKNOWN", "manifest unknown" };
    case Code::NameInvalid: return { "NAME_INVALID", "invalid repository name" };
    case Code::NameUnknown: return { "NAME_UNKNOWN", "repository name not known to registry" };
    case Code::SizeInvalid: return { "SIZE_INVALID", "provided length did not match content length" };
    case Code::Unauthorized: return { "UNAUTHORIZED", "authentication required" };
    case Code::Denied: return { "DENIED", "requested access to the resource is denied" };
    case Code::Unsupported: return { "UNSUPPORTED", "the operation is unsupported" };
    case Code::PaginationNumberInvalid: return { "PAGINATION_NUMBER_INVALID", "invalid number of results requested" };
    case Code::Unknown: return { "UNKNOWN", "unknown error" };
    }
    return {};
}

}

void answer(http::Exchange& exchange, int status, http::Headers headers, std::string body)
{
    headers.add("Docker-Distribution-Api-Version", "registry/2.0");
    static_cast<void>(exchange.respond(status, std::move(headers), std::move(body)));
}

void refuse(http::Exchange& exchange, int status, Code code, std::string_view detail)
{
    auto const [name, message] = words_of(code);
    ordered_json error;
    error["code"] = name;
    error["message"] = message;
    error["detail"] = detail;
    ordered_json const document { { "errors", ordered_json::array({ error }) } };
    answer(exchange, status, { { "Content-Type", "application/json" } },
        document.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
}

// ---- Routes ----

namespace {

// "/v2/<name><marker><rest>". A name may hold the words of a marker itself, so the last one counts.
struct Resource {
    std::string name;
    std::string rest;
};

std::optional<Resource> split(std::string_view path, std::string_view marker)
{
    constexpr std::string_view prefix = "/v2/";
    auto const at = path.rfind(marker);
    if (!path.starts_with(prefix) || at == std::string_view::npos || at < prefix.size())
        return std::nullopt;
    return Resource { std::string(path.substr(prefix.size(), at - prefix.size())),
        std::string(path.substr(at + marker.size())) };
}

bool reads(http::Exchange const& exchange)
{
    return exchange.method() == "GET" || exchange.method() == "HEAD";
}

std::string action_of(http::Exchange const& exchange)
{
    if (reads(exchange))
        return "pull";
    return exchange.method() == "DELETE" ? "delete" : "push";
}

}

// Answers in the gate's place where it lets nobody through.
bool RegistryServer::Impl::may_pass(http::Exchange& exchange, Wanted const& wanted)
{
    auto const refusal = gate ? gate->check(exchange, wanted) : std::nullopt;
    if (!refusal)
        return true;
    auto const code = refusal->known ? Code::Denied : Code::Unauthorized;
    http::Headers headers { { "Content-Type", "application/json" } };
    if (!refusal->challenge.empty())
        headers.add("WWW-Authenticate", refusal->challenge);
    auto const [name, message] = words_of(code);
    ordered_json const error { { "code", name }, { "message", message }, { "detail", wanted.repository } };
    ordered_json const document { { "errors", ordered_json::array({ error }) } };
    answer(exchange, refusal->known ? 403 : 401, std::move(headers),
        document.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
    return false;
}

void RegistryServer::Impl::route(http::Exchange& exchange)
{
    auto const& path = exchange.target().path;
    if ((gate && gate->serve(exchange)) || route_listing(exchange))
        return;
    struct Route {
        std::string_view marker;
        std::function<void(Resource const&)> serve;
    };
    Route const routes[] {
        { "/blobs/uploads/", [&](Resource const& r) { upload(exchange, r.name, r.rest); } },
        { "/manifests/", [&](Resource const& r) { manifests(exchange, r.name, r.rest); } },
        { "/blobs/", [&](Resource const& r) { blobs(exchange, r.name, r.rest); } },
        { "/referrers/", [&](Resource const& r) { referrers(exchange, r.name, r.rest); } },
    };
    for (auto const& [marker, serve] : routes) {
        auto const resource = split(path, marker);
        if (!resource || resource->rest.find('/') != std::string::npos)
            continue;
        if (!is_repository_name(resource->name))
            return refuse(exchange, 400, Code::NameInvalid, resource->name);
        if (may_pass(exchange, { resource->name, action_of(exchange) }))
            serve(*resource);
        return;
    }
    refuse(exchange, 404, Code::Unsupported, exchange.method() + " " + path);
}

// What answers with a list, and the question whether this is a registry at all.
bool RegistryServer::Impl::route_listing(http::Exchange& exchange)
{
    auto const& path = exchange.target().path;
    if (!reads(exchange))
        return false;
    if (path == "/v2/" || path == "/v2") {
        if (may_pass(exchange, {}))
            answer(exchange, 200, { { "Content-Type", "application/json" } }, "{}");
        return true;
    }
    if (path == "/v2/_catalog") {
        if (may_pass(exchange, { {}, "*" }))
            list_repositories(exchange);
        return true;
    }
    auto const tags = split(path, "/tags/list");
    if (!tags || !tags->rest.empty())
        return false;
    if (may_pass(exchange, { tags->name, "pull" }))
        list_tags(exchange, tags->name);
    return true;
}

// ---- Lists, in pages (distribution-spec 1.1, "Listing Tags") ----

namespace {

struct Page {
    std::vector<std::string> names;
    std::string next; // where the next one begins; empty on the last
};

// Nothing where `n` is no number.
std::optional<Page> page_of(std::vector<std::string> all, http::Target const& target)
{
    if (auto const last = target.get("last"))
        all.erase(all.begin(), std::upper_bound(all.begin(), all.end(), *last));
    auto const text = target.get("n");
    if (!text)
        return Page { std::move(all), {} };
    std::uint64_t count = 0;
    auto const [end, error] = std::from_chars(text->data(), text->data() + text->size(), count);
    if (error != std::errc {} || end != text->data() + text->size())
        return std::nullopt;
    if (count >= all.size())
        return Page { std::move(all), {} };
    all.resize(count);
    auto const next
        = all.empty() ? std::string() : fmt::format("n={}&last={}", count, http::percent_encode(all.back()));
    return Page { std::move(all), next };
}

void answer_page(http::Exchange& exchange, ordered_json document, char const* field, std::vector<std::string> all)
{
    auto const page = page_of(std::move(all), exchange.target());
    if (!page)
        return refuse(exchange, 400, Code::PaginationNumberInvalid, *exchange.target().get("n"));
    document[field] = page->names;
    http::Headers headers { { "Content-Type", "application/json" } };
    if (!page->next.empty())
        headers.add("Link", fmt::format("<{}?{}>; rel=\"next\"", exchange.target().path, page->next));
    answer(exchange, 200, std::move(headers), document.dump());
}

}

void RegistryServer::Impl::list_repositories(http::Exchange& exchange)
{
    answer_page(exchange, ordered_json::object(), "repositories", repositories.names());
}

void RegistryServer::Impl::list_tags(http::Exchange& exchange, std::string const& repository)
{
    if (!is_repository_name(repository))
        return refuse(exchange, 400, Code::NameInvalid, repository);
    if (!repositories.exists(repository))
        return refuse(exchange, 404, Code::NameUnknown, repository);
    ordered_json document;
    document["name"] = repository;
    answer_page(exchange, std::move(document), "tags", repositories.tags(repository));
}

// ---- The class ----

RegistryServer::RegistryServer(
    content::Storage& storage, Random& random, trace::Publisher publisher, std::unique_ptr<Gate> gate, Gaps gaps)
    : m_impl(std::make_unique<Impl>(storage, random, std::move(publisher), std::move(gate), gaps))
{
}

RegistryServer::~RegistryServer() = default;

void RegistryServer::handle(http::Exchange& exchange)
{
    m_impl->route(exchange);
}

}
