#include "engine/image/Loader.h"

#include "engine/image/BlobArrival.h"
#include "sim/oci/Json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>

namespace drydock::image {

using oci::Descriptor;
using oci::Digest;

namespace {

constexpr std::uint64_t max_manifest_document = 4 << 20; // HARDENING T11
constexpr std::uint64_t max_config_document = 8 << 20;
constexpr std::size_t max_loaded_images = 1000;
constexpr std::size_t max_image_layers = 125;

std::string blob_name(Digest const& digest)
{
    return "blobs/" + std::string(digest.algorithm_name()) + "/" + digest.hex();
}

// One archive on its way into the stores.
class Load {
public:
    Load(content::ContentStore& content, layer::LayerStore& layers, ImageStore& images, Archive const& archive,
        Progress const& progress, std::stop_token stop)
        : m_content(content)
        , m_layers(layers)
        , m_images(images)
        , m_archive(archive)
        , m_progress(progress)
        , m_passage { std::move(stop), nullptr }
        , m_hold(images.hold())
    {
    }

    Result<std::vector<LoadedImage>> load()
    {
        if (m_archive.has("index.json"))
            TRY(load_layout());
        else if (m_archive.has("manifest.json"))
            TRY(load_docker_archive());
        else
            return fail(ErrorKind::InvalidInput,
                "the archive holds neither index.json nor manifest.json: it was not written by docker save");
        return std::move(m_loaded);
    }

    // Takes a layer into both stores, verified; what is there already is not copied.
    Result<void> take_layer(Member const& member, Descriptor const& blob, oci::DiffId const& diff_id)
    {
        m_hold->blob(blob.digest);
        m_hold->layer(diff_id);
        LayerPromise const promise { TRY(oci::layer_compression(blob.media_type)), diff_id };
        return take_promised(member, blob, promise);
    }

    ImageStore::Hold& hold() { return *m_hold; }

private:
    Result<void> take_promised(Member const& member, Descriptor const& blob, LayerPromise const& promise)
    {
        if (member.size != blob.size)
            return fail(ErrorKind::Corrupt,
                blob.digest.to_string() + " has " + std::to_string(member.size) + " bytes in the archive, "
                    + std::to_string(blob.size) + " were promised");
        auto const id = promise.diff_id.digest.short_form();
        if (m_content.has(blob.digest)) {
            if (!m_layers.is_made_from(promise.diff_id, blob.digest))
                return index_stored_blob(m_content, m_layers, blob.digest, promise, m_passage);
            if (m_passage.room && !m_passage.room->take(TRY(m_layers.size(promise.diff_id))))
                return fail(m_passage.room->exceeded());
            return {};
        }
        auto const arrival = TRY(BlobArrival::begin(m_content, m_layers, blob, promise, m_passage));
        if (arrival->offset() > 0)
            TRY(arrival->restart()); // an unfinished pull's; the archive begins at the beginning
        TRY(m_archive.copy(member, [&](std::string_view piece) { return arrival->write(piece); }));
        TRY(arrival->finish());
        m_progress({ .id = id, .status = "Loading layer", .current = blob.size, .total = blob.size });
        return {};
    }

    // ---- OCI image layout ----

    Result<void> load_layout()
    {
        auto const text = TRY(m_archive.read("index.json", max_manifest_document));
        auto const index = TRY_WITH("index.json", oci::ImageIndex::parse(text, oci::media_type::oci_index));
        if (index.manifests.size() > max_loaded_images)
            return fail(ErrorKind::LimitExceeded, "index.json names more than 1000 images");
        auto const tags = TRY(docker_tags());
        for (auto const& entry : index.manifests) {
            auto manifests = std::vector<Digest> {};
            auto const manifest = TRY_WITH(
                entry.descriptor.digest.to_string(), read_manifest(entry.descriptor, manifests, NestedIndex::Allowed));
            auto names = names_of(entry.descriptor);
            if (auto const found = tags.find(blob_name(manifest.config.digest)); names.empty() && found != tags.end())
                names = found->second;
            auto const config = TRY(take_config(blob_name(manifest.config.digest), manifest.config));
            TRY(check_layer_count(manifest.layers.size(), config));
            for (std::size_t i = 0; i < manifest.layers.size(); ++i) {
                auto const& layer = manifest.layers[i];
                auto const member = TRY(m_archive.find(blob_name(layer.digest)));
                TRY(take_layer(member, layer, config.diff_ids[i]));
            }
            TRY(add(manifest.config.digest, manifest.layers, manifests, names));
        }
        return {};
    }

