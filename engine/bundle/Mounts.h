#pragma once

// config.json's "mounts": options as mount(8) writes them, turned into flags. Only for .cpp files.

#include "engine/init/Protocol.h"
#include "sim/oci/Json.h"

#include <filesystem>

namespace drydock::bundle {

// A place inside the container, without "." and ".." and doubled slashes.
std::string tidy(std::string const& path);

Result<init::BundleMount> read_mount(oci::JsonObject const&, std::filesystem::path const& bundle);
// MS_* of "rslave" and the like; 0 for another word.
std::uint64_t propagation_of(std::string_view word);

}
