#pragma once

// Docker's progress stream: 200 and one JSON object after another, each sent at once and ended with CR LF. It begins
// with the first message, so that what fails earlier can still be an ordinary refusal.

#include "engine/http/Http.h"
#include "engine/image/Progress.h"

#include <nlohmann/json_fwd.hpp>

#include <mutex>

namespace drydock::daemon {

class ProgressStream {
public:
    explicit ProgressStream(http::Exchange& exchange)
        : m_exchange(exchange)
    {
    }

    void send(image::TransferProgress const&);
    void send_status(std::string const& status);
    void send_text(std::string_view text);               // printed as it is
    void send_aux(nlohmann::ordered_json const& object); // for programs; not printed
    void send_built(oci::Digest const& image);           // likewise: {"aux":{"ID":…}}
    // `code` becomes the exit status of `docker build`; 0 is 1 there.
    void send_error(std::string const& message, int code = 0);
    bool begun() const { return m_exchange.responded(); }

private:
    // To a client that has gone nothing is said; stopping the work for its sake is the handler's affair.
    void write(std::string const& object);

    http::Exchange& m_exchange;
    std::mutex m_mutex; // several layers report at a time; a piece is small
    std::unique_ptr<http::BodyWriter> m_body;
};

}
