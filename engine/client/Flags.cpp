#include "engine/client/Flags.h"

#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace drydock::client {

namespace {

bool is_true(std::string_view text)
{
    return text != "false" && text != "0" && text != "f" && text != "FALSE" && text != "False";
}

bool is_integer(std::string_view text)
{
    std::int64_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
}

std::optional<double> parse_decimal(std::string_view text)
{
    double value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

std::string shown(Flag const& flag)
{
    std::string const name = "--" + std::string(flag.name);
    return flag.letter == 0 ? name : std::string("-") + flag.letter + ", " + name;
}

// Why the text is no value for this flag; nothing where it is one.
std::optional<std::string> complaint(FlagKind kind, std::string const& text)
{
    switch (kind) {
    case FlagKind::Switch:
    case FlagKind::Text:
    case FlagKind::List: return std::nullopt;
    case FlagKind::Number:
        if (is_integer(text))
            return std::nullopt;
        return "strconv.ParseInt: parsing \"" + text + "\": invalid syntax";
    case FlagKind::Size:
        if (parse_size(text))
            return std::nullopt;
        return "invalid size: '" + text + "'";
    case FlagKind::Decimal:
        if (parse_decimal(text))
            return std::nullopt;
        return "failed to parse " + text + " as a rational number";
    }
    return std::nullopt;
}

}

std::optional<std::int64_t> parse_size(std::string_view text)
{
    auto const digits = text.find_first_not_of("0123456789.");
    auto const value = parse_decimal(text.substr(0, digits));
    if (!value || *value < 0)
        return std::nullopt;
    std::string unit;
    for (char const c : digits == std::string_view::npos ? std::string_view() : text.substr(digits))
        unit.push_back(static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c));
    static std::map<std::string_view, double> const factors { { "", 1 }, { "b", 1 }, { "k", 0x1p10 }, { "kb", 0x1p10 },
        { "kib", 0x1p10 }, { "m", 0x1p20 }, { "mb", 0x1p20 }, { "mib", 0x1p20 }, { "g", 0x1p30 }, { "gb", 0x1p30 },
        { "gib", 0x1p30 }, { "t", 0x1p40 }, { "tb", 0x1p40 }, { "tib", 0x1p40 } };
    auto const factor = factors.find(unit);
    if (factor == factors.end() || *value * factor->second >= 0x1p62)
        return std::nullopt;
    return static_cast<std::int64_t>(*value * factor->second);
}

std::int64_t swap_limit(std::string_view text)
{
    return text == "-1" ? -1 : parse_size(text).value_or(0);
}

std::optional<Duration> parse_go_duration(std::string const& text)
{
    static std::map<std::string_view, double> const units { { "ns", 1 }, { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 },
        { "m", 60e9 }, { "h", 3600e9 } };
    double total = 0;
    char const* at = text.c_str();
    if (*at == '\0')
        return std::nullopt;
    while (*at != '\0') {
        char* end = nullptr;
        double const value = std::strtod(at, &end);
        std::string name;
        for (at = end; std::isalpha(static_cast<unsigned char>(*at)) != 0; ++at)
            name += *at;
        auto const unit = units.find(name);
        if (unit == units.end())
            return std::nullopt;
        total += value * unit->second;
    }
    return Duration(std::llround(total));
}

bool Arguments::is_set(std::string_view flag) const
{
    auto const found = m_values.find(std::string(flag));
    return found != m_values.end() && is_true(found->second.back());
}

std::string Arguments::text(std::string_view flag) const
{
    auto const found = m_values.find(std::string(flag));
    return found == m_values.end() ? std::string() : found->second.back();
}

std::vector<std::string> Arguments::list(std::string_view flag) const
{
    auto const found = m_values.find(std::string(flag));
    return found == m_values.end() ? std::vector<std::string>() : found->second;
}

std::int64_t Arguments::number(std::string_view flag, std::int64_t absent) const
{
    std::string const value = text(flag);
    std::int64_t number = absent;
    std::from_chars(value.data(), value.data() + value.size(), number);
    return number;
}

class FlagReader {
public:
    FlagReader(std::span<Flag const> flags, std::span<std::string const> words)
        : m_flags(flags)
        , m_words(words)
    {
    }

    Result<Arguments> read(FlagOrder order)
    {
        while (m_at < m_words.size()) {
            std::string const& word = m_words[m_at++];
            if (word == "--")
                return take_rest();
            if (word.starts_with("--")) {
                TRY(read_long(word.substr(2)));
            } else if (word.size() > 1 && word[0] == '-') {
                TRY(read_letters(word));
            } else {
                m_arguments.m_positional.push_back(word);
                if (order == FlagOrder::BeforeWords)
                    return take_rest();
            }
        }
        return std::move(m_arguments);
    }

private:
    Result<Arguments> take_rest()
    {
        m_arguments.m_positional.insert(
            m_arguments.m_positional.end(), m_words.begin() + static_cast<std::ptrdiff_t>(m_at), m_words.end());
        return std::move(m_arguments);
    }

    Result<void> read_long(std::string const& text)
    {
        auto const equals = text.find('=');
        std::string const name = text.substr(0, equals);
        for (auto const& flag : m_flags) {
            if (flag.name != name)
                continue;
            if (equals != std::string::npos)
                return store(flag, text.substr(equals + 1));
            if (flag.kind == FlagKind::Switch)
                return store(flag, "true");
            if (m_at == m_words.size())
                return fail(ErrorKind::InvalidInput, "flag needs an argument: --" + name);
            return store(flag, m_words[m_at++]);
        }
        return fail(ErrorKind::InvalidInput, "unknown flag: --" + name);
    }

    // "-it", "-n5", "-n=5", "-n 5"
    Result<void> read_letters(std::string const& word)
    {
        for (std::size_t i = 1; i < word.size(); ++i) {
            auto const* flag = by_letter(word[i]);
            if (flag == nullptr)
                return fail(
                    ErrorKind::InvalidInput, std::string("unknown shorthand flag: '") + word[i] + "' in " + word);
            if (flag->kind == FlagKind::Switch) {
                if (i + 1 < word.size() && word[i + 1] == '=')
                    return store(*flag, word.substr(i + 2));
                TRY(store(*flag, "true"));
                continue;
            }
            if (i + 1 < word.size())
                return store(*flag, word.substr(i + (word[i + 1] == '=' ? 2 : 1)));
            if (m_at == m_words.size())
                return fail(
                    ErrorKind::InvalidInput, std::string("flag needs an argument: '") + word[i] + "' in " + word);
            return store(*flag, m_words[m_at++]);
        }
        return {};
    }

    Flag const* by_letter(char letter) const
    {
        for (auto const& flag : m_flags) {
            if (flag.letter == letter)
                return &flag;
        }
        return nullptr;
    }

    Result<void> store(Flag const& flag, std::string value)
    {
        if (auto const why = complaint(flag.kind, value))
            return fail(ErrorKind::InvalidInput,
                "invalid argument \"" + value + "\" for \"" + shown(flag) + "\" flag: " + *why);
        m_arguments.m_values[std::string(flag.name)].push_back(std::move(value));
        return {};
    }

    std::span<Flag const> m_flags;
    std::span<std::string const> m_words;
    std::size_t m_at { 0 };
    Arguments m_arguments;
};

Result<Arguments> read_flags(std::span<Flag const> flags, std::span<std::string const> words, FlagOrder order)
{
    return FlagReader(flags, words).read(order);
}

}
