#pragma once

// A storage key is a relative path of plain components; anything else is a bug of the caller, never data of a
// stranger, because digests and names are parsed before a key is made of them.

#include "sim/core/Verify.h"

#include <algorithm>
#include <string_view>

namespace drydock::content {

inline void verify_key(std::string_view key)
{
    VERIFY(!key.empty());
    for (std::size_t start = 0; start <= key.size();) {
        auto const end = std::min(key.find('/', start), key.size());
        auto const component = key.substr(start, end - start);
        VERIFY(!component.empty() && component != "." && component != "..");
        VERIFY(component.find('\0') == std::string_view::npos);
        start = end + 1;
    }
}

}