    enum class NestedIndex : std::uint8_t { Allowed, Refused };

    // Bytes that hash to what was promised, from the archive's blobs.
    Result<std::string> read_verified(Descriptor const& descriptor, std::uint64_t limit) const
    {
        auto bytes = TRY(m_archive.read(blob_name(descriptor.digest), limit));
        if (bytes.size() != descriptor.size || Digest::of(bytes, descriptor.digest.algorithm()) != descriptor.digest)
            return fail(ErrorKind::Corrupt, descriptor.digest.to_string() + " is not what its digest and size say");
        return bytes;
    }

    Result<oci::Manifest> read_manifest(
        Descriptor const& descriptor, std::vector<Digest>& manifests, NestedIndex nested)
    {
        auto const bytes = TRY(read_verified(descriptor, max_manifest_document));
        m_hold->blob(descriptor.digest);
        manifests.push_back(descriptor.digest);
        TRY(m_content.put(descriptor.digest, bytes, trace::Verified::Manifest));
        if (!oci::is_index(descriptor.media_type))
            return oci::Manifest::parse(bytes, descriptor.media_type);
        if (nested == NestedIndex::Refused)
            return fail(ErrorKind::InvalidInput, "an index in an index in an index");
        auto const index = TRY(oci::ImageIndex::parse(bytes, descriptor.media_type));
        auto const chosen = TRY(index.choose({}));
        return read_manifest(chosen, manifests, NestedIndex::Refused);
    }

    // docker and containerd write the full name; others only the tag, which names no image.
    static std::vector<std::string> names_of(Descriptor const& descriptor)
    {
        for (auto const* const key : { "io.containerd.image.name", "org.opencontainers.image.ref.name" }) {
            auto const name = descriptor.annotations.find(key);
            if (name != descriptor.annotations.end() && name->second.find_first_of("/:") != std::string::npos)
                return { name->second };
        }
        return {};
    }

    // The names of manifest.json beside an index.json, by the config's path.
    Result<std::map<std::string, std::vector<std::string>>> docker_tags() const
    {
        std::map<std::string, std::vector<std::string>> tags;
        if (!m_archive.has("manifest.json"))
            return tags;
        for (auto const& entry : TRY(docker_entries()))
            tags[entry.config] = entry.tags;
        return tags;
    }

    // ---- Docker's own layout ----

    struct DockerEntry {
        std::string config;
        std::vector<std::string> tags;
        std::vector<std::string> layers;
    };

    Result<std::vector<DockerEntry>> docker_entries() const
    {
        auto const text = TRY(m_archive.read("manifest.json", max_manifest_document));
        // An array at the top is no object to read fields of: it is given a name.
        auto const document
            = TRY(oci::parse_json("{\"images\":" + text + "}", "manifest.json", max_manifest_document + 32));
        auto const root = TRY(oci::JsonObject::root(document, "manifest.json"));
        auto const images = TRY(root.objects("images"));
        if (images.size() > max_loaded_images)
            return fail(ErrorKind::LimitExceeded, "manifest.json names more than 1000 images");
        std::vector<DockerEntry> entries;
        for (auto const& image : images) {
            DockerEntry entry;
            entry.config = TRY(image.string("Config"));
            entry.tags = TRY(image.strings("RepoTags"));
            entry.layers = TRY(image.strings("Layers"));
            entries.push_back(std::move(entry));
        }
        return entries;
    }

