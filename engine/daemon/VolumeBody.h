#pragma once

// What the API says of a volume. Only for .cpp files.

#include "engine/daemon/Json.h"
#include "engine/daemon/Volumes.h"

namespace drydock::daemon {

json volume_body(Volume const&, Volumes const&);

}
