#pragma once

// A registry: stores manifests and blobs, answers the OCI Distribution API (distribution-spec 1.1). Everything it
// sends is what was stored, byte for byte.
//
//   blobs/<algorithm>/<hex>                            (a ContentStore)
//   repositories/<name>/_tags/<tag>                    digest of the manifest
//   repositories/<name>/_manifests/<algorithm>-<hex>   its media type

#include "engine/content/ContentStore.h"
#include "engine/http/Http.h"
#include "sim/core/Random.h"
#include "sim/oci/Manifest.h"

#include <filesystem>

namespace drydock::registry {

class RegistryServer {
public:
    RegistryServer(content::Storage&, Random&, trace::Publisher);
    ~RegistryServer();

    void handle(http::Exchange&); // the http::Handler
    // Takes in every tagged image of an OCI image layout (image-spec image-layout.md), as `repository:tag` from the
    // annotation org.opencontainers.image.ref.name. Verified like an upload.
    Result<void> import_layout(content::Storage const& layout);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}
