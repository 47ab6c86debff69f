#include "sim/oci/Json.h"

#include <nlohmann/json.hpp>

#include <limits>
#include <set>

namespace drydock::oci {

using nlohmann::json;

namespace {

// Watches the parser: remembers the keys of each open object, and how deep it went.
class Strictness {
public:
    bool operator()(int depth, json::parse_event_t event, json& parsed)
    {
        if (event == json::parse_event_t::object_start)
            m_keys.emplace_back();
        else if (event == json::parse_event_t::object_end)
            m_keys.pop_back();
        else if (event == json::parse_event_t::key && !m_keys.back().insert(parsed.get<std::string>()).second)
            m_duplicate = parsed.get<std::string>();
        if (static_cast<std::size_t>(depth) > max_json_depth)
            m_too_deep = true;
        return !m_too_deep;
    }
    bool too_deep() const { return m_too_deep; }
    std::optional<std::string> const& duplicate() const { return m_duplicate; }

private:
    std::vector<std::set<std::string>> m_keys;
    std::optional<std::string> m_duplicate;
    bool m_too_deep { false };
};

}

Result<json> parse_json(std::string_view text, std::string_view what, std::size_t limit)
{
    auto const name = std::string(what);
    if (text.size() > limit)
        return fail(ErrorKind::LimitExceeded,
            name + " of " + std::to_string(text.size()) + " bytes; the limit is " + std::to_string(limit));
    Strictness strictness;
    try {
        auto document = json::parse(text, std::ref(strictness));
        if (strictness.too_deep())
            return fail(
                ErrorKind::InvalidInput, name + " nests deeper than " + std::to_string(max_json_depth) + " levels");
        if (strictness.duplicate())
            return fail(ErrorKind::InvalidInput, name + " has the key \"" + *strictness.duplicate() + "\" twice");
        return document;
    } catch (json::exception const& error) {
        return fail(ErrorKind::InvalidInput, name + " is not valid JSON: " + error.what());
    }
}

Result<JsonObject> JsonObject::root(json const& document, std::string_view what)
{
    if (!document.is_object())
        return fail(ErrorKind::InvalidInput, std::string(what) + " is not a JSON object");
    return JsonObject(document, std::string(what) + ": ");
}

json const* JsonObject::find(std::string_view name) const
{
    auto const it = m_value->find(name);
    return it == m_value->end() || it->is_null() ? nullptr : &*it;
}

tl::unexpected<Error> JsonObject::invalid(std::string_view name, std::string_view why) const
{
    return fail(ErrorKind::InvalidInput, m_path + std::string(name) + " " + std::string(why));
}

bool JsonObject::has(std::string_view name) const
{
    return find(name) != nullptr;
}

bool JsonObject::is_zero_or_empty(std::string_view name) const
{
    auto const* value = find(name);
    return value == nullptr || (value->is_string() && value->get_ref<std::string const&>().empty())
        || (value->is_structured() && value->empty()) || (value->is_number() && *value == 0);
}

Result<std::string> JsonObject::string(std::string_view name) const
{
    if (!has(name))
        return invalid(name, "is missing");
    return string_or_empty(name);
}

Result<std::string> JsonObject::string_or_empty(std::string_view name) const
{
    auto const* value = find(name);
    if (value == nullptr)
        return std::string();
    if (!value->is_string())
        return invalid(name, "is not a string");
    return value->get<std::string>();
}

Result<std::uint64_t> JsonObject::size(std::string_view name) const
{
    if (find(name) == nullptr)
        return invalid(name, "is missing");
    auto const value = unsigned_integer(name);
    if (!value || *value > std::numeric_limits<std::int64_t>::max())
        return invalid(name, "is not a whole number from 0 to 2^63-1");
    return value;
}

Result<std::int64_t> JsonObject::integer(std::string_view name) const
{
    auto const* value = find(name);
    if (value == nullptr)
        return 0;
    if (!value->is_number_integer()
        || (value->is_number_unsigned() && value->get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max()))
        return invalid(name, "is not a whole number from -2^63 to 2^63-1");
    return value->get<std::int64_t>();
}

Result<std::uint64_t> JsonObject::unsigned_integer(std::string_view name) const
{
    auto const* value = find(name);
    if (value == nullptr)
        return 0;
    if (!value->is_number_unsigned())
        return invalid(name, "is not a whole number from 0 to 2^64-1");
    return value->get<std::uint64_t>();
}

Result<bool> JsonObject::boolean(std::string_view name) const
{
    auto const* value = find(name);
    if (value == nullptr)
        return false;
    if (!value->is_boolean())
        return invalid(name, "is not true or false");
    return value->get<bool>();
}

Result<std::vector<std::string>> JsonObject::strings(std::string_view name) const
{
    std::vector<std::string> strings;
    auto const* value = find(name);
    if (value == nullptr)
        return strings;
    if (!value->is_array())
        return invalid(name, "is not a list");
    for (auto const& item : *value) {
        if (!item.is_string())
            return invalid(name, "is not a list of strings");
        strings.push_back(item.get<std::string>());
    }
    return strings;
}

Result<std::vector<std::uint32_t>> JsonObject::numbers(std::string_view name) const
{
    std::vector<std::uint32_t> numbers;
    auto const* value = find(name);
    if (value == nullptr)
        return numbers;
    if (!value->is_array())
        return invalid(name, "is not a list");
    for (auto const& item : *value) {
        if (!item.is_number_unsigned() || item.get<std::uint64_t>() > std::numeric_limits<std::uint32_t>::max())
            return invalid(name, "is not a list of whole numbers from 0 to 2^32-1");
        numbers.push_back(item.get<std::uint32_t>());
    }
    return numbers;
}

Result<std::map<std::string, std::string>> JsonObject::string_map(std::string_view name) const
{
    std::map<std::string, std::string> map;
    auto const* value = find(name);
    if (value == nullptr)
        return map;
    if (!value->is_object())
        return invalid(name, "is not an object");
    for (auto const& [key, item] : value->items()) {
        if (!item.is_string())
            return invalid(std::string(name) + "." + key, "is not a string");
        map.emplace(key, item.get<std::string>());
    }
    return map;
}

Result<std::vector<std::string>> JsonObject::keys(std::string_view name) const
{
    std::vector<std::string> keys;
    auto const* value = find(name);
    if (value == nullptr)
        return keys;
    if (!value->is_object())
        return invalid(name, "is not an object");
    for (auto const& item : value->items())
        keys.push_back(item.key());
    return keys;
}

Result<JsonObject> JsonObject::object(std::string_view name) const
{
    auto const* value = find(name);
    if (value == nullptr)
        return invalid(name, "is missing");
    if (!value->is_object())
        return invalid(name, "is not an object");
    return JsonObject(*value, m_path + std::string(name) + ".");
}

Result<std::vector<JsonObject>> JsonObject::objects(std::string_view name) const
{
    auto const* value = find(name);
    if (value == nullptr)
        return invalid(name, "is missing");
    if (!value->is_array())
        return invalid(name, "is not a list");
    std::vector<JsonObject> objects;
    for (std::size_t i = 0; i < value->size(); ++i) {
        auto const place = std::string(name) + "[" + std::to_string(i) + "]";
        if (!(*value)[i].is_object())
            return invalid(place, "is not an object");
        objects.push_back(JsonObject((*value)[i], m_path + place + "."));
    }
    return objects;
}

}
