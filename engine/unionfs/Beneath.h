#pragma once

// Paths inside one real directory, resolved by openat2(2) so that no symlink is followed and ".." leads nowhere: a
// hostile name stays inside or fails. Every system call of the directory branches starts from what this returns.

#include "engine/os/Fd.h"
#include "sim/core/Result.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace drydock::unionfs {

// A name in an open directory: what the *at() calls take.
struct Place {
    os::Fd owned; // unset where the parent is the root itself
    int parent { -1 };
    std::string name; // "." for the root
    // For the calls that take no descriptor (lgetxattr(2)): the parent by way of its descriptor, so still no symlink.
    std::string through_proc() const;
};

class Beneath {
public:
    static Result<Beneath> open(std::filesystem::path const& root);

    int root() const { return m_root.get(); }
    Result<Place> place(std::string const& path) const;
    Result<os::Fd> open_at(std::string const& path, int flags) const;

private:
    explicit Beneath(os::Fd root)
        : m_root(std::move(root))
    {
    }
    os::Fd m_root;
};

// Names without "." and "..", in no order.
Result<std::vector<std::string>> names_in(int directory);
// ENODATA and its like read as an empty optional.
std::optional<std::string> get_xattr(std::string const& path, char const* name);
std::optional<std::string> get_xattr(int descriptor, char const* name);

}
