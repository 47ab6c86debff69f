#include "engine/registry/Challenge.h"

#include <algorithm>

namespace drydock::registry {

namespace {

class ChallengeParser {
public:
    explicit ChallengeParser(std::string_view text)
        : m_text(text)
    {
    }

    // challenge = scheme [ 1*SP parameter *( "," parameter ) ]; a word that no "=" follows is the next scheme.
    std::vector<Challenge> parse()
    {
        std::vector<Challenge> challenges;
        while (skip_separators()) {
            auto word = token();
            if (word.empty())
                break;
            if (!eat('=')) {
                challenges.push_back({ std::move(word), {} });
                continue;
            }
            auto value = peek() == '"' ? quoted() : token();
            if (!challenges.empty())
                challenges.back().parameters.emplace(std::move(word), std::move(value));
        }
        return challenges;
    }

private:
    char peek() const { return m_at < m_text.size() ? m_text[m_at] : '\0'; }
    bool eat(char c)
    {
        bool const there = peek() == c;
        m_at += there ? 1 : 0;
        return there;
    }
    bool skip_separators()
    {
        while (peek() == ' ' || peek() == '\t' || peek() == ',')
            ++m_at;
        return m_at < m_text.size();
    }
    // Names compare without case, and the values that stand without quotes ("true") lose nothing by it.
    std::string token()
    {
        auto const end = std::min(m_text.find_first_of(" \t,=\"", m_at), m_text.size());
        std::string word(m_text.substr(m_at, end - m_at));
        m_at = end;
        std::transform(word.begin(), word.end(), word.begin(),
            [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        return word;
    }
    std::string quoted()
    {
        std::string value;
        for (++m_at; m_at < m_text.size() && m_text[m_at] != '"'; ++m_at) {
            if (m_text[m_at] == '\\' && m_at + 1 < m_text.size())
                ++m_at;
            value += m_text[m_at];
        }
        ++m_at;
        return value;
    }

    std::string_view m_text;
    std::size_t m_at { 0 };
};

}

std::string Challenge::get(std::string const& name) const
{
    auto const found = parameters.find(name);
    return found == parameters.end() ? std::string() : found->second;
}

std::vector<Challenge> parse_challenges(std::string_view header)
{
    return ChallengeParser(header).parse();
}

}
