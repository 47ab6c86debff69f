#pragma once

// JSON at the daemon's border: what a client sends is read through these, so that a wrong type or a nesting without
// end becomes an Error (400) and nothing more (HARDENING T31, T32). Only for .cpp files.

#include "sim/core/Result.h"

#include <nlohmann/json.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::daemon {

using json = nlohmann::ordered_json;

// InvalidInput for what is no JSON or is nested more than 64 deep.
Result<json> parse_json(std::string_view text);
// As docker writes it: no spaces, invalid UTF-8 replaced.
std::string to_text(json const& value);
// docker writes null for a list that nobody gave.
json list_or_null(std::vector<std::string> const& list);

// Reads members of one object. Absent and null are the same; a wrong type is remembered as the first error.
class ObjectReader {
public:
    explicit ObjectReader(json const& object)
        : m_object(object)
    {
    }

    std::string text(char const* name);
    bool flag(char const* name);
    std::int64_t number(char const* name, std::int64_t absent = 0);
    std::vector<std::string> list(char const* name);
    std::optional<std::vector<std::string>> optional_list(char const* name); // null is not []
    std::map<std::string, std::string> texts(char const* name);              // an object of strings
    std::vector<std::string> keys(char const* name);                         // of {"80/tcp":{}}
    json const& object(char const* name);                                    // an empty object where it is absent
    json const& objects(char const* name); // a list of objects, an empty one where it is absent
    bool has(char const* name) const { return m_object.contains(name) && !m_object.at(name).is_null(); }

    Result<void> finish() const;

private:
    json const* find(char const* name, json::value_t type, char const* type_name);
    void wrong(char const* name, char const* type_name);

    json const& m_object;
    std::optional<std::string> m_error;
};

}
