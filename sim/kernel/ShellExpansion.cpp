#include "sim/kernel/ShellExpansion.h"

#include "sim/kernel/Arithmetic.h"
#include "sim/kernel/Paths.h"

#include <algorithm>
#include <cctype>

namespace drydock::kernel::shell {

namespace {

constexpr std::string_view wildcards = "*?[";
constexpr std::string_view quoted_in_double = "$`\"\\\n"; // what a backslash quotes between double quotes

bool is_special(std::string_view name)
{
    return name.size() == 1 && std::string_view("#?$!@*-").find(name.front()) != std::string_view::npos;
}

}

std::vector<std::string> Expander::fields(std::vector<std::string> const& words)
{
    std::vector<std::string> result;
    for (auto const& word : words) {
        m_fields.clear();
        m_field = {};
        m_splits = true;
        walk(word, Quoted::No);
        end_field();
        for (auto const& field : m_fields) {
            auto names = field.has_wildcard ? pathnames(field) : std::vector<std::string> {};
            if (names.empty())
                names.push_back(field.text); // what matches nothing stays as it is
            result.insert(result.end(), names.begin(), names.end());
        }
    }
    return result;
}

std::string Expander::text(std::string_view word)
{
    m_fields.clear();
    m_field = {};
    m_splits = false;
    walk(word, Quoted::No);
    return std::move(m_field.text);
}

std::string Expander::pattern(std::string_view word)
{
    (void)text(word);
    return std::move(m_field.pattern);
}

std::string Expander::here_document(std::string_view document)
{
    m_field = {};
    m_splits = false;
    while (!document.empty()) {
        std::size_t length = 1;
        if (document.front() == '\\' && document.size() > 1
            && quoted_in_double.find(document[1]) != std::string_view::npos && document[1] != '"') {
            if (document[1] != '\n')
                add_char(document[1], Quoted::Yes);
            length = 2;
        } else if (document.front() == '$' || document.front() == '`') {
            length = std::max<std::size_t>(expansion_length(document), 1);
            expand(document.substr(0, length), Quoted::Yes);
        } else {
            add_char(document.front(), Quoted::Yes);
        }
        document.remove_prefix(length);
    }
    return std::move(m_field.text);
}

void Expander::walk(std::string_view word, Quoted quoted)
{
    if (quoted == Quoted::No && (word == "~" || word.starts_with("~/"))) {
        add(m_shell.lookup("HOME").value_or("/"), Quoted::Yes);
        word.remove_prefix(1);
    }
    while (!word.empty()) {
        char const c = word.front();
        std::size_t length = 1;
        if (c == '\'' && quoted == Quoted::No) {
            length = word.find('\'', 1) + 1;
            m_field.exists = true;
            add(word.substr(1, length - 2), Quoted::Yes);
        } else if (c == '"') {
            m_field.exists = m_field.exists || word.substr(1, 3) != "$@\"";
            length = 2 + walk_double_quoted(word.substr(1));
        } else if (c == '\\') {
            length = std::min<std::size_t>(2, word.size());
            if (length == 1 || word[1] != '\n')
                add_char(word[length - 1], Quoted::Yes);
        } else if (c == '$' || c == '`') {
            length = std::max<std::size_t>(expansion_length(word), 1);
            expand(word.substr(0, length), quoted);
        } else {
            add_char(c, quoted);
        }
        word.remove_prefix(std::min(length, word.size()));
    }
}

// Expands up to the closing quote; how far that is.
std::size_t Expander::walk_double_quoted(std::string_view text)
{
    std::size_t at = 0;
    while (at < text.size() && text[at] != '"') {
        std::size_t length = 1;
        if (text[at] == '\\' && at + 1 < text.size()) {
            length = 2;
            if (quoted_in_double.find(text[at + 1]) == std::string_view::npos)
                add_char('\\', Quoted::Yes);
            if (text[at + 1] != '\n')
                add_char(text[at + 1], Quoted::Yes);
        } else if (text[at] == '$' || text[at] == '`') {
            length = std::max<std::size_t>(expansion_length(text.substr(at)), 1);
            expand(text.substr(at, length), Quoted::Yes);
        } else {
            add_char(text[at], Quoted::Yes);
        }
        at += length;
    }
    return at;
}

void Expander::expand(std::string_view expansion, Quoted quoted)
{
    if (expansion.size() == 1) {
        add_char('$', quoted);
    } else if (expansion.starts_with("$((") && expansion.ends_with("))")) {
        add(std::to_string(arithmetic(expansion.substr(3, expansion.size() - 5))), quoted);
    } else if (expansion.starts_with("$(")) {
        add(m_shell.command_output(expansion.substr(2, expansion.size() - 3)), quoted);
    } else if (expansion.front() == '`') {
        std::string script;
        auto const inside = expansion.substr(1, expansion.size() - 2);
        for (std::size_t i = 0; i < inside.size(); ++i) {
            if (inside[i] == '\\' && i + 1 < inside.size()
                && std::string_view("$`\\").find(inside[i + 1]) != std::string_view::npos)
                ++i;
            script += inside[i];
        }
        add(m_shell.command_output(script), quoted);
    } else if (expansion.starts_with("${")) {
        expand_braced(expansion.substr(2, expansion.size() - 3), quoted);
    } else {
        expand_parameter(expansion.substr(1), quoted);
    }
}

void Expander::expand_parameter(std::string_view parameter, Quoted quoted)
{
    if (parameter == "@" || parameter == "*")
        expand_arguments(parameter == "*", quoted);
    else
        add(require(std::string(parameter)), quoted);
}

void Expander::expand_arguments(bool joined, Quoted quoted)
{
    for (std::size_t i = 0; i < m_shell.m_arguments.size(); ++i) {
        if (i > 0) {
            if (m_splits && (!joined || quoted == Quoted::No))
                end_field();
            else
                add_char(' ', quoted);
        }
        m_field.exists = m_field.exists || quoted == Quoted::Yes;
        add(m_shell.m_arguments[i], quoted);
    }
}

// ${name}, ${#name}, ${name:-word} and its kin.
void Expander::expand_braced(std::string_view inside, Quoted quoted)
{
    if (inside.size() > 1 && inside.front() == '#') {
        add(std::to_string(require(std::string(inside.substr(1))).size()), quoted);
        return;
    }
    std::size_t end = 0;
    while (end < inside.size() && (std::isalnum(static_cast<unsigned char>(inside[end])) != 0 || inside[end] == '_'))
        ++end;
    if (end == 0 && !inside.empty() && is_special(inside.substr(0, 1)))
        end = 1;
    std::string const name(inside.substr(0, end));
    auto rest = inside.substr(end);
    if (name.empty())
        throw ExpansionFailed { "syntax error: bad substitution" };
    if (rest.empty())
        return expand_parameter(name, quoted);
    bool const null_counts = rest.front() == ':';
    if (null_counts)
        rest.remove_prefix(1);
    auto const value = value_of(name);
    bool const is_set = value && !(null_counts && value->empty());
    char const operation = rest.empty() ? '\0' : rest.front();
    auto const word = rest.substr(std::min<std::size_t>(1, rest.size()));
    switch (operation) {
    case '-': is_set ? add(*value, quoted) : walk(word, quoted); break;
    case '+':
        if (is_set)
            walk(word, quoted);
        break;
    case '=':
        if (!is_set)
            m_shell.assign(name, Expander(m_shell).text(word));
        add(value_of(name).value_or(""), quoted);
        break;
    case '?': {
        if (is_set)
            return add(*value, quoted);
        auto const message = Expander(m_shell).text(word);
        throw ExpansionFailed { name + ": " + (message.empty() ? "parameter not set or null" : message) };
    }
    case '%':
    case '#': {
        bool const longest = word.starts_with(operation);
        trim(require(name), std::string(longest ? 2 : 1, operation), word.substr(longest ? 1 : 0), quoted);
        break;
    }
    default: throw ExpansionFailed { "syntax error: bad substitution" };
    }
}

void Expander::trim(std::string value, std::string_view operation, std::string_view word, Quoted quoted)
{
    auto const pattern = Expander(m_shell).pattern(word);
    bool const front = operation.front() == '#';
    bool const longest = operation.size() == 2;
    for (std::size_t i = 0; i <= value.size(); ++i) {
        auto const length = longest ? value.size() - i : i;
        auto const piece = front ? value.substr(0, length) : value.substr(value.size() - length);
        if (!matches_pattern(pattern, piece))
            continue;
        value = front ? value.substr(length) : value.substr(0, value.size() - length);
        break;
    }
    add(value, quoted);
}

std::optional<std::string> Expander::value_of(std::string const& parameter)
{
    if (parameter.find_first_not_of("0123456789") == std::string::npos) {
        auto const index = static_cast<std::size_t>(std::atoi(parameter.c_str()));
        if (index == 0)
            return m_shell.m_name;
        return index <= m_shell.m_arguments.size() ? std::optional(m_shell.m_arguments[index - 1]) : std::nullopt;
    }
    if (!is_special(parameter))
        return m_shell.lookup(parameter);
    switch (parameter.front()) {
    case '#': return std::to_string(m_shell.m_arguments.size());
    case '?': return std::to_string(m_shell.m_status);
    case '$': return std::to_string(m_shell.m_shell_pid);
    case '!': return m_shell.m_last_background == 0 ? "" : std::to_string(m_shell.m_last_background);
    case '-': return m_shell.exit_on_error ? "e" : "";
    default: break;
    }
    std::string joined;
    for (auto const& argument : m_shell.m_arguments)
        joined += (joined.empty() ? "" : " ") + argument;
    return joined;
}

std::string Expander::require(std::string const& parameter)
{
    auto value = value_of(parameter);
    if (!value && m_shell.unset_is_error)
        throw ExpansionFailed { parameter + ": parameter not set" };
    return value.value_or("");
}

std::int64_t Expander::arithmetic(std::string_view expression)
{
    auto const plain = Expander(m_shell).here_document(expression);
    auto const value = evaluate_arithmetic(
        plain, [this](std::string const& name) { return m_shell.lookup(name).value_or("0"); },
        [this](std::string const& name, std::int64_t result) { m_shell.assign(name, std::to_string(result)); });
    if (!value)
        throw ExpansionFailed { value.error().message() };
    return *value;
}

void Expander::add(std::string_view value, Quoted quoted)
{
    if (quoted == Quoted::No && m_splits)
        return add_split(value);
    for (char const c : value)
        add_char(c, quoted);
}

void Expander::add_char(char c, Quoted quoted)
{
    bool const is_wild = wildcards.find(c) != std::string_view::npos;
    if (c == '\\' || (is_wild && quoted == Quoted::Yes))
        m_field.pattern += '\\';
    m_field.has_wildcard = m_field.has_wildcard || (is_wild && quoted == Quoted::No);
    m_field.pattern += c;
    m_field.text += c;
    m_field.exists = true;
}

// Field splitting, POSIX 2.6.5: white space of IFS separates in any number, another character of IFS each time.
void Expander::add_split(std::string_view value)
{
    auto const separators = m_shell.lookup("IFS").value_or(" \t\n");
    bool ended_by_white = false;
    for (char const c : value) {
        if (separators.find(c) == std::string::npos) {
            add_char(c, Quoted::No);
            ended_by_white = false;
        } else if (c == ' ' || c == '\t' || c == '\n') {
            ended_by_white = ended_by_white || m_field.exists;
            end_field();
        } else {
            m_field.exists = m_field.exists || !ended_by_white;
            end_field();
            ended_by_white = false;
        }
    }
}

void Expander::end_field()
{
    if (m_field.exists)
        m_fields.push_back(std::move(m_field));
    m_field = {};
}

std::vector<std::string> Expander::pathnames(Field const& field)
{
    std::vector<std::string> found { field.pattern.starts_with('/') ? "/" : "" };
    for (auto const& component : path_components(field.pattern)) {
        std::vector<std::string> next;
        for (auto const& directory : found) {
            auto const join
                = [&](std::string const& name) { return directory.empty() ? name : join_path(directory, name); };
            if (component.find_first_of(wildcards) == std::string::npos) {
                if (m_shell.m_system.stat(join(component), Follow::No))
                    next.push_back(join(component));
                continue;
            }
            auto const entries = m_shell.m_system.list(directory.empty() ? "." : directory);
            if (!entries)
                continue;
            for (auto const& entry : *entries) {
                bool const hidden = entry.name.starts_with('.') && !component.starts_with('.');
                if (!hidden && matches_pattern(component, entry.name))
                    next.push_back(join(entry.name));
            }
        }
        found = std::move(next);
    }
    return found;
}

}
