#include "engine/image/BlobArrival.h"

namespace drydock::image {

namespace {

// Whether the bytes are to blame, not this machine. Then the blob is read to its end all the same: if the digest does
// not match either, that is the fault to report.
bool blames_the_bytes(Error const& error)
{
    return error.kind() == ErrorKind::Corrupt || error.kind() == ErrorKind::InvalidInput
        || error.kind() == ErrorKind::NotSupported;
}

tl::unexpected<Error> nobody_waits(oci::Digest const& blob)
{
    return fail(ErrorKind::Cancelled, "nobody waits for blob " + blob.to_string() + " any more");
}

}

BlobArrival::BlobArrival(content::ContentStore& content, layer::LayerStore& layers, oci::Descriptor descriptor,
    std::optional<LayerPromise> promise, Passage passage)
    : m_content(content)
    , m_layers(layers)
    , m_descriptor(std::move(descriptor))
    , m_promise(std::move(promise))
    , m_passage(std::move(passage))
{
}

Result<std::unique_ptr<BlobArrival>> BlobArrival::begin(content::ContentStore& content, layer::LayerStore& layers,
    oci::Descriptor const& descriptor, std::optional<LayerPromise> const& promise, Passage passage)
{
    std::unique_ptr<BlobArrival> arrival(new BlobArrival(content, layers, descriptor, promise, std::move(passage)));
    TRY(arrival->open());
    return arrival;
}

Result<void> BlobArrival::open()
{
    m_refusal.reset();
    m_ingest.emplace(TRY(m_content.ingest(m_descriptor.digest, m_descriptor.size)));
    if (!m_promise)
        return {};
    m_writer = TRY(m_layers.begin(m_promise->compression, m_promise->diff_id, m_passage.room));
    if (offset() == 0)
        return {};
    return m_ingest->replay([this](std::string_view bytes) { return feed_layer(bytes); });
}

Result<void> BlobArrival::feed_layer(std::string_view bytes)
{
    if (m_passage.stop.stop_requested())
        return nobody_waits(m_descriptor.digest);
    if (!m_writer)
        return {};
    auto written = m_writer->write(bytes);
    if (written)
        return {};
    m_writer.reset();
    if (!blames_the_bytes(written.error())) {
        m_ingest->discard(); // a bomb, or a full disk: everything is given back at once
        return written;
    }
    m_refusal = std::move(written).error();
    return {};
}

Result<void> BlobArrival::write(std::string_view bytes)
{
    TRY(m_ingest->write(bytes));
    return feed_layer(bytes);
}

Result<void> BlobArrival::restart()
{
    m_ingest->discard();
    m_ingest.reset(); // one ingest of a digest at a time
    m_writer.reset();
    return open();
}

Result<void> BlobArrival::finish()
{
    TRY(m_ingest->commit());
    if (m_writer) {
        if (auto finished = m_writer->finish(m_descriptor.digest); !finished)
            m_refusal = std::move(finished).error();
    }
    if (!m_refusal)
        return {};
    if (blames_the_bytes(*m_refusal))
        TRY(m_content.remove(m_descriptor.digest));
    return fail(std::move(*m_refusal).with_context("layer blob " + m_descriptor.digest.to_string()));
}

Result<void> index_stored_blob(content::ContentStore& content, layer::LayerStore& layers, oci::Digest const& blob,
    LayerPromise const& promise, Passage const& passage)
{
    auto const what = "layer blob " + blob.to_string();
    auto const file = TRY(content.open(blob));
    auto const writer = TRY(layers.begin(promise.compression, promise.diff_id, passage.room));
    std::string buffer(256 * 1024, '\0');
    for (std::uint64_t offset = 0; offset < file->size();) {
        if (passage.stop.stop_requested())
            return nobody_waits(blob);
        auto const count = TRY(file->read_at(offset, buffer));
        TRY_WITH(what, writer->write(std::string_view(buffer).substr(0, count)));
        offset += count;
    }
    TRY_WITH(what, writer->finish(blob));
    return {};
}

}
