#include "engine/build/Dockerfile.h"

#include "engine/build/Words.h"
#include "sim/core/Verify.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace drydock::build {

namespace {

constexpr std::array keywords { "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK",
    "LABEL", "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR" };

bool is_one_of(std::string const& keyword, std::initializer_list<std::string_view> these)
{
    return std::find(these.begin(), these.end(), keyword) != these.end();
}

std::string_view without_leading_blanks(std::string_view text)
{
    auto const first = text.find_first_not_of(" \t\v\f\r");
    return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

bool is_comment(std::string_view line)
{
    return without_leading_blanks(line).starts_with('#');
}

// Takes "\" and blanks off the end; whether the line goes on. A doubled escape character is an ordinary one.
bool take_continuation(std::string& line, char escape)
{
    auto const last = line.find_last_not_of(" \t");
    if (last == std::string::npos || line[last] != escape || (last > 0 && line[last - 1] == escape))
        return false;
    line.resize(last);
    return true;
}

// "--flag" words in front; the rest stays in `text`.
std::vector<std::string> take_flags(std::string_view& text)
{
    std::vector<std::string> flags;
    while (true) {
        auto const rest = without_leading_blanks(text);
        if (!rest.starts_with("--"))
            return flags;
        auto const word = split_raw_words(rest, '\\').front();
        text = without_leading_blanks(rest.substr(word.size()));
        if (word == "--")
            return flags;
        auto const nothing = [](std::string const& name) { return std::optional("$" + name); };
        flags.push_back(expand(word, '\\', nothing).value_or(word));
    }
}

// A here-document's beginning: 0<<-"EOF". A number in front names the file descriptor, for the shell.
std::optional<Heredoc> heredoc_of(std::string_view word)
{
    auto const digits = word.find_first_not_of("0123456789");
    if (digits == std::string_view::npos || !word.substr(digits).starts_with("<<"))
        return std::nullopt;
    word.remove_prefix(digits + 2);
    Heredoc heredoc;
    heredoc.strips_tabs = word.starts_with('-');
    if (heredoc.strips_tabs)
        word.remove_prefix(1);
    if (word.empty() || word.find('<') != std::string_view::npos)
        return std::nullopt;
    auto const name = expand(word, '\\', [](std::string const& variable) { return std::optional("$" + variable); });
    if (!name || name->empty())
        return std::nullopt;
    heredoc.expands = *name == word;
    heredoc.name = *name;
    return heredoc;
}

// NAME value, or NAME=value …; a word for each name and each value.
Result<std::vector<std::string>> pairs(std::string const& keyword, std::string const& rest, char escape)
{
    auto const raw = split_raw_words(rest, escape);
    std::vector<std::string> words;
    if (raw.empty())
        return words;
    if (raw.front().find('=') == std::string::npos) {
        auto const blank = rest.find_first_of(" \t\v\f\r");
        if (blank == std::string::npos)
            return fail(ErrorKind::InvalidInput, keyword + " must have two arguments");
        words.push_back(rest.substr(0, blank));
        words.emplace_back(without_leading_blanks(std::string_view(rest).substr(blank)));
        return words;
    }
    for (auto const& word : raw) {
        auto const equals = word.find('=');
        if (equals == std::string::npos)
            return fail(ErrorKind::InvalidInput,
                "Syntax error - can't find = in \"" + word + "\". Must be of the form: name=value");
        words.push_back(word.substr(0, equals));
        words.push_back(word.substr(equals + 1));
    }
    return words;
}

// ["exec", "form"], or else: the text as one word, or split at blanks.
enum class Otherwise : std::uint8_t { OneWord, Words };

Result<void> take_json_or(Instruction& instruction, std::string const& rest, Otherwise otherwise)
{
    if (auto words = TRY(parse_json_words(rest))) {
        instruction.words = std::move(*words);
        instruction.exec_form = true;
    } else if (otherwise == Otherwise::Words) {
        instruction.words = split_blanks(rest);
    } else if (!rest.empty()) {
        instruction.words = { rest };
    }
    return {};
}

Result<void> take_healthcheck(Instruction& instruction, std::string const& rest)
{
    if (rest.empty())
        return {};
    auto const type = split_blanks(rest).front();
    TRY(take_json_or(instruction, trim(rest.substr(type.size())), Otherwise::OneWord));
    instruction.words.insert(instruction.words.begin(), upper_case(type));
    return {};
}

Result<void> take_words(Instruction& instruction, std::string const& rest, char escape)
{
    auto const& keyword = instruction.keyword;
    if (is_one_of(keyword, { "ENV", "LABEL" })) {
        instruction.words = TRY(pairs(keyword, rest, escape));
        return {};
    }
    if (keyword == "ARG") {
        instruction.words = split_raw_words(rest, escape);
        return {};
    }
    if (is_one_of(keyword, { "FROM", "EXPOSE" })) {
        instruction.words = split_blanks(rest);
        return {};
    }
    if (is_one_of(keyword, { "ADD", "COPY", "VOLUME" }))
        return take_json_or(instruction, rest, Otherwise::Words);
    if (is_one_of(keyword, { "RUN", "CMD", "ENTRYPOINT", "SHELL" }))
        return take_json_or(instruction, rest, Otherwise::OneWord);
    if (keyword == "HEALTHCHECK")
        return take_healthcheck(instruction, rest);
    if (!rest.empty())
        instruction.words = { rest };
    return {};
}

void find_heredocs(Instruction& instruction, std::string_view line, char escape)
{
    bool const may_have = is_one_of(instruction.keyword, { "RUN", "COPY", "ADD" })
        || (instruction.keyword == "ONBUILD" && !instruction.words.empty());
    if (!may_have || instruction.exec_form)
        return;
    for (auto const& word : split_raw_words(line, escape)) {
        if (auto heredoc = heredoc_of(word))
            instruction.heredocs.push_back(std::move(*heredoc));
    }
}

// The parser's state: where it is in the text.
class Parser {
public:
    explicit Parser(std::string_view text)
        : m_text(text)
    {
        if (m_text.starts_with("\xEF\xBB\xBF")) // a byte order mark
            m_text.remove_prefix(3);
    }

    Result<Dockerfile> run()
    {
        TRY(take_directives());
        while (auto const line = next_line()) {
            auto const first = m_line;
            std::string text(without_leading_blanks(*line));
            if (text.empty() || text.front() == '#')
                continue;
            join_continuation(text);
            auto instruction = parse_instruction(text, m_file.escape);
            if (!instruction)
                return fail(at_line(first, instruction.error()));
            instruction->line = first;
            TRY(take_heredocs(*instruction));
            instruction->last_line = m_line;
            m_file.instructions.push_back(std::move(*instruction));
        }
        if (m_file.instructions.empty())
            return fail(ErrorKind::InvalidInput, "file with no instructions");
        return std::move(m_file);
    }

private:
    std::optional<std::string_view> next_line()
    {
        if (m_at >= m_text.size())
            return std::nullopt;
        auto const end = std::min(m_text.find('\n', m_at), m_text.size());
        auto line = m_text.substr(m_at, end - m_at);
        m_at = end + 1;
        ++m_line;
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        return line;
    }

    // "# escape=`" and "# syntax=…" before everything else. The syntax would be an image that reads the rest:
    // BuildKit's affair, and never fetched here.
    Result<void> take_directives()
    {
        while (true) {
            auto const begin = m_at;
            auto const line = next_line();
            auto const text = line ? without_leading_blanks(*line) : std::string_view();
            auto const equals = text.find('=');
            if (!text.starts_with('#') || equals == std::string_view::npos) {
                m_line -= line ? 1 : 0;
                m_at = begin;
                return {};
            }
            auto const name = upper_case(trim(text.substr(1, equals - 1)));
            bool const is_name = !name.empty()
                && std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0; });
            if (!is_name)
                return {}; // an ordinary comment: directives end here
            if (name == "ESCAPE")
                TRY(set_escape(trim(text.substr(equals + 1))));
        }
    }

