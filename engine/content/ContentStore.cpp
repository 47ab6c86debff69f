#include "engine/content/ContentStore.h"

#include "sim/core/Verify.h"

#include <array>

namespace drydock::content {

using oci::Digest;
using oci::Hasher;

namespace {

std::string blob_key(Digest const& digest)
{
    return "blobs/" + std::string(digest.algorithm_name()) + "/" + digest.hex();
}

std::string ingest_key(Digest const& digest)
{
    return "ingest/" + std::string(digest.algorithm_name()) + "-" + digest.hex();
}

// Gives the file's bytes to `sink`, from the start.
Result<void> stream(ReadableFile const& file, std::function<Result<void>(std::string_view)> const& sink)
{
    std::string buffer(256 * 1024, '\0');
    for (std::uint64_t offset = 0;;) {
        auto const count = TRY(file.read_at(offset, buffer));
        if (count == 0)
            return {};
        TRY(sink(std::string_view(buffer).substr(0, count)));
        offset += count;
    }
}

Result<Hasher> hash_of(ReadableFile const& file, Digest::Algorithm algorithm)
{
    Hasher hasher(algorithm);
    TRY(stream(file, [&](std::string_view bytes) -> Result<void> {
        hasher.update(bytes);
        return {};
    }));
    return hasher;
}

tl::unexpected<Error> mismatch(Digest const& expected, Digest const& actual)
{
    return fail(
        ErrorKind::Corrupt, "blob " + expected.to_string() + " is corrupt: its bytes hash to " + actual.to_string());
}

}

struct Ingest::Impl {
    Impl(ContentStore& owner, Digest name, std::uint64_t promised)
        : store(owner)
        , digest(std::move(name))
        , size(promised)
        , hasher(digest.algorithm())
    {
    }
    ~Impl()
    {
        file.reset();
        std::lock_guard const lock(store.m_mutex);
        store.m_in_progress.erase(digest);
    }
    // Goes on where an earlier try stopped: the digest's state is made again from what is there.
    Result<void> resume()
    {
        auto const key = ingest_key(digest);
        file = TRY(store.m_storage.append(key));
        if (file->size() > size)
            TRY(start_over());
        if (file->size() > 0) {
            auto const arrived = TRY(store.m_storage.open(key));
            hasher = TRY(hash_of(*arrived, digest.algorithm()));
        }
        return {};
    }
    Result<void> start_over()
    {
        TRY(drop());
        hasher = Hasher(digest.algorithm());
        file = TRY(store.m_storage.append(ingest_key(digest)));
        return {};
    }
    Result<void> drop()
    {
        file.reset();
        return store.m_storage.remove(ingest_key(digest));
    }

    ContentStore& store;
    Digest digest;
    std::uint64_t size;
    Hasher hasher;
    std::unique_ptr<AppendableFile> file; // null once committed or discarded
};

Ingest::Ingest(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}

Ingest::~Ingest() = default;
Ingest::Ingest(Ingest&&) noexcept = default;

std::uint64_t Ingest::offset() const
{
    return m_impl->file ? m_impl->file->size() : 0;
}

Result<void> Ingest::replay(std::function<Result<void>(std::string_view)> const& sink) const
{
    VERIFY(m_impl->file);
    auto const arrived = TRY(m_impl->store.m_storage.open(ingest_key(m_impl->digest)));
    return stream(*arrived, sink);
}

Result<void> Ingest::write(std::string_view bytes)
{
    VERIFY(m_impl->file);
    if (bytes.size() > m_impl->size - offset())
        return fail(ErrorKind::LimitExceeded,
            "blob " + m_impl->digest.to_string() + " is longer than the " + std::to_string(m_impl->size)
                + " bytes that were promised");
    if (auto written = m_impl->file->append(bytes); !written) {
        discard(); // A full disk gets its space back at once (HARDENING R6).
        return fail(std::move(written).error());
    }
    m_impl->hasher.update(bytes);
    return {};
}

Result<void> Ingest::commit()
{
    VERIFY(m_impl->file);
    auto& store = m_impl->store;
    auto const& digest = m_impl->digest;
    auto const bytes = offset();
    if (bytes != m_impl->size) {
        discard();
        return fail(ErrorKind::Corrupt,
            "blob " + digest.to_string() + " has " + std::to_string(bytes) + " bytes, " + std::to_string(m_impl->size)
                + " were promised");
    }
    auto const actual = m_impl->hasher.finish();
    if (actual != digest) {
        discard();
        store.m_publisher.publish(trace::DigestMismatched {
            .expected = digest, .actual = actual, .what = trace::Verified::Blob, .bytes = bytes });
        return mismatch(digest, actual);
    }
    store.m_publisher.publish(
        trace::DigestVerified { .digest = digest, .what = trace::Verified::Blob, .bytes = bytes });
    TRY(m_impl->file->sync());
    m_impl->file.reset();
    TRY(store.m_storage.publish(ingest_key(digest), blob_key(digest)));
    store.m_publisher.publish(trace::BlobStored { .digest = digest, .size = bytes });
    return {};
}

void Ingest::discard()
{
    if (m_impl->file)
        (void)m_impl->drop(); // What cannot be removed now is resumed or swept later.
}

// ---- Blobs that are made here ----

struct NewBlob::Impl {
    Impl(ContentStore& owner, std::string where)
        : store(owner)
        , key(std::move(where))
    {
    }
    ~Impl()
    {
        bool const unfinished = file != nullptr;
        file.reset();
        if (unfinished)
            (void)store.m_storage.remove(key); // What cannot be removed now is swept later.
        std::lock_guard const lock(store.m_mutex);
        store.m_new.erase(key);
    }

