#pragma once

// What a registry knows besides blobs: its repositories, which manifests belong to each, and what the tags point at.
// A repository exists as long as it has a manifest.

#include "engine/content/Storage.h"
#include "sim/oci/Digest.h"

namespace drydock::registry {

// The grammar of distribution-spec 1.1, "Pulling manifests". Names that pass it are plain path components.
bool is_repository_name(std::string_view);
bool is_tag(std::string_view);

class Repositories {
public:
    explicit Repositories(content::Storage& storage)
        : m_storage(storage)
    {
    }

    std::vector<std::string> names() const; // sorted
    bool exists(std::string const& repository) const;

    std::vector<oci::Digest> manifests(std::string const& repository) const;
    // NotFound where the manifest is not the repository's.
    Result<std::string> media_type(std::string const& repository, oci::Digest const&) const;
    Result<void> add(std::string const& repository, oci::Digest const&, std::string const& media_type);
    // With the tags that point at it.
    Result<void> remove(std::string const& repository, oci::Digest const&);

    // Whether a blob was pushed or mounted into the repository.
    bool has_blob(std::string const& repository, oci::Digest const&) const;
    Result<void> add_blob(std::string const& repository, oci::Digest const&);
    Result<void> remove_blob(std::string const& repository, oci::Digest const&);
    // Whether any repository still has it.
    bool anybody_has(oci::Digest const& blob) const;

    std::vector<std::string> tags(std::string const& repository) const; // sorted
    Result<oci::Digest> resolve(std::string const& repository, std::string const& tag) const;
    Result<void> tag(std::string const& repository, std::string const& tag, oci::Digest const&);
    Result<void> untag(std::string const& repository, std::string const& tag);

private:
    void collect(std::string const& folder, std::string_view mark, std::vector<std::string>& names) const;

    content::Storage& m_storage;
};

}
