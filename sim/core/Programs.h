#pragma once

// What a line on a lab's machine may begin with: clients of the daemon, and programs of the machine's own userland
// (docs/authoring.md, "Command lines").

#include <algorithm>
#include <array>
#include <string_view>

namespace drydock {

inline constexpr std::array<std::string_view, 20> programs_of_a_machine { "docker", "drydock", "curl", "sh", "cat",
    "cp", "echo", "grep", "hostname", "id", "ls", "mkdir", "mv", "ps", "rm", "sha256sum", "touch", "uname", "wc",
    "wget" };

constexpr bool is_program(std::string_view word)
{
    return std::find(programs_of_a_machine.begin(), programs_of_a_machine.end(), word) != programs_of_a_machine.end();
}

}
