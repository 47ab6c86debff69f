#pragma once

// config.json's "linux.seccomp", translated for the kernel by libseccomp. Only for .cpp files.

#include "engine/runtime/Seccomp.h"
#include "sim/oci/Json.h"

namespace drydock::bundle {

Result<runtime::SeccompFilter> read_filter(oci::JsonObject const& seccomp);

}
