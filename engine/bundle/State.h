#pragma once

// What is known of a container between two commands: a directory of its own below the root, with state.json (written
// aside and renamed), a copy of config.json as it was at `create`, and until `start` a fifo at whose other end the
// process waits. Whether it runs is asked of the kernel each time.

#include "engine/bundle/Groups.h"
#include "engine/os/Fd.h"

namespace drydock::bundle {

enum class Status : std::uint8_t { Creating, Created, Running, Paused, Stopped };
std::string_view to_string(Status);

struct State {
    std::string id;
    std::string bundle;
    std::string root; // of the file system
    int pid { 0 };
    std::uint64_t start_time {
        0
    };                   // of the process, in ticks since the machine's: the pid alone may be another's by now
    std::string created; // RFC 3339
    std::map<std::string, std::string> annotations;
    std::vector<Group> groups;
};

// The specification's state, as `state` prints and hooks read it.
std::string state_json(State const&, Status);

bool is_alive(State const&);
std::uint64_t start_time_of(int pid); // 0 where there is no such process, or it is a zombie

class StateDirectory {
public:
    // Conflict where the id is taken.
    static Result<StateDirectory> make(std::filesystem::path const& root, std::string const& id);
    // NotFound where there is none. Waits for another command that is at it.
    static Result<StateDirectory> open(std::filesystem::path const& root, std::string const& id);
    // The same to read only: waits for nobody, so hooks may ask while a command is at it.
    static Result<StateDirectory> look(std::filesystem::path const& root, std::string const& id);
    static std::vector<std::string> ids(std::filesystem::path const& root);

    Result<void> write(State const&) const;
    Result<State> read() const;
    Status status(State const&) const;

    Result<void> keep_config(std::string const& text) const;
    Result<std::string> config() const;

    std::filesystem::path fifo() const { return m_path / "start"; }
    // ID-HASH: under another root there may be a container of the same id.
    std::string name_for_cgroup() const;
    void remove() const;

private:
    StateDirectory(std::filesystem::path path, os::Fd lock)
        : m_path(std::move(path))
        , m_lock(std::move(lock))
    {
    }
    static Result<os::Fd> lock(std::filesystem::path const&);

    std::filesystem::path m_path;
    os::Fd m_lock;
};

Result<std::string> read_file(std::filesystem::path const&, std::size_t limit);
// Written aside and renamed.
Result<void> replace_file(std::filesystem::path const&, std::string const& text);

}
