#pragma once

// An Error says, once, which call failed on which object and why; each caller adds what it was doing.
// Failures are values (Result), bugs are VERIFY.

#include <cstdint>
#include <string>
#include <string_view>

namespace drydock {

// What the caller can do about it; the daemon turns it into an HTTP status, `drydock` into an exit status.
enum class ErrorKind : std::uint8_t {
    InvalidInput, // the request, file or text is wrong: say where
    NotFound,
    Conflict, // the object is in a state that forbids it
    Unauthorized,
    Forbidden,
    Unavailable,  // the other side is not there, or not now
    NotSupported, // this machine or this world cannot do it
    Corrupt,      // bytes are not what their digest, size or format says
    LimitExceeded,
    Cancelled,
    Io, // the operating system said no
    Internal,
};

class Error {
public:
    Error(ErrorKind kind, std::string message)
        : m_kind(kind)
        , m_message(std::move(message))
    {
    }

    // `call` as the man page names it ("mount(2)"), `code` is errno. The text becomes "mount(2): Permission denied".
    static Error from_errno(std::string_view call, int code);

    ErrorKind kind() const { return m_kind; }
    int errno_code() const { return m_errno; } // 0 where the error is not the kernel's
    std::string const& message() const { return m_message; }

    // "binding /a onto /b: mount(2): Permission denied"
    Error with_context(std::string_view what) &&;
    // Same message, another kind: for the place that knows what a failure means.
    Error as(ErrorKind kind) &&;

private:
    ErrorKind m_kind;
    int m_errno { 0 };
    std::string m_message;
};

std::string_view to_string(ErrorKind);

}
