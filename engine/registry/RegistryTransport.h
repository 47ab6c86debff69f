#pragma once

// What RegistryClient is made of; included by its own sources only. Requests to one registry: with the credentials it
// asks for, along its redirects, again after what was only an accident (HARDENING T14 to T18).

#include "engine/registry/Authenticator.h"
#include "engine/registry/Location.h"
#include "engine/registry/RegistryClient.h"
#include "engine/registry/StoppableNetwork.h"

#include <atomic>
#include <mutex>

namespace drydock::registry {

// What one try came to: done, or an error and whether another try may help.
struct Try {
    std::optional<Error> error {};
    bool worth_repeating { false };
    Duration pause { 0 }; // at least; from Retry-After
};

Try refused(http::Response&); // by the registry, in its words
Try failed(Error);            // on the way
Error refusal(http::Response&);

// Gives the next piece of a body; an empty one is its end.
using Produce = std::function<Result<std::string>()>;
// Begins the body; again for each time the request has to be sent.
using Body = std::function<Produce()>;

class Transport {
public:
    Transport(network::Network&, Scheduler&, HostId from, Site, trace::Publisher, std::stop_token);

    // Follows redirects of GET and HEAD. `request.target` may be an address as the registry gave it (a Location).
    Result<http::Response> send(http::Request request, Scope const& scope, Body const& body = {});
    // Again after a pause that doubles, as long as there is hope and nobody has stopped it.
    Result<void> repeat(std::function<Try()> const& once);

    Site const& site() const { return m_site; }
    Scheduler& scheduler() { return m_scheduler; }
    trace::Publisher const& publisher() const { return m_publisher; }

private:
    Result<http::Response> follow(http::Request const& request, Scope const& scope, Body const& body, bool& at_home);
    Result<http::Response> send_once(http::Client&, http::Request request, Body const& body);
    bool is_home(Location const&) const;
    void wait(Duration);
    void tell_of_refusal(Error const&);

    std::stop_token m_stop;
    StoppableNetwork m_network;
    Scheduler& m_scheduler;
    HostId m_from;
    Site m_site;
    trace::Publisher m_publisher;
    http::Client m_client;
    Authenticator m_authenticator;
    std::atomic<bool> m_refused { false }; // and said so
};

struct RegistryClient::Impl {
    struct Transfer;
    struct Upload;

    Impl(network::Network& network, Scheduler& scheduler, HostId from, Site site, trace::Publisher publisher,
        std::stop_token stop)
        : transport(network, scheduler, std::move(from), std::move(site), std::move(publisher), std::move(stop))
    {
    }
    trace::Publisher const& publisher() const { return transport.publisher(); }

    // RegistryClient.cpp
    Result<std::vector<std::string>> list(
        std::string target, std::string const& scope, char const* key, std::size_t limit);
    Try fetch_document(std::string const& repository, std::string const& target, Document& document);
    void note_rate_limit(http::Headers const&);
    Try fetch_blob(Transfer&);
    Result<void> accept_head(Transfer&, http::Response const&);
    Try copy(Transfer&, http::BodyReader&);
    Result<void> take(Transfer&, std::string_view piece);
    void announce(Transfer&);

    // RegistryPush.cpp
    Result<bool> has(std::string const& repository, oci::Digest const&);
    Try begin_upload(Upload&);
    Try find_upload(Upload&);
    Try send_blob(Upload&);
    Try finish_upload(Upload&);
    Try upload(Upload&);
    Produce read_on(Upload&);

    Transport transport;
    std::mutex rate_limit_mutex;
    std::optional<RateLimit> rate_limit;
};

Scope pull_scope(std::string const& repository);
Scope push_scope(std::string const& repository);

}
