#pragma once

// The data root of a live lab as it was at one moment, so that the engine can be taken back there. What is never
// written in place (blobs, layers, extracted snapshots) is shared through hard links and costs no room; the rest
// (records, read-write layers, volumes, logs, the machines' disks) is copied. The lab goes on meanwhile: a file that a
// container is writing may be caught half-written, as in a copy made by hand.

#include "sim/core/Result.h"

#include <filesystem>

namespace drydock::lab {

// `into` does not exist yet. An Io error leaves a part of it behind, for the caller to remove.
Result<void> take_checkpoint(std::filesystem::path const& data_root, std::filesystem::path const& into);

// Puts back what was there then; everything that came since goes. No lab may be open on the data root.
Result<void> restore_checkpoint(std::filesystem::path const& checkpoint, std::filesystem::path const& data_root);

}
