#include "engine/daemon/Json.h"

namespace drydock::daemon {

namespace {

constexpr int deepest = 64;

// How deep brackets nest, before a parser builds anything.
bool is_too_deep(std::string_view text)
{
    int depth = 0;
    bool in_text = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char const c = text[i];
        if (in_text && c == '\\') {
            ++i;
        } else if (c == '"') {
            in_text = !in_text;
        } else if (!in_text && (c == '{' || c == '[')) {
            if (++depth > deepest)
                return true;
        } else if (!in_text && (c == '}' || c == ']')) {
            --depth;
        }
    }
    return false;
}

}

Result<json> parse_json(std::string_view text)
{
    if (is_too_deep(text))
        return fail(ErrorKind::InvalidInput, "invalid JSON: nested too deep");
    auto parsed = json::parse(text, nullptr, false);
    if (parsed.is_discarded())
        return fail(ErrorKind::InvalidInput, "invalid JSON");
    return parsed;
}

std::string to_text(json const& value)
{
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

json list_or_null(std::vector<std::string> const& list)
{
    return list.empty() ? json(nullptr) : json(list);
}

void ObjectReader::wrong(char const* name, char const* type_name)
{
    if (!m_error)
        m_error = std::string("invalid JSON: ") + name + " must be " + type_name;
}

json const* ObjectReader::find(char const* name, json::value_t type, char const* type_name)
{
    if (!has(name))
        return nullptr;
    auto const& value = m_object.at(name);
    if (value.type() == type)
        return &value;
    wrong(name, type_name);
    return nullptr;
}

std::string ObjectReader::text(char const* name)
{
    auto const* value = find(name, json::value_t::string, "a string");
    return value == nullptr ? std::string() : value->get<std::string>();
}

bool ObjectReader::flag(char const* name)
{
    auto const* value = find(name, json::value_t::boolean, "true or false");
    return value != nullptr && value->get<bool>();
}

std::int64_t ObjectReader::number(char const* name, std::int64_t absent)
{
    if (!has(name))
        return absent;
    auto const& value = m_object.at(name);
    if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX)) {
        wrong(name, "a whole number");
        return absent;
    }
    return value.get<std::int64_t>();
}

std::vector<std::string> ObjectReader::list(char const* name)
{
    return optional_list(name).value_or(std::vector<std::string> {});
}

std::optional<std::vector<std::string>> ObjectReader::optional_list(char const* name)
{
    if (!has(name))
        return std::nullopt;
    auto const& value = m_object.at(name);
    // One string stands for a list of one, as docker's StrSlice reads it.
    if (value.is_string())
        return std::vector { value.get<std::string>() };
    std::vector<std::string> items;
    for (auto const& item : value.is_array() ? value : json::array()) {
        if (item.is_string())
            items.push_back(item.get<std::string>());
        else
            wrong(name, "a list of strings");
    }
    if (!value.is_array())
        wrong(name, "a list of strings");
    return items;
}

std::map<std::string, std::string> ObjectReader::texts(char const* name)
{
    std::map<std::string, std::string> values;
    for (auto const& [key, value] : object(name).items()) {
        if (value.is_string())
            values[key] = value.get<std::string>();
        else
            wrong(name, "an object of strings");
    }
    return values;
}

std::vector<std::string> ObjectReader::keys(char const* name)
{
    std::vector<std::string> keys;
    for (auto const& [key, value] : object(name).items())
        keys.push_back(key);
    return keys;
}

json const& ObjectReader::object(char const* name)
{
    static json const empty = json::object();
    auto const* value = find(name, json::value_t::object, "an object");
    return value == nullptr ? empty : *value;
}

json const& ObjectReader::objects(char const* name)
{
    static json const none = json::array();
    auto const* value = find(name, json::value_t::array, "a list");
    if (value == nullptr)
        return none;
    for (auto const& item : *value) {
        if (item.is_object())
            continue;
        wrong(name, "a list of objects");
        return none;
    }
    return *value;
}

Result<void> ObjectReader::finish() const
{
    if (m_error)
        return fail(ErrorKind::InvalidInput, *m_error);
    return {};
}

}
