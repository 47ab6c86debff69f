#pragma once

// The presenter's notes, beside the window: what is being shown, what comes next, what only the teacher reads. The
// window tells it on a socket of its user; `drydock notes` prints it in another terminal, also through ssh. One JSON
// object a line, the whole state each time, so that whoever connects late knows all.

#include "engine/os/Fd.h"
#include "sim/core/Result.h"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::app {

class NotesSocket {
public:
    static Result<std::unique_ptr<NotesSocket>> open(std::filesystem::path const& path);
    ~NotesSocket();
    NotesSocket(NotesSocket const&) = delete;
    NotesSocket& operator=(NotesSocket const&) = delete;

    // Lets in who waits at the door, and tells them and everybody else `line` where it is news. Never waits: who does
    // not read is let go.
    void serve(std::string const& line);

private:
    NotesSocket(os::Fd listener, std::filesystem::path path)
        : m_listener(std::move(listener))
        , m_path(std::move(path))
    {
    }

    os::Fd m_listener;
    std::filesystem::path m_path;
    std::vector<os::Fd> m_readers;
    std::string m_said;
};

// Where sockets of windows lie: only their user may look there.
Result<std::filesystem::path> notes_folder();

std::filesystem::path notes_socket_of(std::filesystem::path const& folder, int process);

Result<os::Fd> connect_to_notes(std::filesystem::path const& socket);

// What a window says, as a page of text for a terminal. Control characters stay out of it.
std::string notes_page(std::string_view json);

}
