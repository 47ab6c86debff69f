#include "engine/registry/Repositories.h"

#include <algorithm>

namespace drydock::registry {

using oci::Digest;

namespace {

bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// [a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*
bool is_component(std::string_view text)
{
    std::size_t at = 0;
    auto const skip_word = [&] {
        auto const begin = at;
        while (at < text.size() && is_alphanumeric(text[at]))
            ++at;
        return at > begin;
    };
    auto const skip_separator = [&] {
        if (text[at] == '-')
            at = std::min(text.find_first_not_of('-', at), text.size());
        else if (text.substr(at).starts_with("__"))
            at += 2;
        else if (text[at] == '.' || text[at] == '_')
            ++at;
        else
            return false;
        return true;
    };
    if (!skip_word())
        return false;
    while (at < text.size()) {
        if (!skip_separator() || !skip_word())
            return false;
    }
    return true;
}

std::string folder_of(std::string const& repository)
{
    return "repositories/" + repository;
}

std::string manifest_key(std::string const& repository, Digest const& digest)
{
    return folder_of(repository) + "/_manifests/" + std::string(digest.algorithm_name()) + "-" + digest.hex();
}

std::string blob_key(std::string const& repository, Digest const& digest)
{
    return folder_of(repository) + "/_blobs/" + std::string(digest.algorithm_name()) + "-" + digest.hex();
}

std::string tag_key(std::string const& repository, std::string const& tag)
{
    return folder_of(repository) + "/_tags/" + tag;
}

}

bool is_repository_name(std::string_view name)
{
    if (name.size() > 255)
        return false;
    for (;;) {
        auto const slash = name.find('/');
        if (!is_component(name.substr(0, slash)))
            return false;
        if (slash == std::string_view::npos)
            return true;
        name.remove_prefix(slash + 1);
    }
}

// [a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}
bool is_tag(std::string_view text)
{
    auto const is_word = [](char c) { return is_alphanumeric(c) || (c >= 'A' && c <= 'Z') || c == '_'; };
    return !text.empty() && text.size() <= 128 && is_word(text.front())
        && std::all_of(text.begin(), text.end(), [&](char c) { return is_word(c) || c == '.' || c == '-'; });
}

std::vector<std::string> Repositories::names() const
{
    std::vector<std::string> names;
    collect("", "_manifests", names);
    std::sort(names.begin(), names.end());
    return names;
}

// A component of a name never begins with "_", so what does belongs to the repository itself.
void Repositories::collect(std::string const& folder, std::string_view mark, std::vector<std::string>& names) const
{
    for (auto const& entry : m_storage.list(folder.empty() ? "repositories" : folder_of(folder))) {
        if (entry == mark && !m_storage.list(folder_of(folder) + "/" + entry).empty())
            names.push_back(folder);
        else if (!entry.starts_with('_'))
            collect(folder.empty() ? entry : folder + "/" + entry, mark, names);
    }
}

bool Repositories::has_blob(std::string const& repository, Digest const& digest) const
{
    return m_storage.exists(blob_key(repository, digest));
}

Result<void> Repositories::add_blob(std::string const& repository, Digest const& digest)
{
    if (has_blob(repository, digest))
        return {};
    return m_storage.write_atomically(blob_key(repository, digest), "");
}

Result<void> Repositories::remove_blob(std::string const& repository, Digest const& digest)
{
    return m_storage.remove(blob_key(repository, digest));
}

bool Repositories::anybody_has(Digest const& blob) const
{
    std::vector<std::string> names;
    collect("", "_blobs", names);
    return std::any_of(names.begin(), names.end(), [&](auto const& name) { return has_blob(name, blob); });
}

bool Repositories::exists(std::string const& repository) const
{
    return !m_storage.list(folder_of(repository) + "/_manifests").empty();
}

std::vector<Digest> Repositories::manifests(std::string const& repository) const
{
    std::vector<Digest> digests;
    for (auto name : m_storage.list(folder_of(repository) + "/_manifests")) {
        std::replace(name.begin(), name.end(), '-', ':');
        if (auto const digest = Digest::parse(name))
            digests.push_back(*digest);
    }
    return digests;
}

Result<std::string> Repositories::media_type(std::string const& repository, Digest const& digest) const
{
    return m_storage.read(manifest_key(repository, digest));
}

Result<void> Repositories::add(std::string const& repository, Digest const& digest, std::string const& media_type)
{
    return m_storage.write_atomically(manifest_key(repository, digest), media_type);
}

Result<void> Repositories::remove(std::string const& repository, Digest const& digest)
{
    for (auto const& name : tags(repository)) {
        auto const target = resolve(repository, name);
        if (target && *target == digest)
            TRY(untag(repository, name));
    }
    return m_storage.remove(manifest_key(repository, digest));
}

std::vector<std::string> Repositories::tags(std::string const& repository) const
{
    return m_storage.list(folder_of(repository) + "/_tags");
}

Result<Digest> Repositories::resolve(std::string const& repository, std::string const& tag) const
{
    return Digest::parse(TRY(m_storage.read(tag_key(repository, tag))));
}

Result<void> Repositories::tag(std::string const& repository, std::string const& tag, Digest const& digest)
{
    return m_storage.write_atomically(tag_key(repository, tag), digest.to_string());
}

Result<void> Repositories::untag(std::string const& repository, std::string const& tag)
{
    return m_storage.remove(tag_key(repository, tag));
}

}
