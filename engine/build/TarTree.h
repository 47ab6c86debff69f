#pragma once

// A tar from outside (a build context, an archive that ADD unpacks) as a tree to read from. Nothing is extracted: the
// tar lies uncompressed in the storage, and members are read from their offsets. So names that reach outside, links to
// anywhere and devices are only entries; links are followed inside the tree and nowhere else (HARDENING T34).

#include "engine/content/Storage.h"
#include "engine/layer/Decompressor.h"
#include "engine/layer/LayerStore.h"
#include "engine/unionfs/UnionMount.h"

#include <memory>
#include <set>
#include <string>

namespace drydock::build {

// Whether these are the first bytes of a tar: a header whose checksum is right.
bool looks_like_tar(std::string_view beginning);

class TarTree {
public:
    ~TarTree(); // takes its file out of the storage

    unionfs::UnionMount const& files() const { return *m_files; }
    std::uint64_t entries() const { return m_entries; }
    // Leaves members out from here on. Nothing may read meanwhile.
    Result<void> forget(std::set<std::string> const& paths);

private:
    friend class TarTreeWriter;
    TarTree(content::Storage& storage, std::string key)
        : m_storage(storage)
        , m_key(std::move(key))
    {
    }
    Result<void> stand_on(layer::Layer);

    content::Storage& m_storage;
    std::string m_key;
    std::shared_ptr<layer::Layer const> m_layer;
    std::unique_ptr<unionfs::UnionMount> m_files;
    std::uint64_t m_entries { 0 };
};

// Takes the tar's bytes as they arrive, compressed or not.
class TarTreeWriter {
public:
    // `key` must be free and below a prefix that is swept at start-up.
    TarTreeWriter(content::Storage&, std::string key);
    ~TarTreeWriter();

    Result<void> write(std::string_view bytes);
    // InvalidInput, Corrupt or LimitExceeded as layer::TarReader has it. A last member without padding, which docker's
    // client sends, is accepted.
    Result<std::unique_ptr<TarTree>> finish();

    std::uint64_t received() const; // bytes as they came
private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}
