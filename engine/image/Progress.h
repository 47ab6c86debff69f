#pragma once

// One line of docker's progress stream, of a pull or a push, and the queue in which lines wait for a caller who may
// read slowly.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace drydock::image {

// `id` is the first 12 hex digits of a layer, or empty: of its blob digest in a pull, of its DiffID in a push.
struct TransferProgress {
    std::string id {};
    std::string status;          // "Pulling fs layer", "Downloading", "Pushing", "Layer already exists" …
    std::uint64_t current { 0 }; // bytes; both 0 where the status has no measure
    std::uint64_t total { 0 };
};

using Progress = std::function<void(TransferProgress const&)>;

// Several workers put in, one task takes out; its owner's mutex guards it. It stays short however slowly it is emptied:
// of a layer's figures only the newest waits.
class ProgressQueue {
public:
    void put(TransferProgress);
    std::vector<TransferProgress> take(); // all, in order
    bool empty() const { return m_waiting.empty(); }

private:
    std::vector<TransferProgress> m_waiting;
};

}
