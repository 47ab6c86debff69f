#pragma once

// The third seam between the worlds: where bytes stay. A directory (DirectoryStorage) or memory with a capacity and
// faults (MemoryStorage). Keys are relative paths of plain components ("blobs/sha256/ab…"); a key with "..", a
// leading "/" or an empty component is a programmer's error.
//
// What is published is whole: write aside, fsync, rename, fsync of the directory (HARDENING R1). After a crash a key
// either has its old content, its new content, or is absent, never a part.

#include "sim/core/Result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::content {

class ReadableFile {
public:
    virtual ~ReadableFile() = default;
    virtual std::uint64_t size() const = 0;
    // As pread(2): fewer bytes only at the end. Safe from several tasks.
    virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) const = 0;
    // A real descriptor for splice and mmap where there is one, else -1.
    virtual int descriptor() const { return -1; }
};

class AppendableFile {
public:
    virtual ~AppendableFile() = default;
    virtual std::uint64_t size() const = 0;
    virtual Result<void> append(std::string_view bytes) = 0;
    virtual Result<void> sync() = 0; // fsync(2)
};

class Storage {
public:
    virtual ~Storage() = default;

    virtual bool exists(std::string const& key) const = 0;
    virtual Result<std::uint64_t> size(std::string const& key) const = 0;
    virtual Result<std::unique_ptr<ReadableFile>> open(std::string const& key) const = 0;
    // The whole content; LimitExceeded beyond `limit` bytes.
    virtual Result<std::string> read(std::string const& key, std::uint64_t limit = 64 << 20) const = 0;
    // Whole and durable, or not at all. Replaces.
    virtual Result<void> write_atomically(std::string const& key, std::string_view bytes) = 0;
    // Opens for appending, creating an empty file; for ingests that survive a crash, not for published keys.
    virtual Result<std::unique_ptr<AppendableFile>> append(std::string const& key) = 0;
    // Renames, durably. The source must have been synced. Replaces the target.
    virtual Result<void> publish(std::string const& from, std::string const& to) = 0;
    // Durably; fine if it is there. For what others put files into by path.
    virtual Result<void> make_directory(std::string const& key) = 0;
    virtual Result<void> remove(std::string const& key) = 0;         // NotFound is an error
    virtual Result<void> remove_tree(std::string const& prefix) = 0; // fine if absent
    // Names directly below `prefix` (no trailing slash), sorted.
    virtual std::vector<std::string> list(std::string const& prefix) const = 0;
    // The real directory, in the live world: kernel mounts need one.
    virtual std::optional<std::filesystem::path> directory() const { return std::nullopt; }
};

// A directory that this process owns alone: flock(2) on ROOT/lock for life; a second owner is refused with Conflict
// and the holder's pid.
Result<std::unique_ptr<Storage>> open_directory_storage(std::filesystem::path const& root);

// A directory that others own: an OCI layout, for instance. Whatever would change it is refused (NotSupported).
std::unique_ptr<Storage> open_read_only(std::filesystem::path root);

struct MemoryFaults {
    std::optional<std::uint64_t> capacity;          // bytes; beyond it ENOSPC
    std::optional<std::uint64_t> crash_after_calls; // every later mutating call fails, as after kill -9
};
std::unique_ptr<Storage> make_memory_storage(MemoryFaults = {});

// What a crash leaves: a killed process loses nothing that it wrote, a power cut what it had not synced.
enum class Crash : std::uint8_t { Kill, PowerCut };

// The memory storage that the next start finds. The old one is used up.
std::unique_ptr<Storage> restart_memory_storage(std::unique_ptr<Storage>, Crash, MemoryFaults = {});

}
