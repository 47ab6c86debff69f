#pragma once

// Load: a saved archive becomes images again. Two layouts are read: an OCI image layout (image-spec image-layout.md),
// which docker has written since version 25, and docker's older one, entered by manifest.json. Whatever the archive
// says of itself is checked: the digest and size of every blob, the DiffID of every layer, as in a pull (HARDENING T8).
// Import: the tar of a root file system becomes an image of one layer.

#include "engine/image/Archive.h"
#include "engine/image/ImageStore.h"
#include "engine/image/Progress.h"

#include <atomic>
#include <stop_token>

namespace drydock::image {

struct LoadedImage {
    oci::Digest id;
    std::vector<std::string> names; // familiar form; empty: it came without
};

struct ImportOptions {
    std::optional<oci::Reference> name {};
    std::string message {};
    oci::ImageConfig config {}; // what `--change` made of an empty one
    Timestamp now;
    oci::Platform platform {};
};

class Loader {
public:
    Loader(content::Storage&, content::ContentStore&, layer::LayerStore&, ImageStore&, trace::Publisher);
    // Publishes ImagesLoaded.
    // Cancelled, and nothing is left of it, where `stop` comes first.
    Result<std::vector<LoadedImage>> load(Source const&, Progress const&, std::stop_token const& stop = {});
    Result<LoadedImage> import_root(Source const&, ImportOptions const&);

private:
    Result<std::unique_ptr<Archive>> receive(Source const&);

    content::Storage& m_storage;
    content::ContentStore& m_content;
    layer::LayerStore& m_layers;
    ImageStore& m_images;
    trace::Publisher m_publisher;
    std::atomic<std::uint64_t> m_received { 0 };
};

}
