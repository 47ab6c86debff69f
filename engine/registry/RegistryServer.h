#pragma once

// A registry: stores manifests and blobs, answers the OCI Distribution API (distribution-spec 1.1). Everything it
// sends is what was stored, byte for byte.
//
//   blobs/<algorithm>/<hex>                            (a ContentStore)
//   repositories/<name>/_tags/<tag>                    digest of the manifest
//   repositories/<name>/_manifests/<algorithm>-<hex>   its media type
//   repositories/<name>/_blobs/<algorithm>-<hex>       empty: the repository has that blob
//
// Each blob is kept once, but a repository has only those that were pushed or mounted into it: who may read one
// repository cannot fetch the blobs of another by their digests.

#include "engine/content/ContentStore.h"
#include "engine/http/Http.h"
#include "engine/registry/Gate.h"
#include "engine/registry/RegistryClient.h"
#include "sim/core/Random.h"
#include "sim/oci/Manifest.h"

#include <filesystem>

namespace drydock::registry {

// Whether a manifest may point at what the registry does not have. Refused, nobody finds out at the pull that an image
// was pushed by halves; allowed, a mirror may keep some platforms of an index only.
enum class Gaps : std::uint8_t { Refused, Allowed };

class RegistryServer {
public:
    // Without a gate everybody may do everything.
    RegistryServer(
        content::Storage&, Random&, trace::Publisher, std::unique_ptr<Gate> gate = nullptr, Gaps gaps = Gaps::Refused);
    ~RegistryServer();

    void handle(http::Exchange&); // the http::Handler
    // Takes in every tagged image of an OCI image layout (image-spec image-layout.md), as `repository:tag` from the
    // annotation org.opencontainers.image.ref.name or, where docker wrote it, io.containerd.image.name. Where the
    // former is a tag only, `repository` is what it belongs to. Verified like an upload. The names.
    Result<std::vector<std::string>> import_layout(content::Storage const& layout, std::string const& repository = {});
    // Takes in an image of another registry, under the same digests, with all the platforms it has there.
    Result<void> import_image(
        RegistryClient&, oci::Reference const&, std::string const& repository, std::string const& tag);
    // Of an image there; of an index, the first manifest's. NotFound.
    Result<oci::Descriptor> largest_layer(std::string const& repository, std::string const& tag) const;
    // "library/busybox:latest", sorted.
    std::vector<std::string> names() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}
