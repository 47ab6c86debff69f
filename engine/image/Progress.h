#pragma once

// One line of docker's progress stream, of a pull or a push.

#include <cstdint>
#include <functional>
#include <string>

namespace drydock::image {

// `id` is the first 12 hex digits of a layer, or empty: of its blob digest in a pull, of its DiffID in a push.
struct TransferProgress {
    std::string id {};
    std::string status;          // "Pulling fs layer", "Downloading", "Pushing", "Layer already exists" …
    std::uint64_t current { 0 }; // bytes; both 0 where the status has no measure
    std::uint64_t total { 0 };
};

using Progress = std::function<void(TransferProgress const&)>;

}
