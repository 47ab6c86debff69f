#pragma once

// The options of an overlay mount, written as mount(8) takes them for the kernel's overlayfs
// (Documentation/filesystems/overlayfs.rst): "lowerdir=TOP:NEXT:BOTTOM,upperdir=UPPER,workdir=WORK". A colon, a comma
// or a backslash in a name has a backslash before it.

#include "engine/unionfs/UnionMount.h"

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

namespace drydock::unionfs {

struct OverlayOptions {
    std::vector<std::filesystem::path> lower; // topmost first
    std::optional<std::filesystem::path> upper;
    std::optional<std::filesystem::path> work; // beside upper, on the same filesystem
    bool read_only { false };

    // InvalidInput names the option that is unknown, doubled or incomplete, and what to write. What mount(8) adds for
    // its own use (rw, dev, suid, relatime …) is passed over.
    static Result<OverlayOptions> parse(std::string_view text);
};

// The stack of these directories; without upperdir it is read-only.
Result<Stack> open_stack(OverlayOptions const&);

}
