#pragma once

// What the two halves of ImageStore (adding and finding; removing) share.

#include "engine/image/ImageCatalog.h"
#include "engine/image/ImageStore.h"

#include <mutex>

namespace drydock::image {

// "No such image: busybox:latest": docker shows the name with the tag that it assumed.
tl::unexpected<Error> no_such_image(std::string const& name);

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
    Result<KnownImage> load(ImageRecord record) const;
    Result<void> check_whole(KnownImage const&) const;
    Image describe(KnownImage const&) const;
    void announce_names(std::vector<oci::Reference> const& names, oci::Digest const& image) const;
    Result<KnownImage const*> keep(ImageRecord record);
    Result<void> set_reference(oci::Reference const&, oci::Digest const& image);

    Result<void> untag(oci::Reference const&, std::vector<Removal>& removals);
    Result<void> untag_with_digests(oci::Reference const&, oci::Digest const& image, std::vector<Removal>& removals);
    Result<void> remove_image(oci::Digest const& image, std::vector<Removal>& removals);
    Result<void> remove_parents(std::optional<oci::Digest> parent, UserOf const&, std::vector<Removal>& removals);
    Result<void> check_free(oci::Digest const& id, std::optional<User> const& user, bool force) const;
    Result<void> remove_unneeded(std::vector<oci::Digest> const& blobs, std::vector<oci::DiffId> const& diff_ids);
    Result<void> sweep();

    content::Storage& storage;
    content::ContentStore& content;
    layer::LayerStore& layers;
    trace::Publisher publisher;

    std::mutex mutable mutex; // over the catalog, and over a sweep: nothing is held after it was found unused
    ImageCatalog catalog;
};

}
