#pragma once

// A Digest names content by its hash: "sha256:" and 64 lower-case hex digits (OCI image-spec, descriptor.md,
// "Digests"). Whoever holds the bytes can check the name; that is what makes a registry trustworthy.

#include "sim/core/Result.h"

#include <compare>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace drydock::oci {

class Digest {
public:
    enum class Algorithm : std::uint8_t { Sha256, Sha512 };

    // InvalidInput unless the text is exactly `algorithm:hex` with a registered algorithm and the right length.
    static Result<Digest> parse(std::string_view text);
    static Digest of(std::string_view bytes, Algorithm = Algorithm::Sha256);

    Algorithm algorithm() const { return m_algorithm; }
    std::string_view algorithm_name() const { return m_algorithm == Algorithm::Sha256 ? "sha256" : "sha512"; }
    std::string const& hex() const { return m_hex; }
    std::string to_string() const { return std::string(algorithm_name()) + ":" + m_hex; }
    // The first 12 hex digits, as docker shows digests.
    std::string short_form() const { return m_hex.substr(0, 12); }

    auto operator<=>(Digest const&) const = default;

private:
    Digest(Algorithm algorithm, std::string hex)
        : m_algorithm(algorithm)
        , m_hex(std::move(hex))
    {
    }
    friend class Hasher;

    Algorithm m_algorithm;
    std::string m_hex;
};

// Computes a Digest while bytes stream by.
class Hasher {
public:
    explicit Hasher(Digest::Algorithm = Digest::Algorithm::Sha256);
    ~Hasher();
    Hasher(Hasher&&) noexcept;
    Hasher& operator=(Hasher&&) noexcept;

    void update(std::string_view bytes);
    Digest finish(); // once

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

// Digest of one layer's uncompressed tar (image-spec config.md, "Layer DiffID").
struct DiffId {
    Digest digest;
    auto operator<=>(DiffId const&) const = default;
};

// Digest of that layer and all below it (image-spec config.md, "Layer ChainID").
struct ChainId {
    Digest digest;
    auto operator<=>(ChainId const&) const = default;
};

}

template <> struct std::hash<drydock::oci::Digest> {
    std::size_t operator()(drydock::oci::Digest const& d) const noexcept { return std::hash<std::string> {}(d.hex()); }
};
