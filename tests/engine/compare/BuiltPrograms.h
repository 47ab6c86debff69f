#pragma once

#include <filesystem>

namespace drydock::tests {

// Where the build has put its programs: drydock, and drydock-yardstick beside it.
inline std::filesystem::path built_programs()
{
    auto directory = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    while (!std::filesystem::exists(directory / "drydock-yardstick") && directory.has_relative_path())
        directory = directory.parent_path();
    return directory;
}

}
