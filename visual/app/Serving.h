#pragma once

// Where a daemon listens for clients of other programs, and whom it lets in.

#include "visual/app/Session.h"

#include <optional>
#include <string>

namespace drydock::app {

// Certificates as docker's own flags name them: --tlscacert, --tlscert, --tlskey. PEM files.
struct TlsOptions {
    bool verify { false }; // --tlsverify: both sides prove who they are
    std::string authority;
    std::string certificate;
    std::string key;
};

struct ServingOptions {
    std::string host; // "unix:///run/x.sock", "tcp://0.0.0.0:2376"; empty: a socket in the data root
    TlsOptions tls;
    bool allow_plain_tcp { false };

    // Sets where the session listens. Over TCP only with certificates on both sides; without, on this machine alone and
    // only for who insists: InvalidInput says so.
    Result<void> apply(SessionOptions&) const;
    // What somebody who insists has to be warned of; empty: nothing.
    std::string warning() const;
};

}
