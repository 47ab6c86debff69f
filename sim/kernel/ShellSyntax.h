#pragma once

// The shell's grammar (POSIX, Shell Command Language, 2.10) as far as lessons need it: a script becomes a tree. Words
// stay as they are written; they are expanded when their command runs.

#include "sim/core/Result.h"

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::kernel::shell {

struct Redirect {
    enum class Kind : std::uint8_t { Read, Write, Append, ReadWrite, Duplicate, Here };
    int fd { 0 };
    Kind kind { Kind::Read };
    std::string word; // file or descriptor; of Here the text, expanded when `expand` says so
    bool expand { true };
};

struct Node;
using NodePtr = std::shared_ptr<Node const>;

struct Node {
    enum class Kind : std::uint8_t {
        Simple,   // assignments, words, redirects
        Pipeline, // children joined by |
        And,      // children: left, right
        Or,
        Sequence,
        Background, // child
        If,         // children: condition, body, condition, body, …, and perhaps the else part
        For,        // variable, words; child
        While,      // children: condition, body
        Until,
        Case,     // words[0]; patterns[i] leads to children[i]
        Group,    // { … }
        Subshell, // ( … )
        Function, // variable: its name; child
    };
    Kind kind { Kind::Simple };
    std::vector<std::string> assignments;
    std::vector<std::string> words;
    std::deque<Redirect> redirects; // a here-document points into it until its line ends
    std::vector<NodePtr> children;
    std::vector<std::vector<std::string>> patterns;
    std::string variable;
    bool negated { false };        // "! pipeline"
    bool over_arguments { false }; // "for x" without "in"
};

// The Error's message is ash's: `syntax error: unexpected "fi"`.
Result<NodePtr> parse(std::string_view script);

// The length of the $…, ${…}, $(…), $((…)) or `…` that `text` begins with; 0 where its end is missing.
std::size_t expansion_length(std::string_view text);

}
