#pragma once

// Bytes as text (RFC 4648): the plain alphabet for HTTP's Basic credentials, the one for URLs and file names in
// docker's headers and in tokens.

#include "sim/core/Result.h"

#include <string>
#include <string_view>

namespace drydock {

std::string base64(std::string_view bytes);     // with padding (section 4)
std::string base64_url(std::string_view bytes); // without (section 5)
// Either alphabet, padded or not: clients differ. InvalidInput for anything else.
Result<std::string> base64_decode(std::string_view text);

}
