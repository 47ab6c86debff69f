#include "engine/daemon/LogOptions.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>

namespace drydock::daemon {

namespace {

// Of the driver "local".
constexpr LogLimits limits_of_local { .file_size = 20 << 20, .files = 5 };

std::span<std::string_view const> options_of(std::string const& driver)
{
    static constexpr std::array<std::string_view, 8> of_json_file { "compress", "env", "env-regex", "labels",
        "labels-regex", "max-file", "max-size", "tag" };
    static constexpr std::array<std::string_view, 3> of_local { "compress", "max-file", "max-size" };
    return driver == "local" ? std::span<std::string_view const>(of_local) : of_json_file;
}

std::optional<std::string> option(LogOptions const& options, char const* name)
{
    auto const found = options.find(name);
    return found == options.end() ? std::nullopt : std::optional(found->second);
}

// "10m", "1.5 GB": `unit` is 1000 where docker counts as disks are sold, 1024 where it counts memory.
Result<std::uint64_t> parse_size(std::string const& text, double unit)
{
    static constexpr std::string_view prefixes = "kmgtp";
    auto const invalid = fail(ErrorKind::InvalidInput, "invalid size: '" + text + "'");
    double number = 0;
    auto const [rest, error]
        = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    std::string suffix(rest, text.data() + text.size());
    std::transform(suffix.begin(), suffix.end(), suffix.begin(), [](unsigned char c) { return std::tolower(c); });
    if (error != std::errc() || !std::isfinite(number) || std::signbit(number))
        return invalid;
    if (suffix.starts_with(' '))
        suffix.erase(0, 1);
    auto const power = suffix.empty() ? std::string_view::npos : prefixes.find(suffix.front());
    if (power != std::string_view::npos)
        suffix.erase(0, 1);
    if (suffix != "" && suffix != "b" && suffix != "ib" && suffix != "i")
        return invalid;
    auto const bytes
        = power == std::string_view::npos ? number : number * std::pow(unit, static_cast<double>(power + 1));
    if (bytes >= std::ldexp(1.0, 63))
        return invalid;
    return static_cast<std::uint64_t>(bytes);
}

Result<int> parse_count(std::string const& text)
{
    int number = 0;
    auto const* const begin = text.data() + (text.starts_with('+') ? 1 : 0);
    auto const [end, error] = std::from_chars(begin, text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        return fail(ErrorKind::InvalidInput, "strconv.Atoi: parsing \"" + text + "\": invalid syntax");
    return number;
}

Result<bool> parse_flag(std::string const& text)
{
    static constexpr std::array<std::string_view, 6> yes { "1", "t", "T", "true", "TRUE", "True" };
    static constexpr std::array<std::string_view, 6> no { "0", "f", "F", "false", "FALSE", "False" };
    if (std::find(yes.begin(), yes.end(), text) != yes.end())
        return true;
    if (std::find(no.begin(), no.end(), text) != no.end())
        return false;
    return fail(ErrorKind::InvalidInput, "strconv.ParseBool: parsing \"" + text + "\": invalid syntax");
}

Result<LogLimits> limits_of_json_file(LogOptions const& options)
{
    LogLimits limits;
    if (auto const size = option(options, "max-size")) {
        limits.file_size = TRY(parse_size(*size, 1000));
        if (limits.file_size == 0)
            return fail(ErrorKind::InvalidInput, "max-size must be a positive number");
    }
    if (auto const count = option(options, "max-file")) {
        auto const files = TRY(parse_count(*count));
        if (files < 1)
            return fail(ErrorKind::InvalidInput, "max-file cannot be less than 1");
        limits.files = static_cast<std::size_t>(files);
    }
    auto const compress = option(options, "compress");
    if (compress && TRY(parse_flag(*compress)) && (limits.files == 1 || limits.file_size == 0))
        return fail(
            ErrorKind::InvalidInput, "compress cannot be true when max-file is less than 2 or max-size is not set");
    return limits;
}

Result<LogLimits> limits_of_local_driver(LogOptions const& options)
{
    auto limits = limits_of_local;
    if (auto const size = option(options, "max-size"))
        limits.file_size
            = std::max<std::uint64_t>(1, TRY_WITH("invalid value for max-size: " + *size, parse_size(*size, 1000)));
    if (auto const count = option(options, "max-file")) {
        auto const files = TRY_WITH("invalid value for max-file: " + *count, parse_count(*count));
        if (files < 0)
            return fail(ErrorKind::InvalidInput, "max file count cannot be less than 0");
        limits.files = static_cast<std::size_t>(std::max(files, 1));
    }
    auto const compress = option(options, "compress");
    bool const compresses = !compress || TRY_WITH("error reading compress log option", parse_flag(*compress));
    if (compresses && limits.files == 1)
        return fail(ErrorKind::InvalidInput, "compression cannot be enabled when max file count is 1");
    return limits;
}

}

Result<void> check_log_options(std::string const& driver, LogOptions const& options)
{
    if (driver != "json-file" && driver != "local" && driver != "none")
        return fail(ErrorKind::InvalidInput,
            "error looking up logging plugin " + driver + ": plugin \"" + driver + "\" not found");
    auto const mode = option(options, "mode").value_or("");
    if (mode != "" && mode != "blocking" && mode != "non-blocking")
        return fail(ErrorKind::InvalidInput, "logger: logging mode not supported: " + mode);
    if (auto const size = option(options, "max-buffer-size")) {
        if (mode != "non-blocking")
            return fail(
                ErrorKind::InvalidInput, "logger: max-buffer-size option is only supported with 'mode=non-blocking'");
        TRY_WITH("error parsing option max-buffer-size", parse_size(*size, 1024));
    }
    if (driver == "none")
        return {}; // has no options, and dockerd passes over what is said
    auto const known = options_of(driver);
    for (auto const& [name, value] : options) {
        if (name != "mode" && name != "max-buffer-size" && std::find(known.begin(), known.end(), name) == known.end())
            return fail(ErrorKind::InvalidInput,
                "unknown log opt '" + name + "' for "
                    + (driver == "local" ? "log driver local" : driver + " log driver"));
    }
    return {};
}

Result<LogLimits> log_limits(std::string const& driver, LogOptions const& options)
{
    if (driver == "none")
        return LogLimits {};
    return TRY_WITH("failed to initialize logging driver",
        driver == "local" ? limits_of_local_driver(options) : limits_of_json_file(options));
}

std::vector<std::string> warnings_about_log(LogOptions const& options)
{
    std::vector<std::string> warnings;
    for (auto const& [name, why] : { std::pair("compress", "what is rotated stays as it is"),
             std::pair("max-buffer-size", "a container waits until its output is kept"),
             std::pair("mode", "a container waits until its output is kept"),
             std::pair("tag", "no line carries a tag") }) {
        if (auto const given = option(options, name); given && given != "false" && given != "blocking")
            warnings.push_back(std::string("--log-opt ") + name + " has no effect: " + why);
    }
    return warnings;
}

}
