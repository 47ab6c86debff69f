#pragma once

// One member of a layer's tar, after pax and GNU extensions are applied and the name is cleaned.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace drydock::layer {

// A tar has no sockets; they exist in writable branches only, and a commit leaves them out, as docker's does.
enum class FileType : std::uint8_t { Regular, Directory, Symlink, HardLink, CharDevice, BlockDevice, Fifo, Socket };

// As the events say it: "file", "hard link", "device".
std::string_view word_for(FileType);

struct Entry {
    std::string path; // "etc/motd": no leading slash, no "." or ".." component; "" is the root
    FileType type { FileType::Regular };
    std::uint32_t mode { 0644 }; // permission bits with setuid, setgid and sticky
    std::uint32_t uid { 0 };
    std::uint32_t gid { 0 };
    std::uint64_t size { 0 }; // bytes of a regular file
    std::int64_t mtime { 0 }; // nanoseconds since the Unix epoch
    std::string link;         // target of a symlink (verbatim) or hard link (a cleaned path)
    std::uint32_t device_major { 0 };
    std::uint32_t device_minor { 0 };
    std::map<std::string, std::string> xattrs;
    std::uint64_t offset { 0 }; // of the content in the uncompressed tar
    bool operator==(Entry const&) const = default;
};

}
