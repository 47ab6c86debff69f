// Applets that work on text.

#include "sim/kernel/Applet.h"
#include "sim/oci/Digest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace drydock::kernel {

namespace {

// "a\tb" with its escapes resolved, as echo -e, printf and tr read them; stops at \c.
std::string unescape(std::string_view text, bool* stopped = nullptr)
{
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            result += text[i];
            continue;
        }
        char const c = text[++i];
        static constexpr std::string_view letters = "abfnrtv\\";
        static constexpr std::string_view meanings = "\a\b\f\n\r\t\v\\";
        if (auto const at = letters.find(c); at != std::string_view::npos) {
            result += meanings[at];
        } else if (c == 'c' && stopped != nullptr) {
            *stopped = true;
            return result;
        } else if (c >= '0' && c <= '7') {
            int value = 0;
            std::size_t const end = std::min(text.size(), i + (c == '0' ? 4 : 3));
            for (; i < end && text[i] >= '0' && text[i] <= '7'; ++i)
                value = value * 8 + (text[i] - '0');
            --i;
            result += static_cast<char>(value);
        } else {
            result += '\\';
            result += c;
        }
    }
    return result;
}

int echo(System& system, Args const& args)
{
    bool newline = true;
    bool escapes = false;
    std::size_t i = 1;
    for (; i < args.size() && args[i].size() > 1 && args[i][0] == '-'
         && args[i].find_first_not_of("neE", 1) == std::string::npos;
         ++i) {
        newline = newline && args[i].find('n') == std::string::npos;
        escapes = escapes || args[i].find('e') != std::string::npos;
    }
    std::string text;
    for (auto at = i; at < args.size(); ++at)
        text += (at > i ? " " : "") + args[at];
    bool stopped = false;
    system.print(escapes ? unescape(text, &stopped) : text);
    if (newline && !stopped)
        system.print("\n");
    return 0;
}

// One conversion of printf: "%-5s" with its argument.
std::string convert(System& system, Args const& args, std::string spec, std::string const& argument, int& status)
{
    char const letter = spec.back();
    std::array<char, 512> buffer {};
    if (letter == 's' || letter == 'b' || letter == 'c') {
        auto const text = letter == 'b' ? unescape(argument) : letter == 'c' ? argument.substr(0, 1) : argument;
        // Width and precision, by hand: the format is the user's.
        auto const dot = spec.find('.');
        auto shown = dot == std::string::npos
            ? text
            : text.substr(0, static_cast<std::size_t>(std::atoi(spec.c_str() + dot + 1)));
        bool const left = spec.find('-') != std::string::npos;
        auto const width = static_cast<std::size_t>(std::abs(std::atoi(spec.c_str() + 1)));
        if (shown.size() < width)
            shown.insert(left ? shown.size() : 0, width - shown.size(), ' ');
        return shown;
    }
    char* end = nullptr;
    auto const value = std::strtoll(argument.c_str(), &end, 0);
    if (*end != '\0') {
        system.complain(fmt::format("sh: invalid number '{}'\n", argument));
        status = 1;
    }
    spec.insert(spec.size() - 1, "ll");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    std::snprintf(
        buffer.data(), buffer.size(), spec.c_str(), value); // only d i o u x X get here, with flags and digits
#pragma GCC diagnostic pop
    (void)args;
    return buffer.data();
}

int printf_program(System& system, Args const& args)
{
    if (args.size() < 2) {
        system.complain("sh: usage: printf FORMAT [ARGUMENT...]\n");
        return 2;
    }
    auto const& format = args[1];
    std::size_t next = 2;
    int status = 0;
    do {
        std::string literal;
        for (std::size_t i = 0; i < format.size(); ++i) {
            if (format[i] != '%') {
                literal += format[i];
                continue;
            }
            if (i + 1 < format.size() && format[i + 1] == '%') {
                literal += format[++i];
                continue;
            }
            auto const end = format.find_first_not_of("-+ #0123456789.", i + 1);
            if (end == std::string::npos || std::string_view("diouxXsbc").find(format[end]) == std::string_view::npos
                || end - i > 12) {
                system.complain("sh: " + format.substr(i) + ": invalid format\n");
                return 1;
            }
            system.print(unescape(std::exchange(literal, {})));
            auto const argument = next < args.size() ? args[next++] : std::string();
            system.print(convert(system, args, format.substr(i, end - i + 1), argument, status));
            i = end;
        }
        system.print(unescape(literal));
    } while (next < args.size() && next > 2);
    return status;
}

