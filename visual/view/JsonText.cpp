#include "visual/view/JsonText.h"

#include <algorithm>

namespace drydock::view {

namespace {

bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

// Breaks the text at brackets and commas that stand outside of strings.
class JsonPrinter {
public:
    explicit JsonPrinter(std::string_view text)
        : m_text(text)
    {
    }

    std::vector<JsonLine> print()
    {
        while (m_at < m_text.size())
            step(m_text[m_at]);
        finish_line();
        for (auto const open : m_open) // the text ended before they did
            m_lines[open].last = m_lines.size() - 1;
        return std::move(m_lines);
    }

private:
    void step(char c)
    {
        if (c == '"')
            m_now.text += take_string();
        else if (c == '{' || c == '[')
            open(c);
        else if (c == '}' || c == ']')
            close(c);
        else if (c == ',')
            end_member();
        else if (c == ':')
            end_key();
        else if (is_blank(c))
            ++m_at;
        else
            m_now.text += m_text[m_at++];
    }

    std::string take_string()
    {
        auto const begin = m_at++;
        while (m_at < m_text.size() && m_text[m_at] != '"')
            m_at += m_text[m_at] == '\\' ? std::size_t { 2 } : std::size_t { 1 };
        m_at = std::min(m_at + 1, m_text.size());
        return std::string(m_text.substr(begin, m_at - begin));
    }

    void open(char c)
    {
        ++m_at;
        skip_blanks();
        auto const closing = c == '{' ? '}' : ']';
        m_now.text += c;
        if (m_at < m_text.size() && m_text[m_at] == closing) {
            m_now.text += m_text[m_at++];
            return end_top_level();
        }
        m_open.push_back(m_lines.size());
        finish_line();
    }

    void close(char c)
    {
        ++m_at;
        finish_line();
        if (!m_open.empty()) {
            m_lines[m_open.back()].last = m_lines.size();
            m_open.pop_back();
        }
        m_now.text = c;
        end_top_level();
    }

    void end_member()
    {
        ++m_at;
        m_now.text += ',';
        finish_line();
    }

    void end_key()
    {
        ++m_at;
        if (m_now.key.empty() && !m_open.empty()) {
            m_now.key = m_now.text + ": ";
            m_now.text.clear();
        } else {
            m_now.text += ':';
        }
    }

    // The next value of a stream begins on a line of its own.
    void end_top_level()
    {
        if (m_open.empty())
            finish_line();
    }

    void finish_line()
    {
        if (m_now.text.empty() && m_now.key.empty())
            return;
        bool const opens = !m_open.empty() && m_open.back() == m_lines.size();
        m_now.depth = m_open.size() - (opens ? 1 : 0);
        m_now.last = m_lines.size();
        m_lines.push_back(std::move(m_now));
        m_now = {};
    }

    void skip_blanks()
    {
        while (m_at < m_text.size() && is_blank(m_text[m_at]))
            ++m_at;
    }

    std::string_view m_text;
    std::size_t m_at { 0 };
    JsonLine m_now;
    std::vector<std::size_t> m_open; // lines whose bracket is open
    std::vector<JsonLine> m_lines;
};

}

std::vector<JsonLine> json_lines(std::string_view text)
{
    auto const begin = text.find_first_not_of(" \r\n\t");
    if (begin != std::string_view::npos && (text[begin] == '{' || text[begin] == '['))
        return JsonPrinter(text).print();
    std::vector<JsonLine> lines;
    while (!text.empty()) {
        auto const end = std::min(text.find('\n'), text.size());
        lines.push_back({ .key = {}, .text = std::string(text.substr(0, end)), .last = lines.size() });
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

}
