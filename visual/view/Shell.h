#pragma once

// Text for a shell that takes it as it is: names and paths come from users, and a proof must not run them.

#include <string>
#include <string_view>

namespace drydock::view {

// One word of a command line: in single quotes where it holds more than letters, digits and harmless signs.
std::string shell_quoted(std::string_view);

}
