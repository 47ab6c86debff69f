#include "sim/scenario/Cast.h"

#include <array>

namespace drydock::scenario {

bool is_program(std::string_view word)
{
    static constexpr std::array<std::string_view, 20> programs { "docker", "drydock", "curl", "sh", "cat", "cp", "echo",
        "grep", "hostname", "id", "ls", "mkdir", "mv", "ps", "rm", "sha256sum", "touch", "uname", "wc", "wget" };
    return std::find(programs.begin(), programs.end(), word) != programs.end();
}

TypedLine parse_typed_line(std::string_view line)
{
    auto const prompt = line.find("$ ");
    if (prompt == std::string_view::npos || line.substr(0, prompt).find(' ') != std::string_view::npos)
        return { .host = {}, .command = line };
    return { .host = line.substr(0, prompt), .command = line.substr(prompt + 2) };
}

}
