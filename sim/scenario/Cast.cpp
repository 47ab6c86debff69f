#include "sim/scenario/Cast.h"

namespace drydock::scenario {

TypedLine parse_typed_line(std::string_view line)
{
    auto const prompt = line.find("$ ");
    if (prompt == std::string_view::npos || line.substr(0, prompt).find(' ') != std::string_view::npos)
        return { .host = {}, .command = line };
    return { .host = line.substr(0, prompt), .command = line.substr(prompt + 2) };
}

}
