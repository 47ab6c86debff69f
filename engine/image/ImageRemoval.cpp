// ImageStore's other half: what `docker rmi` and the sweep take away.

#include "engine/image/ImageStoreImpl.h"

#include <algorithm>

namespace drydock::image {

using oci::DiffId;
using oci::Digest;
using oci::Reference;

// ---- Removing ----

Result<void> ImageStore::Impl::untag(Reference const& reference, std::vector<Removal>& removals)
{
    auto const it = catalog.references().find(reference.canonical());
    VERIFY(it != catalog.references().end());
    auto const image = it->second.image;
    TRY(storage.remove(ReferenceRecord::key(reference)));
    catalog.drop(reference);
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
    for (auto& other : catalog.references_of(image)) {
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
    auto const it = catalog.images().find(id);
    VERIFY(it != catalog.images().end());
    TRY(storage.remove(it->second.record.key()));
    auto const image = catalog.take(id);
    auto const& diff_ids = image.config.diff_ids;
    removals.push_back({ false, id.to_string() });
    publisher.publish(trace::ImageRemoved { .image = id });
    TRY(remove_unneeded(image.blobs(), diff_ids));
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
    if (catalog.has_children(id))
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
        auto const it = catalog.images().find(*parent);
        if (it == catalog.images().end() || !catalog.references_of(*parent).empty()
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
    auto const* image = m_impl->catalog.look_up(name);
    if (image == nullptr)
        return no_such_image(name);
    auto const id = image->record.config;
    auto const references = m_impl->catalog.references_of(id);
    auto const parsed = Reference::parse(name);
    auto const by_name = parsed && m_impl->catalog.has_name(as_stored(*parsed));
    auto const user = user_of ? user_of(id) : std::nullopt;
    std::vector<Removal> removals;
    if (by_name) {
        if (user && !force && is_single(references))
            return conflict("remove repository reference \"" + name + "\" (must force) - container " + user->container
                + " is using its referenced image " + id.short_form());
        TRY(m_impl->untag_with_digests(as_stored(*parsed), id, removals));
        // The name is gone; an image that has others, or is needed, stays without a word.
        if (!m_impl->catalog.references_of(id).empty() || !m_impl->check_free(id, user, force))
            return removals;
    } else {
        if (!is_single(references) && !force)
            return conflict(
                "delete " + id.short_form() + " (must be forced) - image is referenced in multiple repositories");
        TRY(m_impl->check_free(id, user, force));
        for (auto const& reference : references)
            TRY(m_impl->untag(reference, removals));
    }
    auto const& making = m_impl->catalog.images().at(id).record.made_here;
    auto const parent = making ? making->parent : std::nullopt;
    TRY(m_impl->remove_image(id, removals));
    TRY(m_impl->remove_parents(parent, user_of, removals));
    return removals;
}

// ---- Sweeping ----

Result<void> ImageStore::Impl::remove_unneeded(std::vector<Digest> const& blobs, std::vector<DiffId> const& diff_ids)
{
    for (auto const& digest : blobs) {
        if (!catalog.needed_blobs.has(digest) && content.has(digest))
            TRY(content.remove(digest));
    }
    for (auto const& diff_id : diff_ids) {
        if (!catalog.needed_layers.has(diff_id) && layers.has(diff_id))
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

}
