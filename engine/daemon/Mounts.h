#pragma once

// What a container gets beside its layers: volumes, directories of the host ("binds") and tmpfs, as `-v`, `--mount`,
// `--tmpfs` and an image's VOLUMEs ask for them. One list, whatever it was said with.

#include "engine/runtime/Runtime.h"

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <string>
#include <vector>

namespace drydock::daemon {

enum class MountKind : std::uint8_t { Bind, Volume, Tmpfs };
std::string_view to_string(MountKind); // "bind"

enum class IfMissing : std::uint8_t { Refuse, Make };

struct MountPoint {
    MountKind kind { MountKind::Volume };
    std::string source; // a path of the host, or a volume's name: empty until an anonymous one is made
    std::string target; // "/data"
    bool read_only { false };
    bool anonymous { false };                       // made for this container, and removed with it by `rm -v`
    bool copy_image { true };                       // a new volume begins with what the image has there
    IfMissing source_missing { IfMissing::Refuse }; // of a bind: `-v` makes it, `--mount` does not
    std::map<std::string, std::string> labels {};   // of a volume to be made
    std::string
        options {};      // of a tmpfs: "size=65536k,noexec"; of a bind its propagation, "rslave": empty is "rprivate"
    std::string mode {}; // what `-v` said behind the target: "ro,rslave"
};

// What `create` says, in docker's forms. InvalidInput for what is wrong, in docker's words.
struct MountRequests {
    std::vector<std::string> binds;           // "vol:/data:ro", "/host:/data"
    std::map<std::string, std::string> tmpfs; // target → options
    std::vector<std::string> volumes;         // targets of anonymous volumes, of the image too
};
Result<std::vector<MountPoint>> parse_mounts(MountRequests const&, nlohmann::ordered_json const& mounts);

nlohmann::ordered_json to_record(std::vector<MountPoint> const&);
Result<std::vector<MountPoint>> mounts_from_record(nlohmann::ordered_json const&);

// `docker run --tmpfs` options as mount(2) takes them: flags, and what is left as data. InvalidInput for an unknown
// one.
struct TmpfsOptions {
    bool read_only { false };
    bool executable { false }; // docker's default is noexec
    std::string data;          // "size=64m,mode=1777"
};
Result<TmpfsOptions> parse_tmpfs_options(std::string const& text);

}
