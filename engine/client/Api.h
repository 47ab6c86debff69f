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

    // A whole answer (2xx or 304). `document` is the body, where there is one.
    Result<std::string> call(std::string method, std::string const& path, std::string document = {});
    // An answer that goes on: the connection stays with it.
    Result<http::Response> open(std::string method, std::string const& path, std::string document = {});
    // A request with a streaming body: `produce` is called until it returns an empty string.
    Result<std::string> upload(std::string method, std::string const& path, std::string const& content_type,
        std::function<Result<std::string>()> produce);
    // The raw stream of attach and exec.
    Result<std::unique_ptr<network::ByteStream>> upgrade(std::string const& path, std::string document = {});

private:
    Error worded(Error error) const;
    http::Request request(std::string method, std::string const& path, std::string document) const;

    network::Endpoint m_daemon;
    http::Client m_client;
    std::string m_version { "1.50" };
};

// "a=1&b=2" of pairs, percent-encoded; with the "?" in front, or empty.
std::string query(http::Query const& parameters);

}
