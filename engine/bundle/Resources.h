#pragma once

// config.json's "linux.resources": limits, as files of cgroups. Only for .cpp files.

#include "engine/bundle/Config.h"
#include "sim/oci/Json.h"

namespace drydock::bundle {

Result<void> read_resources(oci::JsonObject const&, Config&);

}
