#pragma once

// Blobs by digest, each kept byte for byte as it came, because a push must send the same digest again
// (containerd's content store works the same way).
//
//   blobs/<algorithm>/<hex>     whole and verified, never changed
//   ingest/<algorithm>-<hex>    what has arrived so far; the next try goes on from there
//   ingest/new-<n>              what is made here and has no name yet

#include "engine/content/Storage.h"
#include "sim/oci/Digest.h"
#include "sim/trace/EventLog.h"

#include <functional>
#include <mutex>
#include <set>

namespace drydock::content {

class ContentStore;

// A blob on its way in. Leaving without commit keeps what has arrived, so that a later ingest resumes.
class Ingest {
public:
    ~Ingest();
    Ingest(Ingest&&) noexcept;
    std::uint64_t offset() const; // bytes that are here already
    // Reads back what an earlier try left, from the start, so that a layer reader can follow.
    Result<void> replay(std::function<Result<void>(std::string_view)> const& sink) const;
    Result<void> write(std::string_view bytes); // LimitExceeded beyond the promised size
    // fsync, size and digest check, publish. Corrupt (and everything dropped) where either does not match; publishes
    // DigestVerified and BlobStored, or DigestMismatched.
    Result<void> commit();
    void discard(); // drops what has arrived

private:
    friend class ContentStore;
    struct Impl;
    explicit Ingest(std::unique_ptr<Impl>);
    std::unique_ptr<Impl> m_impl;
};

// A blob that is made here: its digest is known when its last byte is. Leaving without commit drops it.
class NewBlob {
public:
    ~NewBlob();
    NewBlob(NewBlob&&) noexcept;
    Result<void> write(std::string_view bytes);
    // Its name (SHA-256). Nothing may be written after.
    oci::Digest digest();
    std::uint64_t size() const; // bytes so far
    // fsync and publish; publishes BlobStored. Whoever holds blobs against a sweep does so before.
    Result<void> commit();

private:
    friend class ContentStore;
    struct Impl;
    explicit NewBlob(std::unique_ptr<Impl>);
    std::unique_ptr<Impl> m_impl;
};

class ContentStore {
public:
    ContentStore(Storage&, trace::Publisher);

    bool has(oci::Digest const&) const;
    Result<std::uint64_t> size(oci::Digest const&) const; // bytes
    // Whole content, verified again on the way out; for documents. NotFound, Corrupt, LimitExceeded.
    Result<std::string> read(oci::Digest const&, std::uint64_t limit = 8 << 20) const;
    Result<std::unique_ptr<ReadableFile>> open(oci::Digest const&) const;
    // One ingest of a digest at a time: Conflict names the one in progress.
    Result<Ingest> ingest(oci::Digest const&, std::uint64_t size);
    Result<NewBlob> begin();
    // For small documents that are in memory already.
    Result<void> put(oci::Digest const&, std::string_view bytes, trace::Verified what);
    Result<void> remove(oci::Digest const&); // publishes BlobRemoved
    // Drops what arrived of blobs that nobody is fetching now.
    Result<void> discard_unfinished();
    std::vector<oci::Digest> list() const;
    // Publishes BlobStored for each: a daemon that starts tells what it finds.
    void announce() const;
    // Digests whose bytes do not hash to their name; for `drydock doctor --store` and tests.
    Result<std::vector<oci::Digest>> check() const;

private:
    friend class Ingest;
    friend class NewBlob;
    Storage& m_storage;
    trace::Publisher m_publisher;
    std::mutex mutable m_mutex;
    std::set<oci::Digest> m_in_progress;
    std::uint64_t m_next_new { 0 };
    std::set<std::string> m_new; // keys of the NewBlobs
};

}
