#pragma once

// The output of programs as a terminal shows it: colours and weights from escape sequences (ECMA-48, SGR), a carriage
// return that writes over the line, tabs. Everything else that a program could tell a terminal to do is dropped: what
// is printed is shown, not obeyed (docs/hardening.md).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::view {

// One of the eight colours of a terminal, in their order: black, red, green, yellow, blue, magenta, cyan, white.
struct Ink {
    std::optional<std::uint8_t> color;
    bool bold { false };
    bool operator==(Ink const&) const = default;
};

struct Run {
    std::string text; // UTF-8
    Ink ink;
    bool operator==(Run const&) const = default;
};

using StyledLine = std::vector<Run>;

std::string plain_text(StyledLine const&);

// Takes output in pieces, wherever they are cut.
class AnsiReader {
public:
    // The lines that are complete now; what is left stays as `pending()`.
    std::vector<StyledLine> read(std::string_view piece);
    StyledLine const& pending() const { return m_line; }
    // The next output begins on a line of its own.
    StyledLine end_line();

private:
    void take(char);
    void obey(std::string_view parameters, char final);
    void put(char);

    enum class State : std::uint8_t { Text, Escape, Sequence, Charset, Title };
    State m_state { State::Text };
    std::string m_parameters;
    Ink m_ink;
    StyledLine m_line;
    bool m_returned { false }; // a carriage return: the next character begins the line anew
    std::vector<StyledLine> m_done;
};

}