    ContentStore& store;
    std::string key;
    Hasher hasher;
    std::optional<Digest> name;
    std::uint64_t size { 0 };
    std::unique_ptr<AppendableFile> file; // null once committed
};

NewBlob::NewBlob(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}

NewBlob::~NewBlob() = default;
NewBlob::NewBlob(NewBlob&&) noexcept = default;

std::uint64_t NewBlob::size() const
{
    return m_impl->size;
}

Result<void> NewBlob::write(std::string_view bytes)
{
    VERIFY(m_impl->file && !m_impl->name);
    TRY(m_impl->file->append(bytes));
    m_impl->hasher.update(bytes);
    m_impl->size += bytes.size();
    return {};
}

Digest NewBlob::digest()
{
    if (!m_impl->name)
        m_impl->name = m_impl->hasher.finish();
    return *m_impl->name;
}

Result<void> NewBlob::commit()
{
    VERIFY(m_impl->file);
    auto const name = digest();
    TRY(m_impl->file->sync());
    TRY(m_impl->store.m_storage.publish(m_impl->key, blob_key(name)));
    m_impl->file.reset();
    m_impl->store.m_publisher.publish(trace::BlobStored { .digest = name, .size = m_impl->size });
    return {};
}

Result<NewBlob> ContentStore::begin()
{
    std::string key;
    {
        std::lock_guard const lock(m_mutex);
        do
            key = "ingest/new-" + std::to_string(m_next_new++);
        while (m_storage.exists(key)); // what a crash left
        m_new.insert(key);
    }
    auto impl = std::make_unique<NewBlob::Impl>(*this, key);
    impl->file = TRY(m_storage.append(key));
    return NewBlob(std::move(impl));
}

ContentStore::ContentStore(Storage& storage, trace::Publisher publisher)
    : m_storage(storage)
    , m_publisher(std::move(publisher))
{
}

bool ContentStore::has(Digest const& digest) const
{
    return m_storage.exists(blob_key(digest));
}

Result<std::uint64_t> ContentStore::size(Digest const& digest) const
{
    return TRY_WITH("blob " + digest.to_string(), m_storage.size(blob_key(digest)));
}

Result<std::string> ContentStore::read(Digest const& digest, std::uint64_t limit) const
{
    auto bytes = TRY_WITH("blob " + digest.to_string(), m_storage.read(blob_key(digest), limit));
    if (auto const actual = Digest::of(bytes, digest.algorithm()); actual != digest)
        return mismatch(digest, actual);
    return bytes;
}

Result<std::unique_ptr<ReadableFile>> ContentStore::open(Digest const& digest) const
{
    return TRY_WITH("blob " + digest.to_string(), m_storage.open(blob_key(digest)));
}

Result<Ingest> ContentStore::ingest(Digest const& digest, std::uint64_t size)
{
    {
        std::lock_guard const lock(m_mutex);
        if (!m_in_progress.insert(digest).second)
            return fail(ErrorKind::Conflict, "blob " + digest.to_string() + " is arriving already");
    }
    auto impl = std::make_unique<Ingest::Impl>(*this, digest, size);
    TRY(impl->resume());
    return Ingest(std::move(impl));
}

Result<void> ContentStore::put(Digest const& digest, std::string_view bytes, trace::Verified what)
{
    auto const actual = Digest::of(bytes, digest.algorithm());
    if (actual != digest) {
        m_publisher.publish(
            trace::DigestMismatched { .expected = digest, .actual = actual, .what = what, .bytes = bytes.size() });
        return mismatch(digest, actual);
    }
    m_publisher.publish(trace::DigestVerified { .digest = digest, .what = what, .bytes = bytes.size() });
    TRY(m_storage.write_atomically(blob_key(digest), bytes));
    m_publisher.publish(trace::BlobStored { .digest = digest, .size = bytes.size() });
    return {};
}

Result<void> ContentStore::remove(Digest const& digest)
{
    TRY_WITH("blob " + digest.to_string(), m_storage.remove(blob_key(digest)));
    m_publisher.publish(trace::BlobRemoved { .digest = digest });
    return {};
}

Result<void> ContentStore::discard_unfinished()
{
    std::lock_guard const lock(m_mutex);
    std::set<std::string> in_progress = m_new;
    for (auto const& digest : m_in_progress)
        in_progress.insert(ingest_key(digest));
    for (auto const& name : m_storage.list("ingest")) {
        if (auto const key = "ingest/" + name; !in_progress.contains(key))
            TRY(m_storage.remove(key));
    }
    return {};
}

std::vector<Digest> ContentStore::list() const
{
    std::vector<Digest> digests;
    for (auto const* algorithm : { "sha256", "sha512" }) {
        for (auto const& hex : m_storage.list(std::string("blobs/") + algorithm)) {
            if (auto digest = Digest::parse(std::string(algorithm) + ":" + hex))
                digests.push_back(std::move(*digest));
        }
    }
    return digests;
}

void ContentStore::announce() const
{
    for (auto const& digest : list())
        m_publisher.publish(trace::BlobStored { .digest = digest, .size = size(digest).value_or(0) });
}

Result<std::vector<Digest>> ContentStore::check() const
{
    std::vector<Digest> corrupt;
    for (auto const& digest : list()) {
        auto const file = TRY(open(digest));
        auto hasher = TRY(hash_of(*file, digest.algorithm()));
        if (hasher.finish() != digest)
            corrupt.push_back(digest);
    }
    return corrupt;
}

}
