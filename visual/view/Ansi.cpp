#include "visual/view/Ansi.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace drydock::view {

namespace {

constexpr std::size_t longest_sequence = 64, tab_width = 8;
constexpr char escape = 0x1b, bell = 0x07, rubout = 0x7f;

std::size_t length_of(StyledLine const& line)
{
    std::size_t length = 0;
    for (auto const& run : line)
        length += run.text.size();
    return length;
}

}

std::string plain_text(StyledLine const& line)
{
    std::string text;
    for (auto const& run : line)
        text += run.text;
    return text;
}

std::vector<StyledLine> AnsiReader::read(std::string_view piece)
{
    for (char const c : piece)
        take(c);
    return std::exchange(m_done, {});
}

StyledLine AnsiReader::end_line()
{
    m_state = State::Text;
    m_ink = {};
    m_returned = false;
    return std::exchange(m_line, {});
}

void AnsiReader::take(char c)
{
    switch (m_state) {
    case State::Escape:
        m_parameters.clear();
        // "ESC [" begins a sequence, "ESC ]" a title, "ESC (" chooses a character set; the others are over.
        m_state = c == '[' ? State::Sequence : c == ']' ? State::Title : c == '(' ? State::Charset : State::Text;
        return;
    case State::Charset: m_state = State::Text; return;
    case State::Sequence:
        if (c >= 0x40 && c <= 0x7e) {
            obey(m_parameters, c);
            m_state = State::Text;
        } else if (m_parameters.size() < longest_sequence) {
            m_parameters += c;
        } else {
            m_state = State::Text;
        }
        return;
    case State::Title:
        if (c == bell || c == '\n' || c == escape)
            m_state = c == escape ? State::Escape : State::Text;
        return;
    case State::Text: break;
    }
    if (c == escape) {
        m_state = State::Escape;
    } else if (c == '\n') {
        m_returned = false;
        m_done.push_back(std::exchange(m_line, {}));
    } else if (c == '\r') {
        m_returned = true;
    } else if (c == '\t') {
        for (auto spaces = tab_width - length_of(m_line) % tab_width; spaces > 0; --spaces)
            put(' ');
    } else if (c == '\b') {
        if (!m_line.empty() && !m_line.back().text.empty())
            m_line.back().text.pop_back();
    } else if (static_cast<unsigned char>(c) >= 0x20 && c != rubout) {
        put(c);
    }
}

void AnsiReader::put(char c)
{
    if (std::exchange(m_returned, false))
        m_line.clear();
    if (m_line.empty() || m_line.back().ink != m_ink)
        m_line.push_back({ {}, m_ink });
    m_line.back().text += c;
}

// Only "select graphic rendition" is obeyed.
void AnsiReader::obey(std::string_view parameters, char final)
{
    if (final == 'K' && m_returned)
        m_line.clear();
    if (final != 'm')
        return;
    if (parameters.empty())
        m_ink = {};
    while (!parameters.empty()) {
        auto const end = std::min(parameters.find(';'), parameters.size());
        int code = 0;
        std::from_chars(parameters.data(), parameters.data() + end, code);
        if (code == 0)
            m_ink = {};
        else if (code == 1)
            m_ink.bold = true;
        else if (code == 22)
            m_ink.bold = false;
        else if (code >= 30 && code <= 37)
            m_ink.color = static_cast<std::uint8_t>(code - 30);
        else if (code >= 90 && code <= 97)
            m_ink.color = static_cast<std::uint8_t>(code - 90);
        else if (code == 39)
            m_ink.color.reset();
        parameters.remove_prefix(std::min(end + 1, parameters.size()));
    }
}

}
