#pragma once

// A tar that somebody sent, laid aside and looked into by the names of its members. Nothing in it is ever a path of
// ours: members are found in a table, and links lead to other members or nowhere (HARDENING T10).

#include "engine/content/Storage.h"
#include "engine/layer/Entry.h"
#include "sim/oci/Manifest.h"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace drydock::image {

// Fills the buffer with what comes next; 0 at the end.
using Source = std::function<Result<std::size_t>(std::span<char>)>;

// Where a member lies.
struct Member {
    std::uint64_t offset { 0 };
    std::uint64_t size { 0 };
};

class Archive {
public:
    // Takes the whole archive, plain or compressed with gzip or zstd, into `key`; it goes with the object.
    // InvalidInput for what is no tar, LimitExceeded for bombs.
    static Result<std::unique_ptr<Archive>> receive(content::Storage&, std::string key, Source const&);
    ~Archive();

    bool has(std::string const& name) const { return find(name).has_value(); }
    Result<Member> find(std::string const& name) const; // NotFound
    // A document as a whole; LimitExceeded beyond `limit` bytes.
    Result<std::string> read(std::string const& name, std::uint64_t limit) const;
    // Gives `sink` the member's bytes in pieces.
    Result<void> copy(Member const&, std::function<Result<void>(std::string_view)> const& sink) const;

    std::uint64_t size() const { return m_file->size(); } // bytes of the uncompressed tar

private:
    Archive(content::Storage& storage, std::string key)
        : m_storage(storage)
        , m_key(std::move(key))
    {
    }
    Result<void> take(Source const&);

    content::Storage& m_storage;
    std::string m_key;
    std::map<std::string, layer::Entry> m_members;
    std::unique_ptr<content::ReadableFile> m_file;
};

// By the first bytes of a compressed file (RFC 1952, 2.3.1; RFC 8878, 3.1.1).
oci::Compression compression_of(std::string_view first_bytes);

}
