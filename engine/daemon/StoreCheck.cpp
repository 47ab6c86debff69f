#include "engine/daemon/StoreCheck.h"

#include "engine/content/ContentStore.h"
#include "engine/daemon/Container.h"
#include "engine/image/ImageRecords.h"
#include "engine/layer/LayerStore.h"
#include "engine/registry/Repositories.h"

#include <algorithm>
#include <set>

namespace drydock::daemon {

namespace {

using oci::Digest;

constexpr char const* pull_again = "remove the image and pull or build it again";

// What both kinds of store have: blobs, and what refers to them.
class BlobCheck {
public:
    explicit BlobCheck(content::Storage& its_storage)
        : storage(its_storage)
        , content(its_storage, {})
    {
        auto const all = content.list();
        report.blobs = all.size();
        m_unneeded.insert(all.begin(), all.end());
        auto const corrupt = content.check();
        if (!corrupt)
            fault("blobs", "cannot be read: " + corrupt.error().message(), "see that the disk is whole");
        for (auto const& digest : corrupt.value_or(std::vector<Digest> {})) {
            m_unneeded.erase(digest);
            fault("blobs/" + std::string(digest.algorithm_name()) + "/" + digest.hex(),
                "its bytes hash to something else", pull_again);
        }
    }

    void fault(std::string where, std::string what, std::string remedy)
    {
        report.faults.push_back({ std::move(where), std::move(what), std::move(remedy) });
    }

    // False, with a fault at `where`, if the blob is missing or has another size than promised (0: nothing promised).
    bool need(Digest const& digest, std::uint64_t size, std::string const& where, std::string const& what)
    {
        m_unneeded.erase(digest);
        auto const actual = content.size(digest);
        if (!actual)
            fault(where, what + " " + digest.to_string() + " is missing", pull_again);
        else if (size != 0 && *actual != size)
            fault(where,
                what + " " + digest.to_string() + " has " + std::to_string(*actual) + " bytes instead of "
                    + std::to_string(size),
                pull_again);
        return actual.has_value();
    }

    StoreReport finish()
    {
        for (auto const& digest : m_unneeded)
            report.unreferenced.push_back("blob " + digest.to_string());
        return std::move(report);
    }

    content::Storage& storage;
    content::ContentStore content;
    StoreReport report;

private:
    std::set<Digest> m_unneeded;
};

class DaemonCheck {
public:
    explicit DaemonCheck(content::Storage& storage)
        : m_blobs(storage)
        , m_storage(storage)
        , m_layers(storage, {})
    {
    }

    StoreReport run()
    {
        check_layers();
        for (auto const& name : m_storage.list("images"))
            check_image("images/" + name);
        for (auto const& name : m_storage.list("tags"))
            check_tag("tags/" + name);
        for (auto const& id : m_storage.list("containers"))
            check_container("containers/" + id);
        auto report = m_blobs.finish();
        for (auto const& layer : m_unneeded_layers)
            report.unreferenced.push_back("layer " + layer.digest.to_string());
        return report;
    }

private:
    void check_layers()
    {
        auto const all = m_layers.list();
        m_blobs.report.layers = all.size();
        m_unneeded_layers.insert(all.begin(), all.end());
        auto const damaged = m_layers.check();
        if (!damaged)
            m_blobs.fault("layers", "cannot be read: " + damaged.error().message(), "see that the disk is whole");
        for (auto const& layer : damaged.value_or(std::vector<oci::DiffId> {}))
            m_blobs.fault("layers/" + layer.digest.hex(), "its tar or its index is not what its name says", pull_again);
    }

    void need_layer(oci::DiffId const& layer, std::string const& where)
    {
        m_unneeded_layers.erase(layer);
        if (!m_layers.has(layer))
            m_blobs.fault(where, "layer " + layer.digest.to_string() + " is missing", pull_again);
    }

    void check_image(std::string const& key)
    {
        ++m_blobs.report.images;
        auto const text = m_storage.read(key);
        auto const record = text ? image::ImageRecord::parse(*text) : tl::unexpected(text.error());
        if (!record)
            return m_blobs.fault(key, "is no image record: " + record.error().message(), pull_again);
        if (record->key() != key)
            m_blobs.fault(key, "is the record of image " + record->config.to_string(), pull_again);
        m_images.insert(record->config);
        for (auto const& manifest : record->manifests)
            m_blobs.need(manifest, 0, key, "manifest");
        for (auto const& layer : record->layers)
            m_blobs.need(layer.digest, layer.size, key, "layer blob");
        if (!m_blobs.need(record->config, 0, key, "config"))
            return;
        auto const config_text = m_blobs.content.read(record->config);
        if (!config_text)
            return; // it is corrupt, which has been said
        auto const config = oci::ImageConfig::parse(*config_text);
        if (!config)
            return m_blobs.fault(key, "its config is none: " + config.error().message(), pull_again);
        if (config->diff_ids.size() != record->layers.size())
            m_blobs.fault(key, "the config names another number of layers than the record", pull_again);
        for (auto const& layer : config->diff_ids)
            need_layer(layer, key);
    }

