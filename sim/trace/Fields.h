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

namespace drydock::trace {

// How deep one looks: who does what; which object changes; which call and which bytes do it.
enum class Depth : std::uint8_t { Role = 1, Object = 2, Metal = 3 };

template <class T>
concept HasFields = requires { typename T::HasFields; };

// One comparison for all of them: a hundred defaulted ones would be compiled in every file that includes Event.h.
template <HasFields T> bool operator==(T const& a, T const& b)
{
    bool equal = true;
    T::each_field([&](std::string_view, auto member) { equal = equal && a.*member == b.*member; });
    return equal;
}

}

#define DRYDOCK_PARENS ()
#define DRYDOCK_EXPAND(...) DRYDOCK_EXPAND3(DRYDOCK_EXPAND3(DRYDOCK_EXPAND3(__VA_ARGS__)))
#define DRYDOCK_EXPAND3(...) DRYDOCK_EXPAND2(DRYDOCK_EXPAND2(DRYDOCK_EXPAND2(__VA_ARGS__)))
#define DRYDOCK_EXPAND2(...) __VA_ARGS__
#define DRYDOCK_FOR_EACH(step, type, ...) __VA_OPT__(DRYDOCK_EXPAND(DRYDOCK_NEXT(step, type, __VA_ARGS__)))
#define DRYDOCK_NEXT(step, type, field, ...)                                                                           \
    step(type, field) __VA_OPT__(DRYDOCK_NEXT_AGAIN DRYDOCK_PARENS(step, type, __VA_ARGS__))
#define DRYDOCK_NEXT_AGAIN() DRYDOCK_NEXT
#define DRYDOCK_VISIT_FIELD(type, field) visit(std::string_view(#field), &type::field);
#define DRYDOCK_TAKE_FIELD(type, field) reader.template take<decltype(type::field)>(#field),

// each_field calls `visit(name, pointer to member)` for each field; from_fields makes a value of what
// `reader.take<Type>(name)` gives, in the same order. Templates, so that only files that use them pay for them.
#define DRYDOCK_FIELDS(type, ...)                                                                                      \
    using HasFields = void;                                                                                            \
    template <class Visitor> static void each_field(Visitor visit)                                                     \
    {                                                                                                                  \
        DRYDOCK_FOR_EACH(DRYDOCK_VISIT_FIELD, type, __VA_ARGS__)                                                       \
    }                                                                                                                  \
    template <class Reader> static type from_fields(Reader& reader)                                                    \
    {                                                                                                                  \
        return type { DRYDOCK_FOR_EACH(DRYDOCK_TAKE_FIELD, type, __VA_ARGS__) };                                       \
    }

#define DRYDOCK_EVENT(type, event_depth, ...)                                                                          \
    static constexpr std::string_view name_of_type = #type;                                                            \
    static constexpr ::drydock::trace::Depth depth = ::drydock::trace::Depth::event_depth;                             \
    DRYDOCK_FIELDS(type, __VA_ARGS__)
