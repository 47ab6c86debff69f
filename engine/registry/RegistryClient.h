#pragma once

// Speaks the OCI Distribution API (distribution-spec 1.1) to one registry.

#include "engine/http/Http.h"
#include "sim/oci/Manifest.h"
#include "sim/oci/Reference.h"

namespace drydock::registry {

// A document with the exact bytes its digest is over.
struct Document {
    std::string media_type;
    oci::Digest digest;
    std::string bytes;
};

class RegistryClient {
public:
    // `actor` names the registry in the events ("registry:hub").
    RegistryClient(network::Network&, Scheduler&, HostId from, network::Endpoint, ActorId registry, trace::Publisher);
    ~RegistryClient();

    ActorId const& registry() const;
    // GET /v2/<repository>/manifests/<tag or digest>, accepting OCI and Docker manifests and indexes; verified
    // against the digest if one was asked for, else against Docker-Content-Digest. NotFound: "manifest for x:tag not
    // found: manifest unknown: manifest unknown".
    Result<Document> manifest(std::string const& repository, std::string const& tag_or_digest);
    // GET /v2/<repository>/blobs/<digest> from `offset` (Range); calls `sink` with each piece. Stops at `size` + 1.
    // `restarted` is called where the registry ignored the range and sends from the start. Publishes
    // BlobTransferStarted and BlobBytesArrived. At most 5 tries on a cut transfer, each resuming; what `sink` or
    // `restarted` fail with is final.
    Result<void> blob(std::string const& repository, oci::Digest const&, std::uint64_t size, std::uint64_t offset,
        std::function<Result<void>(std::string_view)> const& sink, std::function<Result<void>()> const& restarted);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}
