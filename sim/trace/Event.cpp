#include "sim/trace/Event.h"

namespace drydock::trace {

namespace {

// What can be done with an event of which only the address and the type's number are known.
struct Operations {
    std::string_view name;
    Depth depth;
    void const* (*copy)(void const*);
    void (*destroy)(void const*);
    bool (*equal)(void const*, void const*);
};

template <class E> constexpr Operations operations_of()
{
    return { .name = E::name_of_type,
        .depth = E::depth,
        .copy = [](void const* event) -> void const* { return new E(*static_cast<E const*>(event)); },
        .destroy = [](void const* event) { delete static_cast<E const*>(event); },
        .equal = [](void const* a, void const* b) { return *static_cast<E const*>(a) == *static_cast<E const*>(b); } };
}

template <class... E> constexpr std::array<Operations, sizeof...(E)> make_table(TypeList<E...>)
{
    return { operations_of<E>()... };
}

constexpr auto operations = make_table(EventTypes {});

}

Event::Event(Event const& other)
    : m_event(operations[other.m_index].copy(other.m_event))
    , m_index(other.m_index)
{
}

Event::~Event()
{
    if (m_event != nullptr)
        operations[m_index].destroy(m_event);
}

bool Event::operator==(Event const& other) const
{
    return m_index == other.m_index && operations[m_index].equal(m_event, other.m_event);
}

std::string_view name_of(Event const& event)
{
    return operations[event.index()].name;
}

Depth depth_of(Event const& event)
{
    if (auto const* span = event.get_if<SpanBegan>())
        return span->span_depth;
    return operations[event.index()].depth;
}

}
