#include "engine/image/NewLayer.h"

namespace drydock::image {

NewLayer::NewLayer(content::NewBlob blob, ImageStore::Hold& hold)
    : m_hold(hold)
    , m_blob(std::move(blob))
    , m_gzip([this](std::string_view compressed) { return m_blob.write(compressed); })
{
}

Result<std::unique_ptr<NewLayer>> NewLayer::begin(
    content::ContentStore& content, layer::LayerStore& layers, ImageStore::Hold& hold)
{
    auto blob = TRY(content.begin());
    std::unique_ptr<NewLayer> made(new NewLayer(std::move(blob), hold));
    made->m_layer = TRY(layers.begin_unnamed([&hold](oci::DiffId const& name) { hold.layer(name); }));
    return made;
}

Result<void> NewLayer::write(std::string_view tar)
{
    TRY(m_gzip.write(tar));
    return m_layer->write(tar);
}

Result<MadeLayer> NewLayer::finish()
{
    TRY(m_gzip.finish());
    auto const digest = m_blob.digest();
    m_hold.blob(digest);
    TRY(m_blob.commit());
    auto const layer = TRY(m_layer->finish(digest));
    return MadeLayer { .blob = { std::string(oci::media_type::oci_layer_gzip), digest, m_blob.size(), {} },
        .diff_id = layer->diff_id,
        .size = layer->tar_size };
}

}
