#pragma once

// The documents of an image, as OCI image-spec 1.1 and Docker's schema 2 define them. Parsing is the border: a
// document that contradicts itself is refused here (CVE-2021-41190), and inside, the types guarantee.
//
//   ImageIndex ──one per platform──► Manifest ──► ImageConfig (what to run, history, DiffIds)
//                                        └──────► layers, bottom first (descriptors of compressed tars)

#include "sim/core/Units.h"
#include "sim/oci/Digest.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace drydock::oci {

namespace media_type {
inline constexpr std::string_view oci_index = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view oci_manifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view oci_config = "application/vnd.oci.image.config.v1+json";
inline constexpr std::string_view oci_layer = "application/vnd.oci.image.layer.v1.tar";
inline constexpr std::string_view oci_layer_gzip = "application/vnd.oci.image.layer.v1.tar+gzip";
inline constexpr std::string_view oci_layer_zstd = "application/vnd.oci.image.layer.v1.tar+zstd";
inline constexpr std::string_view docker_list = "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view docker_manifest = "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view docker_config = "application/vnd.docker.container.image.v1+json";
inline constexpr std::string_view docker_layer = "application/vnd.docker.image.rootfs.diff.tar.gzip";
}

enum class Compression : std::uint8_t { None, Gzip, Zstd };

// Which of the two kinds a manifest document is; nothing where the media type is unknown.
bool is_index(std::string_view media_type);
bool is_manifest(std::string_view media_type);
// NotSupported for a media type that is no layer.
Result<Compression> layer_compression(std::string_view media_type);

// Points at content: what it is, its name and its size in bytes (image-spec descriptor.md).
struct Descriptor {
    std::string media_type;
    Digest digest;
    std::uint64_t size { 0 };
    std::map<std::string, std::string> annotations;
    bool operator==(Descriptor const&) const = default;
};

struct Platform {
    std::string architecture { "amd64" };
    std::string os { "linux" };
    std::string variant;
    bool operator==(Platform const&) const = default;
};

struct Manifest {
    std::string media_type;
    Descriptor config;
    std::vector<Descriptor> layers; // bottom first

    // `media_type` is what the descriptor or Content-Type promised. Limit: 4 MiB.
    static Result<Manifest> parse(std::string_view json, std::string_view media_type);
    std::string to_json() const; // the bytes decide the digest: keys in the spec's order, no spaces
};

struct IndexEntry {
    Descriptor descriptor;
    std::optional<Platform> platform;
};

struct ImageIndex {
    std::string media_type;
    std::vector<IndexEntry> manifests;

    static Result<ImageIndex> parse(std::string_view json, std::string_view media_type);
    std::string to_json() const;
    // The entry for `platform`; NotFound names the platforms there are.
    Result<Descriptor> choose(Platform const& platform) const;
};

// One line of `docker history`: an instruction, and whether it made a layer.
struct History {
    std::string created; // RFC 3339, or empty
    std::string created_by;
    std::string comment;
    bool empty_layer { false };
    bool operator==(History const&) const = default;
};

// How to find out whether the program in a container still does its work. Docker's own extension of the config; a
// duration of 0 stands for docker's default.
struct Healthcheck {
    std::vector<std::string> test; // {"CMD", …}, {"CMD-SHELL", line} or {"NONE"}; empty: what the image says
    Duration interval {};          // 0 stands for the default: 30 s, timeout 30 s, retries 3
    Duration timeout {};
    Duration start_period {};
    Duration start_interval {};
    std::int64_t retries { 0 };
    bool is_on() const { return test.size() > 1; }
    bool operator==(Healthcheck const&) const = default;
};

// What the image says about running it (image-spec config.md). The digest of its bytes is the image ID.
struct ImageConfig {
    Platform platform;
    std::string created; // RFC 3339, or empty
    std::string author;
    std::string user;
    std::vector<std::string> env; // "NAME=value"
    std::vector<std::string> entrypoint;
    std::vector<std::string> cmd;
    std::string working_dir;
    std::string stop_signal;
    std::vector<std::string> exposed_ports; // "80/tcp"
    std::vector<std::string> volumes;       // paths
    std::map<std::string, std::string> labels;
    std::optional<Healthcheck> healthcheck; // this and the next two are docker's, not OCI's
    std::vector<std::string> on_build;      // triggers: instructions for those who build on this image
    std::vector<std::string> shell;         // of the shell form; empty: /bin/sh -c
    std::vector<DiffId> diff_ids;           // bottom first
    std::vector<History> history;

    static Result<ImageConfig> parse(std::string_view json); // Limit: 8 MiB.
    std::string to_json() const;
};

// ChainID(L0) = DiffID(L0); ChainID(n) = sha256(ChainID(n-1) + " " + DiffID(n)). One or more layers.
ChainId chain_id_of(std::span<DiffId const> bottom_to_top);

}
