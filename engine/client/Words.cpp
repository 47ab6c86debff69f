#include "engine/client/DockerClient.h"

namespace drydock::client {

namespace {

// One word being read: quotes join what stands beside them ("a'b c'd" is one word).
class Splitter {
public:
    explicit Splitter(std::string_view line)
        : m_line(line)
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
            bool const escapes = quote == '"' && c == '\\' && m_at < m_line.size()
                && std::string_view("\\\"$`").find(m_line[m_at]) != std::string_view::npos;
            append(escapes ? m_line[m_at++] : c);
        }
        return fail(ErrorKind::InvalidInput, std::string("the quote ") + quote + " is never closed");
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
    std::size_t m_at { 0 };
    std::string m_word;
    bool m_in_word { false };
    std::vector<std::string> m_words;
};

}

Result<std::vector<std::string>> split_words(std::string_view line)
{
    return Splitter(line).split();
}

}
