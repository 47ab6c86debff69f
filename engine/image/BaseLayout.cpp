#include "engine/image/BaseLayout.h"

#include "engine/layer/Gzip.h"
#include "engine/layer/TarReader.h"

namespace drydock::image {

namespace {

constexpr char const* unfinished_layer = "unfinished-layer";

std::string blob_key(oci::Digest const& digest)
{
    return "blobs/sha256/" + digest.hex();
}

struct StoredLayer {
    oci::Descriptor blob;
    oci::DiffId diff_id;
};

Result<StoredLayer> store_layer(content::Storage& layout, TarPieces const& next)
{
    auto const file = TRY(layout.append(unfinished_layer));
    oci::Hasher unpacked;
    oci::Hasher packed;
    layer::TarReader reader; // what no container could be made of is refused here
    layer::GzipWriter gzip([&](std::string_view bytes) {
        packed.update(bytes);
        return file->append(bytes);
    });
    for (auto piece = TRY(next()); !piece.empty(); piece = TRY(next())) {
        unpacked.update(piece);
        TRY(reader.write(piece));
        TRY(gzip.write(piece));
    }
    TRY(gzip.finish());
    if (TRY(reader.finish()).empty())
        return fail(ErrorKind::Corrupt, "the tar of the root file system is empty");
    auto const digest = packed.finish();
    TRY(file->sync());
    TRY(layout.publish(unfinished_layer, blob_key(digest)));
    return StoredLayer { { std::string(oci::media_type::oci_layer_gzip), digest, file->size(), {} },
        { unpacked.finish() } };
}

Result<oci::Descriptor> store_document(content::Storage& layout, std::string_view media_type, std::string const& text)
{
    auto const digest = oci::Digest::of(text);
    TRY(layout.write_atomically(blob_key(digest), text));
    return oci::Descriptor { std::string(media_type), digest, text.size(), {} };
}

}

Result<void> write_base_layout(content::Storage& layout, TarPieces const& tar, oci::ImageConfig config,
    std::string const& created_by, std::string const& tag)
{
    auto const stored = TRY(store_layer(layout, tar));
    config.diff_ids = { stored.diff_id };
    config.history = { { .created = config.created, .created_by = created_by, .comment = {} } };
    auto const described = TRY(store_document(layout, oci::media_type::oci_config, config.to_json()));
    oci::Manifest const manifest {
        .media_type = std::string(oci::media_type::oci_manifest), .config = described, .layers = { stored.blob }
    };
    auto entry = TRY(store_document(layout, oci::media_type::oci_manifest, manifest.to_json()));
    entry.annotations["org.opencontainers.image.ref.name"] = tag;
    oci::ImageIndex const index { .media_type = std::string(oci::media_type::oci_index),
        .manifests = { { entry, config.platform } } };
    TRY(layout.write_atomically("oci-layout", R"({"imageLayoutVersion":"1.0.0"})"));
    return layout.write_atomically("index.json", index.to_json());
}

}
