#pragma once

// Names for daemons (`docker context`), where docker's own client keeps them, so that both see the same ones:
//
//   <config>/contexts/meta/<sha256 of the name>/meta.json       name, description, address
//   <config>/contexts/tls/<sha256 of the name>/docker/*.pem     ca, cert, key
//   <config>/config.json, member "currentContext"               which one is meant where nobody says

#include "engine/client/LocalFiles.h"

#include <optional>

namespace drydock::client {

// Files of certificates; empty: none.
struct TlsFiles {
    std::string authority;
    std::string certificate;
    std::string key;
    bool any() const { return !authority.empty() || !certificate.empty() || !key.empty(); }
    bool complete() const { return !authority.empty() && !certificate.empty() && !key.empty(); }
};

struct Context {
    std::string name;
    std::string description;
    std::string host; // "unix:///run/drydock.sock", "tcp://10.0.0.7:2376"
    TlsFiles tls {};
};

inline constexpr std::string_view default_context = "default"; // what DOCKER_HOST says

class Contexts {
public:
    explicit Contexts(LocalFiles& files)
        : m_files(files)
    {
    }
    Result<std::vector<Context>> list() const;           // by name, without the default one
    Result<Context> find(std::string const& name) const; // NotFound
    Result<void> create(Context const&);                 // copies the certificates; Conflict for a taken name
    Result<void> update(Context const&);                 // one that is there; NotFound
    Result<void> remove(std::string const& name);
    // A context as docker hands it on: a tar of meta.json and tls/docker/*.pem, the key among them.
    Result<std::string> pack(std::string const& name) const;
    Result<void> unpack(std::string const& name, std::string const& tar); // InvalidInput, Conflict
    Result<std::string> current() const;
    Result<void> use(std::string const& name);

private:
    std::string meta(std::string const& name) const;
    std::string certificates(std::string const& name) const;
    Result<Context> read(std::string const& folder) const;
    Result<void> check_new(std::string const& name) const;
    Result<void> write(Context const&);

    LocalFiles& m_files;
};

// What the environment and the command line say about the daemon that is meant. Empty: nothing.
struct DaemonChoice {
    std::string host;                // -H
    std::string context;             // -c
    std::string environment_host;    // DOCKER_HOST
    std::string environment_context; // DOCKER_CONTEXT
};
// In docker's order: -H, -c, DOCKER_HOST, DOCKER_CONTEXT, the context in use. Nothing where nobody says; InvalidInput
// for -H and -c together.
Result<std::optional<Context>> chosen_daemon(LocalFiles&, DaemonChoice const&);

}
