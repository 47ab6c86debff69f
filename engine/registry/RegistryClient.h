#pragma once

// Speaks the OCI Distribution API (distribution-spec 1.1) to one registry.

#include "engine/content/Storage.h"
#include "engine/http/Http.h"
#include "engine/registry/RateLimit.h"
#include "sim/oci/Manifest.h"
#include "sim/oci/Reference.h"

#include <stop_token>

namespace drydock::registry {

// A document with the exact bytes its digest is over.
struct Document {
    std::string media_type;
    oci::Digest digest;
    std::string bytes;
};

// Who asks. Empty: nobody in particular.
struct Credentials {
    std::string username;
    std::string password;
    std::string identity_token; // a refresh token in the password's place
    std::string registry_token; // a bearer token that is shown as it is
};

// Where a registry is and how one speaks with it.
struct Site {
    network::Endpoint endpoint;
    ActorId actor;            // the registry in the events: "registry:hub"
    bool encrypted { false }; // https: the network that the client is given does the TLS
    std::optional<Credentials> credentials {};
};

// How a blob came to be in the registry.
enum class BlobArrived : std::uint8_t {
    Sent,
    WasThere,
    Mounted, // from another repository of the registry; no byte travelled
};

class RegistryClient {
public:
    // With `stop`, whatever is under way ends at once, as does everything later, with Cancelled.
    RegistryClient(network::Network&, Scheduler&, HostId from, Site, trace::Publisher, std::stop_token stop = {});
    ~RegistryClient();

    ActorId const& registry() const;
    // GET /v2/: is this a registry, and does it take our credentials? With the repository that is to be pushed to, the
    // token is there before many transfers want it at once.
    Result<void> check(std::optional<std::string> const& push_repository = std::nullopt);

    // GET /v2/<repository>/manifests/<tag or digest>, accepting OCI and Docker manifests and indexes; verified
    // against the digest if one was asked for, else against Docker-Content-Digest. NotFound: "manifest for x:tag not
    // found: manifest unknown: manifest unknown". Publishes RateLimitTold where the registry says what it allows.
    Result<Document> manifest(std::string const& repository, std::string const& tag_or_digest);
    // What it said last of how many more manifests it gives.
    std::optional<RateLimit> rate_limit() const;
    // GET /v2/<repository>/blobs/<digest> from `offset` (Range); calls `sink` with each piece. Stops at `size` + 1.
    // `restarted` is called where the registry ignored the range and sends from the start. Publishes
    // BlobTransferStarted and BlobBytesArrived. At most 5 tries on a cut transfer, each resuming; what `sink` or
    // `restarted` fail with is final.
    Result<void> blob(std::string const& repository, oci::Digest const&, std::uint64_t size, std::uint64_t offset,
        std::function<Result<void>(std::string_view)> const& sink, std::function<Result<void>()> const& restarted);

    struct Mount {
        BlobArrived how { BlobArrived::Sent };
        std::string from; // the repository it was mounted from
    };
    // Sees to it that the repository has the blob: asks first (HEAD), then for a mount from `known_in` where that is a
    // repository that has it, and sends it only then; at most 5 tries on a cut transfer, each going on where the
    // registry says that it stopped. Publishes BlobSkipped, BlobMounted, or BlobTransferStarted and BlobBytesArrived.
    // `sent` hears how many bytes have gone and may stop the transfer with an error.
    Result<Mount> push_blob(std::string const& repository, oci::Descriptor const&, content::ReadableFile const&,
        std::optional<std::string> const& known_in, std::function<Result<void>(std::uint64_t)> const& sent);
    // PUT /v2/<repository>/manifests/<tag or digest>. Corrupt where the registry took it for something else.
    Result<void> push_manifest(std::string const& repository, std::string const& tag_or_digest, Document const&);

    // GET /v2/NAME/tags/list, all pages, at most `limit` tags.
    Result<std::vector<std::string>> tags(std::string const& repository, std::size_t limit);
    // GET /v2/_catalog, all pages, at most `limit` names.
    Result<std::vector<std::string>> repositories(std::size_t limit);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}
