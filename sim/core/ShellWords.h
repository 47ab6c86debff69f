#pragma once

// Words joined into a line that a POSIX shell would split into the same words: how a command is shown.

#include <string>
#include <vector>

namespace drydock {

std::string quote_word(std::string const& word); // "a b" → "'a b'"
std::string join_words(std::vector<std::string> const& words);

}
