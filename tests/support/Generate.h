#pragma once

// Values for any event, made from a seed by way of its field list, so that a new event type is tested without a word.

#include "sim/core/Random.h"
#include "sim/trace/EventLog.h"

#include <utility>
#include <vector>

namespace drydock::testing {

template <class T> struct Generator;
template <class T> T generate(Random& random)
{
    return Generator<T>::make(random);
}

template <class T>
    requires std::is_integral_v<T>
struct Generator<T> {
    static T make(Random& random) { return static_cast<T>(random.next()); }
};
template <> struct Generator<bool> {
    static bool make(Random& random) { return random.below(2) == 1; }
};
template <> struct Generator<std::string> {
    static std::string make(Random& random)
    {
        static constexpr std::array<char const*, 7> pieces { "", "a", "/etc/motd", "\"quoted\\\n", "µs …", "\xff\x80",
            "name with spaces" };
        return std::string(pieces.at(random.below(pieces.size()))) + random.hex(random.below(5));
    }
};
template <> struct Generator<trace::Digest> {
    static trace::Digest make(Random& random) { return trace::Digest::of(random.hex(8)); }
};
template <> struct Generator<SpanId> {
    static SpanId make(Random& random) { return { random.next() }; }
};
template <class Tag> struct Generator<Id<Tag>> {
    static Id<Tag> make(Random& random) { return { generate<std::string>(random) }; }
};
template <> struct Generator<trace::Depth> {
    static trace::Depth make(Random& random) { return static_cast<trace::Depth>(1 + random.below(3)); }
};
template <> struct Generator<trace::ActorRole> {
    static trace::ActorRole make(Random& random) { return static_cast<trace::ActorRole>(random.below(5)); }
};
template <> struct Generator<trace::Verified> {
    static trace::Verified make(Random& random) { return static_cast<trace::Verified>(random.below(3)); }
};
template <> struct Generator<FigureKind> {
    static FigureKind make(Random& random) { return static_cast<FigureKind>(random.below(3)); }
};
template <class T> struct Generator<std::vector<T>> {
    static std::vector<T> make(Random& random)
    {
        std::vector<T> values;
        for (auto count = random.below(4); count > 0; --count)
            values.push_back(generate<T>(random));
        return values;
    }
};
// A reader of fields that draws them instead; the order of reading is fixed, so a seed always makes the same value.
struct FieldDrawer {
    Random& random;
    template <class Value> Value take(std::string_view) { return generate<Value>(random); }
};
template <trace::HasFields T> struct Generator<T> {
    static T make(Random& random)
    {
        FieldDrawer drawer { random };
        return T::from_fields(drawer);
    }
};

// One event of every type, in the order of Event.h.
template <class... E> std::vector<trace::Event> one_of_each(trace::TypeList<E...>, Random& random)
{
    return { trace::Event { generate<E>(random) }... };
}
inline std::vector<trace::Event> one_of_each(Random& random)
{
    return one_of_each(trace::EventTypes {}, random);
}

inline trace::Record record_of(trace::Event event, std::int64_t time = 0)
{
    static auto const origin = std::make_shared<trace::Origin const>(
        trace::Origin { HostId { "laptop" }, ActorId { "daemon" }, trace::Provenance::Simulated });
    return { .sequence = 0,
        .time = { time },
        .span = { 7 },
        .origin = origin,
        .source = { "tests/support/Generate.h", 1 },
        .event = std::move(event) };
}

}
