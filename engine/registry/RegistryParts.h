#pragma once

// What RegistryServer is made of; included by its own sources only. Each source answers one kind of resource.

#include "engine/registry/RegistryServer.h"
#include "engine/registry/Repositories.h"
#include "engine/registry/Uploads.h"

namespace drydock::registry {

// Bytes of a manifest or a config: distribution-spec 1.1 asks for at least 4 MiB.
inline constexpr std::size_t max_document = 4 << 20;

// The codes of distribution-spec 1.1, "Error Codes".
enum class Code : std::uint8_t {
    BlobUnknown,
    BlobUploadInvalid,
    BlobUploadUnknown,
    DigestInvalid,
    ManifestBlobUnknown,
    ManifestInvalid,
    ManifestUnknown,
    NameInvalid,
    NameUnknown,
    SizeInvalid,
    Unauthorized,
    Denied,
    Unsupported,
    PaginationNumberInvalid, // docker's own
    Unknown,                 // docker's own
};

void refuse(http::Exchange&, int status, Code, std::string_view detail);
void answer(http::Exchange&, int status, http::Headers, std::string body = {});

struct RegistryServer::Impl {
    Impl(content::Storage& storage, Random& random, trace::Publisher publisher, std::unique_ptr<Gate> its_gate,
        Gaps its_gaps)
        : gate(std::move(its_gate))
        , gaps(its_gaps)
        , store(storage, std::move(publisher))
        , repositories(storage)
        , uploads(storage, store, random)
    {
    }

    void route(http::Exchange&);
    bool may_pass(http::Exchange&, Wanted const&);
    bool route_listing(http::Exchange&);

    // RegistryServer.cpp
    void list_repositories(http::Exchange&);
    void list_tags(http::Exchange&, std::string const& repository);

    // Manifests.cpp
    void manifests(http::Exchange&, std::string const& repository, std::string const& reference);
    void get_manifest(http::Exchange&, std::string const& repository, std::string const& reference);
    void put_manifest(http::Exchange&, std::string const& repository, std::string const& reference);
    void delete_manifest(http::Exchange&, std::string const& repository, std::string const& reference);
    void referrers(http::Exchange&, std::string const& repository, std::string const& digest);
    // InvalidInput for a document that is wrong, NotFound where something it points at is missing.
    Result<void> store_manifest(
        std::string const& repository, oci::Digest const&, std::string const& media_type, std::string const& bytes);
    Result<void> check_references(
        std::string const& repository, std::string const& media_type, std::string const& bytes) const;

    // Blobs.cpp
    void blobs(http::Exchange&, std::string const& repository, std::string const& digest);
    void get_blob(http::Exchange&, std::string const& repository, oci::Digest const&);
    void delete_blob(http::Exchange&, std::string const& repository, oci::Digest const&);
    bool is_used(std::string const& repository, oci::Digest const& blob) const; // by a manifest of it

    // BlobUploads.cpp
    bool mount(http::Exchange&, std::string const& repository, std::string const& digest);
    void begin_upload(http::Exchange&, std::string const& repository);
    void upload(http::Exchange&, std::string const& repository, std::string const& id);
    void finish_upload(http::Exchange&, std::string const& repository, Uploads::Lease, std::string const& digest);

    // ImportLayout.cpp
    Result<void> import_manifest(content::Storage const& layout, std::string const& repository, oci::Descriptor const&);
    Result<void> import_blob(content::Storage const& layout, std::string const& repository, oci::Descriptor const&);
    Result<void> import_document(
        RegistryClient&, std::string const& from, std::string const& repository, Document const&);
    Result<void> fetch_blob(
        RegistryClient&, std::string const& from, std::string const& repository, oci::Descriptor const&);

    std::unique_ptr<Gate> gate; // null: open to all
    Gaps gaps;
    content::ContentStore store;
    Repositories repositories;
    Uploads uploads;
};

}
