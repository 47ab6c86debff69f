#include "sim/core/PathPattern.h"

#include <algorithm>

namespace drydock {

bool PathPattern::is_pattern(std::string_view text)
{
    return text.find_first_of("*?[\\") != std::string_view::npos;
}

Result<PathPattern::Token> PathPattern::parse_class(std::string_view pattern, std::size_t& at)
{
    auto const open = [&] { return fail(ErrorKind::InvalidInput, "syntax error in pattern " + std::string(pattern)); };
    Token token { .kind = Kind::Class };
    token.negated = at < pattern.size() && (pattern[at] == '^' || pattern[at] == '!');
    if (token.negated)
        ++at;
    auto const character = [&]() -> std::optional<char> {
        if (at < pattern.size() && pattern[at] == '\\')
            ++at;
        return at < pattern.size() ? std::optional(pattern[at++]) : std::nullopt;
    };
    while (at < pattern.size() && (pattern[at] != ']' || token.ranges.empty())) {
        auto const low = character();
        if (!low)
            return open();
        auto high = low;
        if (at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
            ++at;
            high = character();
            if (!high)
                return open();
        }
        token.ranges.emplace_back(*low, *high);
    }
    if (at >= pattern.size())
        return open();
    ++at;
    return token;
}

Result<PathPattern> PathPattern::parse(std::string_view pattern, Stars stars)
{
    PathPattern result;
    auto& tokens = result.m_tokens;
    for (std::size_t at = 0; at < pattern.size();) {
        char const c = pattern[at++];
        if (c == '*' && stars == Stars::AcrossDirectories && at < pattern.size() && pattern[at] == '*') {
            ++at;
            bool const before_slash = at < pattern.size() && pattern[at] == '/';
            at += before_slash ? 1 : 0;
            tokens.push_back({ .kind = before_slash ? Kind::AnyDirectories : Kind::Anything });
        } else if (c == '*') {
            tokens.push_back({ .kind = Kind::AnyInName });
        } else if (c == '?') {
            tokens.push_back({ .kind = Kind::AnyOne });
        } else if (c == '[') {
            auto token = TRY(parse_class(pattern, at));
            tokens.push_back(std::move(token));
        } else if (c == '\\' && at == pattern.size()) {
            return fail(ErrorKind::InvalidInput, "syntax error in pattern " + std::string(pattern));
        } else {
            tokens.push_back({ .kind = Kind::Character, .character = c == '\\' ? pattern[at++] : c });
        }
    }
    return result;
}

bool PathPattern::fits(Token const& token, char c)
{
    switch (token.kind) {
    case Kind::Character: return c == token.character;
    case Kind::AnyOne:
    case Kind::AnyInName: return c != '/';
    case Kind::Class: {
        bool const within = std::any_of(token.ranges.begin(), token.ranges.end(),
            [c](auto const& range) { return range.first <= c && c <= range.second; });
        return c != '/' && within != token.negated;
    }
    case Kind::Anything:
    case Kind::AnyDirectories: return true;
    }
    return false;
}

// All places in the pattern where one could be after each character: no guess is ever taken back.
bool PathPattern::matches(std::string_view path) const
{
    auto const count = m_tokens.size();
    std::vector<bool> here(count + 1, false);
    // What matches nothing may be stepped over.
    auto const step_over = [&](std::vector<bool>& places, bool at_name) {
        for (std::size_t i = 0; i < count; ++i) {
            auto const kind = m_tokens[i].kind;
            bool const may
                = kind == Kind::AnyInName || kind == Kind::Anything || (kind == Kind::AnyDirectories && at_name);
            if (places[i] && may)
                places[i + 1] = true;
        }
    };
    here[0] = true;
    step_over(here, true);
    for (char const c : path) {
        std::vector<bool> next(count + 1, false);
        for (std::size_t i = 0; i < count; ++i) {
            if (!here[i] || !fits(m_tokens[i], c))
                continue;
            auto const kind = m_tokens[i].kind;
            bool const stays = kind == Kind::AnyInName || kind == Kind::Anything || kind == Kind::AnyDirectories;
            next[stays ? i : i + 1] = true;
        }
        here = std::move(next);
        step_over(here, c == '/');
    }
    return here[count];
}

Result<IgnoreList> IgnoreList::parse(std::string_view text)
{
    IgnoreList list;
    if (text.starts_with("\xEF\xBB\xBF")) // a byte order mark
        text.remove_prefix(3);
    auto const trim = [](std::string_view word) {
        auto const first = std::min(word.find_first_not_of(" \t\r"), word.size());
        auto const last = word.find_last_not_of(" \t\r");
        return word.substr(first, last == std::string_view::npos ? 0 : last - first + 1);
    };
    // As Go's filepath.Clean, without the slash in front: patterns are below the context's root.
    auto const clean = [](std::string_view pattern) {
        std::vector<std::string> parts;
        for (std::size_t at = 0; at <= pattern.size();) {
            auto const end = std::min(pattern.find('/', at), pattern.size());
            auto const part = pattern.substr(at, end - at);
            at = end + 1;
            if (part == ".." && !parts.empty())
                parts.pop_back();
            else if (!part.empty() && part != "." && part != "..")
                parts.emplace_back(part);
        }
        std::string joined;
        for (auto const& part : parts)
            joined += (joined.empty() ? "" : "/") + part;
        return joined;
    };
    int number = 0;
    while (!text.empty()) {
        auto const end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        if (line.starts_with('#'))
            continue;
        line = trim(line);
        bool const exception = line.starts_with('!');
        if (exception)
            line = trim(line.substr(1));
        auto const pattern = clean(line);
        if (pattern.empty())
            continue;
        auto parsed = PathPattern::parse(pattern, PathPattern::Stars::AcrossDirectories);
        if (!parsed)
            return fail(ErrorKind::InvalidInput,
                ".dockerignore line " + std::to_string(number) + ": " + parsed.error().message());
        list.m_lines.push_back({ std::move(*parsed), exception });
    }
    return list;
}

bool IgnoreList::ignores(std::string_view path) const
{
    bool ignored = false;
    for (auto const& line : m_lines) {
        if (line.exception != ignored)
            continue; // it could change nothing
        bool fits = line.pattern.matches(path);
        for (auto slash = path.find('/'); !fits && slash != std::string_view::npos; slash = path.find('/', slash + 1))
            fits = line.pattern.matches(path.substr(0, slash));
        if (fits)
            ignored = !line.exception;
    }
    return ignored;
}

bool IgnoreList::has_exceptions() const
{
    return std::any_of(m_lines.begin(), m_lines.end(), [](Line const& line) { return line.exception; });
}

}
