#include "visual/app/Notes.h"

#include "engine/os/SocketAddress.h"
#include "sim/words/Language.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

namespace fs = std::filesystem;

namespace drydock::app {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view socket_prefix = "drydock-notes-";
constexpr std::size_t most_readers = 16;

Result<os::Fd> make_socket(int flags)
{
    os::Fd descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
    if (!descriptor)
        return fail(Error::from_errno("socket(2)", errno));
    return descriptor;
}

bool is_ours(int peer)
{
    ucred credentials {};
    socklen_t length = sizeof(credentials);
    return ::getsockopt(peer, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0
        && (credentials.uid == ::getuid() || credentials.uid == 0);
}

std::string without_controls(std::string text)
{
    std::erase_if(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    return text;
}

// "03:25"
std::string clock_text(double seconds)
{
    auto const whole = static_cast<int>(seconds);
    return fmt::format("{:02}:{:02}", whole / 60, whole % 60);
}

}

Result<std::unique_ptr<NotesSocket>> NotesSocket::open(fs::path const& path)
{
    auto const address = TRY(os::unix_address(path.string()));
    auto listener = TRY(make_socket(SOCK_NONBLOCK));
    ::unlink(path.c_str());
    if (::bind(listener.get(), address.get(), address.length) != 0)
        return fail(Error::from_errno("bind(2)", errno).with_context("opening " + path.string()));
    if (::chmod(path.c_str(), 0600) != 0 || ::listen(listener.get(), 4) != 0)
        return fail(Error::from_errno("listen(2)", errno).with_context("opening " + path.string()));
    return std::unique_ptr<NotesSocket>(new NotesSocket(std::move(listener), path));
}

NotesSocket::~NotesSocket()
{
    ::unlink(m_path.c_str());
}

void NotesSocket::serve(std::string const& line)
{
    auto const tell = [&](os::Fd const& reader) {
        auto const count = ::send(reader.get(), line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        return count == static_cast<ssize_t>(line.size());
    };
    if (line != m_said)
        std::erase_if(m_readers, [&](os::Fd const& reader) { return !tell(reader); });
    m_said = line;
    while (true) {
        os::Fd reader(::accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!reader)
            return;
        if (is_ours(reader.get()) && m_readers.size() < most_readers && tell(reader))
            m_readers.push_back(std::move(reader));
    }
}

Result<os::Fd> connect_to_notes(fs::path const& path)
{
    auto const address = TRY(os::unix_address(path.string()));
    auto descriptor = TRY(make_socket(0));
    if (::connect(descriptor.get(), address.get(), address.length) != 0)
        return fail(Error::from_errno("connect(2)", errno).with_context("asking " + path.string()));
    return descriptor;
}

Result<fs::path> notes_folder()
{
    auto const* runtime = std::getenv("XDG_RUNTIME_DIR");
    if (runtime != nullptr && *runtime == '/')
        return fs::path(runtime);
    // Somebody else may have made it first, to listen there.
    fs::path const folder = fmt::format("/tmp/drydock-{}", ::getuid());
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        return fail(Error::from_errno("mkdir(2)", errno).with_context("making " + folder.string()));
    struct stat found { };
    if (::lstat(folder.c_str(), &found) != 0 || !S_ISDIR(found.st_mode) || found.st_uid != ::getuid()
        || (found.st_mode & 077) != 0)
        return fail(
            ErrorKind::Forbidden, folder.string() + " is not only yours; set XDG_RUNTIME_DIR to a directory that is");
    return folder;
}

std::string notes_page(std::string_view line)
{
    auto const state = Json::parse(line, nullptr, false);
    if (!state.is_object())
        return {};
    auto const text = [&](char const* key) { return without_controls(state.value(key, std::string())); };
    auto const number = [&](char const* key) { return state.value(key, std::int64_t { 0 }); };
    std::string page = fmt::format("{}   {}\n\n", text("title"), clock_text(static_cast<double>(number("clock"))));
    if (number("phases") > 0)
        page += fmt::format("{}. {}\n", words::say("Part {} of {}", number("phase"), number("phases")), text("name"));
    auto const paragraph = [&](std::string_view title, std::string const& words) {
        if (!words.empty())
            page += fmt::format("\n{}\n  {}\n", title, words);
    };
    paragraph(words::tr("The class reads"), text("say"));
    paragraph(words::tr("Notes"), text("notes"));
    paragraph(words::tr("Now"), text("caption"));
    paragraph(words::tr("Next"), text("next"));
    paragraph(words::tr("Question"), text("question"));
    paragraph(words::tr("Answer"), text("answer"));
    page += fmt::format("\n{}{}\n", words::say("beat {} of {}", number("beat"), number("beats")),
        state.value("black", false) ? fmt::format("   [{}]", words::tr("Black screen")) : std::string());
    return page;
}

fs::path notes_socket_of(fs::path const& folder, int process)
{
    return folder / fmt::format("{}{}.sock", socket_prefix, process);
}

}
