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
        TRY(import_blob(layout, repository, manifest.config));
        for (auto const& layer : manifest.layers)
            TRY(import_blob(layout, repository, layer));
    }
    return store_manifest(repository, descriptor.digest, descriptor.media_type, bytes);
}

Result<void> RegistryServer::Impl::import_blob(
    content::Storage const& layout, std::string const& repository, Descriptor const& descriptor)
{
    if (store.has(descriptor.digest))
        return repositories.add_blob(repository, descriptor.digest);
    auto const file = TRY(layout.open(key_of(descriptor.digest)));
    auto ingest = TRY(store.ingest(descriptor.digest, descriptor.size));
    std::string buffer(256 * 1024, '\0');
    while (auto const count = TRY(file->read_at(ingest.offset(), buffer)))
        TRY(ingest.write(std::string_view(buffer).substr(0, count)));
    TRY(ingest.commit());
    return repositories.add_blob(repository, descriptor.digest);
}

namespace {

struct ImportName {
    std::string repository;
    std::string tag;
};

// How an entry of index.json is called; nothing where it has no name.
Result<std::optional<ImportName>> name_of(Descriptor const& descriptor, std::string const& repository)
{
    auto const full = descriptor.annotations.find("io.containerd.image.name");
    if (full != descriptor.annotations.end() && repository.empty()) {
        auto const reference = TRY_WITH("index.json", oci::Reference::parse(full->second));
        return ImportName { reference.repository, reference.tag };
    }
    auto const name = descriptor.annotations.find("org.opencontainers.image.ref.name");
    if (name == descriptor.annotations.end())
        return std::nullopt;
    auto const colon = name->second.rfind(':');
    auto const tag = name->second.substr(colon == std::string::npos ? 0 : colon + 1);
    ImportName parsed { repository.empty() ? name->second.substr(0, colon) : repository, tag };
    if (!is_repository_name(parsed.repository) || !is_tag(tag) || (repository.empty() && colon == std::string::npos))
        return fail(ErrorKind::InvalidInput, fmt::format("index.json: \"{}\" is no repository:tag", name->second));
    return parsed;
}

}

// An OCI image layout (image-spec image-layout.md): blobs/<algorithm>/<hex>, entered by index.json.
Result<std::vector<std::string>> RegistryServer::import_layout(
    content::Storage const& layout, std::string const& repository)
{
    auto const text = TRY(layout.read("index.json", max_document));
    auto const index = TRY_WITH("index.json", oci::ImageIndex::parse(text, oci::media_type::oci_index));
    std::vector<std::string> names;
    for (auto const& entry : index.manifests) {
        auto const name = TRY(name_of(entry.descriptor, repository));
        if (!name)
            continue;
        names.push_back(name->repository + ":" + name->tag);
        TRY_WITH("importing " + names.back(), m_impl->import_manifest(layout, name->repository, entry.descriptor));
        TRY(m_impl->repositories.tag(name->repository, name->tag, entry.descriptor.digest));
    }
    return names;
}

// ---- From another registry ----

Result<void> RegistryServer::Impl::fetch_blob(
    RegistryClient& client, std::string const& from, std::string const& repository, Descriptor const& descriptor)
{
    if (store.has(descriptor.digest))
        return repositories.add_blob(repository, descriptor.digest);
    auto ingest = TRY(store.ingest(descriptor.digest, descriptor.size));
    TRY(client.blob(
        from, descriptor.digest, descriptor.size, ingest.offset(),
        [&](std::string_view piece) { return ingest.write(piece); },
        []() -> Result<void> { return fail(ErrorKind::Unavailable, "the registry began again; so must the import"); }));
    TRY(ingest.commit());
    return repositories.add_blob(repository, descriptor.digest);
}

Result<void> RegistryServer::Impl::import_document(
    RegistryClient& client, std::string const& from, std::string const& repository, Document const& document)
{
    if (oci::is_index(document.media_type)) {
        for (auto const& child : TRY(oci::ImageIndex::parse(document.bytes, document.media_type)).manifests) {
            auto const manifest = TRY(client.manifest(from, child.descriptor.digest.to_string()));
            TRY(import_document(client, from, repository, manifest));
        }
    } else {
        auto const manifest = TRY(oci::Manifest::parse(document.bytes, document.media_type));
        TRY(fetch_blob(client, from, repository, manifest.config));
        for (auto const& layer : manifest.layers)
            TRY(fetch_blob(client, from, repository, layer));
    }
    return store_manifest(repository, document.digest, document.media_type, document.bytes);
}

Result<void> RegistryServer::import_image(
    RegistryClient& client, oci::Reference const& reference, std::string const& repository, std::string const& tag)
{
    auto const document = TRY(client.manifest(reference.repository, reference.tag_or_digest()));
    TRY(m_impl->import_document(client, reference.repository, repository, document));
    return m_impl->repositories.tag(repository, tag, document.digest);
}

Result<oci::Descriptor> RegistryServer::largest_layer(std::string const& repository, std::string const& tag) const
{
    auto digest = TRY(m_impl->repositories.resolve(repository, tag));
    auto media_type = TRY(m_impl->repositories.media_type(repository, digest));
    auto const document = TRY(m_impl->store.read(digest));
    if (auto const index = oci::ImageIndex::parse(document, media_type)) {
        if (index->manifests.empty())
            return fail(ErrorKind::NotFound, repository + ":" + tag + " has no manifest");
        digest = index->manifests.front().descriptor.digest;
        media_type = index->manifests.front().descriptor.media_type;
    }
    auto const bytes = TRY(m_impl->store.read(digest));
    auto const manifest = TRY(oci::Manifest::parse(bytes, media_type));
    auto const largest = std::max_element(
        manifest.layers.begin(), manifest.layers.end(), [](auto const& a, auto const& b) { return a.size < b.size; });
    if (largest == manifest.layers.end())
        return fail(ErrorKind::NotFound, repository + ":" + tag + " has no layer");
    return *largest;
}

std::vector<std::string> RegistryServer::names() const
{
    std::vector<std::string> names;
    for (auto const& repository : m_impl->repositories.names()) {
        for (auto const& tag : m_impl->repositories.tags(repository))
            names.push_back(repository + ":" + tag);
    }
    return names;
}

}