// What most of the following say about a file that cannot be read: "NAME: FILE: No such file or directory".
auto report(System& system, Args const& args, int& status)
{
    return [&](std::string const& file, Error const& error) {
        status = complain(system, args, file + ": " + reason_of(error));
    };
}

int head(System& system, Args const& args)
{
    Options const options(args, "n:c:q0123456789");
    auto const lines = parse_integer(options.value('n', "10")).value_or(10);
    int status = 0;
    bool first = true;
    auto const& files = options.operands();
    // Reads no further than it has to, so that an endless writer gets its SIGPIPE.
    auto const show = [&](int fd) {
        std::int64_t left = options.has('c') ? parse_integer(options.value('c')).value_or(0) : lines;
        std::array<char, 1024> buffer {};
        while (left > 0) {
            auto const count = system.read(fd, buffer);
            if (!count || *count == 0)
                break;
            std::size_t end = 0;
            for (; end < *count && left > 0; ++end)
                left -= options.has('c') || buffer[end] == '\n' ? 1 : 0;
            system.print({ buffer.data(), end });
        }
    };
    if (files.empty())
        show(0);
    for (auto const& file : files) {
        auto const fd = file == "-" ? Result<int>(0) : system.open(file, open_to_read);
        if (!fd) {
            status = complain(system, args, file + ": " + reason_of(fd.error()));
            continue;
        }
        if (files.size() > 1)
            system.print(fmt::format("{}==> {} <==\n", std::exchange(first, false) ? "" : "\n", file));
        show(*fd);
        if (*fd != 0)
            system.close(*fd);
    }
    return status;
}

int tail(System& system, Args const& args)
{
    Options const options(args, "n:c:f");
    auto const wanted = options.value('n', "10");
    bool const from_start = wanted.starts_with('+');
    auto const count = static_cast<std::size_t>(std::max<std::int64_t>(
        0, parse_integer(wanted.substr(from_start || wanted.starts_with('-') ? 1 : 0)).value_or(10)));
    int status = 0;
    bool first = true;
    for_each_input(
        system, options.operands(),
        [&](std::string const& file, std::string const& text) {
            if (options.operands().size() > 1)
                system.print(fmt::format("{}==> {} <==\n", std::exchange(first, false) ? "" : "\n", file));
            auto const lines = lines_of(text);
            auto const begin = from_start ? std::min(count == 0 ? 0 : count - 1, lines.size())
                                          : lines.size() - std::min(count, lines.size());
            for (auto i = begin; i < lines.size(); ++i)
                system.print(lines[i] + (i + 1 == lines.size() && !text.ends_with('\n') ? "" : "\n"));
        },
        [&](std::string const& file, Error const& error) {
            status = complain(system, args, fmt::format("can't open '{}': {}", file, reason_of(error)));
        });
    if (status != 0 && options.operands().size() == 1)
        complain(system, args, "no files");
    // Follows one growing file, a look each second, as tail -f does without inotify.
    while (options.has('f') && !options.operands().empty() && status == 0) {
        auto const size = system.stat(options.operands()[0]).value_or(Attributes {}).size;
        if (!system.sleep(std::chrono::seconds(1)))
            break;
        if (auto const text = system.read_file(options.operands()[0]); text && text->size() > size) {
            system.print(text->substr(static_cast<std::size_t>(size)));
            system.flush();
        }
    }
    return status;
}

int wc(System& system, Args const& args)
{
    Options const options(args, "lwcm");
    bool const all = !options.has('l') && !options.has('w') && !options.has('c') && !options.has('m');
    std::array<std::uint64_t, 3> totals {};
    int status = 0;
    bool const alone = (options.has('l') ? 1 : 0) + (options.has('w') ? 1 : 0) + (options.has('c') ? 1 : 0) == 1;
    auto const show = [&](std::array<std::uint64_t, 3> const& counts, std::string const& name) {
        std::string line;
        std::array<bool, 3> const wanted { all || options.has('l'), all || options.has('w'),
            all || options.has('c') || options.has('m') };
        for (std::size_t i = 0; i < 3; ++i) {
            if (wanted[i])
                line += alone && options.operands().size() < 2
                    ? std::to_string(counts[i])
                    : fmt::format("{}{:9}", line.empty() ? "" : " ", counts[i]);
        }
        system.print(line + (name.empty() ? "" : " " + name) + "\n");
    };
    for_each_input(
        system, options.operands(),
        [&](std::string const& file, std::string const& text) {
            std::array<std::uint64_t, 3> counts { 0, 0, text.size() };
            bool in_word = false;
            for (char const c : text) {
                counts[0] += c == '\n' ? 1 : 0;
                bool const space = std::isspace(static_cast<unsigned char>(c)) != 0;
                counts[1] += !space && !in_word ? 1 : 0;
                in_word = !space;
            }
            for (std::size_t i = 0; i < 3; ++i)
                totals[i] += counts[i];
            show(counts, file);
        },
        report(system, args, status));
    if (options.operands().size() > 1)
        show(totals, "total");
    return status;
}

