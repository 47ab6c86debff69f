#include "visual/view/Race.h"

#include <algorithm>

namespace drydock::view {

namespace {

// What the model of a boot (sim/machine/Story.h) and the comparison call the time until the program answers.
constexpr std::string_view what_start = "start, app included";
// How GuestMemoryMapped names what a machine holds of an image.
constexpr std::string_view image_prefix = "image ";

}

RaceStep const* RaceLane::step(std::string_view wanted, std::uint64_t records) const
{
    auto const found
        = std::find_if(steps.begin(), steps.end(), [&](RaceStep const& step) { return step.name == wanted; });
    return found == steps.end() || found->record >= records ? nullptr : &*found;
}

bool RaceLane::runs_kernel(std::uint64_t records) const
{
    return !has_ended(records)
        && (step("kernel", records) != nullptr || step("sandbox", records) != nullptr || is_ready(records));
}

RaceLane RaceLane::until(std::int64_t clock) const
{
    auto lane = *this;
    // A phase of a machine is there as it begins, a step of a container when it is done.
    std::erase_if(lane.steps,
        [&](RaceStep const& step) { return (side == RaceSide::Machine ? step.begun : step.ended) > clock; });
    if (lane.ready && *lane.ready > clock)
        lane.ready.reset();
    return lane;
}

std::int64_t RaceLane::length() const
{
    auto length = ready.value_or(0);
    for (auto const& step : steps)
        length = std::max({ length, step.begun, step.ended });
    return length;
}

std::int64_t RaceLane::elapsed(Timestamp now, std::uint64_t records) const
{
    auto const clock = std::max<std::int64_t>(0, (now - begun).count());
    return is_ready(records) ? std::min(clock, *ready) : clock;
}

std::vector<std::string> race_commands(world::World const& world)
{
    auto const taken = [&](std::string const& name) {
        return std::any_of(world.guest_machines.begin(), world.guest_machines.end(), [&](auto const& it) {
            return !it.second.stopped && it.second.name == name;
        }) || std::any_of(world.containers.begin(), world.containers.end(), [&](auto const& it) {
            return it.second.state != world::ContainerState::Removed && it.second.name == name;
        });
    };
    std::string ending;
    for (int i = 2; taken("race-vm" + ending) || taken("race-container" + ending); ++i)
        ending = "-" + std::to_string(i);
    std::vector<std::string> lines;
    if (!world.hypervisors.contains(world.shown))
        lines.emplace_back("drydock vm hypervisor start");
    lines.push_back("drydock vm start race-vm" + ending + " " + std::string(race_app));
    lines.push_back("docker run -d --name race-container" + ending + " " + std::string(race_app));
    return lines;
}

void Race::extend(trace::EventLog const& log)
{
    for (auto const size = log.size(); m_records < size; ++m_records)
        take(log[m_records]);
}

RaceLane const* Race::lane(RaceSide side, std::string_view id, std::uint64_t records) const
{
    RaceLane const* last = nullptr;
    for (auto const& lane : m_lanes) {
        if (lane.side != side || lane.record >= records)
            continue;
        last = &lane;
        if (lane.id == id)
            break;
    }
    return last;
}

RaceLane* Race::open_lane(RaceSide side, std::string const& id)
{
    auto const found = std::find_if(
        m_lanes.rbegin(), m_lanes.rend(), [&](RaceLane const& lane) { return lane.side == side && lane.id == id; });
    return found == m_lanes.rend() ? nullptr : &*found;
}

void Race::take(trace::Record const& record)
{
    if (record.event.is<trace::CommandEntered>())
        m_arrived = 0;
    else if (auto const* transfer = record.event.get_if<trace::BlobTransferStarted>())
        m_arrived += transfer->size;
    take_machine(record);
    take_container(record);
}

void Race::take_machine(trace::Record const& record)
{
    auto const& event = record.event;
    if (auto const* created = event.get_if<trace::GuestMachineCreated>()) {
        m_lanes.push_back({ .side = RaceSide::Machine,
            .id = created->machine.value,
            .name = created->name,
            .kind = created->monitor,
            .host = record.origin->host,
            .from = record.origin->provenance,
            .begun = record.time,
            .record = record.sequence,
            .steps = {} });
    } else if (auto const* reached = event.get_if<trace::GuestPhaseReached>()) {
        auto* const lane = open_lane(RaceSide::Machine, reached->machine.value);
        if (lane == nullptr)
            return;
        if (!lane->steps.empty() && lane->steps.back().ended < 0)
            lane->steps.back().ended = reached->elapsed;
        bool const answers = reached->phase == "first output" || reached->phase == "ready";
        // A monitor that tells nothing in between has one long step.
        if (answers && lane->steps.empty())
            lane->steps.push_back({ "boot", 0, reached->elapsed, record.sequence });
        else if (!answers && !lane->answered)
            lane->steps.push_back({ reached->phase, reached->elapsed, -1, record.sequence });
        if (lane->answered)
            return;
        lane->answered = answers;
        // In a model a program takes its time from here on; one that is real may have nothing to say.
        if (answers || (reached->phase == "app" && lane->from == trace::Provenance::Live))
            be_ready(*lane, reached->elapsed, record);
    } else if (auto const* mapped = event.get_if<trace::GuestMemoryMapped>();
               mapped != nullptr && mapped->what.starts_with(image_prefix)) {
        if (auto* const lane = open_lane(RaceSide::Machine, mapped->machine.value)) {
            lane->image = mapped->what.substr(image_prefix.size());
            lane->tree = mapped->size;
        }
    } else if (auto const* taken = event.get_if<trace::MeasurementTaken>();
               taken != nullptr && taken->what == what_start && taken->unit == "ns") {
        // The model tells of a machine only by what kind it is; the first of that kind which is not ready yet is meant.
        auto const lane = std::find_if(m_lanes.begin(), m_lanes.end(), [&](RaceLane const& it) {
            return it.side == RaceSide::Machine && it.kind == taken->subject && !it.ready
                && it.from == record.origin->provenance;
        });
        if (lane == m_lanes.end())
            return;
        lane->ready = taken->value;
        lane->ready_record = record.sequence;
        if (!lane->steps.empty())
            lane->steps.back().ended = taken->value;
    } else if (auto const* stopped = event.get_if<trace::GuestMachineStopped>()) {
        if (auto* const lane = open_lane(RaceSide::Machine, stopped->machine.value))
            lane->ended_record = record.sequence;
    }
}

void Race::be_ready(RaceLane& lane, std::int64_t elapsed, trace::Record const& record)
{
    lane.ready = elapsed;
    lane.ready_record = record.sequence;
}

void Race::done(ContainerId const& container, std::string const& step, trace::Record const& record)
{
    auto* const lane = open_lane(RaceSide::Container, container.value);
    if (lane == nullptr || lane->answered || (lane->ready && step != "app")) // what comes later is another start
        return;
    auto const now = (record.time - lane->begun).count();
    auto& steps = lane->steps;
    if (!steps.empty() && steps.back().name == step) {
        steps.back().ended = now;
        return;
    }
    steps.push_back({ step, steps.empty() ? 0 : steps.back().ended, now, record.sequence });
}

void Race::take_container(trace::Record const& record)
{
    auto const& event = record.event;
    if (auto const* created = event.get_if<trace::ContainerCreated>()) {
        m_lanes.push_back({ .side = RaceSide::Container,
            .id = created->container.value,
            .name = created->name,
            .kind = created->reference,
            .host = record.origin->host,
            .from = record.origin->provenance,
            .begun = record.time,
            .record = record.sequence,
            .arrived = m_arrived,
            .steps = {} });
    } else if (auto const* sheet = event.get_if<trace::WritableLayerCreated>()) {
        done(sheet->container, "read-write layer", record);
    } else if (auto const* made = event.get_if<trace::NamespaceCreated>()) {
        done(made->container, "namespaces", record);
    } else if (auto const* mapped = event.get_if<trace::IdsMapped>()) {
        done(mapped->container, "namespaces", record);
    } else if (auto const* mounted = event.get_if<trace::UnionMounted>()) {
        done(mounted->container, "mounts", record);
    } else if (auto const* mount = event.get_if<trace::MountMade>()) {
        done(mount->container, "mounts", record);
    } else if (auto const* pivoted = event.get_if<trace::RootPivoted>()) {
        done(pivoted->container, "pivot_root", record);
    } else if (auto const* limits = event.get_if<trace::CgroupCreated>()) {
        done(limits->container, "control group", record);
    } else if (auto const* dropped = event.get_if<trace::PrivilegesDropped>()) {
        done(dropped->container, "privileges", record);
    } else if (auto const* started = event.get_if<trace::ProcessStarted>(); started != nullptr && started->pid == 1) {
        done(started->container, "execve", record);
        if (auto* const lane = open_lane(RaceSide::Container, started->container.value); lane && !lane->ready)
            be_ready(*lane, (record.time - lane->begun).count(), record);
    } else if (started != nullptr && started->parent == 0) {
        if (auto* const lane = open_lane(RaceSide::Container, started->container.value))
            lane->entered = true;
    } else if (auto const* wrote = event.get_if<trace::OutputWritten>()) {
        auto* const lane = open_lane(RaceSide::Container, wrote->container.value);
        if (lane == nullptr || !lane->ready || lane->answered || lane->entered || lane->has_ended(record.sequence))
            return;
        done(wrote->container, "app", record);
        lane->answered = true;
        be_ready(*lane, (record.time - lane->begun).count(), record);
    } else if (auto const* exited = event.get_if<trace::ContainerExited>()) {
        if (auto* const lane = open_lane(RaceSide::Container, exited->container.value))
            lane->ended_record = record.sequence;
    }
}

}
