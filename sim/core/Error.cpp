#include "sim/core/Error.h"

#include <cerrno>
#include <system_error>

namespace drydock {

namespace {

ErrorKind kind_of_errno(int code)
{
    switch (code) {
    case ENOENT: return ErrorKind::NotFound;
    case EEXIST:
    case EBUSY: return ErrorKind::Conflict;
    case EACCES:
    case EPERM: return ErrorKind::Forbidden;
    case ECONNREFUSED:
    case ECONNRESET:
    case EPIPE:
    case ETIMEDOUT: return ErrorKind::Unavailable;
    case ENOSYS:
    case EOPNOTSUPP: return ErrorKind::NotSupported;
    default: return ErrorKind::Io;
    }
}

}

Error Error::from_errno(std::string_view call, int code)
{
    Error error { kind_of_errno(code), std::string(call) + ": " + std::generic_category().message(code) };
    error.m_errno = code;
    return error;
}

Error Error::with_context(std::string_view what) &&
{
    m_message = std::string(what) + ": " + m_message;
    return std::move(*this);
}

Error Error::as(ErrorKind kind) &&
{
    m_kind = kind;
    return std::move(*this);
}

std::string_view to_string(ErrorKind kind)
{
    switch (kind) {
    case ErrorKind::InvalidInput: return "invalid input";
    case ErrorKind::NotFound: return "not found";
    case ErrorKind::Conflict: return "conflict";
    case ErrorKind::Unauthorized: return "unauthorized";
    case ErrorKind::Forbidden: return "forbidden";
    case ErrorKind::Unavailable: return "unavailable";
    case ErrorKind::NotSupported: return "not supported";
    case ErrorKind::Corrupt: return "corrupt";
    case ErrorKind::LimitExceeded: return "limit exceeded";
    case ErrorKind::Cancelled: return "cancelled";
    case ErrorKind::Io: return "input/output";
    case ErrorKind::Internal: return "internal";
    }
    return "unknown";
}

}
