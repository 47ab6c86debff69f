#include "engine/image/ImageCatalog.h"

namespace drydock::image {

using oci::Digest;
using oci::Reference;

namespace {

bool is_hex(std::string_view text)
{
    return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}

std::vector<Digest> KnownImage::blobs() const
{
    std::vector<Digest> blobs { record.config };
    blobs.insert(blobs.end(), record.manifests.begin(), record.manifests.end());
    for (auto const& layer : record.layers)
        blobs.push_back(layer.digest);
    return blobs;
}

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

// ---- Finding ----

KnownImage const* ImageCatalog::find(Digest const& id) const
{
    auto const found = m_images.find(id);
    return found == m_images.end() ? nullptr : &found->second;
}

KnownImage const* ImageCatalog::look_up(std::string const& name) const
{
    if (auto const reference = Reference::parse(name)) {
        if (auto const it = m_references.find(as_stored(*reference).canonical()); it != m_references.end())
            return &m_images.at(it->second.image);
    }
    auto const prefix = name.starts_with("sha256:") ? name.substr(7) : name;
    if (prefix.empty() || !is_hex(prefix))
        return nullptr;
    KnownImage const* found = nullptr;
    for (auto const& [id, image] : m_images) {
        if (!id.hex().starts_with(prefix))
            continue;
        if (found != nullptr)
            return nullptr; // ambiguous
        found = &image;
    }
    return found;
}

std::vector<Reference> ImageCatalog::references_of(Digest const& image) const
{
    std::vector<Reference> result;
    if (auto const its = m_names.find(image); its != m_names.end()) {
        for (auto const& canonical : its->second)
            result.push_back(m_references.at(canonical).reference);
    }
    return result;
}

// ---- Changing ----

void ImageCatalog::point(ReferenceRecord record)
{
    auto const canonical = record.reference.canonical();
    drop(record.reference);
    m_names[record.image].insert(canonical);
    m_references.emplace(canonical, std::move(record));
}

void ImageCatalog::drop(Reference const& name)
{
    auto const canonical = name.canonical();
    auto const it = m_references.find(canonical);
    if (it == m_references.end())
        return;
    auto const its = m_names.find(it->second.image);
    its->second.erase(canonical);
    if (its->second.empty())
        m_names.erase(its);
    m_references.erase(it);
}

KnownImage const& ImageCatalog::put(KnownImage image)
{
    for (auto const& blob : image.blobs())
        needed_blobs.add(blob);
    for (auto const& diff_id : image.config.diff_ids)
        needed_layers.add(diff_id);
    if (auto const& making = image.record.made_here; making && making->parent)
        m_parents.add(*making->parent);
    auto const id = image.record.config;
    if (m_images.contains(id))
        take(id);
    return m_images.emplace(id, std::move(image)).first->second;
}

KnownImage ImageCatalog::take(Digest const& id)
{
    auto image = std::move(m_images.extract(id).mapped());
    for (auto const& blob : image.blobs())
        needed_blobs.remove(blob);
    for (auto const& diff_id : image.config.diff_ids)
        needed_layers.remove(diff_id);
    if (auto const& making = image.record.made_here; making && making->parent)
        m_parents.remove(*making->parent);
    return image;
}

}
