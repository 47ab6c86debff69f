#pragma once

// config.json's "process": who the program is, and what it may do. Only for .cpp files.

#include "engine/bundle/Config.h"
#include "sim/oci/Json.h"

namespace drydock::bundle {

Result<void> read_process_object(oci::JsonObject const&, Config&);

}
