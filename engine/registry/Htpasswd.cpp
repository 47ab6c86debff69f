#include "engine/registry/Gate.h"

#include <crypt.h>
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <memory>

namespace drydock::registry {

namespace {

// bcrypt's hash of some password; its cost is that of htpasswd(1).
constexpr std::string_view nobodys_hash = "$2y$05$WmZoRkN4SnFLbDBkT3Z1UuEtsG2j4F1u4lV0oHj9oQ0o9kG6l3g3e";

bool is_bcrypt(std::string_view hash)
{
    return hash.size() == 60 && (hash.starts_with("$2y$") || hash.starts_with("$2b$") || hash.starts_with("$2a$"));
}

// crypt(3), with bcrypt's own salt and cost out of the stored hash.
bool hashes_to(std::string const& password, std::string const& hash)
{
    auto const data = std::make_unique<crypt_data>();
    auto const* const result = ::crypt_r(password.c_str(), hash.c_str(), data.get());
    return result != nullptr && hash == result;
}

}

Result<Htpasswd> Htpasswd::parse(std::string_view text)
{
    Htpasswd file;
    for (int line_number = 1; !text.empty(); ++line_number) {
        auto const end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (line.empty() || line.starts_with('#'))
            continue;
        auto const colon = line.find(':');
        if (colon == 0 || colon == std::string_view::npos || !is_bcrypt(line.substr(colon + 1)))
            return fail(ErrorKind::InvalidInput,
                fmt::format(
                    "htpasswd line {} is not \"user:$2y$…\". Make it with: htpasswd -nbB user password", line_number));
        file.m_hashes[std::string(line.substr(0, colon))] = line.substr(colon + 1);
    }
    return file;
}

Result<Htpasswd> Htpasswd::of(std::string const& user, std::string const& password, std::string const& salt)
{
    constexpr unsigned long cost = 5; // as htpasswd(1)
    auto const data = std::make_unique<crypt_data>();
    std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> setting {};
    auto const* const hash = ::crypt_gensalt_rn("$2y$", cost, salt.data(), static_cast<int>(salt.size()),
                                 setting.data(), static_cast<int>(setting.size()))
            == nullptr
        ? nullptr
        : ::crypt_r(password.c_str(), setting.data(), data.get());
    if (hash == nullptr || !is_bcrypt(hash))
        return fail(Error::from_errno("crypt(3)", errno).with_context("hashing the password of " + user));
    Htpasswd file;
    file.m_hashes[user] = hash;
    return file;
}

bool Htpasswd::accepts(std::string const& user, std::string const& password) const
{
    auto const found = m_hashes.find(user);
    if (found != m_hashes.end())
        return hashes_to(password, found->second);
    // The time must not tell which users there are.
    static_cast<void>(hashes_to(password, std::string(nobodys_hash)));
    return false;
}

}
