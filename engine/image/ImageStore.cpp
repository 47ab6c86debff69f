#include "engine/image/ImageStore.h"

#include "engine/image/ImageRecords.h"
#include "sim/core/Verify.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

namespace drydock::image {

using oci::Descriptor;
using oci::DiffId;
using oci::Digest;
using oci::Reference;

namespace {

// An image in memory: what is on disk, read and checked once.
struct Known {
    ImageRecord record;
    oci::ImageConfig config;
};

std::vector<Digest> blobs_of(Known const& image)
{
    std::vector<Digest> blobs { image.record.config };
    blobs.insert(blobs.end(), image.record.manifests.begin(), image.record.manifests.end());
    for (auto const& layer : image.record.layers)
        blobs.push_back(layer.digest);
    return blobs;
}

// How many need a thing: images, and those who hold it while they work. What nobody needs can go.
template <class Key> class Needs {
public:
    void add(Key const& key) { ++m_counts[key]; }
    void remove(Key const& key)
    {
        auto const it = m_counts.find(key);
        VERIFY(it != m_counts.end());
        if (--it->second == 0)
            m_counts.erase(it);
    }
    bool has(Key const& key) const { return m_counts.contains(key); }

private:
    std::map<Key, std::size_t> m_counts;
};

// "busybox@sha256:…": the name that stays when the tag moves.
Reference by_digest(Reference reference, Digest const& manifest)
{
    reference.tag.clear();
    reference.digest = manifest;
    return reference;
}

// docker ignores the tag of "name:tag@digest".
Reference as_stored(Reference reference)
{
    if (reference.digest)
        reference.tag.clear();
    return reference;
}

bool same_repository(Reference const& a, Reference const& b)
{
    return a.registry == b.registry && a.repository == b.repository;
}

bool is_hex(std::string_view text)
{
    return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

trace::ImageStored stored_event(Known const& image, layer::LayerStore const& layers)
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

struct ImageStore::Impl {
    Impl(content::Storage& its_storage, content::ContentStore& its_content, layer::LayerStore& its_layers,
        trace::Publisher its_publisher)
        : storage(its_storage)
        , content(its_content)
        , layers(its_layers)
        , publisher(std::move(its_publisher))
    {
    }

    void load_images();
    void load_references();
    Result<Known> load(ImageRecord record) const;
    Result<void> check_whole(Known const&) const;

    Known const* look_up(std::string const& name) const; // null: no such image
    Image describe(Known const&) const;
    std::vector<Reference> references_of(Digest const& image) const;
    bool has_children(Digest const& image) const { return parents.has(image); }
    void announce_names(std::vector<Reference> const& names, Digest const& image) const;

    Known const& put(Known image);
    Known take(Digest const& id);
    Result<Known const*> keep(ImageRecord record);
    void point(ReferenceRecord);
    void drop(std::string const& canonical);
    Result<void> set_reference(Reference const&, Digest const& image);
    Result<void> untag(Reference const&, std::vector<Removal>& removals);
    Result<void> untag_with_digests(Reference const&, Digest const& image, std::vector<Removal>& removals);
    Result<void> remove_image(Digest const& image, std::vector<Removal>& removals);
    Result<void> remove_parents(std::optional<Digest> parent, UserOf const&, std::vector<Removal>& removals);
    Result<void> check_free(Digest const& id, std::optional<User> const& user, bool force) const;
    Result<void> remove_unneeded(std::vector<Digest> const& blobs, std::vector<DiffId> const& diff_ids);
    Result<void> sweep();

    content::Storage& storage;
    content::ContentStore& content;
    layer::LayerStore& layers;
    trace::Publisher publisher;

    std::mutex mutable mutex; // over all below, and over a sweep: nothing is held after it was found unused
    std::map<Digest, Known> images;
    std::map<std::string, ReferenceRecord> references; // by canonical text
    std::map<Digest, std::set<std::string>> names_of;  // each image, canonical
    Needs<Digest> parents;                             // of images that were made here
    Needs<Digest> needed_blobs;
    Needs<DiffId> needed_layers;
};

// ---- Opening ----

Result<void> ImageStore::Impl::check_whole(Known const& image) const
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

Result<Known> ImageStore::Impl::load(ImageRecord record) const
{
    auto const text = TRY(content.read(record.config));
    auto config = TRY(oci::ImageConfig::parse(text));
    Known image { std::move(record), std::move(config) };
    TRY(check_whole(image));
    return image;
}

void ImageStore::Impl::load_images()
{
    for (auto const& name : storage.list("images")) {
        auto image = [&]() -> Result<Known> {
            auto const text = TRY(storage.read("images/" + name));
            auto record = TRY(ImageRecord::parse(text));
            return load(std::move(record));
        }();
        if (image)
            put(std::move(*image));
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
        if (record && images.contains(record->image))
            point(std::move(*record));
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
    std::vector<Known const*> oldest_first;
    for (auto const& [id, image] : m_impl->images)
        oldest_first.push_back(&image);
    std::stable_sort(oldest_first.begin(), oldest_first.end(),
        [](auto const* a, auto const* b) { return a->config.created < b->config.created; });
    for (auto const* image : oldest_first) {
        auto const& id = image->record.config;
        m_impl->publisher.publish(stored_event(*image, m_impl->layers));
        m_impl->announce_names(m_impl->references_of(id), id);
    }
    return {};
}

ImageStore::ImageStore(std::shared_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}

// ---- Finding ----

Known const* ImageStore::Impl::look_up(std::string const& name) const
{
    if (auto const reference = Reference::parse(name)) {
        if (auto const it = references.find(as_stored(*reference).canonical()); it != references.end())
            return &images.at(it->second.image);
    }
    auto const prefix = name.starts_with("sha256:") ? name.substr(7) : name;
    if (prefix.empty() || !is_hex(prefix))
        return nullptr;
    Known const* found = nullptr;
    for (auto const& [id, image] : images) {
        if (!id.hex().starts_with(prefix))
            continue;
        if (found != nullptr)
            return nullptr; // ambiguous
        found = &image;
    }
    return found;
}

std::vector<Reference> ImageStore::Impl::references_of(Digest const& image) const
{
    std::vector<Reference> result;
    if (auto const its = names_of.find(image); its != names_of.end()) {
        for (auto const& canonical : its->second)
            result.push_back(references.at(canonical).reference);
    }
    return result;
}

void ImageStore::Impl::point(ReferenceRecord record)
{
    auto const canonical = record.reference.canonical();
    drop(canonical);
    names_of[record.image].insert(canonical);
    references.emplace(canonical, std::move(record));
}

void ImageStore::Impl::drop(std::string const& canonical)
{
    auto const it = references.find(canonical);
    if (it == references.end())
        return;
    auto const its = names_of.find(it->second.image);
    its->second.erase(canonical);
    if (its->second.empty())
        names_of.erase(its);
    references.erase(it);
}

Image ImageStore::Impl::describe(Known const& known) const
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
        .has_children = has_children(known.record.config) };
    for (auto const& reference : references_of(known.record.config))
        (reference.digest ? image.repo_digests : image.tags).push_back(reference.familiar());
    std::sort(image.tags.begin(), image.tags.end());
    std::sort(image.repo_digests.begin(), image.repo_digests.end());
    for (auto const& diff_id : known.config.diff_ids)
        image.size += layers.content_size(diff_id).value_or(0);
    return image;
}

namespace {

// docker shows the name with the tag that it assumed.
tl::unexpected<Error> no_such_image(std::string const& name)
{
    auto const reference = Reference::parse(name);
    return fail(ErrorKind::NotFound, "No such image: " + (reference ? reference->familiar() : name));
}

}

std::vector<Image> ImageStore::list() const
{
    std::lock_guard const lock(m_impl->mutex);
    std::vector<Image> list;
    list.reserve(m_impl->images.size());
    for (auto const& [id, image] : m_impl->images)
        list.push_back(m_impl->describe(image));
    std::stable_sort(
        list.begin(), list.end(), [](Image const& a, Image const& b) { return a.config.created > b.config.created; });
    return list;
}

Result<Image> ImageStore::find(std::string const& name) const
{
    std::lock_guard const lock(m_impl->mutex);
    auto const* image = m_impl->look_up(name);
    if (image == nullptr)
        return no_such_image(name);
    return m_impl->describe(*image);
}

// ---- Adding ----

Result<void> ImageStore::Impl::set_reference(Reference const& reference, Digest const& image)
{
    ReferenceRecord record { reference, image };
    TRY(storage.write_atomically(ReferenceRecord::key(reference), record.to_json()));
    point(std::move(record));
    return {};
}

Known const& ImageStore::Impl::put(Known image)
{
    for (auto const& blob : blobs_of(image))
        needed_blobs.add(blob);
    for (auto const& diff_id : image.config.diff_ids)
        needed_layers.add(diff_id);
    if (auto const& making = image.record.made_here; making && making->parent)
        parents.add(*making->parent);
    auto const id = image.record.config;
    if (images.contains(id))
        take(id);
    return images.emplace(id, std::move(image)).first->second;
}

Known ImageStore::Impl::take(Digest const& id)
{
    auto image = std::move(images.extract(id).mapped());
    for (auto const& blob : blobs_of(image))
        needed_blobs.remove(blob);
    for (auto const& diff_id : image.config.diff_ids)
        needed_layers.remove(diff_id);
    if (auto const& making = image.record.made_here; making && making->parent)
        parents.remove(*making->parent);
    return image;
}

Result<Known const*> ImageStore::Impl::keep(ImageRecord record)
{
    auto const known = images.find(record.config);
    auto const is_new = known == images.end();
    if (!is_new && !record.made_here) // a pull of what was built here changes nothing of that
        record.made_here = known->second.record.made_here;
    auto image = TRY(load(std::move(record)));
    TRY(storage.write_atomically(image.record.key(), image.record.to_json()));
    auto const& kept = put(std::move(image));
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
    Known const* newest = nullptr;
    for (auto const& [id, image] : m_impl->images) {
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
    if (!m_impl->images.contains(image))
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
    auto const it = m_impl->images.find(image);
    if (it == m_impl->images.end())
        return no_such_image(image.to_string());
    auto record = it->second.record;
    if (std::find(record.manifests.begin(), record.manifests.end(), manifest) == record.manifests.end()) {
        record.manifests.push_back(manifest);
        TRY(m_impl->storage.write_atomically(record.key(), record.to_json()));
        m_impl->put({ std::move(record), it->second.config });
    }
    return m_impl->set_reference(by_digest(reference, manifest), image);
}

std::optional<std::string> ImageStore::other_repository_with(Digest const& blob, Reference const& reference) const
{
    std::lock_guard const lock(m_impl->mutex);
    for (auto const& [canonical, record] : m_impl->references) {
        auto const& known = record.reference;
        // Only a digest reference says that the registry has the image; a tag may never have left this machine.
        if (!known.digest || known.registry != reference.registry || known.repository == reference.repository)
            continue;
        auto const& layers = m_impl->images.at(record.image).record.layers;
        if (std::any_of(layers.begin(), layers.end(), [&](auto const& layer) { return layer.digest == blob; }))
            return known.repository;
    }
    return std::nullopt;
}

// ---- Removing ----

Result<void> ImageStore::Impl::untag(Reference const& reference, std::vector<Removal>& removals)
{
    auto const it = references.find(reference.canonical());
    VERIFY(it != references.end());
    auto const image = it->second.image;
    TRY(storage.remove(ReferenceRecord::key(reference)));
    drop(reference.canonical());
    removals.push_back({ true, reference.familiar() });
    publisher.publish(trace::ImageUntagged { .reference = reference.familiar(), .image = image });
    return {};
}

// With a repository's last tag its digest references go as well: nobody typed them.
Result<void> ImageStore::Impl::untag_with_digests(
    Reference const& reference, Digest const& image, std::vector<Removal>& removals)
{
    TRY(untag(reference, removals));
    std::vector<Reference> rest;
    for (auto& other : references_of(image)) {
        if (!same_repository(other, reference))
            continue;
        if (!other.digest)
            return {};
        rest.push_back(std::move(other));
    }
    for (auto const& other : rest)
        TRY(untag(other, removals));
    return {};
}

Result<void> ImageStore::Impl::remove_image(Digest const& id, std::vector<Removal>& removals)
{
    auto const it = images.find(id);
    VERIFY(it != images.end());
    TRY(storage.remove(it->second.record.key()));
    auto const image = take(id);
    auto const& diff_ids = image.config.diff_ids;
    removals.push_back({ false, id.to_string() });
    publisher.publish(trace::ImageRemoved { .image = id });
    TRY(remove_unneeded(blobs_of(image), diff_ids));
    for (auto count = diff_ids.size(); count > 0; --count) {
        if (!layers.has(diff_ids[count - 1]))
            removals.push_back({ false, oci::chain_id_of(std::span(diff_ids).first(count)).digest.to_string() });
    }
    return {};
}

namespace {

// One name, besides the digest reference that a pull leaves beside its tag.
bool is_single(std::vector<Reference> const& references)
{
    if (references.size() <= 1)
        return true;
    return references.size() == 2 && references[0].digest.has_value() != references[1].digest.has_value()
        && same_repository(references[0], references[1]);
}

tl::unexpected<Error> conflict(std::string why)
{
    return fail(ErrorKind::Conflict, "conflict: unable to " + std::move(why));
}

}

// Why the image itself cannot go, names aside; "hard" conflicts are those that force does not overcome.
Result<void> ImageStore::Impl::check_free(Digest const& id, std::optional<User> const& user, bool force) const
{
    if (has_children(id))
        return conflict("delete " + id.short_form() + " (cannot be forced) - image has dependent child images");
    if (user && user->running)
        return conflict("delete " + id.short_form() + " (cannot be forced) - image is being used by running container "
            + user->container);
    if (user && !force)
        return conflict("delete " + id.short_form() + " (must be forced) - image is being used by stopped container "
            + user->container);
    return {};
}

// Steps of a build that nobody named and nothing else stands on.
Result<void> ImageStore::Impl::remove_parents(
    std::optional<Digest> parent, UserOf const& user_of, std::vector<Removal>& removals)
{
    while (parent) {
        auto const it = images.find(*parent);
        if (it == images.end() || !references_of(*parent).empty()
            || !check_free(*parent, user_of ? user_of(*parent) : std::nullopt, false))
            return {};
        auto const id = *parent;
        parent = it->second.record.made_here ? it->second.record.made_here->parent : std::nullopt;
        TRY(remove_image(id, removals));
    }
    return {};
}

// As dockerd's ImageDelete (daemon/images/image_delete.go) has it.
Result<std::vector<Removal>> ImageStore::remove(std::string const& name, bool force, UserOf const& user_of)
{
    std::lock_guard const lock(m_impl->mutex);
    auto const* image = m_impl->look_up(name);
    if (image == nullptr)
        return no_such_image(name);
    auto const id = image->record.config;
    auto const references = m_impl->references_of(id);
    auto const parsed = Reference::parse(name);
    auto const by_name = parsed && m_impl->references.contains(as_stored(*parsed).canonical());
    auto const user = user_of ? user_of(id) : std::nullopt;
    std::vector<Removal> removals;
    if (by_name) {
        if (user && !force && is_single(references))
            return conflict("remove repository reference \"" + name + "\" (must force) - container " + user->container
                + " is using its referenced image " + id.short_form());
        TRY(m_impl->untag_with_digests(as_stored(*parsed), id, removals));
        // The name is gone; an image that has others, or is needed, stays without a word.
        if (!m_impl->references_of(id).empty() || !m_impl->check_free(id, user, force))
            return removals;
    } else {
        if (!is_single(references) && !force)
            return conflict(
                "delete " + id.short_form() + " (must be forced) - image is referenced in multiple repositories");
        TRY(m_impl->check_free(id, user, force));
        for (auto const& reference : references)
            TRY(m_impl->untag(reference, removals));
    }
    auto const& making = m_impl->images.at(id).record.made_here;
    auto const parent = making ? making->parent : std::nullopt;
    TRY(m_impl->remove_image(id, removals));
    TRY(m_impl->remove_parents(parent, user_of, removals));
    return removals;
}

// ---- Sweeping ----

Result<void> ImageStore::Impl::remove_unneeded(std::vector<Digest> const& blobs, std::vector<DiffId> const& diff_ids)
{
    for (auto const& digest : blobs) {
        if (!needed_blobs.has(digest) && content.has(digest))
            TRY(content.remove(digest));
    }
    for (auto const& diff_id : diff_ids) {
        if (!needed_layers.has(diff_id) && layers.has(diff_id))
            TRY(layers.remove(diff_id));
    }
    return content.discard_unfinished();
}

// All that there is may be nobody's: what a crash or a failed pull left.
Result<void> ImageStore::Impl::sweep()
{
    return remove_unneeded(content.list(), layers.list());
}

Result<void> ImageStore::sweep()
{
    std::lock_guard const lock(m_impl->mutex);
    return m_impl->sweep();
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
        m_store->needed_blobs.remove(digest);
    for (auto const& diff_id : m_layers)
        m_store->needed_layers.remove(diff_id);
}

void ImageStore::Hold::blob(Digest const& digest)
{
    std::lock_guard const lock(m_store->mutex);
    m_store->needed_blobs.add(digest);
    m_blobs.push_back(digest);
}

void ImageStore::Hold::layer(DiffId const& diff_id)
{
    std::lock_guard const lock(m_store->mutex);
    m_store->needed_layers.add(diff_id);
    m_layers.push_back(diff_id);
}

std::unique_ptr<ImageStore::Hold> ImageStore::hold()
{
    return std::unique_ptr<Hold>(new Hold(m_impl));
}

}
