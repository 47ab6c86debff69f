#pragma once

// What one layer may cost us at most. An image is written by a stranger, and a few kilobytes can claim terabytes
// (docker 20.10 writes zeros until the disk is full): each limit is far above what real images need and far below
// what hurts.

#include <cstdint>

namespace drydock::layer::limits {

// Bytes of the uncompressed tar. The largest public images have layers of some 20 GB.
inline constexpr std::uint64_t unpacked_bytes = 64ULL << 30;

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
