#include "engine/daemon/Reply.h"

namespace drydock::daemon {

namespace {
http::Headers json_headers()
{
    return { { "Content-Type", "application/json" } };
}
}

int status_of(ErrorKind kind)
{
    switch (kind) {
    case ErrorKind::InvalidInput: return 400;
    case ErrorKind::NotFound: return 404;
    case ErrorKind::Conflict: return 409;
    case ErrorKind::Unauthorized: return 401;
    case ErrorKind::Forbidden: return 403;
    case ErrorKind::Unavailable: return 503;
    case ErrorKind::NotSupported: return 501;
    case ErrorKind::LimitExceeded: return 413;
    case ErrorKind::Corrupt:
    case ErrorKind::Cancelled:
    case ErrorKind::Io:
    case ErrorKind::Internal: return 500;
    }
    return 500;
}

Result<void> reply(http::Exchange& exchange, int status, json const& body)
{
    return exchange.respond(status, json_headers(), to_text(body) + "\n");
}

Result<void> reply_empty(http::Exchange& exchange, int status)
{
    return exchange.respond(status, {}, "");
}

Result<void> reply_error(http::Exchange& exchange, int status, std::string const& message)
{
    return reply(exchange, status, { { "message", message } });
}

Error not_built(std::string const& what)
{
    return Error(ErrorKind::NotSupported, what + " is not built yet in this version of Drydock");
}

Result<json> read_json(http::Exchange& exchange)
{
    auto const body = TRY(exchange.read_body());
    auto const type = exchange.headers().get("Content-Type").value_or("");
    if (!body.empty() && !type.starts_with("application/json"))
        return fail(ErrorKind::InvalidInput, "malformed Content-Type header (" + type + "): must be application/json");
    if (body.empty())
        return fail(ErrorKind::InvalidInput, "invalid JSON: got EOF while reading request body");
    return parse_json(body);
}

}
