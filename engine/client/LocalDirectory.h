#pragma once

// A directory beside the command line, as `docker build PATH` sends it. Links are told of and never followed below the
// directory that was opened.

#include "sim/core/Result.h"

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace drydock::client {

struct LocalEntry {
    enum class Type : std::uint8_t { File, Directory, Symlink, Other };
    std::string name;
    Type type { Type::File };
    std::uint32_t mode { 0 };
    std::uint64_t size { 0 }; // bytes of a file
    std::int64_t mtime { 0 }; // nanoseconds since the Unix epoch
    std::string target;       // of a symlink
};

class LocalFile {
public:
    virtual ~LocalFile() = default;
    virtual Result<std::size_t> read_some(std::span<char> buffer) = 0; // 0 at the end
};

// Paths are relative to the directory, without ".."; "" is the directory itself.
class LocalDirectory {
public:
    virtual ~LocalDirectory() = default;
    virtual Result<std::vector<LocalEntry>> list(std::string const& path) const = 0;    // sorted by name
    virtual Result<std::unique_ptr<LocalFile>> open(std::string const& path) const = 0; // a regular file
};

// As a program sees it. NotFound, or an errno where it is no directory.
Result<std::unique_ptr<LocalDirectory>> open_directory(std::filesystem::path const& path);
// Only what lies in `folder`: a path that leads out of it is refused, a link as well. Times and permissions are the
// same on every machine, whoever copied the folder there: what is built from it has the same digest everywhere.
Result<std::unique_ptr<LocalDirectory>> open_directory_below(
    std::filesystem::path const& folder, std::string const& path);

}
