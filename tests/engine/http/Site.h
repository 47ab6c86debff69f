#pragma once

// A server in the simulated world, and raw bytes sent to it.

#include "engine/http/Http.h"
#include "sim/network/SimulatedNetwork.h"
#include "sim/time/VirtualScheduler.h"
#include "tests/support/Catch.h"
#include "tests/support/Events.h"

namespace drydock::tests {

struct Site {
    explicit Site(http::Handler handler, http::ServerOptions options = {})
    {
        network.add_host({ "laptop" });
        options.actor = { "daemon" };
        server = http::Server::start(scheduler, REQUIRE_OK(network.listen({ "laptop" }, endpoint)), std::move(handler),
            trace::Publisher(log, scheduler, { { "laptop" }, { "daemon" }, trace::Provenance::Simulated }),
            std::move(options));
    }

    std::unique_ptr<network::ByteStream> connect() { return REQUIRE_OK(network.connect({ "laptop" }, endpoint)); }
    http::Client client() { return { network, { "laptop" }, endpoint, scheduler, "docker" }; }

    template <class E> std::vector<E> events() const { return tests::events_of<E>(log); }

    // Everything the server answers until it hangs up. `bytes` should make it do that.
    std::string send(std::string_view bytes)
    {
        auto const stream = connect();
        REQUIRE_OK(stream->write_all(bytes));
        return read_to_end(*stream);
    }
    static std::string read_to_end(network::ByteStream& stream)
    {
        std::string text;
        char buffer[4096];
        for (;;) {
            auto const count = stream.read_some(buffer);
            if (!count || *count == 0)
                return text;
            text.append(buffer, *count);
        }
    }
    // Reads until `text` ends so.
    static std::string read_until(network::ByteStream& stream, std::string_view end)
    {
        std::string text;
        char buffer[1];
        while (!text.ends_with(end)) {
            if (REQUIRE_OK(stream.read_some(buffer)) == 0)
                break;
            text += buffer[0];
        }
        return text;
    }

    VirtualScheduler scheduler { 1, {} };
    network::SimulatedNetwork network { scheduler };
    trace::EventLog log;
    network::Endpoint endpoint { network::Endpoint::Kind::Unix, "/run/drydock.sock", {}, 0 };
    std::unique_ptr<http::Server> server;
};

// Answers "METHOD PATH BODY".
inline void echo(http::Exchange& exchange)
{
    auto const body = exchange.read_body();
    if (!body) {
        static_cast<void>(exchange.respond(body.error().kind() == ErrorKind::LimitExceeded ? 413 : 400, {}, {}));
        return;
    }
    static_cast<void>(exchange.respond(
        200, { { "Content-Type", "text/plain" } }, exchange.method() + " " + exchange.target().path + " " + *body));
}

}
