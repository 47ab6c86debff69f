#pragma once

// Reading JSON from strangers. A document is bounded in size and depth, has no key twice (two readers could see two
// values) and is valid UTF-8; a field of the wrong type is an error that names the field ("layers[2].size").
// Only .cpp files look inside nlohmann::json.

#include "sim/core/Result.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::oci {

inline constexpr std::size_t max_json_depth = 64;

// `what` names the document in errors: "manifest". InvalidInput, or LimitExceeded beyond `limit` bytes.
Result<nlohmann::json> parse_json(std::string_view text, std::string_view what, std::size_t limit);

// One object inside a parsed document, which must outlive it. An absent field and a null are the same.
class JsonObject {
public:
    // InvalidInput unless the document is an object.
    static Result<JsonObject> root(nlohmann::json const& document, std::string_view what);

    bool has(std::string_view name) const;
    bool is_zero_or_empty(std::string_view name) const;      // absent, 0, "", [] or {}
    Result<std::string> string(std::string_view name) const; // absent is an error
    Result<std::string> string_or_empty(std::string_view name) const;
    Result<std::uint64_t> size(std::string_view name) const;                 // 0 … 2^63-1; absent is an error
    Result<std::int64_t> integer(std::string_view name) const;               // absent is 0
    Result<std::uint64_t> unsigned_integer(std::string_view name) const;     // 0 … 2^64-1; absent is 0
    Result<bool> boolean(std::string_view name) const;                       // absent is false
    Result<std::vector<std::string>> strings(std::string_view name) const;   // absent is empty
    Result<std::vector<std::uint32_t>> numbers(std::string_view name) const; // absent is empty; each below 2^32
    Result<std::map<std::string, std::string>> string_map(std::string_view name) const; // absent is empty
    Result<std::vector<std::string>> keys(std::string_view name) const;                 // of a set: {"80/tcp": {}}
    Result<JsonObject> object(std::string_view name) const;                             // absent is an error
    Result<std::vector<JsonObject>> objects(std::string_view name) const;               // absent is an error

    tl::unexpected<Error> invalid(std::string_view name, std::string_view why) const;

private:
    JsonObject(nlohmann::json const& value, std::string path)
        : m_value(&value)
        , m_path(std::move(path))
    {
    }
    nlohmann::json const* find(std::string_view name) const; // null where absent or null

    nlohmann::json const* m_value;
    std::string m_path; // "manifest: layers[2]."
};

}
