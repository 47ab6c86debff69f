#pragma once

// A storage whose disk can be made full, in either world: for faults that somebody injects on purpose.

#include "engine/content/Storage.h"

#include <atomic>

namespace drydock::content {

// While `*is_full`, whatever would take room fails with ENOSPC; reading and removing go on. Both outlive it.
std::unique_ptr<Storage> breakable(Storage&, std::atomic<bool> const& is_full);

}