    Result<void> set_escape(std::string const& value)
    {
        if (m_escape_set)
            return fail(
                at_line(m_line, Error(ErrorKind::InvalidInput, "only one escape parser directive can be used")));
        if (value.empty() || (value.front() != '\\' && value.front() != '`'))
            return fail(
                at_line(m_line, Error(ErrorKind::InvalidInput, "invalid ESCAPE '" + value + "'. Must be ` or \\")));
        m_file.escape = value.front();
        m_escape_set = true;
        return {};
    }

    // Comments and empty lines in between do not end the instruction.
    void join_continuation(std::string& text)
    {
        bool goes_on = take_continuation(text, m_file.escape);
        while (goes_on) {
            auto const line = next_line();
            if (!line)
                return;
            if (is_comment(*line) || without_leading_blanks(*line).empty())
                continue;
            std::string more(*line);
            goes_on = take_continuation(more, m_file.escape);
            text += more;
        }
    }

    Result<void> take_heredocs(Instruction& instruction)
    {
        for (auto& heredoc : instruction.heredocs) {
            while (true) {
                auto const line = next_line();
                if (!line)
                    return fail(at_line(instruction.line,
                        Error(ErrorKind::InvalidInput, "unterminated heredoc: no line is \"" + heredoc.name + "\"")));
                auto text = *line;
                if (heredoc.strips_tabs)
                    text.remove_prefix(std::min(text.find_first_not_of('\t'), text.size()));
                if (text == heredoc.name)
                    break;
                heredoc.content += std::string(text) + "\n";
            }
        }
        return {};
    }

    std::string_view m_text;
    std::size_t m_at { 0 };
    int m_line { 0 }; // of the line taken last
    bool m_escape_set { false };
    Dockerfile m_file;
};

}

Error at_line(int line, Error const& error)
{
    return Error(error.kind(), "dockerfile parse error line " + std::to_string(line) + ": " + error.message());
}

Result<Instruction> parse_instruction(std::string_view line, char escape)
{
    Instruction instruction;
    instruction.original = trim(line);
    if (instruction.original.empty())
        return fail(ErrorKind::InvalidInput, "an empty instruction");
    auto const keyword = split_blanks(instruction.original).front();
    instruction.keyword = upper_case(keyword);
    if (std::find(keywords.begin(), keywords.end(), instruction.keyword) == keywords.end())
        return fail(ErrorKind::InvalidInput, "unknown instruction: " + instruction.keyword);
    auto rest = without_leading_blanks(std::string_view(instruction.original).substr(keyword.size()));
    instruction.flags = take_flags(rest);
    TRY(take_words(instruction, std::string(rest), escape));
    find_heredocs(instruction, rest, escape);
    return instruction;
}

Result<Dockerfile> parse_dockerfile(std::string_view text)
{
    return Parser(text).run();
}

}
