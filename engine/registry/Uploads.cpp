#include "engine/registry/Uploads.h"

namespace drydock::registry {

namespace {

std::string key_of(std::string const& id)
{
    return "uploads/" + id;
}

// Without what a crash may have left of the same blob.
Result<content::Ingest> begin_anew(content::ContentStore& store, oci::Digest const& digest, std::uint64_t size)
{
    {
        auto ingest = TRY(store.ingest(digest, size));
        if (ingest.offset() == 0)
            return ingest;
        ingest.discard();
    }
    return store.ingest(digest, size);
}

}

struct Uploads::Lease::Session {
    std::string repository;
    std::unique_ptr<content::AppendableFile> file;
    bool held { true };
};

Uploads::Uploads(content::Storage& storage, content::ContentStore& store, Random& random)
    : m_storage(storage)
    , m_store(store)
    , m_random(random)
{
    static_cast<void>(m_storage.remove_tree("uploads"));
}

Result<Uploads::Lease> Uploads::begin(std::string const& repository)
{
    auto const id = m_random.hex(32);
    auto session = std::make_shared<Lease::Session>();
    session->repository = repository;
    session->file = TRY(m_storage.append(key_of(id)));
    std::lock_guard const lock(m_mutex);
    m_sessions.emplace(id, session);
    return Lease(*this, id, std::move(session));
}

Result<Uploads::Lease> Uploads::take(std::string const& repository, std::string const& id)
{
    std::lock_guard const lock(m_mutex);
    auto const found = m_sessions.find(id);
    if (found == m_sessions.end() || found->second->repository != repository)
        return fail(ErrorKind::NotFound, "no upload " + id + " in " + repository);
    if (found->second->held)
        return fail(ErrorKind::Conflict, "another request writes to upload " + id);
    found->second->held = true;
    return Lease(*this, id, found->second);
}

Uploads::Lease::Lease(Uploads& uploads, std::string id, std::shared_ptr<Session> session)
    : m_uploads(&uploads)
    , m_id(std::move(id))
    , m_session(std::move(session))
{
}

void Uploads::Lease::release()
{
    if (!m_session)
        return;
    std::lock_guard const lock(m_uploads->m_mutex);
    m_session->held = false;
    m_session.reset();
}

std::uint64_t Uploads::Lease::size() const
{
    return m_session->file->size();
}

Result<void> Uploads::Lease::append(std::string_view bytes)
{
    return m_session->file->append(bytes);
}

Result<void> Uploads::Lease::commit(oci::Digest const& digest)
{
    auto& store = m_uploads->m_store;
    std::lock_guard const lock(m_uploads->m_committing);
    auto ingest = TRY(begin_anew(store, digest, size()));
    auto const file = TRY(m_uploads->m_storage.open(key_of(m_id)));
    std::string buffer(256 * 1024, '\0');
    for (std::uint64_t offset = 0; offset < size();) {
        auto const count = TRY(file->read_at(offset, buffer));
        TRY(ingest.write(std::string_view(buffer).substr(0, count)));
        offset += count;
    }
    TRY(ingest.commit());
    cancel();
    return {};
}

void Uploads::Lease::cancel()
{
    std::lock_guard const lock(m_uploads->m_mutex);
    m_uploads->m_sessions.erase(m_id);
    m_session.reset();
    static_cast<void>(m_uploads->m_storage.remove(key_of(m_id)));
}

}
