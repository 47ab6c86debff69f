#pragma once

// JSON for reading: one member a line, indented, with what can be folded. Works on text that ends anywhere, because
// events keep only the beginning of a body, and on several values behind each other, because Docker streams them.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::view {

struct JsonLine {
    std::size_t depth { 0 };
    std::string key;        // of a member: "\"Image\": "
    std::string text;       // "{", "\"busybox\",", "},"
    std::size_t last { 0 }; // of what it opens, the line that closes it; itself where it opens nothing
};

// Text that is no JSON comes back as its own lines.
std::vector<JsonLine> json_lines(std::string_view);

}
