#pragma once

// An image as a list of steps, the way a Dockerfile tells it: each step leaves a line of history, and a layer where it
// touched files. Everything is fixed, times too, so that two builds give the same digests.

#include "engine/layer/TarWriter.h"
#include "sim/oci/Manifest.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::tools {

inline constexpr std::int64_t made_at = 1'767'225'600; // 2026-01-01T00:00:00Z, in seconds
inline constexpr std::string_view made_at_text = "2026-01-01T00:00:00Z";

// The files of one layer; they go into the tar sorted by path.
class LayerFiles {
public:
    LayerFiles& directory(std::string path, std::uint32_t mode = 0755);
    LayerFiles& file(std::string path, std::string content, std::uint32_t mode = 0644);
    LayerFiles& symlink(std::string path, std::string target);
    LayerFiles& remove(std::string const& path); // a whiteout: hides `path` in the layers below
    std::string tar() const;

private:
    struct Member {
        layer::Entry entry;
        std::string content;
    };
    void add(layer::Entry entry, std::string content);
    std::vector<Member> m_members;
};

struct Step {
    std::string created_by;          // as `docker history` shows it
    std::optional<LayerFiles> files; // none: the step changed the config only
};

struct Recipe {
    std::string name; // "library/busybox:latest"
    std::vector<Step> steps;
    std::vector<std::string> env;
    std::vector<std::string> cmd;
    std::string working_dir;
};

}
