#include "engine/layer/LayerStore.h"

#include "engine/layer/Decompressor.h"
#include "engine/layer/LayerIndex.h"
#include "engine/layer/Limits.h"
#include "engine/layer/MemberName.h"
#include "engine/layer/TarReader.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>

namespace drydock::layer {

namespace {

// DiffIds are SHA-256 or SHA-512; the length of the hex digits tells them apart.
std::string layer_key(oci::DiffId const& id)
{
    return "layers/" + id.digest.hex();
}

std::string tar_key(oci::DiffId const& id)
{
    return layer_key(id) + "/tar";
}

std::string index_key(oci::DiffId const& id)
{
    return layer_key(id) + "/index";
}

std::optional<oci::DiffId> diff_id_of(std::string const& hex)
{
    auto digest = oci::Digest::parse((hex.size() == 64 ? "sha256:" : "sha512:") + hex);
    return digest ? std::optional(oci::DiffId { std::move(*digest) }) : std::nullopt;
}

std::string from_key(oci::DiffId const& id, oci::Digest const& blob)
{
    return layer_key(id) + "/from/" + std::string(blob.algorithm_name()) + "-" + blob.hex();
}

// The blob that a key below "from" is named for.
std::optional<oci::Digest> blob_of(std::string name)
{
    std::replace(name.begin(), name.end(), '-', ':');
    auto digest = oci::Digest::parse(name);
    return digest ? std::optional(std::move(*digest)) : std::nullopt;
}

constexpr char const* unpacking = "unpacking"; // tars and indexes that are not finished

}

struct LayerStore::Impl {
    Impl(content::Storage& where, trace::Publisher events)
        : storage(where)
        , publisher(std::move(events))
    {
    }
    std::shared_ptr<Layer const> in_use(oci::DiffId const& id)
    {
        std::lock_guard const lock(mutex);
        auto const it = layers.find(id);
        return it == layers.end() ? nullptr : it->second.lock();
    }

    std::string next_key() { return std::string(unpacking) + "/" + std::to_string(next_unpacking++); }

    content::Storage& storage;
    trace::Publisher publisher;
    std::atomic<std::uint64_t> next_unpacking { 0 };
    std::mutex mutex;
    std::map<oci::DiffId, std::uint64_t> content_sizes;
    std::map<oci::DiffId, std::weak_ptr<Layer const>> layers;
};

namespace {

trace::LayerMember member_of(Entry const& entry)
{
    trace::LayerMember member { .path = "/" + entry.path,
        .type = std::string(word_for(entry.type)),
        .size = entry.size,
        .mode = static_cast<std::int64_t>(entry.mode) };
    auto const name = member.path.rfind('/') + 1;
    if (member.path.compare(name, std::string::npos, opaque_marker) == 0) {
        member.type = "opaque";
        member.path.erase(std::max<std::size_t>(name - 1, 1));
    } else if (member.path.compare(name, whiteout_prefix.size(), whiteout_prefix) == 0) {
        member.type = "whiteout";
        member.path.erase(name, whiteout_prefix.size());
    }
    return member;
}

trace::LayerListed listing(oci::DiffId const& name, std::vector<Entry> const& entries)
{
    trace::LayerListed listed { .diff_id = name.digest };
    listed.members.reserve(std::min(entries.size(), trace::LayerListed::most));
    for (auto const& entry : entries) {
        if (listed.members.size() < trace::LayerListed::most)
            listed.members.push_back(member_of(entry));
        else
            ++listed.omitted;
    }
    std::stable_sort(
        listed.members.begin(), listed.members.end(), [](auto const& a, auto const& b) { return a.path < b.path; });
    return listed;
}

class StreamingLayerWriter final : public LayerWriter {
public:
    StreamingLayerWriter(LayerStore& store, content::Storage& storage, trace::Publisher publisher, std::string key,
        oci::Compression compression, oci::Digest::Algorithm algorithm)
        : m_store(store)
        , m_storage(storage)
        , m_publisher(std::move(publisher))
        , m_key(std::move(key))
        , m_decompressor(make_decompressor(compression))
        , m_hasher(algorithm)
    {
    }
    ~StreamingLayerWriter() override
    {
        m_tar.reset();
        if (m_room && !m_finished)
            m_room->give_back(m_taken);
        (void)m_storage.remove_tree(m_key); // A crashed storage cannot; the next start sweeps.
    }
    void expect(oci::DiffId expected) { m_expected = std::move(expected); }
    void share(std::shared_ptr<Room> room) { m_room = std::move(room); }
    void tell(std::function<void(oci::DiffId const&)> named) { m_named = std::move(named); }
    Result<void> open()
    {
        m_tar = TRY(m_storage.append(m_key + "/tar"));
        return {};
    }

