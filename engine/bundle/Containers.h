#pragma once

// The operations of the OCI runtime specification (runtime.md), and those that engines ask for besides. There is no
// daemon: what one command leaves, the next one finds in the state directory and in the kernel.

#include "engine/bundle/Birth.h"
#include "engine/bundle/State.h"

namespace drydock::bundle {

struct CreateOptions {
    std::string id;
    std::filesystem::path bundle { "." };
    std::filesystem::path pid_file;
    std::string console_socket;
    int preserved { 0 };
};

struct ExecOptions {
    std::string id;
    std::filesystem::path process; // a process.json; else what follows
    std::vector<std::string> args;
    std::string cwd;
    std::string user; // "uid[:gid]"
    std::vector<std::string> env;
    std::vector<std::string> capabilities; // on top
    bool tty { false };
    bool no_new_privileges { false };
    bool detach { false };
    std::filesystem::path pid_file;
    std::string console_socket;
    int preserved { 0 };
};

class Containers {
public:
    Containers(std::filesystem::path root, std::filesystem::path init_program)
        : m_root(std::move(root))
        , m_init_program(std::move(init_program))
    {
    }

    Result<void> create(CreateOptions const&);
    Result<void> start(std::string const& id);
    Result<std::string> state(std::string const& id) const;
    enum class Whom : std::uint8_t { First, All };
    Result<void> kill(std::string const& id, int signal, Whom);
    enum class Mode : std::uint8_t { Stopped, Force };
    Result<void> remove(std::string const& id, Mode);
    Result<int> exec(ExecOptions const&);               // the exit status; 0 at once if detached
    Result<int> run(CreateOptions const&, bool detach); // create, start, and unless detached wait and delete
    Result<void> pause(std::string const& id);
    Result<void> resume(std::string const& id);
    Result<std::vector<int>> processes(std::string const& id) const;

    struct Listed {
        State state;
        Status status;
    };
    std::vector<Listed> list() const;

    // What did not work out and does not matter enough to fail; empties.
    std::vector<std::string> take_warnings() { return std::exchange(m_warnings, {}); }
    std::vector<std::string> take_notes() { return std::exchange(m_notes, {}); }

private:
    void remember(Config const&);
    Result<void> make(StateDirectory const&, CreateOptions const&, State&, Config&);
    void clear_away(StateDirectory const&, State const&, Config const*);

    std::filesystem::path m_root;
    std::filesystem::path m_init_program;
    std::vector<std::string> m_warnings;
    std::vector<std::string> m_notes;
};

}
