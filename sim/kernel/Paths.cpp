#include "sim/kernel/Paths.h"

#include <system_error>

namespace drydock::kernel {

std::vector<std::string> path_components(std::string_view path)
{
    std::vector<std::string> components;
    while (!path.empty()) {
        auto const slash = path.find('/');
        auto const name = path.substr(0, slash);
        if (!name.empty() && name != ".")
            components.emplace_back(name);
        path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    }
    return components;
}

std::string join_path(std::string_view directory, std::string_view name)
{
    std::string joined(directory);
    if (!joined.ends_with('/'))
        joined += '/';
    return joined.append(name);
}

std::string base_name(std::string_view path)
{
    auto const last = path.find_last_not_of('/');
    if (last == std::string_view::npos)
        return path.empty() ? "" : "/";
    path = path.substr(0, last + 1);
    auto const slash = path.rfind('/');
    return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

std::string directory_name(std::string_view path)
{
    auto const last = path.find_last_not_of('/');
    if (last == std::string_view::npos)
        return path.empty() ? "." : "/";
    auto const slash = path.rfind('/', last);
    if (slash == std::string_view::npos)
        return ".";
    auto const end = path.find_last_not_of('/', slash);
    return end == std::string_view::npos ? "/" : std::string(path.substr(0, end + 1));
}

namespace {

// Matches `c` against the bracket expression at the head of `pattern` and takes it off; a lone "[" is itself.
bool matches_bracket(std::string_view& pattern, char c)
{
    auto rest = pattern.substr(1);
    bool const inverted = !rest.empty() && (rest.front() == '!' || rest.front() == '^');
    if (inverted)
        rest.remove_prefix(1);
    auto const close = rest.find(']', 1);
    if (close == std::string_view::npos) {
        pattern.remove_prefix(1);
        return c == '[';
    }
    auto const set = rest.substr(0, close);
    pattern = rest.substr(close + 1);
    bool found = false;
    for (std::size_t i = 0; i < set.size(); ++i) {
        if (i + 2 < set.size() && set[i + 1] == '-') {
            found = found || (set[i] <= c && c <= set[i + 2]);
            i += 2;
        } else {
            found = found || set[i] == c;
        }
    }
    return found != inverted;
}

}

bool matches_pattern(std::string_view pattern, std::string_view text)
{
    while (!pattern.empty()) {
        if (pattern.front() == '*') {
            pattern.remove_prefix(1);
            for (std::size_t skipped = 0; skipped <= text.size(); ++skipped) {
                if (matches_pattern(pattern, text.substr(skipped)))
                    return true;
            }
            return false;
        }
        if (text.empty())
            return false;
        if (pattern.front() == '[') {
            if (!matches_bracket(pattern, text.front()))
                return false;
        } else if (pattern.front() == '?') {
            pattern.remove_prefix(1);
        } else {
            if (pattern.front() == '\\' && pattern.size() > 1)
                pattern.remove_prefix(1);
            if (pattern.front() != text.front())
                return false;
            pattern.remove_prefix(1);
        }
        text.remove_prefix(1);
    }
    return text.empty();
}

std::string reason_of(Error const& error)
{
    return error.errno_code() != 0 ? std::generic_category().message(error.errno_code()) : error.message();
}

}
