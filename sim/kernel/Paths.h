#pragma once

// Text work on paths and patterns.

#include "sim/core/Error.h"

#include <string>
#include <string_view>
#include <vector>

namespace drydock::kernel {

std::vector<std::string> path_components(std::string_view path); // without empty ones and "."
std::string join_path(std::string_view directory, std::string_view name);
std::string base_name(std::string_view path);                          // as basename(1)
std::string directory_name(std::string_view path);                     // as dirname(1)
bool matches_pattern(std::string_view pattern, std::string_view text); // glob(7); a backslash quotes
std::string reason_of(Error const&);                                   // "No such file or directory"

}
