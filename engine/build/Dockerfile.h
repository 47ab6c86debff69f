#pragma once

// A Dockerfile read into instructions (Dockerfile reference, "Format"). Reading is one pass over the lines: parser
// directives at the top, comments, lines continued with the escape character, here-documents. What an instruction
// means comes later; here it only has a keyword, flags and arguments.

#include "sim/core/Result.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace drydock::build {

// RUN <<EOF, COPY <<EOF /file
struct Heredoc {
    std::string name;
    bool expands { true };      // its name was not quoted: variables in it are replaced
    bool strips_tabs { false }; // <<-
    std::string content;        // the tabs are gone already
};

struct Instruction {
    std::string keyword;  // "RUN", upper case
    std::string original; // the whole on one line, as docker shows it
    int line { 0 };       // from 1
    int last_line { 0 };
    std::vector<std::string> flags; // "--from=build"
    std::vector<std::string> words; // as the keyword splits them; quotes and variables still in them
    bool exec_form { false };       // the words came from a JSON array
    std::vector<Heredoc> heredocs;
};

struct Dockerfile {
    char escape { '\\' };
    std::vector<Instruction> instructions;
};

// InvalidInput with "dockerfile parse error line N: …".
Result<Dockerfile> parse_dockerfile(std::string_view text);
// One instruction by itself: an ONBUILD trigger, `docker commit --change`.
Result<Instruction> parse_instruction(std::string_view line, char escape = '\\');

Error at_line(int line, Error const&);

}
