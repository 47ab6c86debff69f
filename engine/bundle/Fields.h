#pragma once

// The small readers that config.json's parts share. Only for .cpp files.

#include "sim/oci/Json.h"

#include <string>
#include <utility>
#include <vector>

namespace drydock::bundle {

inline Result<std::vector<oci::JsonObject>> list_of(oci::JsonObject const& from, char const* name)
{
    if (!from.has(name))
        return std::vector<oci::JsonObject>();
    return from.objects(name);
}

inline Result<std::uint32_t> number32(oci::JsonObject const& from, char const* name, std::uint32_t absent = 0)
{
    if (!from.has(name))
        return absent;
    auto const value = TRY(from.unsigned_integer(name));
    if (value >= UINT32_MAX)
        return from.invalid(name, "is larger than 2^32-2");
    return static_cast<std::uint32_t>(value);
}

inline tl::unexpected<Error> unsupported(oci::JsonObject const& from, char const* name, std::string const& why = {})
{
    auto const error = from.invalid(name, "is not supported" + (why.empty() ? "" : ": " + why));
    return fail(ErrorKind::NotSupported, error.value().message());
}

inline Result<void> refuse_if_present(oci::JsonObject const& from, std::initializer_list<char const*> names)
{
    for (char const* name : names) {
        if (from.has(name))
            return unsupported(from, name);
    }
    return {};
}

// An empty text or list is as good as none: engines write those for what they do not use.
inline Result<void> refuse_text(oci::JsonObject const& from, std::initializer_list<char const*> names)
{
    for (char const* name : names) {
        if (!TRY(from.string_or_empty(name)).empty())
            return unsupported(from, name);
    }
    return {};
}

}
