// drydock daemon: the daemon by itself, for the docker CLI and for a window elsewhere.

#include "engine/registry/Location.h"
#include "sim/trace/TraceFile.h"
#include "visual/app/Commands.h"
#include "visual/app/Signals.h"

#include <fmt/format.h>

#include <cstdio>
#include <ctime>
#include <fstream>

namespace drydock::app {

namespace {

// Waits for a signal; meanwhile the trace file grows with the log.
void serve_until_signal(sigset_t const& signals, Session const& session, std::ofstream* record)
{
    std::optional<trace::TraceWriter> writer;
    if (record != nullptr)
        writer.emplace(*record);
    timespec const tick { .tv_sec = 0, .tv_nsec = 200'000'000 };
    while (sigtimedwait(&signals, nullptr, writer ? &tick : nullptr) < 0) {
        if (writer)
            (void)writer->write_new(session.log()); // a full disk must not end the daemon
    }
    if (writer)
        (void)writer->write_new(session.log());
}

}

namespace {

std::string_view const unguarded
    = "whoever reaches this port is root on this machine: the API is served without encryption and without asking who "
      "is there";

// Over TCP only with certificates on both sides; without, on this machine alone and only for who insists. Null where
// it may begin, else what is wrong.
std::optional<std::string> refuse_tcp(DaemonOptions const& options)
{
    auto const& listen = options.session.listen;
    if (!listen || listen->kind != network::Endpoint::Kind::Tcp)
        return std::nullopt;
    auto const& tls = options.tls;
    if (tls.verify) {
        bool const whole = !tls.authority.empty() && !tls.certificate.empty() && !tls.key.empty();
        return whole ? std::nullopt
                     : std::optional<std::string>("--tlsverify needs --tlscacert, --tlscert and --tlskey");
    }
    if (!registry::is_loopback(listen->host))
        return "plain TCP is served on 127.0.0.1 only. For other machines: --tlsverify --tlscacert CA --tlscert CERT "
               "--tlskey KEY";
    if (!options.allow_plain_tcp)
        return fmt::format("{}. Use a unix socket, or --tlsverify, or insist with --allow-plain-tcp", unguarded);
    return std::nullopt;
}

}

int daemon(DaemonOptions options)
{
    if (auto const refusal = refuse_tcp(options)) {
        fmt::print(stderr, "drydock daemon: {}\n", *refusal);
        return 2;
    }
    bool const is_plain_tcp
        = options.session.listen && options.session.listen->kind == network::Endpoint::Kind::Tcp && !options.tls.verify;
    if (options.tls.verify)
        options.session.tls
            = tls::ServerOptions { { options.tls.certificate, options.tls.key }, options.tls.authority };
    auto const signals = block_ending_signals();
    std::ofstream record;
    if (!options.record.empty()) {
        record.open(options.record);
        if (!record) {
            fmt::print(stderr, "drydock: {} cannot be written. Choose another file for --record.\n", options.record);
            return 1;
        }
    }
    auto session = Session::open(options.session);
    if (!session) {
        return complain(session.error());
    }
    if (is_plain_tcp) {
        fmt::print(stderr, "WARNING: {}.\n", unguarded);
        (*session)->publisher().publish(trace::WarningRaised {
            .what = std::string(unguarded), .remedy = "Serve a unix socket, or give --tlsverify and certificates" });
    }
    fmt::print("DOCKER_HOST={}\n", (*session)->daemon_endpoint().to_string());
    std::fflush(stdout);
    serve_until_signal(signals, **session, options.record.empty() ? nullptr : &record);
    return 0;
}

}
