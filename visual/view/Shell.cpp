#include "visual/view/Shell.h"

#include <algorithm>

namespace drydock::view {

std::string shell_quoted(std::string_view word)
{
    constexpr std::string_view harmless = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@,+=%";
    bool const plain = !word.empty() && word.front() != '-'
        && std::all_of(word.begin(), word.end(), [&](char c) { return harmless.find(c) != std::string_view::npos; });
    if (plain)
        return std::string(word);
    std::string quoted = "'";
    for (auto const c : word) {
        if (c == '\'')
            quoted += "'\\''"; // out of the quotes, an escaped one, in again
        else
            quoted += c;
    }
    return quoted + "'";
}

}
