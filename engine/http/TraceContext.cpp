#include "engine/http/TraceContext.h"

#include "sim/core/Random.h"

#include <fmt/format.h>

#include <charconv>

namespace drydock::http {

namespace {

// It never reaches an event (the server drops the header), so it does not disturb the order of a simulated world.
std::string const& prefix_of_this_program()
{
    static std::string const prefix
        = fmt::format("00-{:016x}{:016x}-", Random::seed_from_system() | 1, Random::seed_from_system());
    return prefix;
}

}

std::string traceparent_of(SpanId span)
{
    return fmt::format("{}{:016x}-01", prefix_of_this_program(), span.value);
}

SpanId span_of_traceparent(std::string_view value)
{
    auto const& prefix = prefix_of_this_program();
    if (!value.starts_with(prefix))
        return {};
    auto const digits = value.substr(prefix.size(), 16);
    SpanId span;
    std::from_chars(digits.data(), digits.data() + digits.size(), span.value, 16);
    return span;
}

}
