#pragma once

// Word expansion (POSIX, Shell Command Language, 2.6): parameters, command output, arithmetic; then field splitting,
// pathnames and quote removal.

#include "sim/kernel/Shell.h"

namespace drydock::kernel::shell {

// ash's words on what cannot be expanded: "x: parameter not set", "arithmetic syntax error".
struct ExpansionFailed {
    std::string message;
};

class Expander {
public:
    explicit Expander(Shell& shell)
        : m_shell(shell)
    {
    }
    std::vector<std::string> fields(std::vector<std::string> const& words);
    std::string text(std::string_view word);    // no splitting, no pathnames: assignments, redirections, case words
    std::string pattern(std::string_view word); // as text, with what was quoted kept from matching specially
    std::string here_document(std::string_view text);

private:
    struct Field {
        std::string text;
        std::string pattern;   // the same for pathname expansion, what was quoted escaped
        bool exists { false }; // also when it is empty, as "" is
        bool has_wildcard { false };
    };
    enum class Quoted : std::uint8_t { No, Yes };

    void walk(std::string_view word, Quoted);
    std::size_t walk_double_quoted(std::string_view text);
    void expand(std::string_view expansion, Quoted);
    void expand_parameter(std::string_view parameter, Quoted);
    void expand_braced(std::string_view inside, Quoted);
    void expand_arguments(bool joined, Quoted);
    void trim(std::string value, std::string_view operation, std::string_view word, Quoted);
    void add(std::string_view value, Quoted);
    void add_char(char, Quoted);
    void add_split(std::string_view value);
    void end_field();
    std::optional<std::string> value_of(std::string const& parameter);
    std::string require(std::string const& parameter);
    std::int64_t arithmetic(std::string_view expression);
    std::vector<std::string> pathnames(Field const&);

    Shell& m_shell;
    bool m_splits { true };
    Field m_field;
    std::vector<Field> m_fields;
};

}
