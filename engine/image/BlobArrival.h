#pragma once

// A blob on its way in: byte by byte into the content store and, where it is a layer, at the same time through the
// inflater into the layer store. So a layer is ready when its last byte has been hashed, and a transfer that was cut
// goes on where it stopped.

#include "engine/content/ContentStore.h"
#include "engine/layer/LayerStore.h"
#include "engine/layer/Limits.h"

#include <optional>
#include <stop_token>

namespace drydock::image {

// What a layer blob must become.
struct LayerPromise {
    oci::Compression compression { oci::Compression::Gzip };
    oci::DiffId diff_id;
};

// What the layers of one image share on their way in.
struct Passage {
    std::stop_token stop {};              // who asked for them may go
    std::shared_ptr<layer::Room> room {}; // for all that they unpack to; null: only each layer has its limit
};

class BlobArrival {
public:
    // Gives what an earlier try left to the layer reader; NotFound where no bytes came before is no error.
    static Result<std::unique_ptr<BlobArrival>> begin(content::ContentStore&, layer::LayerStore&,
        oci::Descriptor const&, std::optional<LayerPromise> const&, Passage);

    std::uint64_t offset() const { return m_ingest->offset(); }
    Result<void> write(std::string_view bytes);
    Result<void> restart(); // the sender begins again: so do we
    void discard() { m_ingest->discard(); }
    // Checks size, digest and DiffId. Where one does not match, nothing of the blob stays.
    Result<void> finish();

private:
    BlobArrival(content::ContentStore&, layer::LayerStore&, oci::Descriptor, std::optional<LayerPromise>, Passage);
    Result<void> open();
    Result<void> feed_layer(std::string_view bytes);

    content::ContentStore& m_content;
    layer::LayerStore& m_layers;
    oci::Descriptor m_descriptor;
    std::optional<LayerPromise> m_promise;
    Passage m_passage;
    std::optional<content::Ingest> m_ingest;
    std::unique_ptr<layer::LayerWriter> m_writer; // null: no layer, or one that is refused already
    std::optional<Error> m_refusal;
};

// Makes the layer out of a blob that is here already; where both are here, proves that they belong together.
Result<void> index_stored_blob(
    content::ContentStore&, layer::LayerStore&, oci::Digest const& blob, LayerPromise const&, Passage const&);

}
