#pragma once

// What ImageStore writes down: one small JSON file for each image and each reference.

#include "sim/core/Result.h"
#include "sim/oci/Manifest.h"
#include "sim/oci/Reference.h"

#include <optional>
#include <string>
#include <vector>

namespace drydock::image {

// Of an image that was made here, by a build or a commit. Only such images answer a build's question whether a step was
// done before: what a registry sent may say anything of itself (CVE-2024-24557).
struct Making {
    std::optional<oci::Digest> parent; // nothing: from scratch
};

struct ImageRecord {
    oci::Digest config;
    std::vector<oci::Digest> manifests;
    std::vector<oci::Descriptor> layers; // bottom first
    std::optional<Making> made_here {};

    std::string key() const { return "images/" + config.hex(); }
    std::string to_json() const;
    static Result<ImageRecord> parse(std::string_view json);
};

struct ReferenceRecord {
    oci::Reference reference;
    oci::Digest image;

    // The canonical reference with everything but letters, digits, "." "_" "-" written %XX; its digest where that is
    // longer than a file name may be.
    static std::string key(oci::Reference const&);
    std::string to_json() const;
    static Result<ReferenceRecord> parse(std::string_view json);
};

}