// grep's basic patterns as far as "simple" goes: literals, ".", "x*", "[set]", "^" and "$".
bool matches_here(std::string_view pattern, std::string_view text, bool fold);

bool matches_one(std::string_view piece, char c, bool fold)
{
    auto const lower
        = [&](char x) { return fold ? static_cast<char>(std::tolower(static_cast<unsigned char>(x))) : x; };
    if (piece == ".")
        return true;
    if (piece.size() == 2 && piece[0] == '\\')
        return lower(piece[1]) == lower(c);
    if (piece[0] == '[')
        return matches_pattern(piece, std::string_view(&c, 1));
    return lower(piece[0]) == lower(c);
}

bool matches_here(std::string_view pattern, std::string_view text, bool fold)
{
    if (pattern.empty())
        return true;
    if (pattern == "$")
        return text.empty();
    std::size_t length = 1;
    if (pattern[0] == '\\' && pattern.size() > 1)
        length = 2;
    else if (auto const close = pattern.find(']', 2); pattern[0] == '[' && close != std::string_view::npos)
        length = close + 1;
    auto const piece = pattern.substr(0, length);
    auto const rest = pattern.substr(length);
    if (rest.starts_with('*')) {
        for (std::size_t taken = 0;; ++taken) {
            if (matches_here(rest.substr(1), text.substr(taken), fold))
                return true;
            if (taken == text.size() || !matches_one(piece, text[taken], fold))
                return false;
        }
    }
    return !text.empty() && matches_one(piece, text[0], fold) && matches_here(rest, text.substr(1), fold);
}

bool grep_matches(std::string const& pattern, std::string_view line, Options const& options)
{
    bool const fold = options.has('i');
    std::string quoted;
    if (options.has('F')) {
        for (char const c : pattern)
            quoted += std::isalnum(static_cast<unsigned char>(c)) != 0 ? std::string(1, c) : std::string("\\") + c;
    }
    std::string_view text = options.has('F') ? quoted : pattern;
    if (text.starts_with('^') && !options.has('F'))
        return matches_here(text.substr(1), line, fold);
    for (std::size_t at = 0; at <= line.size(); ++at) {
        if (matches_here(text, line.substr(at), fold))
            return true;
    }
    return false;
}

int grep(System& system, Args const& args)
{
    Options const options(args, "invcqlFEhHse:");
    auto operands = options.operands();
    auto pattern = options.value('e');
    if (!options.has('e')) {
        if (operands.empty())
            return usage(system, args, "[-ivncqlFhH] PATTERN [FILE]...") + 1;
        pattern = operands.front();
        operands.erase(operands.begin());
    }
    bool matched = false;
    int status = 0;
    bool const names = (operands.size() > 1 && !options.has('h')) || options.has('H');
    for_each_input(
        system, operands,
        [&](std::string const& file, std::string const& text) {
            auto const prefix = names ? file + ":" : "";
            int count = 0;
            int number = 0;
            for (auto const& line : lines_of(text)) {
                ++number;
                if (grep_matches(pattern, line, options) == options.has('v'))
                    continue;
                matched = true;
                ++count;
                if (!options.has('q') && !options.has('c') && !options.has('l'))
                    system.print(prefix + (options.has('n') ? std::to_string(number) + ":" : "") + line + "\n");
            }
            if (options.has('c'))
                system.print(fmt::format("{}{}\n", prefix, count));
            if (options.has('l') && count > 0)
                system.print(file + "\n");
        },
        [&](std::string const& file, Error const& error) {
            if (!options.has('s'))
                complain(system, args, file + ": " + reason_of(error));
            status = 2;
        });
    return status != 0 ? status : matched ? 0 : 1;
}

