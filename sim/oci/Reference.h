#pragma once

// What people type to name an image: [registry/]repository[:tag][@digest] (distribution/reference grammar). A name
// without a registry is Docker Hub's, and a bare one-word name there lives under library/.

#include "sim/oci/Digest.h"

#include <optional>
#include <string>

namespace drydock::oci {

struct Reference {
    std::string registry;   // "docker.io", "127.0.0.1:5000"
    std::string repository; // "library/busybox"
    std::string tag;        // empty when only a digest was given
    std::optional<Digest> digest;

    // "busybox" becomes docker.io/library/busybox:latest. InvalidInput says what the grammar allows.
    static Result<Reference> parse(std::string_view text);

    // The way docker shows it: "busybox:latest", "127.0.0.1:5000/app:1", "busybox@sha256:…".
    std::string familiar() const;
    std::string familiar_repository() const; // without tag or digest
    // In full: "docker.io/library/busybox:latest".
    std::string canonical() const;
    // What a registry is asked for: the digest if there is one, else the tag.
    std::string tag_or_digest() const;

    bool operator==(Reference const&) const = default;
};

}
