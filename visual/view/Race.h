#pragma once

// Who has started, and how far each has come: guest machines by the phases of their boot, containers by what the kernel
// was asked for, every step as long as it lasted and counted from its own beginning. Read from the log once, record by
// record; whoever shows an earlier moment leaves out the steps whose record came later.

#include "sim/trace/EventLog.h"
#include "sim/world/World.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace drydock::view {

enum class RaceSide : std::uint8_t { Machine, Container };

struct RaceStep {
    std::string name;           // "kernel", "namespaces"
    std::int64_t begun { 0 };   // nanoseconds since the lane's beginning
    std::int64_t ended { -1 };  // -1: it goes on
    std::uint64_t record { 0 }; // that tells it: a phase as it is reached, a step of a container as it is done
    bool operator==(RaceStep const&) const = default;
};

struct RaceLane {
    RaceSide side { RaceSide::Machine };
    std::string id;   // of the machine or the container
    std::string name; // "race-vm"
    std::string kind; // its monitor; the image
    HostId host;
    trace::Provenance from { trace::Provenance::Live };
    Timestamp begun;
    std::uint64_t record { 0 };  // that tells its creation
    std::uint64_t arrived { 0 }; // bytes that its command had brought from a registry before
    std::string image {};        // whose tree a machine holds in its memory, "greeter:1"; empty: of none
    std::uint64_t tree { 0 };    // bytes of that
    std::vector<RaceStep> steps; // in order
    // Nanoseconds until its program answered, on either side with its first output or as it says itself; one that says
    // nothing is ready as soon as it runs.
    std::optional<std::int64_t> ready {};
    bool answered { false }; // not only ready
    bool entered { false };  // by docker exec: whose output comes from now on, nobody can tell
    std::uint64_t ready_record { 0 };
    std::optional<std::uint64_t> ended_record {};

    bool is_ready(std::uint64_t records) const { return ready && ready_record < records; }
    bool has_ended(std::uint64_t records) const { return ended_record && *ended_record < records; }
    // A machine's: whether it runs a kernel of its own.
    bool runs_kernel(std::uint64_t records) const;
    // The step of that name, if it was told by then.
    RaceStep const* step(std::string_view name, std::uint64_t records) const;
    // What a clock that began with it had seen of it when it stood there.
    RaceLane until(std::int64_t clock) const;
    // As far as the whole log tells.
    std::int64_t length() const;
    // Where a clock that began with it stands when the world's stands at `now`; it stops once it is ready.
    std::int64_t elapsed(Timestamp now, std::uint64_t records) const;
};

// Which app the race is of: an image and what runs of it. It says a line, which is when it is ready, and stays.
inline constexpr std::string_view race_app = "greeter:1 sh -c \"/app/greet.sh; sleep 1000\"";
// What starts one of each with names that are free: command lines, and a hypervisor first where there is none.
std::vector<std::string> race_commands(world::World const&);

class Race {
public:
    void extend(trace::EventLog const&);
    std::vector<RaceLane> const& lanes() const { return m_lanes; } // in the order in which they began
    // The one with that id, else the one that began last before the first `records`; null where there is none.
    RaceLane const* lane(RaceSide, std::string_view id, std::uint64_t records) const;

private:
    void take(trace::Record const&);
    void take_machine(trace::Record const&);
    void take_container(trace::Record const&);
    RaceLane* open_lane(RaceSide, std::string const& id);
    // A container's step is done: it lasted from the end of the one before. What is told again only lengthens it.
    void done(ContainerId const&, std::string const& step, trace::Record const&);
    static void be_ready(RaceLane&, std::int64_t elapsed, trace::Record const&);

    std::uint64_t m_records { 0 };
    std::uint64_t m_arrived { 0 }; // since the last command
    std::vector<RaceLane> m_lanes;
};

}
