#pragma once

// Starting another program (posix_spawn(3)): its words as they are, with no shell in between. Of our descriptors it
// gets those that are given to it, and standard ones that are not replaced.
//
//     auto const pid = os::Spawn({ "nft", "list" }).open(0, "/dev/null", O_RDONLY).give(pipe, 1).start();

#include "sim/core/Result.h"

#include <spawn.h>

#include <optional>
#include <string>
#include <vector>

namespace drydock::os {

class Spawn {
public:
    explicit Spawn(std::vector<std::string> words); // words[0] is the program's own name for itself
    ~Spawn();
    Spawn(Spawn const&) = delete;
    Spawn& operator=(Spawn const&) = delete;

    // What it executes, where that is not words[0] as PATH finds it.
    Spawn& program(std::string path);
    Spawn& environment(std::vector<std::string>); // else ours
    // `its` becomes what `ours` is, or that file. In the order in which they are asked for.
    Spawn& give(int ours, int its);
    Spawn& open(int its, std::string const& path, int flags);
    Spawn& own_group();         // Ctrl+C in our terminal is then ours alone
    Spawn& clear_signal_mask(); // of what a thread of ours has blocked
    Spawn& default_signals();   // instead of what we ignore

    // Its pid. The error is posix_spawn's errno.
    Result<pid_t> start();

private:
    std::vector<std::string> m_words;
    std::string m_program;
    std::optional<std::vector<std::string>> m_environment;
    posix_spawn_file_actions_t m_actions {};
    posix_spawnattr_t m_attributes {};
    short m_flags { 0 };
};

// Until it has ended: its status, as waitpid(2) gives it.
int wait_for(pid_t);

}
