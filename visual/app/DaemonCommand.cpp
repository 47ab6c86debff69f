// drydock daemon: the daemon by itself, for the docker CLI and for a window elsewhere.

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

int daemon(DaemonOptions options)
{
    if (auto const applied = options.serving.apply(options.session); !applied) {
        fmt::print(stderr, "drydock daemon: {}\n", applied.error().message());
        return 2;
    }
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
    if (auto const warning = options.serving.warning(); !warning.empty()) {
        fmt::print(stderr, "WARNING: {}.\n", warning);
        (*session)->publisher().publish(trace::WarningRaised {
            .what = warning, .remedy = "Serve a unix socket, or give --tlsverify and certificates" });
    }
    fmt::print("DOCKER_HOST={}\n", (*session)->daemon_endpoint().to_string());
    std::fflush(stdout);
    serve_until_signal(signals, **session, options.record.empty() ? nullptr : &record);
    return 0;
}

}