    Result<void> load_docker_archive()
    {
        for (auto const& entry : TRY(docker_entries())) {
            auto const bytes = TRY(m_archive.read(entry.config, max_config_document));
            Descriptor const descriptor { std::string(oci::media_type::oci_config), Digest::of(bytes), bytes.size(),
                {} };
            auto const config = TRY(take_config(entry.config, descriptor));
            TRY(check_layer_count(entry.layers.size(), config));
            std::vector<Descriptor> layers;
            for (std::size_t i = 0; i < entry.layers.size(); ++i) {
                auto const member = TRY(m_archive.find(entry.layers[i]));
                layers.push_back(TRY(describe_layer(member)));
                TRY_WITH(entry.layers[i], take_layer(member, layers.back(), config.diff_ids[i]));
            }
            TRY(add(descriptor.digest, layers, {}, entry.tags));
        }
        return {};
    }

    // The older layout does not say what its layers are: the bytes do.
    Result<Descriptor> describe_layer(Member const& member) const
    {
        oci::Hasher hasher;
        std::string first;
        TRY(m_archive.copy(member, [&](std::string_view piece) -> Result<void> {
            if (m_passage.stop.stop_requested())
                return fail(ErrorKind::Cancelled, "nobody waits for the images any more");
            if (first.empty())
                first = piece.substr(0, 4);
            hasher.update(piece);
            return {};
        }));
        return Descriptor { layer_type(compression_of(first)), hasher.finish(), member.size, {} };
    }

public:
    static std::string layer_type(oci::Compression compression)
    {
        switch (compression) {
        case oci::Compression::None: return std::string(oci::media_type::oci_layer);
        case oci::Compression::Gzip: return std::string(oci::media_type::oci_layer_gzip);
        case oci::Compression::Zstd: return std::string(oci::media_type::oci_layer_zstd);
        }
        return {};
    }

private:
    // ---- Both ----

    Result<oci::ImageConfig> take_config(std::string const& name, Descriptor const& descriptor)
    {
        auto const bytes = TRY(m_archive.read(name, max_config_document));
        if (bytes.size() != descriptor.size || Digest::of(bytes, descriptor.digest.algorithm()) != descriptor.digest)
            return fail(ErrorKind::Corrupt, name + " is not what its digest and size say");
        auto config = TRY(oci::ImageConfig::parse(bytes));
        m_hold->blob(descriptor.digest);
        TRY(m_content.put(descriptor.digest, bytes, trace::Verified::Blob));
        return config;
    }

    Result<void> check_layer_count(std::size_t layers, oci::ImageConfig const& config)
    {
        if (layers != config.diff_ids.size())
            return fail(ErrorKind::Corrupt,
                "the image has " + std::to_string(layers) + " layers, its config "
                    + std::to_string(config.diff_ids.size()) + " DiffIDs");
        m_passage.room = std::make_shared<layer::Room>(layer::limits::image_bytes); // each image has its own
        if (layers > max_image_layers)
            return fail(ErrorKind::LimitExceeded,
                "max depth exceeded: more than " + std::to_string(max_image_layers) + " layers");
        return {};
    }

    // The same image may come again under another name.
    Result<void> add(Digest const& id, std::vector<Descriptor> const& layers, std::vector<Digest> const& manifests,
        std::vector<std::string> const& names)
    {
        std::vector<oci::Reference> references;
        for (auto const& name : names) {
            references.push_back(TRY(oci::Reference::parse(name)));
            if (references.back().digest)
                return fail(ErrorKind::InvalidInput, "invalid tag \"" + name + "\"");
        }
        TRY(m_images.add(id, layers, manifests, std::nullopt));
        LoadedImage loaded { id, {} };
        for (auto const& reference : references) {
            TRY(m_images.tag(id, reference));
            loaded.names.push_back(reference.familiar());
        }
        m_loaded.push_back(std::move(loaded));
        return {};
    }

