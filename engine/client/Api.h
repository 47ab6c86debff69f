#pragma once

// The Engine API as a client sees it: requests below the negotiated version prefix, refusals as Errors in the words
// that docker prints ("Error response from daemon: …").

#include "engine/http/Http.h"

#include <functional>
#include <string>

namespace drydock::client {

class Api {
public:
    Api(network::Network&, Scheduler&, HostId from, network::Endpoint daemon);

    // HEAD /_ping, as every docker command begins: is the daemon there, and which version do both speak?
    Result<void> negotiate();
    std::string const& version() const { return m_version; } // "1.50"

    // A whole answer (2xx or 304). `document` is JSON, where there is one.
    Result<std::string> call(std::string method, std::string const& path, std::string document = {});
    // An answer that goes on: the connection stays with it.
    Result<http::Response> open(
        std::string method, std::string const& path, std::string document = {}, http::Headers headers = {});
    // The same with a body that is an archive, given piece by piece until an empty one.
    Result<http::Response> send_archive(std::string method, std::string const& path,
        std::function<Result<std::string>()> produce, http::Headers headers = {});
    // The raw stream of attach and exec.
    Result<std::unique_ptr<network::ByteStream>> upgrade(std::string const& path, std::string document = {});

private:
    Error worded(Error error) const;
    http::Request request(std::string method, std::string const& path, std::string document, http::Headers = {}) const;
    Result<http::Response> accepted(Result<http::Response>) const; // an Error, worded, where it was refused

    network::Endpoint m_daemon;
    http::Client m_client;
    std::string m_version { "1.50" };
};

// As docker words it.
Error no_daemon_at(network::Endpoint const&);

// "a=1&b=2" of pairs, percent-encoded; with the "?" in front, or empty.
std::string query(http::Query const& parameters);

}
