#pragma once

// An OCI image layout inside an archive, as the read-only storage that a registry takes images in from.

#include "engine/image/Archive.h"

namespace drydock::image {

// The archive outlives it. Whatever would change it is refused (NotSupported); nothing can be listed.
std::unique_ptr<content::Storage const> layout_in(Archive const&);

}