    content::ContentStore& m_content;
    layer::LayerStore& m_layers;
    ImageStore& m_images;
    Archive const& m_archive;
    Progress const& m_progress;
    Passage m_passage;
    std::unique_ptr<ImageStore::Hold> m_hold;
    std::vector<LoadedImage> m_loaded;
};

}

Loader::Loader(content::Storage& storage, content::ContentStore& content, layer::LayerStore& layers, ImageStore& images,
    trace::Publisher publisher)
    : m_storage(storage)
    , m_content(content)
    , m_layers(layers)
    , m_images(images)
    , m_publisher(std::move(publisher))
{
    static_cast<void>(m_storage.remove_tree("incoming")); // what a crash left
}

Result<std::unique_ptr<Archive>> Loader::receive(Source const& source)
{
    return Archive::receive(m_storage, "incoming/" + std::to_string(m_received++), source);
}

Result<std::vector<LoadedImage>> Loader::load(
    Source const& source, Progress const& progress, std::stop_token const& stop)
{
    auto span = m_publisher.span("load", "Load images", trace::Depth::Role);
    auto result = [&]() -> Result<std::vector<LoadedImage>> {
        auto const archive = TRY(receive(source));
        auto loaded = TRY(Load(m_content, m_layers, m_images, *archive, progress, stop).load());
        trace::ImagesLoaded event { .references = {}, .bytes = archive->size() };
        for (auto const& image : loaded) {
            event.references.insert(event.references.end(), image.names.begin(), image.names.end());
            if (image.names.empty())
                event.references.push_back(image.id.to_string());
        }
        m_publisher.publish(std::move(event));
        return loaded;
    }();
    if (!result)
        span.failed(result.error().message());
    // The archive comes again as a whole: nothing of it is worth keeping.
    if (!result && (result.error().kind() == ErrorKind::Cancelled || result.error().errno_code() == ENOSPC))
        (void)m_images.sweep();
    return result;
}

// ---- Import ----

Result<LoadedImage> Loader::import_root(Source const& source, ImportOptions const& options)
{
    auto span = m_publisher.span("import", "Import a root file system", trace::Depth::Role);
    auto config = options.config;
    auto const archive = TRY(receive(source));
    // The layer is the tar as it was inside its compression: its digest is DiffID and blob digest in one.
    Member const whole { 0, archive->size() };
    oci::Hasher hasher;
    TRY(archive->copy(whole, [&](std::string_view piece) -> Result<void> {
        hasher.update(piece);
        return {};
    }));
    oci::DiffId const diff_id { hasher.finish() };
    Descriptor const layer { std::string(oci::media_type::oci_layer), diff_id.digest, whole.size, {} };
    config.platform = options.platform;
    config.created = rfc3339(options.now);
    config.diff_ids = { diff_id };
    config.history = { { config.created, "", options.message.empty() ? "Imported from -" : options.message, false } };
    auto const text = config.to_json();
    auto const id = Digest::of(text);
    Progress const silent = [](TransferProgress const&) {};
    Load load(m_content, m_layers, m_images, *archive, silent, {});
    TRY(load.take_layer(whole, layer, diff_id));
    load.hold().blob(id);
    TRY(m_content.put(id, text, trace::Verified::Blob));
    TRY(m_images.add(id, { layer }, {}, std::nullopt));
    LoadedImage image { id, {} };
    if (options.name) {
        TRY(m_images.tag(id, *options.name));
        image.names.push_back(options.name->familiar());
    }
    m_publisher.publish(trace::ImagesLoaded {
        .references = image.names.empty() ? std::vector { id.to_string() } : image.names, .bytes = whole.size });
    return image;
}

}
