#pragma once

// The flags of `docker run` and `docker create`, and the JSON they become.

#include "engine/client/Invocation.h"

namespace drydock::client {

std::vector<Flag> create_flags();
Result<std::string> create_body(Invocation const&);

}
