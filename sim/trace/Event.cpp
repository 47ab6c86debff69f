#include "sim/trace/Event.h"

namespace drydock::trace {

Event::Event(Event const&) = default;
Event::Event(Event&&) noexcept = default;
Event& Event::operator=(Event const&) = default;
Event& Event::operator=(Event&&) noexcept = default;
Event::~Event() = default;

std::string_view name_of(Event const& event)
{
    return std::visit([](auto const& e) { return e.name_of_type; }, event);
}

Depth depth_of(Event const& event)
{
    if (auto const* span = std::get_if<SpanBegan>(&event))
        return span->span_depth;
    return std::visit([](auto const& e) { return e.depth; }, event);
}

}
