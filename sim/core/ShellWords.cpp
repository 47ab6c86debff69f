#include "sim/core/ShellWords.h"

#include <string_view>

namespace drydock {

namespace {

// What a word needs no quotes for (the set of Python's shlex, which is the portable one).
bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
        || std::string_view("@%+=:,./-_").find(c) != std::string_view::npos;
}

}

std::string quote_word(std::string const& word)
{
    bool plain = !word.empty();
    for (char const c : word)
        plain = plain && is_plain(c);
    if (plain)
        return word;
    std::string quoted = "'";
    for (char const c : word)
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

std::string join_words(std::vector<std::string> const& words)
{
    std::string line;
    for (auto const& word : words)
        line += (line.empty() ? "" : " ") + quote_word(word);
    return line;
}

}