int sort_program(System& system, Args const& args)
{
    Options const options(args, "nrufk:t:");
    std::vector<std::string> lines;
    int status = 0;
    for_each_input(
        system, options.operands(),
        [&](std::string const&, std::string const& text) {
            auto const more = lines_of(text);
            lines.insert(lines.end(), more.begin(), more.end());
        },
        [&](std::string const& file, Error const& error) {
            status = complain(system, args, file + ": " + reason_of(error));
        });
    if (status != 0)
        return 2;
    auto const separator = options.value('t', " ").front();
    auto const key_index = static_cast<std::size_t>(std::max(1, std::atoi(options.value('k', "1").c_str())) - 1);
    auto const key = [&](std::string const& line) {
        std::string_view rest = line;
        for (std::size_t skipped = 0; skipped < key_index && options.has('k'); ++skipped)
            rest.remove_prefix(std::min(rest.find(separator), rest.size() - 1) + 1);
        return rest;
    };
    auto const less = [&](std::string const& a, std::string const& b) {
        if (options.has('n')) {
            auto const x = std::strtod(std::string(key(a)).c_str(), nullptr);
            auto const y = std::strtod(std::string(key(b)).c_str(), nullptr);
            if (x != y)
                return x < y;
        } else if (key(a) != key(b)) {
            return key(a) < key(b);
        }
        return a < b;
    };
    std::sort(lines.begin(), lines.end(), less);
    if (options.has('r'))
        std::reverse(lines.begin(), lines.end());
    if (options.has('u'))
        lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
    for (auto const& line : lines)
        system.print(line + "\n");
    return 0;
}

int uniq(System& system, Args const& args)
{
    Options const options(args, "cdu");
    int status = 0;
    for_each_input(
        system, options.operands(),
        [&](std::string const&, std::string const& text) {
            auto const lines = lines_of(text);
            for (std::size_t i = 0; i < lines.size();) {
                std::size_t end = i;
                while (end < lines.size() && lines[end] == lines[i])
                    ++end;
                bool const repeated = end - i > 1;
                if (!(options.has('d') && !repeated) && !(options.has('u') && repeated))
                    system.print(options.has('c') ? fmt::format("{:7} {}\n", end - i, lines[i]) : lines[i] + "\n");
                i = end;
            }
        },
        report(system, args, status));
    return status;
}

// "1,3-5,7-" as a test for membership.
bool in_list(std::string_view list, std::size_t number)
{
    while (!list.empty()) {
        auto const comma = list.find(',');
        auto const range = list.substr(0, comma);
        auto const dash = range.find('-');
        auto const first = static_cast<std::size_t>(parse_integer(range.substr(0, dash)).value_or(1));
        auto const last = dash == std::string_view::npos
            ? first
            : static_cast<std::size_t>(parse_integer(range.substr(dash + 1)).value_or(INT64_MAX));
        if (first <= number && number <= last)
            return true;
        list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    }
    return false;
}

std::string cut_line(std::string const& line, Options const& options)
{
    if (!options.has('f')) {
        std::string kept;
        auto const list = options.value('c', options.value('b'));
        for (std::size_t i = 0; i < line.size(); ++i)
            kept += in_list(list, i + 1) ? std::string(1, line[i]) : "";
        return kept;
    }
    auto const delimiter = options.value('d', "\t");
    if (line.find(delimiter) == std::string::npos)
        return line;
    std::string kept;
    bool first = true;
    std::size_t number = 1;
    for (std::size_t at = 0; at != std::string::npos; ++number) {
        auto const end = line.find(delimiter, at);
        if (in_list(options.value('f'), number))
            kept += (std::exchange(first, false) ? "" : delimiter)
                + line.substr(at, end == std::string::npos ? end : end - at);
        at = end == std::string::npos ? end : end + 1;
    }
    return kept;
}

int cut(System& system, Args const& args)
{
    Options const options(args, "f:d:c:b:s");
    if (!options.has('f') && !options.has('c') && !options.has('b'))
        return complain(system, args, "expected a list of bytes, characters, or fields");
    int status = 0;
    for_each_input(
        system, options.operands(),
        [&](std::string const&, std::string const& text) {
            for (auto const& line : lines_of(text))
                system.print(cut_line(line, options) + "\n");
        },
        report(system, args, status));
    return status;
}

// "a-z", "[:upper:]", "\n" spelled out.
std::string tr_set(std::string const& spec)
{
    static std::map<std::string, int (*)(int)> const classes { { "[:upper:]", ::isupper }, { "[:lower:]", ::islower },
        { "[:digit:]", ::isdigit }, { "[:alpha:]", ::isalpha }, { "[:alnum:]", ::isalnum }, { "[:space:]", ::isspace },
        { "[:punct:]", ::ispunct } };
    if (auto const found = classes.find(spec); found != classes.end()) {
        std::string set;
        for (int c = 0; c < 128; ++c)
            set += found->second(c) != 0 ? std::string(1, static_cast<char>(c)) : "";
        return set;
    }
    auto const text = unescape(spec);
    auto const byte = [&](std::size_t at) -> int { return static_cast<unsigned char>(text[at]); };
    std::string set;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i + 2 < text.size() && text[i + 1] == '-' && byte(i) <= byte(i + 2)) {
            for (int c = byte(i); c <= byte(i + 2); ++c)
                set += static_cast<char>(c);
            i += 2;
        } else {
            set += text[i];
        }
    }
    return set;
}

