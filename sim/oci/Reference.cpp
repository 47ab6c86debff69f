#include "sim/oci/Reference.h"

#include <regex>

namespace drydock::oci {

namespace {

constexpr std::string_view default_registry = "docker.io";

bool names_a_registry(std::string_view component)
{
    return component.find_first_of(".:") != std::string_view::npos || component == "localhost";
}

bool is_repository(std::string const& text)
{
    static std::regex const pattern(
        "[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*", std::regex::optimize);
    return text.size() <= 255 && std::regex_match(text, pattern);
}

bool is_registry(std::string const& text)
{
    static std::regex const pattern("([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)"
                                    "*|\\[[0-9a-fA-F:]+\\])(:[0-9]{1,5})?",
        std::regex::optimize);
    return text.size() <= 255 && std::regex_match(text, pattern);
}

bool is_tag(std::string const& text)
{
    static std::regex const pattern("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", std::regex::optimize);
    return std::regex_match(text, pattern);
}

auto malformed(std::string_view text, std::string_view why)
{
    return fail(ErrorKind::InvalidInput,
        "invalid reference format: \"" + std::string(text.substr(0, 200)) + "\": " + std::string(why));
}

}

Result<Reference> Reference::parse(std::string_view text)
{
    // std::regex recurses by length, so length is checked before any pattern.
    if (text.empty() || text.size() > 600)
        return malformed(text, "a reference has 1 to 600 characters");
    Reference reference;
    auto rest = text;
    if (auto const at = rest.find('@'); at != std::string_view::npos) {
        reference.digest = TRY_WITH("invalid reference format", Digest::parse(rest.substr(at + 1)));
        rest = rest.substr(0, at);
    }
    auto const last_slash = rest.rfind('/');
    auto const colon = rest.rfind(':');
    if (colon != std::string_view::npos && (last_slash == std::string_view::npos || colon > last_slash)) {
        reference.tag = rest.substr(colon + 1);
        if (!is_tag(reference.tag))
            return malformed(text, "a tag has 1 to 128 characters of A-Z a-z 0-9 _ . -");
        rest = rest.substr(0, colon);
    }
    auto const slash = rest.find('/');
    if (slash != std::string_view::npos && names_a_registry(rest.substr(0, slash))) {
        reference.registry = rest.substr(0, slash);
        reference.repository = rest.substr(slash + 1);
        if (!is_registry(reference.registry))
            return malformed(text, "the part before the first / is no host name with an optional port");
        if (reference.registry == "index.docker.io")
            reference.registry = default_registry;
    } else {
        reference.registry = default_registry;
        reference.repository = rest;
    }
    if (reference.registry == default_registry && reference.repository.find('/') == std::string::npos)
        reference.repository = "library/" + reference.repository;
    if (!is_repository(reference.repository))
        return malformed(text, "a repository name is lower-case words joined by . _ - and /");
    if (reference.tag.empty() && !reference.digest)
        reference.tag = "latest";
    return reference;
}

std::string Reference::familiar_repository() const
{
    auto const in_full = registry + "/" + repository;
    if (registry != default_registry)
        return in_full;
    constexpr std::string_view library = "library/";
    auto const slash = repository.find('/');
    if (repository.starts_with(library) && repository.find('/', library.size()) == std::string::npos)
        return repository.substr(library.size());
    // "docker.io/quay.io/app" without its registry would mean another one.
    return names_a_registry(std::string_view(repository).substr(0, slash)) ? in_full : repository;
}

std::string Reference::familiar() const
{
    auto text = familiar_repository();
    if (!tag.empty())
        text += ":" + tag;
    if (digest)
        text += "@" + digest->to_string();
    return text;
}

std::string Reference::canonical() const
{
    auto text = registry + "/" + repository;
    if (!tag.empty())
        text += ":" + tag;
    if (digest)
        text += "@" + digest->to_string();
    return text;
}

std::string Reference::tag_or_digest() const
{
    return digest ? digest->to_string() : tag;
}

}
