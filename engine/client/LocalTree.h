#pragma once

// The files of whoever types, as a tar and out of one: the local half of `docker cp`. The tar comes from a daemon that
// need not be a friend: nothing is written outside the destination, nor through a symlink that the tar has made.

#include "sim/core/Result.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace drydock::client {

enum class Symlinks : std::uint8_t { Kept, Followed }; // of the source itself; those inside a tree are always kept

// `path` under the name `name`, and what lies below it as "name/…"; for "." only what lies below. The tar is written to
// a temporary file first; what comes back yields it piece by piece, at last an empty one.
Result<std::function<Result<std::string>()>> pack(std::filesystem::path const& path, std::string const& name, Symlinks);

// A tar on its way into a directory. The first component of each name is replaced by `renamed` unless that is empty.
class TreeWriter {
public:
    virtual ~TreeWriter() = default;
    virtual Result<void> write(std::string_view bytes) = 0;
    virtual Result<void> finish(std::filesystem::path const& directory, std::string const& renamed) = 0;
};

// Into a directory of the real machine's.
class Unpacker final : public TreeWriter {
public:
    Unpacker();
    ~Unpacker() override;
    Result<void> write(std::string_view bytes) override;
    Result<void> finish(std::filesystem::path const& directory, std::string const& renamed) override;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}
