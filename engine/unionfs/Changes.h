#pragma once

// `docker diff`: what the writable branch says against the layers below it.

#include "engine/unionfs/UnionMount.h"

namespace drydock::unionfs {

Result<std::vector<Change>> changes_of(Stack const&);

}
