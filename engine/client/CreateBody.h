#pragma once

// The flags of `docker run` and `docker create`, and the JSON they become.

#include "engine/client/Invocation.h"

namespace drydock::client {

std::vector<Flag> create_flags();
Result<std::string> create_body(Invocation const&);
// What a list flag says, after the lines of the files of another (--env-file and --env), so that it overrides them.
Result<std::vector<std::string>> with_files(Invocation const&, char const* file_flag, char const* flag);

}