    Result<void> write(std::string_view bytes) override
    {
        m_compressed += bytes.size();
        return m_decompressor->write(bytes, [this](std::string_view piece) { return take(piece); });
    }

    Result<std::shared_ptr<Layer const>> finish(oci::Digest const& blob) override
    {
        TRY(m_decompressor->finish());
        auto const entries = TRY(m_reader.finish());
        oci::DiffId const name { m_hasher.finish() };
        TRY(check(name.digest));
        if (m_named)
            m_named(name);
        auto const tar_size = m_reader.size();
        TRY(store(name, tar_size, entries));
        // Not worth a sync: where a power cut takes it, the two are only compared once more.
        TRY(m_storage.append(from_key(name, blob)));
        m_finished = true;
        m_publisher.publish(trace::LayerIndexed {
            .diff_id = name.digest, .blob = blob, .entries = entries.size(), .unpacked_size = tar_size });
        m_publisher.publish(listing(name, entries));
        return m_store.open(name);
    }

private:
    Result<void> take(std::string_view piece)
    {
        if (limits::is_bomb(m_reader.size() + piece.size(), m_compressed))
            return fail(ErrorKind::LimitExceeded,
                "layer unpacks to more than " + std::to_string(m_reader.size()) + " bytes from "
                    + std::to_string(m_compressed));
        if (m_room && !m_room->take(piece.size()))
            return fail(m_room->exceeded());
        m_taken += piece.size();
        TRY(m_reader.write(piece));
        m_hasher.update(piece);
        return m_tar->append(piece);
    }

    Result<void> check(oci::Digest const& actual)
    {
        if (!m_expected)
            return {};
        if (actual == m_expected->digest) {
            m_publisher.publish(
                trace::DigestVerified { .digest = actual, .what = trace::Verified::DiffId, .bytes = m_reader.size() });
            return {};
        }
        m_publisher.publish(trace::DigestMismatched { .expected = m_expected->digest,
            .actual = actual,
            .what = trace::Verified::DiffId,
            .bytes = m_reader.size() });
        return fail(ErrorKind::Corrupt,
            "layer's tar hashes to " + actual.to_string() + ", the image config promised DiffID "
                + m_expected->digest.to_string());
    }

    // The tar first, the index last: only then the layer exists. Two writers of one layer write the same bytes.
    Result<void> store(oci::DiffId const& name, std::uint64_t tar_size, std::vector<Entry> const& entries)
    {
        TRY(m_tar->sync());
        m_tar.reset();
        TRY(m_storage.publish(m_key + "/tar", tar_key(name)));
        auto index = TRY(m_storage.append(m_key + "/index"));
        TRY(write_index(*index, tar_size, entries));
        TRY(index->sync());
        index.reset();
        return m_storage.publish(m_key + "/index", index_key(name));
    }

