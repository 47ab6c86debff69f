#pragma once

// Every event lists its fields once, in the order in which they are declared. Trace files, the inspector, the text
// twin and the tests read that list; nobody else spells the fields out again.
//
//     struct BlobStored {
//         Digest digest;
//         std::uint64_t size { 0 }; // bytes
//         DRYDOCK_EVENT(BlobStored, Object, digest, size)
//     };

#include <cstdint>
#include <string_view>
#include <tuple>

namespace drydock::trace {

// How deep one looks: who does what; which object changes; which call and which bytes do it.
enum class Depth : std::uint8_t { Role = 1, Object = 2, Metal = 3 };

template <class Event, class Value> struct Field {
    std::string_view name;
    Value Event::*member;
};
template <class Event, class Value> Field(std::string_view, Value Event::*) -> Field<Event, Value>;

template <class T>
concept HasFields = requires { typename T::HasFields; };

// One comparison for all of them: a hundred defaulted ones would be compiled in every file that includes Event.h.
template <HasFields T> bool operator==(T const& a, T const& b)
{
    return std::apply([&](auto... field) { return ((a.*field.member == b.*field.member) && ...); }, T::fields());
}

}

#define DRYDOCK_PARENS ()
#define DRYDOCK_EXPAND(...) DRYDOCK_EXPAND3(DRYDOCK_EXPAND3(DRYDOCK_EXPAND3(__VA_ARGS__)))
#define DRYDOCK_EXPAND3(...) DRYDOCK_EXPAND2(DRYDOCK_EXPAND2(DRYDOCK_EXPAND2(__VA_ARGS__)))
#define DRYDOCK_EXPAND2(...) __VA_ARGS__
#define DRYDOCK_FIELD_LIST(type, ...) __VA_OPT__(DRYDOCK_EXPAND(DRYDOCK_FIELD_STEP(type, __VA_ARGS__)))
#define DRYDOCK_FIELD_STEP(type, field, ...)                                                                           \
    ::drydock::trace::Field(#field, &type::field) __VA_OPT__(, DRYDOCK_FIELD_AGAIN DRYDOCK_PARENS(type, __VA_ARGS__))
#define DRYDOCK_FIELD_AGAIN() DRYDOCK_FIELD_STEP

// A template, so that the tuple is only made in the files that ask for it.
#define DRYDOCK_FIELDS(type, ...)                                                                                      \
    using HasFields = void;                                                                                            \
    template <int = 0> static constexpr auto fields()                                                                  \
    {                                                                                                                  \
        return std::tuple { DRYDOCK_FIELD_LIST(type, __VA_ARGS__) };                                                   \
    }

#define DRYDOCK_EVENT(type, event_depth, ...)                                                                          \
    static constexpr std::string_view name_of_type = #type;                                                            \
    static constexpr ::drydock::trace::Depth depth = ::drydock::trace::Depth::event_depth;                             \
    DRYDOCK_FIELDS(type, __VA_ARGS__)
