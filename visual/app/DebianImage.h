#pragma once

// A Debian base image for the embedded hub.

#include "sim/core/Result.h"

#include <filesystem>
#include <string>

namespace drydock::app {

struct DebianOptions {
    std::string suite { "bookworm" };
    std::string variant { "minbase" };
    std::string mirror; // empty: this machine's own
};

// Writes an OCI layout of it to `scratch`/layout. NotFound where mmdebstrap is missing, with what to type.
Result<void> make_debian_layout(DebianOptions const&, std::filesystem::path const& scratch);

}
