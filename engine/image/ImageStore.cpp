#include "engine/image/ImageStoreImpl.h"

#include <algorithm>

namespace drydock::image {

using oci::Descriptor;
using oci::DiffId;
using oci::Digest;
using oci::Reference;

namespace {

// "busybox@sha256:…": the name that stays when the tag moves.
Reference by_digest(Reference reference, Digest const& manifest)
{
    reference.tag.clear();
    reference.digest = manifest;
    return reference;
}

trace::ImageStored stored_event(KnownImage const& image, layer::LayerStore const& layers)
{
    trace::ImageStored event { .image = image.record.config,
        .layers = {},
        .command = image.config.entrypoint,
        .env = image.config.env,
        .history = {} };
    event.command.insert(event.command.end(), image.config.cmd.begin(), image.config.cmd.end());
    auto line = image.config.history.begin();
    for (auto const& diff_id : image.config.diff_ids) {
        line = std::find_if(
            line, image.config.history.end(), [](oci::History const& history) { return !history.empty_layer; });
        auto const created_by = line == image.config.history.end() ? std::string() : (line++)->created_by;
        event.layers.push_back({ diff_id.digest, layers.size(diff_id).value_or(0), created_by });
    }
    for (auto const& history : image.config.history)
        event.history.push_back(history.created_by);
    return event;
}

}

// ---- Opening ----

Result<void> ImageStore::Impl::check_whole(KnownImage const& image) const
{
    auto const& [record, config] = image;
    if (record.layers.size() != config.diff_ids.size())
        return fail(ErrorKind::Corrupt,
            "image " + record.config.to_string() + " has " + std::to_string(record.layers.size())
                + " layers, its config names " + std::to_string(config.diff_ids.size()) + " DiffIDs");
    for (auto const& layer : record.layers) {
        if (!content.has(layer.digest))
            return fail(ErrorKind::NotFound, "layer blob " + layer.digest.to_string() + " is missing");
    }
    for (auto const& diff_id : config.diff_ids) {
        if (!layers.has(diff_id))
            return fail(ErrorKind::NotFound, "layer " + diff_id.digest.to_string() + " is missing");
    }
    return {};
}

Result<KnownImage> ImageStore::Impl::load(ImageRecord record) const
{
    auto const text = TRY(content.read(record.config));
    auto config = TRY(oci::ImageConfig::parse(text));
    KnownImage image { std::move(record), std::move(config) };
    TRY(check_whole(image));
    return image;
}

void ImageStore::Impl::load_images()
{
    for (auto const& name : storage.list("images")) {
        auto image = [&]() -> Result<KnownImage> {
            auto const text = TRY(storage.read("images/" + name));
            auto record = TRY(ImageRecord::parse(text));
            return load(std::move(record));
        }();
        if (image)
            catalog.put(std::move(*image));
        else
            publisher.publish(trace::WarningRaised {
                .what = "Image " + name.substr(0, 12) + " is not whole: " + image.error().message(),
                .remedy = "Pull or build it again" });
    }
}

void ImageStore::Impl::load_references()
{
    for (auto const& name : storage.list("tags")) {
        auto const text = storage.read("tags/" + name);
        auto record = text ? ReferenceRecord::parse(*text) : tl::unexpected(text.error());
        if (record && catalog.images().contains(record->image))
            catalog.point(std::move(*record));
    }
}

Result<std::unique_ptr<ImageStore>> ImageStore::open(
    content::Storage& storage, content::ContentStore& content, layer::LayerStore& layers, trace::Publisher publisher)
{
    auto impl = std::make_shared<Impl>(storage, content, layers, std::move(publisher));
    impl->load_images();
    impl->load_references();
    return std::unique_ptr<ImageStore>(new ImageStore(std::move(impl)));
}

// A digest counts only for an image that has no other name: nobody typed those that a pull leaves beside a tag.
void ImageStore::Impl::announce_names(std::vector<Reference> const& names, Digest const& image) const
{
    bool const has_tag = std::any_of(names.begin(), names.end(), [](auto const& name) { return !name.digest; });
    for (auto const& name : names) {
        if (!name.digest || !has_tag)
            publisher.publish(trace::ImageTagged { .reference = name.familiar(), .image = image });
    }
}

Result<void> ImageStore::announce() const
{
    std::lock_guard const lock(m_impl->mutex);
    m_impl->content.announce();
    TRY(m_impl->layers.announce());
    std::vector<KnownImage const*> oldest_first;
    for (auto const& [id, image] : m_impl->catalog.images())
        oldest_first.push_back(&image);
    std::stable_sort(oldest_first.begin(), oldest_first.end(),
        [](auto const* a, auto const* b) { return a->config.created < b->config.created; });
    for (auto const* image : oldest_first) {
        auto const& id = image->record.config;
        m_impl->publisher.publish(stored_event(*image, m_impl->layers));
        m_impl->announce_names(m_impl->catalog.references_of(id), id);
    }
    return {};
}

ImageStore::ImageStore(std::shared_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}

// ---- Finding ----

Image ImageStore::Impl::describe(KnownImage const& known) const
{
    Image image { .id = known.record.config,
        .config = known.config,
        .layers = known.record.layers,
        .manifest = known.record.manifests.empty() ? std::nullopt : std::optional(known.record.manifests.front()),
        .manifests = known.record.manifests,
        .tags = {},
        .repo_digests = {},
        .size = 0,
        .made_here = known.record.made_here.has_value(),
        .parent = known.record.made_here ? known.record.made_here->parent : std::nullopt,
        .has_children = catalog.has_children(known.record.config) };
    for (auto const& reference : catalog.references_of(known.record.config))
        (reference.digest ? image.repo_digests : image.tags).push_back(reference.familiar());
    std::sort(image.tags.begin(), image.tags.end());
    std::sort(image.repo_digests.begin(), image.repo_digests.end());
    for (auto const& diff_id : known.config.diff_ids)
        image.size += layers.content_size(diff_id).value_or(0);
    return image;
}

tl::unexpected<Error> no_such_image(std::string const& name)
{
    auto const reference = Reference::parse(name);
    return fail(ErrorKind::NotFound, "No such image: " + (reference ? reference->familiar() : name));
}

std::vector<Image> ImageStore::list() const
{
    std::lock_guard const lock(m_impl->mutex);
    std::vector<Image> list;
    list.reserve(m_impl->catalog.images().size());
    for (auto const& [id, image] : m_impl->catalog.images())
        list.push_back(m_impl->describe(image));
    std::stable_sort(
        list.begin(), list.end(), [](Image const& a, Image const& b) { return a.config.created > b.config.created; });
    return list;
}

Result<Image> ImageStore::find(std::string const& name) const
{
    std::lock_guard const lock(m_impl->mutex);
    auto const* image = m_impl->catalog.look_up(name);
    if (image == nullptr)
        return no_such_image(name);
    return m_impl->describe(*image);
}

// ---- Adding ----

Result<void> ImageStore::Impl::set_reference(Reference const& reference, Digest const& image)
{
    ReferenceRecord record { reference, image };
    TRY(storage.write_atomically(ReferenceRecord::key(reference), record.to_json()));
    catalog.point(std::move(record));
    return {};
}

Result<KnownImage const*> ImageStore::Impl::keep(ImageRecord record)
{
    auto const known = catalog.images().find(record.config);
    auto const is_new = known == catalog.images().end();
    if (!is_new && !record.made_here) // a pull of what was built here changes nothing of that
        record.made_here = known->second.record.made_here;
    auto image = TRY(load(std::move(record)));
    TRY(storage.write_atomically(image.record.key(), image.record.to_json()));
    auto const& kept = catalog.put(std::move(image));
    if (is_new)
        publisher.publish(stored_event(kept, layers));
    return &kept;
}

Result<Image> ImageStore::add(Digest const& config, std::vector<Descriptor> layers, std::vector<Digest> manifests,
    std::optional<Reference> const& reference)
{
    std::lock_guard const lock(m_impl->mutex);
    auto const& known = *TRY(m_impl->keep({ config, std::move(manifests), std::move(layers) }));
    if (reference) {
        if (!known.record.manifests.empty())
            TRY(m_impl->set_reference(by_digest(*reference, known.record.manifests.front()), config));
        TRY(m_impl->set_reference(as_stored(*reference), config));
        m_impl->publisher.publish(trace::ImageTagged { .reference = reference->familiar(), .image = config });
    }
    return m_impl->describe(known);
}

Result<Image> ImageStore::add_made(
    Digest const& config, std::vector<Descriptor> layers, std::optional<Digest> const& parent)
{
    std::lock_guard const lock(m_impl->mutex);
    auto const& known = *TRY(m_impl->keep({ config, {}, std::move(layers), Making { parent } }));
    return m_impl->describe(known);
}

std::optional<Image> ImageStore::made_before(std::optional<Digest> const& parent, std::string const& created_by) const
{
    std::lock_guard const lock(m_impl->mutex);
    KnownImage const* newest = nullptr;
    for (auto const& [id, image] : m_impl->catalog.images()) {
        auto const& making = image.record.made_here;
        auto const& history = image.config.history;
        bool const fits
            = making && making->parent == parent && !history.empty() && history.back().created_by == created_by;
        if (fits && (newest == nullptr || newest->config.created < image.config.created))
            newest = &image;
    }
    return newest == nullptr ? std::nullopt : std::optional(m_impl->describe(*newest));
}

std::vector<Image> ImageStore::made_from(std::optional<Digest> const& parent) const
{
    auto images = list();
    std::erase_if(images, [&](Image const& image) { return !image.made_here || image.parent != parent; });
    return images;
}

Result<void> ImageStore::tag(Digest const& image, Reference const& reference)
{
    std::lock_guard const lock(m_impl->mutex);
    if (!m_impl->catalog.images().contains(image))
        return no_such_image(image.to_string());
    if (reference.digest)
        return fail(ErrorKind::InvalidInput, "refusing to create a tag with a digest reference");
    TRY(m_impl->set_reference(reference, image));
    m_impl->publisher.publish(trace::ImageTagged { .reference = reference.familiar(), .image = image });
    return {};
}

Result<void> ImageStore::know_as(Digest const& image, Reference const& reference, Digest const& manifest)
{
    std::lock_guard const lock(m_impl->mutex);
    auto const it = m_impl->catalog.images().find(image);
    if (it == m_impl->catalog.images().end())
        return no_such_image(image.to_string());
    auto record = it->second.record;
    if (std::find(record.manifests.begin(), record.manifests.end(), manifest) == record.manifests.end()) {
        record.manifests.push_back(manifest);
        TRY(m_impl->storage.write_atomically(record.key(), record.to_json()));
        m_impl->catalog.put({ std::move(record), it->second.config });
    }
    return m_impl->set_reference(by_digest(reference, manifest), image);
}

std::optional<std::string> ImageStore::other_repository_with(Digest const& blob, Reference const& reference) const
{
    std::lock_guard const lock(m_impl->mutex);
    for (auto const& [canonical, record] : m_impl->catalog.references()) {
        auto const& known = record.reference;
        // Only a digest reference says that the registry has the image; a tag may never have left this machine.
        if (!known.digest || known.registry != reference.registry || known.repository == reference.repository)
            continue;
        auto const& layers = m_impl->catalog.images().at(record.image).record.layers;
        if (std::any_of(layers.begin(), layers.end(), [&](auto const& layer) { return layer.digest == blob; }))
            return known.repository;
    }
    return std::nullopt;
}

// ---- Holding ----

ImageStore::Hold::Hold(std::shared_ptr<Impl> store)
    : m_store(std::move(store))
{
}

ImageStore::Hold::~Hold()
{
    std::lock_guard const lock(m_store->mutex);
    for (auto const& digest : m_blobs)
        m_store->catalog.needed_blobs.remove(digest);
    for (auto const& diff_id : m_layers)
        m_store->catalog.needed_layers.remove(diff_id);
}

void ImageStore::Hold::blob(Digest const& digest)
{
    std::lock_guard const lock(m_store->mutex);
    m_store->catalog.needed_blobs.add(digest);
    m_blobs.push_back(digest);
}

void ImageStore::Hold::layer(DiffId const& diff_id)
{
    std::lock_guard const lock(m_store->mutex);
    m_store->catalog.needed_layers.add(diff_id);
    m_layers.push_back(diff_id);
}

std::unique_ptr<ImageStore::Hold> ImageStore::hold()
{
    return std::unique_ptr<Hold>(new Hold(m_impl));
}

}
