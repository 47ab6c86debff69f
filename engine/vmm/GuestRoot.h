#pragma once

// What a guest machine starts from: an image's tree, our init and what it shall run, as one initramfs in a file.

#include "engine/unionfs/UnionMount.h"
#include "sim/oci/Manifest.h"

#include <filesystem>
#include <string>
#include <vector>

namespace drydock::vmm {

// What the machine does when its program has ended.
enum class Afterwards : std::uint8_t { Reset, Stay };

struct GuestCommand {
    std::vector<std::string> arguments;   // at least one
    std::vector<std::string> environment; // "PATH=/bin"
    std::string directory { "/" };
    Afterwards afterwards { Afterwards::Reset };
};

// What this image starts: its own command, or `words` in its place behind its entrypoint.
GuestCommand command_of(oci::ImageConfig const&, std::vector<std::string> const& words);

// Bytes of the archive. `init` is drydock-guest-init, a static program.
Result<std::uint64_t> write_initramfs(std::filesystem::path const& target, unionfs::UnionMount const& root,
    std::filesystem::path const& init, GuestCommand const&);

// Which file the kernel's command line names as the first process.
inline constexpr char const* guest_init = "/.drydock-init";

// A kernel that is to be quiet may say a few lines to the second serial port first, as soon as it runs at all.
enum class FirstWords : std::uint8_t { None, SecondSerialPort };

// What a guest with our init is told: a serial console, quiet, no hardware to look for, end by reset.
std::string kernel_command_line(FirstWords = FirstWords::None);

// A serial line of a guest without ports, where our init writes its marks.
inline constexpr int marks_line = 0;

}
