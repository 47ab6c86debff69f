#pragma once

// A layer that is made here, the way out of what BlobArrival is the way in: its uncompressed tar streams through a
// deterministic gzip into the content store, as it will travel, and at the same time into the layer store, ready to
// be stacked.

#include "engine/image/ImageStore.h"
#include "engine/layer/Gzip.h"

namespace drydock::image {

struct MadeLayer {
    oci::Descriptor blob; // as it travels
    oci::DiffId diff_id;
    std::uint64_t size { 0 }; // bytes of the uncompressed tar
};

class NewLayer {
public:
    // Blob and layer are held by `hold` before anybody can sweep them.
    static Result<std::unique_ptr<NewLayer>> begin(content::ContentStore&, layer::LayerStore&, ImageStore::Hold& hold);

    Result<void> write(std::string_view tar);
    Result<MadeLayer> finish(); // without it nothing remains

private:
    NewLayer(content::NewBlob, ImageStore::Hold&);

    ImageStore::Hold& m_hold;
    content::NewBlob m_blob;
    layer::GzipWriter m_gzip;
    std::unique_ptr<layer::LayerWriter> m_layer;
};

}
