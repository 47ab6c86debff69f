#pragma once

// Patterns over paths with slashes: Go's filepath.Match, which COPY uses (*, ?, [a-z], \x), and the lines of a
// .dockerignore, which know ** as well and have exceptions ("!"). Matching takes time in proportion to path and
// pattern, whatever the pattern.

#include "sim/core/Result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drydock {

class PathPattern {
public:
    // Whether "**" spans directories.
    enum class Stars : std::uint8_t { WithinNames, AcrossDirectories };
    static Result<PathPattern> parse(std::string_view pattern, Stars); // InvalidInput for an open "[" or a last "\"
    static bool is_pattern(std::string_view text);                     // holds any of * ? [ \ at all
    bool matches(std::string_view path) const;

private:
    enum class Kind : std::uint8_t { Character, AnyOne, Class, AnyInName, Anything, AnyDirectories };
    struct Token {
        Kind kind;
        char character { 0 };
        bool negated { false };
        std::vector<std::pair<char, char>> ranges {};
    };
    static bool fits(Token const&, char);
    static Result<Token> parse_class(std::string_view pattern, std::size_t& at);

    std::vector<Token> m_tokens;
};

// A .dockerignore: the last line that fits a path, or a directory above it, decides.
class IgnoreList {
public:
    static Result<IgnoreList> parse(std::string_view text); // InvalidInput names the line
    bool ignores(std::string_view path) const;              // "src/a.o", without leading slash
    // Below an ignored directory something may come back.
    bool has_exceptions() const;

private:
    struct Line {
        PathPattern pattern;
        bool exception { false };
    };
    std::vector<Line> m_lines;
};

}
