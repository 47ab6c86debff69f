#include "sim/oci/Digest.h"

#include "sim/core/Verify.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace drydock::oci {

namespace {

std::size_t hex_length(Digest::Algorithm algorithm)
{
    return algorithm == Digest::Algorithm::Sha256 ? 64 : 128;
}

EVP_MD const* method(Digest::Algorithm algorithm)
{
    // Fetched once: a lookup by name costs more than hashing a small blob.
    static EVP_MD const* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    static EVP_MD const* const sha512 = EVP_MD_fetch(nullptr, "SHA512", nullptr);
    return algorithm == Digest::Algorithm::Sha256 ? sha256 : sha512;
}

}

struct Hasher::Impl {
    Digest::Algorithm algorithm;
    EVP_MD_CTX* context;
};

Hasher::Hasher(Digest::Algorithm algorithm)
    : m_impl(std::make_unique<Impl>(Impl { algorithm, EVP_MD_CTX_new() }))
{
    VERIFY(m_impl->context != nullptr);
    VERIFY(EVP_DigestInit_ex2(m_impl->context, method(algorithm), nullptr) == 1);
}

Hasher::~Hasher()
{
    if (m_impl)
        EVP_MD_CTX_free(m_impl->context);
}

Hasher::Hasher(Hasher&&) noexcept = default;

Hasher& Hasher::operator=(Hasher&& other) noexcept
{
    std::swap(m_impl, other.m_impl);
    return *this;
}

void Hasher::update(std::string_view bytes)
{
    VERIFY(EVP_DigestUpdate(m_impl->context, bytes.data(), bytes.size()) == 1);
}

Digest Hasher::finish()
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> raw {};
    unsigned length = 0;
    VERIFY(EVP_DigestFinal_ex(m_impl->context, raw.data(), &length) == 1);
    std::string hex;
    hex.reserve(length * 2);
    for (unsigned i = 0; i < length; ++i) {
        hex += "0123456789abcdef"[raw[i] >> 4];
        hex += "0123456789abcdef"[raw[i] & 15];
    }
    return Digest(m_impl->algorithm, std::move(hex));
}

Digest Digest::of(std::string_view bytes, Algorithm algorithm)
{
    Hasher hasher(algorithm);
    hasher.update(bytes);
    return hasher.finish();
}

Result<Digest> Digest::parse(std::string_view text)
{
    auto const malformed = [&] {
        return fail(ErrorKind::InvalidInput,
            "invalid digest \"" + std::string(text.substr(0, 200))
                + "\": expected sha256: and 64 (or sha512: and 128) lower-case hex digits");
    };
    auto const colon = text.find(':');
    if (colon == std::string_view::npos)
        return malformed();
    auto const name = text.substr(0, colon);
    auto const hex = text.substr(colon + 1);
    if (name != "sha256" && name != "sha512")
        return malformed();
    auto const algorithm = name == "sha256" ? Algorithm::Sha256 : Algorithm::Sha512;
    auto const is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (hex.size() != hex_length(algorithm) || !std::all_of(hex.begin(), hex.end(), is_hex))
        return malformed();
    return Digest(algorithm, std::string(hex));
}

}
