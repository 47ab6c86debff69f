#include "engine/daemon/Filters.h"

#include "engine/daemon/Json.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace drydock::daemon {

namespace {

Result<std::set<std::string>> values_of(json const& given)
{
    std::set<std::string> values;
    if (given.is_object()) {
        for (auto const& [value, on] : given.items()) {
            if (!on.is_boolean() || on.get<bool>())
                values.insert(value);
        }
        return values;
    }
    if (!given.is_array())
        return fail(ErrorKind::InvalidInput, "invalid filter");
    for (auto const& value : given) {
        if (!value.is_string())
            return fail(ErrorKind::InvalidInput, "invalid filter");
        values.insert(value.get<std::string>());
    }
    return values;
}

// `until` is a moment, or how long ago that was: "2026-01-05T09:00:00Z", "1767603600", "24h", "1h30m".
Result<Timestamp> moment(std::string const& text, Timestamp now)
{
    if (auto const time = parse_rfc3339(text))
        return *time;
    if (text.find_first_not_of("0123456789.") == std::string::npos && !text.empty())
        return Timestamp { std::atoll(text.c_str()) * nanoseconds_per_second };
    auto const refused = fail(ErrorKind::InvalidInput, "failed to parse value as time or duration: \"" + text + "\"");
    std::int64_t ago = 0;
    for (std::size_t at = 0; at < text.size();) {
        std::int64_t number = 0;
        auto const [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), number);
        auto const unit = static_cast<std::size_t>(end - text.data());
        if (error != std::errc() || number < 0 || number > 1'000'000 || unit == text.size())
            return refused;
        std::int64_t const seconds = text[unit] == 'h' ? 3600 : text[unit] == 'm' ? 60 : text[unit] == 's' ? 1 : 0;
        if (seconds == 0)
            return refused;
        ago += number * seconds;
        at = unit + 1;
    }
    return Timestamp { now.nanoseconds - ago * nanoseconds_per_second };
}

}

Result<Filters> Filters::parse(std::string_view text, std::span<std::string_view const> known)
{
    Filters filters;
    if (text.empty())
        return filters;
    auto const parsed = parse_json(text);
    if (!parsed || !parsed->is_object())
        return fail(ErrorKind::InvalidInput, "invalid filter");
    for (auto const& [key, given] : parsed->items()) {
        if (std::find(known.begin(), known.end(), key) == known.end())
            return fail(ErrorKind::InvalidInput, "invalid filter '" + key + "'");
        filters.m_values[key] = TRY(values_of(given));
    }
    return filters;
}

std::set<std::string> const& Filters::values(std::string const& key) const
{
    static std::set<std::string> const none;
    auto const found = m_values.find(key);
    return found == m_values.end() ? none : found->second;
}

bool Filters::any(std::string const& key, std::function<bool(std::string const&)> const& fits) const
{
    auto const& wanted = values(key);
    return wanted.empty() || std::any_of(wanted.begin(), wanted.end(), fits);
}

bool Filters::is(std::string const& key, std::string const& value) const
{
    auto const& wanted = values(key);
    return wanted.empty() || wanted.contains(value);
}

Result<Timestamp> Filters::until(Timestamp now) const
{
    Timestamp earliest { INT64_MAX };
    for (auto const& text : values("until"))
        earliest = std::min(earliest, TRY(moment(text, now)));
    return earliest;
}

bool Filters::labels_match(std::map<std::string, std::string> const& labels) const
{
    auto const has = [&](std::string const& label) {
        auto const equals = label.find('=');
        auto const found = labels.find(label.substr(0, equals));
        return found != labels.end() && (equals == std::string::npos || found->second == label.substr(equals + 1));
    };
    auto const& wanted = values("label");
    auto const& unwanted = values("label!");
    return std::all_of(wanted.begin(), wanted.end(), has) && std::none_of(unwanted.begin(), unwanted.end(), has);
}

}