    LayerStore& m_store;
    content::Storage& m_storage;
    trace::Publisher m_publisher;
    std::string m_key;
    std::optional<oci::DiffId> m_expected;
    std::function<void(oci::DiffId const&)> m_named;
    std::unique_ptr<Decompressor> m_decompressor;
    oci::Hasher m_hasher;
    TarReader m_reader;
    std::uint64_t m_compressed { 0 };
    std::shared_ptr<Room> m_room; // null: none but this layer's own limit
    std::uint64_t m_taken { 0 };  // of it
    bool m_finished { false };
    std::unique_ptr<content::AppendableFile> m_tar;
};

}

LayerStore::LayerStore(content::Storage& storage, trace::Publisher publisher)
    : m_impl(std::make_unique<Impl>(storage, std::move(publisher)))
{
    // What a crash left: unfinished layers, and tars whose index never came.
    (void)storage.remove_tree(unpacking);
    for (auto const& hex : storage.list("layers")) {
        if (!storage.exists("layers/" + hex + "/index"))
            (void)storage.remove_tree("layers/" + hex);
    }
}

LayerStore::~LayerStore() = default;

bool LayerStore::has(oci::DiffId const& id) const
{
    return m_impl->storage.exists(index_key(id));
}

bool LayerStore::is_made_from(oci::DiffId const& id, oci::Digest const& blob) const
{
    return has(id) && m_impl->storage.exists(from_key(id, blob));
}

Result<std::shared_ptr<Layer const>> LayerStore::open(oci::DiffId const& id)
{
    if (auto layer = m_impl->in_use(id))
        return layer;
    auto const what = "layer " + id.digest.to_string();
    auto const index_file = TRY_WITH(what, m_impl->storage.open(index_key(id)));
    auto index = TRY_WITH(what, read_index(*index_file));
    auto tar = TRY_WITH(what, m_impl->storage.open(tar_key(id)));
    if (tar->size() != index.tar_size)
        return fail(ErrorKind::Corrupt,
            what + ": its tar has " + std::to_string(tar->size()) + " bytes, the index says "
                + std::to_string(index.tar_size));
    auto layer = std::make_shared<Layer const>(
        Layer { id, index.tar_size, std::move(index.entries), std::shared_ptr(std::move(tar)) });
    std::lock_guard const lock(m_impl->mutex);
    m_impl->layers[id] = layer;
    return layer;
}

Result<std::unique_ptr<LayerWriter>> LayerStore::begin(
    oci::Compression compression, oci::DiffId const& expected, std::shared_ptr<Room> room)
{
    auto writer = std::make_unique<StreamingLayerWriter>(
        *this, m_impl->storage, m_impl->publisher, m_impl->next_key(), compression, expected.digest.algorithm());
    writer->expect(expected);
    writer->share(std::move(room));
    TRY(writer->open());
    return writer;
}

Result<std::unique_ptr<LayerWriter>> LayerStore::begin_unnamed(std::function<void(oci::DiffId const&)> named)
{
    auto writer = std::make_unique<StreamingLayerWriter>(*this, m_impl->storage, m_impl->publisher, m_impl->next_key(),
        oci::Compression::None, oci::Digest::Algorithm::Sha256);
    writer->tell(std::move(named));
    TRY(writer->open());
    return writer;
}

Result<std::uint64_t> LayerStore::size(oci::DiffId const& id) const
{
    return TRY_WITH("layer " + id.digest.to_string(), m_impl->storage.size(tar_key(id)));
}

Result<std::uint64_t> LayerStore::content_size(oci::DiffId const& id)
{
    {
        std::lock_guard const lock(m_impl->mutex);
        if (auto const known = m_impl->content_sizes.find(id); known != m_impl->content_sizes.end())
            return known->second;
    }
    auto const layer = TRY(open(id));
    std::uint64_t bytes = 0;
    for (auto const& entry : layer->entries)
        bytes += entry.type == FileType::Regular ? entry.size : entry.type == FileType::Symlink ? entry.link.size() : 0;
    std::lock_guard const lock(m_impl->mutex);
    m_impl->content_sizes[id] = bytes;
    return bytes;
}

Result<void> LayerStore::remove(oci::DiffId const& id)
{
    if (!has(id))
        return fail(ErrorKind::NotFound, "no layer " + id.digest.to_string());
    TRY(m_impl->storage.remove_tree(layer_key(id)));
    {
        std::lock_guard const lock(m_impl->mutex);
        m_impl->layers.erase(id);
        m_impl->content_sizes.erase(id);
    }
    m_impl->publisher.publish(trace::LayerRemoved { .diff_id = id.digest });
    return {};
}

std::vector<oci::DiffId> LayerStore::list() const
{
    std::vector<oci::DiffId> ids;
    for (auto const& hex : m_impl->storage.list("layers")) {
        auto id = diff_id_of(hex);
        if (id && has(*id))
            ids.push_back(std::move(*id));
    }
    return ids;
}

Result<void> LayerStore::announce()
{
    for (auto const& id : list()) {
        auto const layer = TRY(open(id));
        auto const from = m_impl->storage.list(layer_key(id) + "/from");
        // A power cut may have taken what says where it came from.
        if (auto const blob = from.empty() ? std::nullopt : blob_of(from.front()))
            m_impl->publisher.publish(trace::LayerIndexed { .diff_id = id.digest,
                .blob = *blob,
                .entries = layer->entries.size(),
                .unpacked_size = layer->tar_size });
        m_impl->publisher.publish(listing(id, layer->entries));
    }
    return {};
}

Result<std::vector<oci::DiffId>> LayerStore::check() const
{
    std::vector<oci::DiffId> damaged;
    std::string buffer(256 * 1024, '\0');
    for (auto const& id : list()) {
        auto const tar = TRY(m_impl->storage.open(tar_key(id)));
        oci::Hasher hasher(id.digest.algorithm());
        for (std::uint64_t offset = 0; offset < tar->size();) {
            auto const count = TRY(tar->read_at(offset, buffer));
            hasher.update(std::string_view(buffer).substr(0, count));
            offset += count;
        }
        auto const index = TRY(m_impl->storage.open(index_key(id)));
        if (hasher.finish() != id.digest || !read_index(*index))
            damaged.push_back(id);
    }
    return damaged;
}

}
