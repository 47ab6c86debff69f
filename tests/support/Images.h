#pragma once

// Small images for tests: layers and config made and stored in one call, as a pull would leave them.

#include "engine/image/ImageStore.h"
#include "engine/layer/Gzip.h"
#include "tests/support/Tars.h"

#include <string>
#include <vector>

namespace drydock::tests {

struct SmallImage {
    std::vector<std::string> tars;  // bottom first
    std::vector<std::string> blobs; // the same, compressed
    std::vector<oci::DiffId> diff_ids;
    std::vector<oci::Descriptor> layers;
    std::string config_text;
    oci::Digest config;
};

inline SmallImage small_image(std::vector<std::string> tars, std::string const& created = "2026-01-01T00:00:00Z")
{
    SmallImage image { std::move(tars), {}, {}, {}, {}, oci::Digest::of("") };
    oci::ImageConfig config;
    config.created = created;
    config.env = { "PATH=/bin" };
    config.cmd = { "sh" };
    for (auto const& tar : image.tars) {
        image.blobs.push_back(layer::gzip(tar));
        image.diff_ids.push_back({ oci::Digest::of(tar) });
        auto const& blob = image.blobs.back();
        image.layers.push_back(
            { std::string(oci::media_type::oci_layer_gzip), oci::Digest::of(blob), blob.size(), {} });
        config.history.push_back({ created, "COPY layer " + std::to_string(image.blobs.size()), "", false });
    }
    config.history.push_back({ created, "CMD [\"sh\"]", "", true });
    config.diff_ids = image.diff_ids;
    image.config_text = config.to_json();
    image.config = oci::Digest::of(image.config_text);
    return image;
}

// Puts the blobs and layers into the stores; the image itself is for ImageStore::add.
inline Result<void> put_parts(SmallImage const& image, content::ContentStore& content, layer::LayerStore& layers)
{
    for (std::size_t i = 0; i < image.tars.size(); ++i) {
        TRY(content.put(image.layers[i].digest, image.blobs[i], trace::Verified::Blob));
        auto const writer = TRY(layers.begin(oci::Compression::Gzip, image.diff_ids[i]));
        TRY(writer->write(image.blobs[i]));
        TRY(writer->finish(image.layers[i].digest));
    }
    return content.put(image.config, image.config_text, trace::Verified::Blob);
}

}
