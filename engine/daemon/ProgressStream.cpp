#include "engine/daemon/ProgressStream.h"

#include "engine/daemon/Json.h"

namespace drydock::daemon {

void ProgressStream::send(image::TransferProgress const& progress)
{
    json object { { "status", progress.status } };
    if (!progress.id.empty())
        object["progressDetail"] = progress.total == 0
            ? json::object()
            : json { { "current", progress.current }, { "total", progress.total } };
    if (!progress.id.empty())
        object["id"] = progress.id;
    write(to_text(object));
}

void ProgressStream::send_status(std::string const& status)
{
    write(to_text({ { "status", status } }));
}

void ProgressStream::send_text(std::string_view text)
{
    write(to_text({ { "stream", text } }));
}

void ProgressStream::send_aux(json const& object)
{
    write(to_text({ { "progressDetail", json::object() }, { "aux", object } }));
}

void ProgressStream::send_built(oci::Digest const& image)
{
    write(to_text({ { "aux", { { "ID", image.to_string() } } } }));
}

void ProgressStream::send_error(std::string const& message, int code)
{
    json detail { { "message", message } };
    if (code != 0)
        detail = { { "code", code }, { "message", message } };
    write(to_text({ { "errorDetail", detail }, { "error", message } }));
}

void ProgressStream::write(std::string const& object)
{
    if (!begun()) {
        auto body = m_exchange.respond_streaming(200, { { "Content-Type", "application/json" } });
        if (body)
            m_body = std::move(*body);
    }
    if (m_body != nullptr && !m_body->write(object + "\r\n"))
        m_body.reset();
}

}
