#include "engine/daemon/Filters.h"

#include "engine/daemon/Json.h"

#include <algorithm>

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

bool Filters::labels_match(std::map<std::string, std::string> const& labels) const
{
    auto const& wanted = values("label");
    return std::all_of(wanted.begin(), wanted.end(), [&](std::string const& label) {
        auto const equals = label.find('=');
        auto const found = labels.find(label.substr(0, equals));
        return found != labels.end() && (equals == std::string::npos || found->second == label.substr(equals + 1));
    });
}

}
