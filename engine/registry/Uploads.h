#pragma once

// Blobs on their way in (distribution-spec 1.1, "Pushing blobs"): a session per upload, fed by any number of PATCH
// requests, named and checked by the PUT that closes it. Sessions do not survive a restart.

#include "engine/content/ContentStore.h"
#include "sim/core/Random.h"

#include <map>
#include <memory>

namespace drydock::registry {

class Uploads {
public:
    Uploads(content::Storage&, content::ContentStore&, Random&);

    // A session, held by one request at a time.
    class Lease {
    public:
        ~Lease() { release(); }
        Lease(Lease&&) noexcept = default;
        std::string const& id() const { return m_id; }
        std::uint64_t size() const; // bytes so far
        Result<void> append(std::string_view bytes);
        // Makes it the blob `digest` and ends the session. Corrupt where the bytes hash to something else.
        Result<void> commit(oci::Digest const&);
        void cancel();
        void release(); // for the next request; as the destructor does

    private:
        friend class Uploads;
        struct Session;
        Lease(Uploads& uploads, std::string id, std::shared_ptr<Session> session);
        Uploads* m_uploads;
        std::string m_id;
        std::shared_ptr<Session> m_session;
    };

    Result<Lease> begin(std::string const& repository);
    // NotFound; Conflict while another request holds it.
    Result<Lease> take(std::string const& repository, std::string const& id);

private:
    content::Storage& m_storage;
    content::ContentStore& m_store;
    Random& m_random;
    std::mutex m_committing; // two uploads of one blob end one after the other
    std::mutex m_mutex;
    std::map<std::string, std::shared_ptr<Lease::Session>> m_sessions; // guarded by m_mutex
};

}