    void check_tag(std::string const& key)
    {
        ++m_blobs.report.tags;
        auto const text = m_storage.read(key);
        auto const record = text ? image::ReferenceRecord::parse(*text) : tl::unexpected(text.error());
        if (!record)
            return m_blobs.fault(key, "is no reference: " + record.error().message(), "tag the image again");
        if (image::ReferenceRecord::key(record->reference) != key)
            m_blobs.fault(key, "is the record of " + record->reference.canonical(), "tag the image again");
        if (!m_images.contains(record->image))
            m_blobs.fault(key,
                record->reference.familiar() + " points to image " + record->image.to_string() + ", which is not there",
                "pull or build it again");
    }

    void check_container(std::string const& key)
    {
        ++m_blobs.report.containers;
        auto const text = m_storage.read(key + "/config.json");
        if (!text)
            return m_blobs.fault(key, "has no record: " + text.error().message(), "the daemon's next start removes it");
        auto const record = parse_record(*text);
        if (!record)
            return m_blobs.fault(key, "its record cannot be read: " + record.error().message(), "remove the container");
        if ("containers/" + record->id.value != key)
            m_blobs.fault(key, "is the record of container " + record->id.value, "remove the container");
        // An image may go by force while stopped containers keep its layers.
        for (auto const& layer : record->layers)
            need_layer(layer, key);
    }

    BlobCheck m_blobs;
    content::Storage& m_storage;
    layer::LayerStore m_layers;
    std::set<oci::DiffId> m_unneeded_layers;
    std::set<Digest> m_images;
};

class RegistryCheck {
public:
    explicit RegistryCheck(content::Storage& storage)
        : m_blobs(storage)
        , m_repositories(storage)
    {
    }

    StoreReport run()
    {
        for (auto const& repository : m_repositories.names()) {
            for (auto const& manifest : m_repositories.manifests(repository))
                check_manifest(repository, manifest);
            for (auto const& tag : m_repositories.tags(repository))
                check_tag(repository, tag);
        }
        return m_blobs.finish();
    }

private:
    void check_manifest(std::string const& repository, Digest const& digest)
    {
        ++m_blobs.report.images;
        auto const where = "repositories/" + repository + "/_manifests/" + digest.to_string();
        if (!m_blobs.need(digest, 0, where, "manifest"))
            return;
        auto const type = m_repositories.media_type(repository, digest);
        if (!type)
            return m_blobs.fault(where, "its media type is not known: " + type.error().message(), "push it again");
        auto const text = m_blobs.content.read(digest);
        if (!text)
            return; // it is corrupt, which has been said
        if (oci::is_index(*type)) {
            auto const index = oci::ImageIndex::parse(*text, *type);
            for (auto const& entry : index ? index->manifests : std::vector<oci::IndexEntry> {})
                m_blobs.need(entry.descriptor.digest, entry.descriptor.size, where, "manifest");
        } else if (auto const manifest = oci::Manifest::parse(*text, *type)) {
            m_blobs.need(manifest->config.digest, manifest->config.size, where, "config");
            for (auto const& layer : manifest->layers)
                m_blobs.need(layer.digest, layer.size, where, "layer");
        }
    }

    void check_tag(std::string const& repository, std::string const& tag)
    {
        ++m_blobs.report.tags;
        auto const where = "repositories/" + repository + "/_tags/" + tag;
        auto const digest = m_repositories.resolve(repository, tag);
        if (!digest)
            return m_blobs.fault(where, "leads nowhere: " + digest.error().message(), "push it again");
        if (!m_repositories.media_type(repository, *digest))
            m_blobs.fault(
                where, "points to " + digest->to_string() + ", which the repository does not have", "push it again");
    }

    BlobCheck m_blobs;
    registry::Repositories m_repositories;
};

}

StoreReport check_store(content::Storage& storage)
{
    return DaemonCheck(storage).run();
}

StoreReport check_registry(content::Storage& storage)
{
    return RegistryCheck(storage).run();
}

}
