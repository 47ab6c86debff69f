#include "sim/trace/Event.h"

#include <memory>

namespace drydock::trace {

namespace {

// What can be done with an object of which only the address and the type are known.
struct Operations {
    std::string_view name;
    Depth depth;
    void (*copy)(void const* from, void* to);
    void (*move)(void* from, void* to);
    void (*destroy)(void*);
    bool (*equal)(void const*, void const*);
};

template <class E> constexpr Operations operations_of()
{
    return { .name = E::name_of_type,
        .depth = E::depth,
        .copy = [](void const* from, void* to) { ::new (to) E(*static_cast<E const*>(from)); },
        .move = [](void* from, void* to) { ::new (to) E(std::move(*static_cast<E*>(from))); },
        .destroy = [](void* event) { std::destroy_at(static_cast<E*>(event)); },
        .equal = [](void const* a, void const* b) { return *static_cast<E const*>(a) == *static_cast<E const*>(b); } };
}

template <class... E> constexpr std::array<Operations, sizeof...(E)> make_table(TypeList<E...>)
{
    return { operations_of<E>()... };
}

constexpr auto operations = make_table(EventTypes {});

}

// The buffer is filled by what the table does; nothing of it is read before. NOLINTBEGIN(*-member-init)
Event::Event(Event const& other)
    : m_index(other.m_index)
{
    operations[m_index].copy(other.m_bytes.data(), m_bytes.data());
}

Event::Event(Event&& other) noexcept
    : m_index(other.m_index)
{
    operations[m_index].move(other.m_bytes.data(), m_bytes.data());
}
// NOLINTEND(*-member-init)

Event& Event::operator=(Event const& other)
{
    if (this != &other)
        *this = Event(other);
    return *this;
}

Event& Event::operator=(Event&& other) noexcept
{
    if (this != &other) {
        operations[m_index].destroy(m_bytes.data());
        m_index = other.m_index;
        operations[m_index].move(other.m_bytes.data(), m_bytes.data());
    }
    return *this;
}

Event::~Event()
{
    operations[m_index].destroy(m_bytes.data());
}

bool Event::operator==(Event const& other) const
{
    return m_index == other.m_index && operations[m_index].equal(m_bytes.data(), other.m_bytes.data());
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
