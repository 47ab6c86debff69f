#pragma once

// What ImageStore writes down: one small JSON file for each image and each reference.

#include "sim/core/Result.h"
#include "sim/oci/Manifest.h"
#include "sim/oci/Reference.h"

#include <string>
#include <vector>

namespace drydock::image {

struct ImageRecord {
    oci::Digest config;
    std::vector<oci::Digest> manifests;
    std::vector<oci::Descriptor> layers; // bottom first

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
