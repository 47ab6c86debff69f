#pragma once

// Layers, ready to be stacked. Nothing is extracted: beside the blob lie the uncompressed tar and an index of its
// members, so a file is read straight from its offset in the tar, hostile names are only strange keys, and owners and
// modes need no privilege.
//
//   layers/<diff-id hex>/tar     the uncompressed tar
//   layers/<diff-id hex>/from/…   empty; named for the blobs that were seen to unpack to it
//   layers/<diff-id hex>/index   its members (LayerIndex.h), written last: a layer without it does not exist

#include "engine/content/Storage.h"
#include "engine/layer/Entry.h"
#include "sim/oci/Manifest.h"
#include "sim/trace/EventLog.h"

#include <functional>
#include <memory>
#include <vector>

namespace drydock::layer {

// A finished layer. `entries` are in tar order: where a path comes twice, the last counts, and a hard link is to what
// stood at its target when the link came. Whiteouts (".wh.x", ".wh..wh..opq") are still entries here.
struct Layer {
    oci::DiffId diff_id;
    std::uint64_t tar_size { 0 }; // bytes
    std::vector<Entry> entries;
    std::shared_ptr<content::ReadableFile const> tar;
};

// A layer streaming in: give it the blob's bytes in order.
class LayerWriter {
public:
    virtual ~LayerWriter() = default; // without finish() nothing remains
    // Compressed bytes as they come. Corrupt for a broken stream, InvalidInput for a tar we refuse, LimitExceeded for
    // bombs; the message names the member.
    virtual Result<void> write(std::string_view bytes) = 0;
    // Corrupt unless the uncompressed bytes hash to the expected DiffId. Publishes DigestVerified (where something was
    // expected) and LayerIndexed.
    virtual Result<std::shared_ptr<Layer const>> finish(oci::Digest const& blob) = 0;
};

class Room; // Limits.h

class LayerStore {
public:
    LayerStore(content::Storage&, trace::Publisher);
    ~LayerStore();

    bool has(oci::DiffId const&) const;
    // Whether the layer is here and this blob was once seen to unpack to it. A manifest may claim it of any two that
    // are here, each whole.
    bool is_made_from(oci::DiffId const&, oci::Digest const& blob) const;
    Result<std::shared_ptr<Layer const>> open(oci::DiffId const&); // kept in memory while somebody uses it
    Result<std::unique_ptr<LayerWriter>> begin(
        oci::Compression, oci::DiffId const& expected, std::shared_ptr<Room> room = nullptr);
    // A layer that is made here, from its uncompressed tar: its DiffId (SHA-256) is known when its last byte is.
    // `named` is told before anybody can see the layer, so that it can be held against a sweep.
    Result<std::unique_ptr<LayerWriter>> begin_unnamed(std::function<void(oci::DiffId const&)> named);
    Result<std::uint64_t> size(oci::DiffId const&) const; // bytes of the uncompressed tar
    // Bytes of its files, as docker counts a layer's size; read from the index once.
    Result<std::uint64_t> content_size(oci::DiffId const&);
    Result<void> remove(oci::DiffId const&); // publishes LayerRemoved
    std::vector<oci::DiffId> list() const;
    // Publishes LayerIndexed and LayerListed for each: a daemon that starts tells what it finds.
    Result<void> announce();
    // Layers whose tar does not hash to their name or whose index is damaged; for `drydock doctor --store` and tests.
    Result<std::vector<oci::DiffId>> check() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}
