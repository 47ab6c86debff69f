#include "engine/client/DockerClient.h"

namespace drydock::client {

namespace {

// One word being read: quotes join what stands beside them ("a'b c'd" is one word).
class Splitter {
public:
    Splitter(std::string_view line, CommandOutput const& output_of)
        : m_line(line)
        , m_output_of(output_of)
    {
    }

    Result<std::vector<std::string>> split()
    {
        while (m_at < m_line.size())
            TRY(step(m_line[m_at++]));
        end_word();
        return std::move(m_words);
    }

private:
    Result<void> step(char c)
    {
        if (c == ' ' || c == '\t' || c == '\n')
            end_word();
        else if (c == '\'' || c == '"')
            return quoted(c);
        else if (c == '\\' && m_at < m_line.size())
            append(m_line[m_at++]);
        else if (is_substitution(c))
            split_output(TRY(output_of_command()));
        else
            append(c);
        return {};
    }

    // Inside single quotes nothing is special; inside double quotes a backslash escapes \, ", $ and ` (POSIX 2.2.3).
    Result<void> quoted(char quote)
    {
        m_in_word = true;
        while (m_at < m_line.size()) {
            char const c = m_line[m_at++];
            if (c == quote)
                return {};
            if (quote == '"' && is_substitution(c)) {
                m_word += TRY(output_of_command());
                continue;
            }
            bool const escapes = quote == '"' && c == '\\' && m_at < m_line.size()
                && std::string_view("\\\"$`").find(m_line[m_at]) != std::string_view::npos;
            append(escapes ? m_line[m_at++] : c);
        }
        return fail(ErrorKind::InvalidInput, std::string("the quote ") + quote + " is never closed");
    }

    // Command substitution, POSIX 2.6.3: the output without its last newlines; outside quotes its words are words.
    bool is_substitution(char c) const { return m_output_of && c == '$' && m_line.substr(m_at).starts_with('('); }

    Result<std::string> output_of_command()
    {
        auto const begin = ++m_at; // behind the parenthesis
        std::size_t depth = 1;
        char quote = 0;
        for (; m_at < m_line.size() && depth > 0; ++m_at) {
            char const c = m_line[m_at];
            if (quote != 0)
                quote = c == quote ? '\0' : quote;
            else if (c == '\'' || c == '"')
                quote = c;
            else if (c == '(' || c == ')')
                c == '(' ? ++depth : --depth;
        }
        if (depth > 0)
            return fail(ErrorKind::InvalidInput, "$( is never closed");
        auto output = TRY(m_output_of(m_line.substr(begin, m_at - 1 - begin)));
        output.erase(output.find_last_not_of('\n') + 1);
        return output;
    }

    void split_output(std::string const& output)
    {
        for (char const c : output) {
            if (c == ' ' || c == '\t' || c == '\n')
                end_word();
            else
                append(c);
        }
    }

    void append(char c)
    {
        m_in_word = true;
        m_word.push_back(c);
    }

    void end_word()
    {
        if (m_in_word)
            m_words.push_back(std::move(m_word));
        m_word.clear();
        m_in_word = false;
    }

    std::string_view m_line;
    CommandOutput const& m_output_of;
    std::size_t m_at { 0 };
    std::string m_word;
    bool m_in_word { false };
    std::vector<std::string> m_words;
};

}

Result<std::vector<std::string>> split_words(std::string_view line, CommandOutput const& output_of)
{
    return Splitter(line, output_of).split();
}

}
