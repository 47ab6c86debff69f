#pragma once

// Ids are text with a type: a ContainerId cannot be passed where a HostId is asked for. Objects refer to each other
// by id, never by pointer, so that the World can be copied, compared and stored.

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace drydock {

template <class Tag> struct Id {
    std::string value;

    auto operator<=>(Id const&) const = default;
    bool empty() const { return value.empty(); }
    // The first 12 characters, as Docker prints ids.
    std::string_view short_form() const { return std::string_view(value).substr(0, 12); }
};

using HostId = Id<struct HostTag>;           // "laptop"
using ActorId = Id<struct ActorTag>;         // "daemon", "client-3", "registry:hub", "init:4f2a…", "kernel"
using ContainerId = Id<struct ContainerTag>; // 64 lower-case hex digits
using ConnectionId = Id<struct ConnectionTag>;
using GuestMachineId = Id<struct GuestMachineTag>; // "vm-1", its own in a trace
using ExchangeId = Id<struct ExchangeTag>;         // one HTTP request with its response

// A node in the tree of what was done on whose behalf; 0 is "no span".
struct SpanId {
    std::uint64_t value { 0 };
    auto operator<=>(SpanId const&) const = default;
    explicit operator bool() const { return value != 0; }
};

}

template <class Tag> struct std::hash<drydock::Id<Tag>> {
    std::size_t operator()(drydock::Id<Tag> const& id) const noexcept { return std::hash<std::string> {}(id.value); }
};
