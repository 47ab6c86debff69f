#pragma once

// Which images there are and what they are called. An image is a config blob (its digest is the image ID) and the
// layers the config names; a tag is a movable flag on it. References are written leaf first (blobs, layers, config,
// tag last: HARDENING R3) and removed root first, so a crash never leaves a tag that points at nothing.
//
//   images/<config hex>        JSON: config, manifests, layers as they travel
//   tags/<escaped reference>   JSON: reference, image ID

#include "engine/content/ContentStore.h"
#include "engine/layer/LayerStore.h"
#include "sim/oci/Manifest.h"
#include "sim/oci/Reference.h"

#include <functional>
#include <optional>

namespace drydock::image {

struct Image {
    oci::Digest id; // digest of the config
    oci::ImageConfig config;
    std::vector<oci::Descriptor> layers;   // as they travel, bottom first
    std::optional<oci::Digest> manifest;   // digest under which a registry knows it
    std::vector<oci::Digest> manifests;    // that one, and where it is an index, the platform's own behind it
    std::vector<std::string> tags;         // familiar form, sorted
    std::vector<std::string> repo_digests; // "busybox@sha256:…", sorted
    std::uint64_t size { 0 };              // bytes of the files in its layers
    bool made_here { false };              // by a build or a commit
    std::optional<oci::Digest> parent;     // that it was made from
    bool has_children { false };           // images made from it are here
};

struct Removal { // one line of `docker rmi`
    bool untagged { false };
    std::string text; // a reference, an image ID, or the ChainID of a layer that nothing else needs
    bool operator==(Removal const&) const = default;
};

class ImageStore {
    struct Impl;

public:
    // Images that are not whole (damage from outside) are left out, each with a WarningRaised. What a crash left half
    // swept stays until the next sweep, which is due as soon as all who hold something have said so.
    static Result<std::unique_ptr<ImageStore>> open(
        content::Storage&, content::ContentStore&, layer::LayerStore&, trace::Publisher);

    // Publishes what is here, as it was published when it came: blobs and layers, then images and their names. For a
    // daemon that starts on a store that has something, or whoever watches it would believe it empty.
    Result<void> announce() const;

    std::vector<Image> list() const; // newest first, then by id
    // By reference, full ID, or unique ID prefix (with or without "sha256:"). NotFound "No such image: x:latest".
    Result<Image> find(std::string const& name) const;
    // All blobs and layers must be in their stores. `manifests` are the documents a registry knows it by, the one that
    // the reference names first. Publishes ImageStored (once an image) and ImageTagged.
    Result<Image> add(oci::Digest const& config, std::vector<oci::Descriptor> layers,
        std::vector<oci::Digest> manifests, std::optional<oci::Reference> const& reference);
    // An image that was made here from `parent`; it has no name yet. What it is made of must be in the stores.
    Result<Image> add_made(
        oci::Digest const& config, std::vector<oci::Descriptor> layers, std::optional<oci::Digest> const& parent);
    // The newest image that was made here from `parent` by the step whose line of history this is.
    std::optional<Image> made_before(std::optional<oci::Digest> const& parent, std::string const& created_by) const;
    // All images that were made here from `parent`, newest first.
    std::vector<Image> made_from(std::optional<oci::Digest> const& parent) const;
    Result<void> tag(oci::Digest const& image, oci::Reference const&);
    // A registry knows the image by this manifest now, which is in the content store: the repository of the reference
    // gets the name "repository@digest" for it.
    Result<void> know_as(oci::Digest const& image, oci::Reference const&, oci::Digest const& manifest);
    // In which repository of the same registry a layer's blob is besides the reference's own, as far as we know.
    std::optional<std::string> other_repository_with(oci::Digest const& blob, oci::Reference const&) const;

    // A container that was made from an image.
    struct User {
        std::string container; // its short id
        bool running { false };
    };
    // Removes the tag, and the image with its last one, with docker's words where it must not. `user_of` gives a
    // container of an image, a running one before others. By force an image goes although stopped containers were made
    // from it (they hold its layers); one that runs, or an image made from it, keeps it in any case. Parents that were
    // kept for its sake alone go with it. Sweeps.
    using UserOf = std::function<std::optional<User>(oci::Digest const&)>;
    Result<std::vector<Removal>> remove(std::string const& name, bool force, UserOf const& user_of);

    // Removes blobs, layers and unfinished ingests that no image refers to and nobody holds.
    Result<void> sweep();

    // Keeps blobs and layers from the sweep while somebody works on them. Holds are not on disk: what a crash leaves is
    // held by nobody (HARDENING R4).
    class Hold {
    public:
        ~Hold();
        void blob(oci::Digest const&);
        void layer(oci::DiffId const&);

    private:
        friend class ImageStore;
        explicit Hold(std::shared_ptr<Impl>);
        std::shared_ptr<Impl> m_store;
        std::vector<oci::Digest> m_blobs;
        std::vector<oci::DiffId> m_layers;
    };
    std::unique_ptr<Hold> hold();

private:
    explicit ImageStore(std::shared_ptr<Impl>);
    std::shared_ptr<Impl> m_impl;
};

}
