#pragma once

// What a guest machine starts from: an image's tree, our init and what it shall run, as one initramfs in a file.

#include "engine/unionfs/UnionMount.h"

#include <filesystem>
#include <string>
#include <vector>

namespace drydock::vmm {

struct GuestCommand {
    std::vector<std::string> arguments;   // at least one
    std::vector<std::string> environment; // "PATH=/bin"
    std::string directory { "/" };
};

// Bytes of the archive. `init` is drydock-guest-init, a static program.
Result<std::uint64_t> write_initramfs(std::filesystem::path const& target, unionfs::UnionMount const& root,
    std::filesystem::path const& init, GuestCommand const&);

// Which file the kernel's command line names as the first process.
inline constexpr char const* guest_init = "/.drydock-init";

// What a guest with our init is told: a serial console, quiet, no hardware to look for, end by reset.
std::string kernel_command_line();

}
