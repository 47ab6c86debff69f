#pragma once

// What one layer may cost us at most. An image is written by a stranger, and a few kilobytes can claim terabytes
// (docker 20.10 writes zeros until the disk is full): each limit is far above what real images need and far below
// what hurts.

#include "sim/core/Result.h"

#include <cstdint>
#include <mutex>
#include <string>

namespace drydock::layer::limits {

// Bytes of the uncompressed tar. The largest public images have layers of some 20 GB.
inline constexpr std::uint64_t unpacked_bytes = 64ULL << 30;

// Bytes of all the uncompressed tars of one image: 125 layers, each just below its own limit, would be a bomb as well.
inline constexpr std::uint64_t image_bytes = 128ULL << 30;

// Beyond `ratio_free_bytes`, a tar may be at most this many times its compressed size. Deflate cannot exceed 1,032:1
// and zstd can exceed 10,000:1; file systems full of text reach 20:1. The free part is for `dd if=/dev/zero`, which
// every course has once.
inline constexpr std::uint64_t ratio = 500;
inline constexpr std::uint64_t ratio_free_bytes = 1ULL << 30;

constexpr bool is_bomb(std::uint64_t unpacked, std::uint64_t compressed)
{
    return unpacked > unpacked_bytes || (unpacked > ratio_free_bytes && unpacked / ratio > compressed);
}

// Memory of the index: names, links, attributes and about 200 bytes a member. Room for some 500,000 members; the
// largest images known have 300,000 in all their layers.
inline constexpr std::uint64_t index_bytes = 128ULL << 20;

// PATH_MAX and NAME_MAX of Linux: a longer name could not be opened anyway.
inline constexpr std::size_t path_bytes = 4096;
inline constexpr std::size_t name_bytes = 255;
inline constexpr std::size_t path_depth = 256;

// XATTR_SIZE_MAX of Linux.
inline constexpr std::size_t xattr_bytes = 64 * 1024;

// One pax or GNU extended header.
inline constexpr std::uint64_t extended_header_bytes = 1 << 20;

}

namespace drydock::layer {

// What the layers of one image may still unpack to. Several are unpacked at a time.
class Room {
public:
    explicit Room(std::uint64_t bytes)
        : m_all(bytes)
        , m_left(bytes)
    {
    }
    bool take(std::uint64_t bytes)
    {
        std::lock_guard const lock(m_mutex);
        if (bytes > m_left)
            return false;
        m_left -= bytes;
        return true;
    }
    void give_back(std::uint64_t bytes)
    {
        std::lock_guard const lock(m_mutex);
        m_left += bytes;
    }
    Error exceeded() const
    {
        return { ErrorKind::LimitExceeded, "the image unpacks to more than " + std::to_string(m_all) + " bytes" };
    }

private:
    std::uint64_t m_all;
    std::mutex m_mutex;
    std::uint64_t m_left;
};

}
