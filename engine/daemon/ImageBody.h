#pragma once

// What the lists say of an image. Only for .cpp files.

#include "engine/daemon/Json.h"
#include "engine/image/ImageStore.h"

namespace drydock::daemon {

// For a client of API 1.<minor>. Who uses it and what it shares with others stays unknown (-1).
json image_entry(image::Image const&, int minor);

}
