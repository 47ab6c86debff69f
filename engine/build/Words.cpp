#include "engine/build/Words.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace drydock::build {

namespace {

bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

bool begins_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool continues_name(char c)
{
    return begins_name(c) || (c >= '0' && c <= '9');
}

// Walks over one text once and collects words on the way.
class Expander {
public:
    Expander(std::string_view text, char escape, Variables const& variables)
        : m_text(text)
        , m_escape(escape)
        , m_variables(variables)
    {
    }

    // Up to `stop`, or to the end where it is 0.
    Result<std::string> run(char stop = 0, int depth = 0)
    {
        if (depth > 32)
            return fail(ErrorKind::LimitExceeded, "variables nested more than 32 deep");
        std::string result;
        while (m_at < m_text.size()) {
            char const c = m_text[m_at];
            if (stop != 0 && c == stop)
                return result;
            if (c == '\'')
                TRY(single_quoted(result));
            else if (c == '"')
                TRY(double_quoted(result, depth));
            else if (c == '$')
                TRY(variable(result, true, depth));
            else if (c == m_escape)
                escaped(result);
            else if (stop == 0 && is_blank(c))
                end_word(result);
            else
                put(result, c);
            if (result.size() > expansion_limit)
                return fail(ErrorKind::LimitExceeded,
                    "a word becomes longer than " + std::to_string(expansion_limit) + " bytes");
        }
        if (stop != 0)
            return fail(ErrorKind::InvalidInput, "unexpected end of statement while looking for matching \"}\"");
        return result;
    }

    std::vector<std::string> take_words()
    {
        if (m_in_word)
            m_words.push_back(std::move(m_word));
        return std::move(m_words);
    }

private:
    void put(std::string& result, char c)
    {
        result += c;
        m_word += c;
        m_in_word = true;
        ++m_at;
    }
    void put_text(std::string& result, std::string const& text, bool splits)
    {
        result += text;
        for (char const c : text) {
            if (splits && is_blank(c)) {
                finish_word();
                continue;
            }
            m_word += c;
            m_in_word = true;
        }
    }
    void end_word(std::string& result)
    {
        result += m_text[m_at++];
        finish_word();
    }
    void finish_word()
    {
        if (m_in_word)
            m_words.push_back(std::move(m_word));
        m_word.clear();
        m_in_word = false;
    }

    Result<void> single_quoted(std::string& result)
    {
        auto const end = m_text.find('\'', m_at + 1);
        if (end == std::string_view::npos)
            return fail(ErrorKind::InvalidInput, "unexpected end of statement while looking for matching single-quote");
        m_in_word = true;
        put_text(result, std::string(m_text.substr(m_at + 1, end - m_at - 1)), false);
        m_at = end + 1;
        return {};
    }

    Result<void> double_quoted(std::string& result, int depth)
    {
        m_in_word = true;
        ++m_at;
        while (m_at < m_text.size() && m_text[m_at] != '"') {
            char const c = m_text[m_at];
            char const next = m_at + 1 < m_text.size() ? m_text[m_at + 1] : '\0';
            if (c == '$') {
                TRY(variable(result, false, depth));
                continue;
            }
            // Inside double quotes the escape character only takes the meaning of what has one there.
            if (c == m_escape && (next == '"' || next == '$' || next == m_escape))
                ++m_at;
            put(result, m_text[m_at]);
        }
        if (m_at >= m_text.size())
            return fail(ErrorKind::InvalidInput, "unexpected end of statement while looking for matching double-quote");
        ++m_at;
        return {};
    }

    void escaped(std::string& result)
    {
        if (m_at + 1 == m_text.size()) {
            ++m_at; // nothing to escape: it goes
            return;
        }
        ++m_at;
        put(result, m_text[m_at]);
    }

    Result<void> variable(std::string& result, bool splits, int depth)
    {
        ++m_at;
        if (m_at < m_text.size() && m_text[m_at] == '{') {
            put_text(result, TRY(braced(depth)), splits);
            return {};
        }
        auto const name = take_name();
        if (name.empty()) {
            put_text(result, "$", false);
            return {};
        }
        put_text(result, m_variables(name).value_or(""), splits);
        return {};
    }

