#pragma once

// The two directions between a value and JSON, one overload per type that a field may have. For EventJson.cpp and
// TraceFile.cpp only: it brings in the JSON library.

#include "sim/core/Result.h"
#include "sim/trace/EventLog.h"

#include <nlohmann/json.hpp>

#include <array>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace drydock::trace::codec {

using Json = nlohmann::ordered_json;

template <class T>
concept Text = std::is_same_v<T, std::string>;
template <class T>
concept Number = std::is_integral_v<T> && !std::is_same_v<T, bool>;
template <class T>
concept NamedEnum = std::is_same_v<T, ActorRole> || std::is_same_v<T, Verified> || std::is_same_v<T, Provenance>
    || std::is_same_v<T, FigureKind>;

template <class E> constexpr auto names_of()
{
    if constexpr (std::is_same_v<E, ActorRole>)
        return std::array<std::string_view, 5> { "client", "daemon", "registry", "runtime", "process" };
    else if constexpr (std::is_same_v<E, Verified>)
        return std::array<std::string_view, 3> { "manifest", "blob", "diff_id" };
    else if constexpr (std::is_same_v<E, FigureKind>)
        return std::array { to_string(FigureKind::Measured), to_string(FigureKind::Modelled),
            to_string(FigureKind::Quoted) };
    else
        return std::array<std::string_view, 4> { "live", "simulated", "modelled", "quoted" };
}

Json encode_text(std::string const& text);
Result<std::string> decode_text(Json const&);
tl::unexpected<Error> wrong_type(std::string_view expected, Json const& found);
Json encode_event(Event const&);
// The event that `name_of` calls `name`.
Result<Event> decode_event(std::string_view name, Json const& data);
void put(Json& object, std::string_view name, Json value);

// ---- To JSON ----

template <HasFields T> Json encode(T const&);
template <class T> Json encode(std::vector<T> const&);
inline Json encode(bool value)
{
    return value;
}
inline Json encode(Text auto const& value)
{
    return encode_text(value);
}
inline Json encode(Number auto value)
{
    return value;
}
inline Json encode(Digest const& value)
{
    return value.to_string();
}
inline Json encode(SpanId value)
{
    return value.value;
}
inline Json encode(Depth value)
{
    return static_cast<int>(value);
}
template <class Tag> Json encode(Id<Tag> const& value)
{
    return encode_text(value.value);
}
template <NamedEnum E> Json encode(E value)
{
    return std::string(names_of<E>().at(static_cast<std::size_t>(value)));
}

template <class T> Json encode(std::vector<T> const& values)
{
    auto array = Json::array();
    for (auto const& value : values)
        array.push_back(encode(value));
    return array;
}

template <HasFields T> Json encode(T const& value)
{
    auto object = Json::object();
    T::each_field([&](std::string_view name, auto member) { put(object, name, encode(value.*member)); });
    return object;
}

// ---- From JSON ----

template <class T> struct Decoder;

template <class T> Result<T> decode(Json const& json)
{
    return Decoder<T>::decode(json);
}

template <> struct Decoder<std::string> {
    static Result<std::string> decode(Json const& json) { return decode_text(json); }
};

template <> struct Decoder<bool> {
    static Result<bool> decode(Json const& json)
    {
        if (!json.is_boolean())
            return wrong_type("true or false", json);
        return json.get<bool>();
    }
};

template <Number T> struct Decoder<T> {
    static Result<T> decode(Json const& json)
    {
        if (!json.is_number_integer() || (std::is_unsigned_v<T> && !json.is_number_unsigned()))
            return wrong_type(std::is_unsigned_v<T> ? "a number from 0" : "a whole number", json);
        return json.get<T>();
    }
};

template <> struct Decoder<Digest> {
    static Result<Digest> decode(Json const& json) { return Digest::parse(TRY(decode_text(json))); }
};

template <> struct Decoder<SpanId> {
    static Result<SpanId> decode(Json const& json) { return SpanId { TRY(codec::decode<std::uint64_t>(json)) }; }
};

template <class Tag> struct Decoder<Id<Tag>> {
    static Result<Id<Tag>> decode(Json const& json) { return Id<Tag> { TRY(decode_text(json)) }; }
};

template <> struct Decoder<Depth> {
    static Result<Depth> decode(Json const& json)
    {
        auto const depth = TRY(codec::decode<std::int64_t>(json));
        if (depth < 1 || depth > 3)
            return wrong_type("a depth from 1 to 3", json);
        return static_cast<Depth>(depth);
    }
};

template <NamedEnum E> struct Decoder<E> {
    static Result<E> decode(Json const& json)
    {
        auto const text = TRY(decode_text(json));
        auto const names = names_of<E>();
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (names[i] == text)
                return static_cast<E>(i);
        }
        return wrong_type("one of the known names", json);
    }
};

template <class T> struct Decoder<std::vector<T>> {
    static Result<std::vector<T>> decode(Json const& json)
    {
        if (!json.is_array())
            return wrong_type("a list", json);
        std::vector<T> values;
        values.reserve(json.size());
        for (auto const& element : json)
            values.push_back(TRY(codec::decode<T>(element)));
        return values;
    }
};

// Takes an object's fields one by one, and keeps the first thing that is wrong. What it returns then is a placeholder
// that nobody sees, because `finish` fails.
class FieldReader {
public:
    explicit FieldReader(Json const&);

    template <class Value> Value take(std::string_view name)
    {
        if (auto const* found = find(name)) {
            auto value = codec::decode<Value>(*found);
            if (value)
                return std::move(*value);
            note(std::move(value).error().with_context("field \"" + std::string(name) + "\""));
        }
        if constexpr (std::is_same_v<Value, Digest>)
            return Digest::of("");
        else
            return Value {};
    }

    // Fails if a field was missing, of the wrong type or not asked for.
    Result<void> finish();

private:
    Json const* find(std::string_view name);
    void note(Error);

    Json const& m_object;
    std::string m_known;
    std::size_t m_taken { 0 };
    std::optional<Error> m_error;
};

template <HasFields T> struct Decoder<T> {
    static Result<T> decode(Json const& json)
    {
        FieldReader reader(json);
        auto value = T::from_fields(reader);
        TRY(reader.finish());
        return value;
    }
};

}
