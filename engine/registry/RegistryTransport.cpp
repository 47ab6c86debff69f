#include "engine/registry/RegistryTransport.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>

namespace drydock::registry {

namespace {

constexpr int max_tries = 5;
constexpr int max_redirects = 10;
constexpr int max_authentications = 3;
constexpr Duration silence_limit = std::chrono::seconds(15);
constexpr Duration upload_patience = std::chrono::seconds(60); // the registry hashes and syncs before it answers
constexpr Duration first_pause = std::chrono::milliseconds(200);
constexpr Duration longest_pause = std::chrono::seconds(30);

bool is_temporary(int status)
{
    return status == 408 || status == 429 || status >= 500;
}

Duration retry_after(http::Response const& response)
{
    auto const text = response.headers.get("Retry-After").value_or("");
    std::int64_t seconds = 0;
    std::from_chars(text.data(), text.data() + text.size(), seconds);
    return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, 30));
}

// "MANIFEST_UNKNOWN" → "manifest unknown", as docker shows it.
std::string spoken(std::string code)
{
    std::transform(code.begin(), code.end(), code.begin(), [](char c) {
        if (c == '_')
            return ' ';
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return code;
}

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
    return { error.kind(), fmt::format("{}: {}", spoken(text("code")), text("message")) };
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

Scope pull_scope(std::string const& repository)
{
    return { "repository:" + repository + ":pull" };
}

Scope push_scope(std::string const& repository)
{
    return { "repository:" + repository + ":push,pull" };
}

Transport::Transport(network::Network& network, Scheduler& scheduler, HostId from, Site site,
    trace::Publisher publisher, std::stop_token stop)
    : m_stop(std::move(stop))
    , m_network(network, m_stop)
    , m_scheduler(scheduler)
    , m_from(std::move(from))
    , m_site(std::move(site))
    , m_publisher(std::move(publisher))
    , m_client(m_network, m_from, m_site.endpoint, scheduler, host_and_port(m_site.endpoint))
    , m_authenticator(m_network, scheduler, m_from, m_site, m_publisher)
{
}

bool Transport::is_home(Location const& location) const
{
    return !location.endpoint || (*location.endpoint == m_site.endpoint && location.encrypted == m_site.encrypted);
}

// The network may keep us from the registry altogether. Said once, however often we try.
void Transport::tell_of_refusal(Error const& error)
{
    auto const code = error.errno_code();
    if ((code != ECONNREFUSED && code != ETIMEDOUT && code != EHOSTUNREACH) || m_refused.exchange(true))
        return;
    m_publisher.publish(trace::ConnectionRefused { .from = m_publisher.origin().actor,
        .endpoint = m_site.endpoint.to_string(),
        .reason = code == ECONNREFUSED ? "nobody listens there, or a firewall refuses"
            : code == ETIMEDOUT        ? "no answer comes; a firewall may drop what we send"
                                       : "there is no way to that host" });
}

Result<http::Response> Transport::send(http::Request request, Scope const& scope, Body const& body)
{
    bool const sends = request.method != "GET" && request.method != "HEAD";
    request.read_timeout = sends ? upload_patience : silence_limit;
    for (int rounds = 0;; ++rounds) {
        bool at_home = true;
        auto followed = follow(request, scope, body, at_home);
        if (!followed) {
            if (at_home)
                tell_of_refusal(followed.error());
            return followed;
        }
        auto response = std::move(*followed);
        // What another host wants to know about us is none of its business.
        if (response.status != 401 || !at_home) {
            if (response.status < 400 && at_home)
                m_authenticator.accepted();
            return response;
        }
        if (rounds == max_authentications || !TRY(m_authenticator.answer(response, scope)))
            return response;
    }
}

// Each host gets a request of its own, so that nothing meant for one ever reaches another.
Result<http::Response> Transport::follow(
    http::Request const& request, Scope const& scope, Body const& body, bool& at_home)
{
    auto place = TRY(Location::parse(request.target));
    bool const may_move = request.method == "GET" || request.method == "HEAD";
    for (int redirects = 0; redirects <= max_redirects; ++redirects) {
        auto moved = request;
        moved.target = place.target;
        at_home = is_home(place);
        if (!at_home && place.encrypted != m_site.encrypted)
            return fail(ErrorKind::NotSupported,
                fmt::format("the registry sends us on to {} {} encryption", host_and_port(*place.endpoint),
                    place.encrypted ? "with" : "without"));
        if (auto const header = at_home ? m_authenticator.header(scope) : std::nullopt)
            moved.headers.set("Authorization", *header);
        auto response = TRY([&] {
            if (at_home)
                return send_once(m_client, std::move(moved), body);
            http::Client other(m_network, m_from, *place.endpoint, m_scheduler, host_and_port(*place.endpoint));
            return send_once(other, std::move(moved), body);
        }());
        auto const location = response.headers.get("Location");
        if (!may_move || response.status / 100 != 3 || !location)
            return response;
        auto next = TRY_WITH("a redirect", Location::parse(*location));
        if (!next.endpoint) {
            next.endpoint = place.endpoint;
            next.encrypted = place.encrypted;
        }
        place = std::move(next);
    }
    return fail(ErrorKind::LimitExceeded, fmt::format("more than {} redirects", max_redirects));
}

Result<http::Response> Transport::send_once(http::Client& client, http::Request request, Body const& body)
{
    if (!body)
        return client.send(std::move(request));
    return client.send_streaming(std::move(request), body());
}

void Transport::wait(Duration pause)
{
    std::mutex mutex;
    auto const stopped = m_scheduler.make_condition();
    std::stop_callback const wake(m_stop, [&] {
        std::lock_guard const lock(mutex);
        stopped->notify_all();
    });
    std::unique_lock lock(mutex);
    stopped->wait_until(lock, m_scheduler.now() + pause, [&] { return m_stop.stop_requested(); });
}

Result<void> Transport::repeat(std::function<Try()> const& once)
{
    auto pause = first_pause;
    for (int number = 1;; ++number) {
        auto result = once();
        if (!result.error)
            return {};
        if (!result.worth_repeating)
            return fail(std::move(*result.error));
        if (m_stop.stop_requested())
            return fail(ErrorKind::Cancelled, "nobody waits for the registry any more");
        if (number == max_tries)
            return fail(std::move(*result.error).with_context(fmt::format("gave up after {} tries", max_tries)));
        wait(std::min(std::max(pause, result.pause), longest_pause));
        pause *= 2;
    }
}

}
