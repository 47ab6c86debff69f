#pragma once

// Paths inside one real directory, resolved by openat2(2) so that no symlink is followed and ".." leads nowhere: a
// hostile name stays inside or fails. Every system call of the directory branches starts from what this returns.

#include "engine/os/Fd.h"
#include "sim/core/Result.h"

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace drydock::unionfs {

// A name in an open directory: what the *at() calls take.
struct Place {
    std::shared_ptr<os::Fd const> owned; // null where the parent is the root itself
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
    // What stood at `path` has gone, or gone elsewhere: a directory there or below it is looked for anew from now on.
    void forget(std::string const& path) const;

private:
    // The parent of the last place. Calls come in runs for one directory, and to open it is the dearest part of each.
    struct LastParent {
        std::mutex mutex;
        std::string path;
        std::shared_ptr<os::Fd const> fd;
    };

    explicit Beneath(os::Fd root)
        : m_root(std::move(root))
    {
    }
    os::Fd m_root;
    std::unique_ptr<LastParent> m_last { std::make_unique<LastParent>() };
};

// At the end of a call that takes away, or moves, what stands at `path`.
class Forgetting {
public:
    Forgetting(Beneath const& beneath, std::string const& path)
        : m_beneath(beneath)
        , m_path(path)
    {
    }
    ~Forgetting() { m_beneath.forget(m_path); }
    Forgetting(Forgetting const&) = delete;
    Forgetting& operator=(Forgetting const&) = delete;

private:
    Beneath const& m_beneath;
    std::string const& m_path;
};

// Names without "." and "..", in no order.
Result<std::vector<std::string>> names_in(int directory);
// ENODATA and its like read as an empty optional.
std::optional<std::string> get_xattr(std::string const& path, char const* name);
std::optional<std::string> get_xattr(int descriptor, char const* name);
// Names, each with its '\0'; errno where there is no answer.
std::optional<std::string> list_xattrs(std::string const& path);

}