int tr(System& system, Args const& args)
{
    Options const options(args, "dscC");
    auto const& operands = options.operands();
    if (operands.empty())
        return usage(system, args, "[-cds] STRING1 [STRING2]");
    auto const from = tr_set(operands[0]);
    auto const to = operands.size() > 1 ? tr_set(operands[1]) : std::string();
    bool const complement = options.has('c') || options.has('C');
    std::string result;
    std::optional<char> squeezed;
    for (char const c : system.read_all(0).value_or(std::string())) {
        auto const at = from.find(c);
        bool const in_set = (at != std::string::npos) != complement;
        if (in_set && options.has('d'))
            continue;
        char mapped = c;
        if (in_set && !to.empty())
            mapped = complement ? to.back() : to[std::min(at, to.size() - 1)];
        bool const may_squeeze = options.has('s') && in_set;
        if (may_squeeze && squeezed == mapped)
            continue;
        squeezed = may_squeeze ? std::optional(mapped) : std::nullopt;
        result += mapped;
    }
    system.print(result);
    return 0;
}

int seq(System& system, Args const& args)
{
    Options const options(args, "ws:0123456789");
    std::vector<std::int64_t> numbers;
    for (std::size_t i = 1; i < args.size(); ++i) {
        if (args[i] == "-w" || args[i] == "-s") {
            i += args[i] == "-s" ? 1U : 0U;
            continue;
        }
        auto const number = parse_integer(args[i]);
        if (!number)
            return complain(system, args, fmt::format("invalid number '{}'", args[i]));
        numbers.push_back(*number);
    }
    if (numbers.empty() || numbers.size() > 3)
        return usage(system, args, "[-w] [-s SEP] [FIRST [INC]] LAST");
    auto const first = numbers.size() > 1 ? numbers.front() : 1;
    auto const step = numbers.size() > 2 ? numbers[1] : 1;
    std::size_t const width = options.has('w') ? std::to_string(numbers.back()).size() : 0;
    bool begun = false;
    for (auto i = first; step > 0 ? i <= numbers.back() : step < 0 && i >= numbers.back(); i += step)
        system.print(fmt::format("{}{:0{}}", std::exchange(begun, true) ? options.value('s', "\n") : "", i, width));
    if (begun)
        system.print("\n");
    return 0;
}

int yes(System& system, Args const& args)
{
    std::string line;
    for (std::size_t i = 1; i < args.size(); ++i)
        line += (i > 1 ? " " : "") + args[i];
    line = (args.size() > 1 ? line : "y") + "\n";
    std::string block;
    while (block.size() < 4096)
        block += line;
    while (system.write(1, block)) { }
    return 1;
}

int sha256sum(System& system, Args const& args)
{
    int status = 0;
    Options const options(args, "");
    for_each_input(
        system, options.operands(),
        [&](std::string const& file, std::string const& text) {
            system.print(fmt::format("{}  {}\n", oci::Digest::of(text).hex(), file.empty() ? "-" : file));
        },
        [&](std::string const& file, Error const& error) {
            status = complain(system, args, fmt::format("can't open '{}': {}", file, reason_of(error)));
        });
    return status;
}

int tee(System& system, Args const& args)
{
    Options const options(args, "a");
    std::vector<int> files;
    int status = 0;
    for (auto const& path : options.operands()) {
        auto const fd = system.open(path, options.has('a') ? open_to_append : open_to_write);
        if (fd)
            files.push_back(*fd);
        else
            status = complain(system, args, path + ": " + reason_of(fd.error()));
    }
    std::array<char, 4096> buffer {};
    for (auto count = system.read(0, buffer); count && *count > 0; count = system.read(0, buffer)) {
        (void)system.write(1, { buffer.data(), *count });
        for (int const fd : files)
            (void)system.write(fd, { buffer.data(), *count });
    }
    return status;
}

}

void add_text_applets(ProgramTable& table)
{
    table.insert({ { "echo", echo }, { "printf", printf_program }, { "head", head }, { "tail", tail }, { "wc", wc },
        { "grep", grep }, { "sort", sort_program }, { "uniq", uniq }, { "cut", cut }, { "tr", tr }, { "seq", seq },
        { "yes", yes }, { "sha256sum", sha256sum }, { "tee", tee } });
}

}