    std::string take_name()
    {
        auto const begin = m_at;
        if (m_at < m_text.size() && m_text[m_at] >= '0' && m_text[m_at] <= '9')
            ++m_at; // $1 is one digit, as the shell has it
        else if (m_at < m_text.size() && begins_name(m_text[m_at]))
            while (m_at < m_text.size() && continues_name(m_text[m_at]))
                ++m_at;
        return std::string(m_text.substr(begin, m_at - begin));
    }

    Result<std::string> braced(int depth)
    {
        ++m_at; // the brace
        auto const name = take_name();
        if (name.empty())
            return fail(ErrorKind::InvalidInput, "syntax error: bad substitution");
        if (m_at >= m_text.size())
            return fail(ErrorKind::InvalidInput, "unexpected end of statement while looking for matching \"}\"");
        auto const value = m_variables(name);
        if (m_text[m_at] == '}') {
            ++m_at;
            return value.value_or("");
        }
        bool const empty_counts_as_unset = m_text[m_at] == ':';
        if (empty_counts_as_unset)
            ++m_at;
        char const operation = m_at < m_text.size() ? m_text[m_at++] : '\0';
        if (operation != '-' && operation != '+' && operation != '?')
            return fail(ErrorKind::InvalidInput,
                "unsupported modifier in substitution of ${" + name + "}: there are :-, :+ and :?");
        Expander inner(m_text.substr(m_at), m_escape, m_variables);
        auto const word = TRY(inner.run('}', depth + 1));
        m_at += inner.m_at + 1;
        bool const is_set = value && !(empty_counts_as_unset && value->empty());
        if (operation == '+')
            return is_set ? word : std::string();
        if (!is_set && operation == '?')
            return fail(ErrorKind::InvalidInput, name + ": " + (word.empty() ? "is not allowed to be unset" : word));
        return is_set ? *value : word;
    }

    std::string_view m_text;
    char m_escape;
    Variables const& m_variables;
    std::size_t m_at { 0 };
    std::vector<std::string> m_words;
    std::string m_word;
    bool m_in_word { false };
};

}

std::vector<std::string> split_blanks(std::string_view text)
{
    std::vector<std::string> words;
    for (std::size_t at = 0; at < text.size();) {
        if (is_blank(text[at])) {
            ++at;
            continue;
        }
        auto const begin = at;
        while (at < text.size() && !is_blank(text[at]))
            ++at;
        words.emplace_back(text.substr(begin, at - begin));
    }
    return words;
}

std::vector<std::string> split_raw_words(std::string_view text, char escape)
{
    std::vector<std::string> words;
    std::string word;
    char quote = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        char const c = text[at];
        if (quote == 0 && is_blank(c)) {
            if (!word.empty())
                words.push_back(std::exchange(word, {}));
            continue;
        }
        word += c;
        if (c == escape && quote != '\'' && at + 1 < text.size())
            word += text[++at];
        else if (quote == 0 && (c == '\'' || c == '"'))
            quote = c;
        else if (c == quote)
            quote = 0;
    }
    if (!word.empty())
        words.push_back(std::move(word));
    return words;
}

Result<std::string> expand(std::string_view word, char escape, Variables const& variables)
{
    return Expander(word, escape, variables).run();
}

Result<std::vector<std::string>> expand_to_words(std::string_view word, char escape, Variables const& variables)
{
    Expander expander(word, escape, variables);
    TRY(expander.run());
    return expander.take_words();
}

Result<std::optional<std::vector<std::string>>> parse_json_words(std::string_view text)
{
    auto const trimmed = trim(text);
    if (!trimmed.starts_with('['))
        return std::nullopt;
    auto const array = nlohmann::json::parse(trimmed, nullptr, false);
    if (!array.is_array())
        return std::nullopt;
    std::vector<std::string> words;
    for (auto const& element : array) {
        if (!element.is_string())
            return fail(ErrorKind::InvalidInput, "only string type is allowed in JSON array form");
        words.push_back(element.get<std::string>());
    }
    return words;
}

std::string quote_words(std::vector<std::string> const& words)
{
    std::string text = "[";
    for (auto const& word : words)
        text += (text.size() == 1 ? "" : " ")
            + nlohmann::json(word).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return text + "]";
}

std::string trim(std::string_view text)
{
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back()))
        text.remove_suffix(1);
    return std::string(text);
}

std::string upper_case(std::string_view text)
{
    std::string upper(text);
    std::transform(upper.begin(), upper.end(), upper.begin(),
        [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return upper;
}

}
