#include "engine/registry/RegistryParts.h"

#include <fmt/format.h>

namespace drydock::registry {

using oci::Descriptor;
using oci::Digest;

namespace {

std::string key_of(Digest const& digest)
{
    return fmt::format("blobs/{}/{}", digest.algorithm_name(), digest.hex());
}

}

// A manifest with all it points at.
Result<void> RegistryServer::Impl::import_manifest(
    content::Storage const& layout, std::string const& repository, Descriptor const& descriptor)
{
    auto const bytes = TRY(layout.read(key_of(descriptor.digest), max_document));
    if (oci::is_index(descriptor.media_type)) {
        for (auto const& child : TRY(oci::ImageIndex::parse(bytes, descriptor.media_type)).manifests)
            TRY(import_manifest(layout, repository, child.descriptor));
    } else {
        auto const manifest = TRY(oci::Manifest::parse(bytes, descriptor.media_type));
        TRY(import_blob(layout, manifest.config));
        for (auto const& layer : manifest.layers)
            TRY(import_blob(layout, layer));
    }
    return store_manifest(repository, descriptor.digest, descriptor.media_type, bytes);
}

Result<void> RegistryServer::Impl::import_blob(content::Storage const& layout, Descriptor const& descriptor)
{
    if (store.has(descriptor.digest))
        return {};
    auto const file = TRY(layout.open(key_of(descriptor.digest)));
    auto ingest = TRY(store.ingest(descriptor.digest, descriptor.size));
    std::string buffer(256 * 1024, '\0');
    while (auto const count = TRY(file->read_at(ingest.offset(), buffer)))
        TRY(ingest.write(std::string_view(buffer).substr(0, count)));
    return ingest.commit();
}

// An OCI image layout (image-spec image-layout.md): blobs/<algorithm>/<hex>, entered by index.json.
Result<void> RegistryServer::import_layout(content::Storage const& layout)
{
    auto const text = TRY(layout.read("index.json", max_document));
    auto const index = TRY_WITH("index.json", oci::ImageIndex::parse(text, oci::media_type::oci_index));
    for (auto const& [descriptor, platform] : index.manifests) {
        auto const name = descriptor.annotations.find("org.opencontainers.image.ref.name");
        if (name == descriptor.annotations.end())
            continue;
        auto const colon = name->second.rfind(':');
        auto const repository = name->second.substr(0, colon);
        auto const tag = colon == std::string::npos ? std::string() : name->second.substr(colon + 1);
        if (!is_repository_name(repository) || !is_tag(tag))
            return fail(ErrorKind::InvalidInput, fmt::format("index.json: \"{}\" is no repository:tag", name->second));
        TRY_WITH("importing " + name->second, m_impl->import_manifest(layout, repository, descriptor));
        TRY(m_impl->repositories.tag(repository, tag, descriptor.digest));
    }
    return {};
}

}
