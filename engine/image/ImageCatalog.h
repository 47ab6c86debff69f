#pragma once

// The images and their names in memory: which there are, what they are called, which were made from which, and how many
// need a blob or a layer. It knows neither the disk nor the events; ImageStore keeps it in step with both.

#include "engine/image/ImageRecords.h"
#include "sim/core/Verify.h"
#include "sim/oci/Manifest.h"

#include <map>
#include <set>

namespace drydock::image {

// What is on disk of an image, read and checked once.
struct KnownImage {
    ImageRecord record;
    oci::ImageConfig config;

    oci::Digest const& id() const { return record.config; }
    std::vector<oci::Digest> blobs() const; // config, manifests, layers as they travel
};

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

// docker ignores the tag of "name:tag@digest".
oci::Reference as_stored(oci::Reference);
bool same_repository(oci::Reference const&, oci::Reference const&);

class ImageCatalog {
public:
    std::map<oci::Digest, KnownImage> const& images() const { return m_images; }
    std::map<std::string, ReferenceRecord> const& references() const { return m_references; } // by canonical text
    KnownImage const* find(oci::Digest const& id) const;                                      // null: no such image
    // By reference, full ID, or unique ID prefix (with or without "sha256:").
    KnownImage const* look_up(std::string const& name) const;
    std::vector<oci::Reference> references_of(oci::Digest const& image) const;
    bool has_name(oci::Reference const& name) const { return m_references.contains(name.canonical()); }
    bool has_children(oci::Digest const& image) const { return m_parents.has(image); }

    KnownImage const& put(KnownImage); // in the place of one with the same ID
    KnownImage take(oci::Digest const& id);
    void point(ReferenceRecord); // the name moves, if there was one
    void drop(oci::Reference const& name);

    // Counted for the images in here; whoever works on a thing counts itself.
    Needs<oci::Digest> needed_blobs;
    Needs<oci::DiffId> needed_layers;

private:
    std::map<oci::Digest, KnownImage> m_images;
    std::map<std::string, ReferenceRecord> m_references;
    std::map<oci::Digest, std::set<std::string>> m_names; // of each image, canonical
    Needs<oci::Digest> m_parents;                         // of images that were made here
};

}
