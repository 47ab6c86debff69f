// drydock notes: what the presenter reads while the class watches the window.

#include "sim/words/Language.h"
#include "visual/app/Commands.h"
#include "visual/app/Notes.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

namespace fs = std::filesystem;

namespace drydock::app {

namespace {

constexpr std::size_t longest_line = 256 * 1024;

// The newest window of this user that answers.
Result<os::Fd> connect_to_window(std::string const& wanted)
{
    std::vector<fs::path> places;
    if (!wanted.empty()) {
        places = { wanted };
    } else {
        std::error_code ignored;
        for (auto const& entry : fs::directory_iterator(TRY(notes_folder()), ignored)) {
            if (entry.path().filename().string().starts_with("drydock-notes-"))
                places.push_back(entry.path());
        }
        std::sort(places.begin(), places.end(), [](auto const& a, auto const& b) {
            std::error_code none;
            return fs::last_write_time(a, none) > fs::last_write_time(b, none);
        });
    }
    for (auto const& place : places) {
        if (auto descriptor = connect_to_notes(place))
            return descriptor;
    }
    return fail(
        ErrorKind::NotFound, "no window of yours is open on this machine; start drydock, then drydock notes again");
}

}

int notes(std::string const& socket)
{
    auto const window = connect_to_window(socket);
    if (!window)
        return complain(window.error());
    bool const terminal = ::isatty(STDOUT_FILENO) != 0;
    std::string buffer;
    std::string shown; // without its first line, in which the clock goes on
    std::array<char, 4096> bytes {};
    while (true) {
        auto const count = ::read(window->get(), bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0 || buffer.size() > longest_line)
            break;
        buffer.append(bytes.data(), static_cast<std::size_t>(count));
        auto const end = buffer.rfind('\n');
        if (end == std::string::npos)
            continue;
        auto const before = buffer.rfind('\n', end - 1);
        auto const begin = before == std::string::npos || end == 0 ? 0 : before + 1;
        auto const page = notes_page(std::string_view(buffer).substr(begin, end - begin));
        auto const body = page.substr(std::min(page.find('\n'), page.size()));
        if (terminal)
            fmt::print("\x1b[H\x1b[2J{}", page);
        else if (body != shown)
            fmt::print("{}\n", page);
        shown = body;
        std::fflush(stdout);
        buffer.erase(0, end + 1);
    }
    fmt::print(stderr, "{}\n", words::tr("The window has been closed."));
    return 0;
}

}
