#include "engine/init/Steps.h"

#include "engine/os/Packet.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace drydock::init {

namespace {

// Reports are sent in bundles: a packet each would wake the engine some eighty times per launch.
constexpr std::size_t bundle_size = 16 * 1024;
constexpr std::size_t fds_in_a_bundle = 4;
static_assert(fds_in_a_bundle <= os::max_fds_in_a_packet);
// The longest text of a report; an argument of the user's can be much longer, and a packet cannot.
constexpr std::size_t text_limit = 4096;

}

long Steps::made(char const* call, std::string arguments, long result)
{
    auto const error = result == -1 ? errno : 0;
    report(SyscallReport { call, std::move(arguments), result, error });
    errno = error;
    return result;
}

long Steps::must(std::string const& doing, char const* call, std::string arguments, long result)
{
    if (made(call, std::move(arguments), result) == -1)
        fail_errno(doing, call, errno);
    return result;
}

void Steps::report(Report report, int fd)
{
    append_report(m_pending, report);
    if (fd >= 0)
        m_fds.push_back(fd);
    if (m_pending.size() >= bundle_size || m_fds.size() == fds_in_a_bundle)
        flush();
}

void Steps::flush()
{
    auto bytes = m_pending.take();
    if (bytes.empty())
        return;
    // Nobody listens any more: the engine has died, and the container goes with it.
    if (os::send_packet(m_socket, bytes, m_fds) == -1)
        ::_exit(1);
    m_fds.clear();
}

void Steps::await_engine()
{
    flush();
    char go = 0;
    ssize_t count = 0;
    do {
        count = ::recv(m_socket, &go, 1, 0);
    } while (count == -1 && errno == EINTR);
    if (count <= 0)
        ::_exit(1);
}

void Steps::fail(FailureKind kind, std::string message)
{
    if (message.size() > text_limit)
        message.resize(text_limit);
    report(FailureReport { kind, std::move(message), {}, 0 });
    flush();
    ::_exit(1);
}

void Steps::fail_errno(std::string doing, char const* call, int error)
{
    report(FailureReport { FailureKind::FromErrno, std::move(doing), call, error });
    flush();
    ::_exit(1);
}

std::string quoted(std::string const& text)
{
    std::string out = "\"";
    for (char const c : text.substr(0, text_limit)) {
        auto const byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte == 0x7f) {
            std::array<char, 5> escape {};
            std::snprintf(escape.data(), escape.size(), "\\x%02x", byte);
            out += escape.data();
        } else {
            out += c;
        }
    }
    return out + '"';
}

}
