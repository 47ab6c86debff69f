#pragma once

// Is what lies in a data root whole? Everything is read, nothing is changed, and every contradiction is named: content
// that does not hash to its name, references that lead nowhere, records that cannot be read (HARDENING R7).

#include "engine/content/Storage.h"

#include <string>
#include <vector>

namespace drydock::daemon {

struct StoreFault {
    std::string where; // the key: "tags/docker.io%2Flibrary%2Fbusybox%3Alatest"
    std::string what;
    std::string remedy;
    bool operator==(StoreFault const&) const = default;
};

struct StoreReport {
    std::size_t blobs { 0 };
    std::size_t layers { 0 };
    std::size_t images { 0 };
    std::size_t tags { 0 };
    std::size_t containers { 0 };
    std::vector<StoreFault> faults;
    // Whole, but needed by nothing: the next sweep removes them. A crash may leave some, and that is no fault.
    std::vector<std::string> unreferenced;
};

// `storage` may be read-only, and a daemon may be at work on it: then what it is just making shows as unreferenced.
StoreReport check_store(content::Storage& storage);

// The same for a registry's storage: repositories, their tags, manifests and blobs.
StoreReport check_registry(content::Storage& storage);

}
