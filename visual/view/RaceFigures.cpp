#include "visual/view/RaceFigures.h"

#include "sim/machine/BootSequence.h"
#include "sim/machine/CostModel.h"
#include "sim/words/Language.h"
#include "sim/words/Told.h"

#include <algorithm>

namespace drydock::view {

namespace {

using words::say;
using words::tr;

Told from_events(double value, std::string unit, std::string_view source, trace::Provenance from)
{
    auto const kind = from == trace::Provenance::Modelled ? FigureKind::Modelled
        : from == trace::Provenance::Quoted               ? FigureKind::Quoted
                                                          : FigureKind::Measured;
    return { { value, std::move(unit), kind, std::string(source) }, from, "this trace" };
}

Told by_model(Figure figure)
{
    return told(std::move(figure), "model");
}

// An instance by itself: without what the host keeps for itself, and without the daemon, which is there once.
Figure memory_of_one(machine::Model const& model, machine::Technology const& technology)
{
    auto figure = machine::CostModel(model).memory(technology, {});
    figure.value -= technology.reserve.value + technology.engine.value;
    figure.source = say("{}, without reserve and engine, by N = 1", words::told(figure.source));
    return figure;
}

Figure read_to_start(machine::Technology const& technology)
{
    double mebibytes = 0;
    std::vector<machine::Parameter const*> inputs;
    for (auto const& phase : technology.phases) {
        mebibytes += phase.read.value;
        inputs.push_back(&phase.read);
    }
    return machine::modelled(mebibytes, "MiB", "what its phases read from disk", inputs);
}

void fill_in(RaceSideFigures& figures, machine::Model const& model, machine::Technology const& technology, bool no_lane)
{
    if (!figures.memory)
        figures.memory = by_model(memory_of_one(model, technology));
    if (!figures.disk)
        figures.disk = by_model(machine::CostModel(model).disk(technology, {}));
    if (!figures.moved)
        figures.moved = by_model(read_to_start(technology));
    if (!no_lane) // what runs tells of its own kernel and time
        return;
    auto const kernels = technology.kernel == machine::Kernel::Shared ? 1 : 2;
    figures.kernels = by_model(machine::modelled(kernels, "",
        technology.kernel == machine::Kernel::Shared          ? "the host's kernel serves it"
            : technology.kernel == machine::Kernel::UserSpace ? "the host's, and one in user space"
                                                              : "the host's, and one of its own",
        {}));
    figures.ready = by_model(machine::boot(model.host, { { &technology, 0 } }).front().elapsed);
}

// The host's kernel, and one for each machine on it that runs one: measured only where all of them are real.
Told kernels_on_host(RaceLane const& lane, std::vector<RaceLane> const& all, std::uint64_t records)
{
    std::size_t guests = 0;
    auto from = lane.from;
    for (auto const& each : all) {
        if (each.side != RaceSide::Machine || each.host != lane.host || each.record >= records)
            continue;
        // The one that is looked at may be shown as it was earlier.
        auto const& it = each.record == lane.record ? lane : each;
        if (!it.runs_kernel(records))
            continue;
        ++guests;
        if (it.from == trace::Provenance::Modelled)
            from = it.from;
    }
    return from_events(static_cast<double>(1 + guests), "",
        guests == 0       ? tr("the host's alone")
            : guests == 1 ? tr("the host's, and the guest's since its kernel began to run")
                          : tr("the host's, and one for each machine on it whose kernel has begun to run"),
        from);
}

void tell_machine(RaceSideFigures& figures, RaceLane const& lane, std::vector<RaceLane> const& all,
    world::World const& world, std::uint64_t records)
{
    figures.kernels = kernels_on_host(lane, all, records);
    if (lane.tree > 0 && (lane.step("init", records) != nullptr || lane.step("app", records) != nullptr))
        figures.copy = from_events(static_cast<double>(lane.tree), "B",
            tr("the image's tree, unpacked into the machine's own memory"), lane.from);
    auto const found = world.guest_machines.find(GuestMachineId { lane.id });
    if (found == world.guest_machines.end())
        return;
    if (found->second.memory > 0)
        figures.memory = from_events(
            static_cast<double>(found->second.memory), "B", tr("the memory that the machine was made with"), lane.from);
    if (auto const& kernel = found->second.kernel) {
        auto const bytes = static_cast<double>(kernel->size + kernel->initramfs);
        figures.moved
            = from_events(bytes, "B", tr("its kernel and root filesystem, brought into the guest's memory"), lane.from);
        figures.disk = from_events(bytes, "B", tr("the files it started from: kernel and root filesystem"), lane.from);
    }
}

void tell_container(RaceSideFigures& figures, RaceLane const& lane, world::World const& world)
{
    figures.kernels = from_events(1, "", tr("the host's kernel serves it, and all others"), lane.from);
    figures.copy = from_events(0, "B", tr("the layers are mounted where they lie"), lane.from);
    figures.moved = from_events(static_cast<double>(lane.arrived), "B",
        tr("what its command fetched from a registry; starting copied nothing"), lane.from);
    auto const found = world.containers.find(ContainerId { lane.id });
    if (found == world.containers.end())
        return;
    auto const& container = found->second;
    std::uint64_t sheet = 0;
    for (auto const& [path, entry] : container.sheet)
        sheet += entry.size;
    figures.disk
        = from_events(static_cast<double>(sheet), "B", tr("its read-write layer; the image is shared"), lane.from);
    if (container.used)
        figures.memory = from_events(
            static_cast<double>(container.used->memory), "B", tr("its control group, when last asked"), lane.from);
}

}

std::size_t running_beside(RaceLane const& lane, std::vector<RaceLane> const& all, std::uint64_t records)
{
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](RaceLane const& each) {
        return each.side == lane.side && each.host == lane.host && each.record < records && !each.has_ended(records);
    }));
}

RaceSideFigures race_figures(RaceSide side, RaceLane const* lane, std::vector<RaceLane> const& all,
    world::World const& world, std::uint64_t records, machine::Model const* model,
    machine::Technology const* technology)
{
    RaceSideFigures figures;
    if (lane != nullptr) {
        if (side == RaceSide::Machine)
            tell_machine(figures, *lane, all, world, records);
        else
            tell_container(figures, *lane, world);
        if (lane->is_ready(records))
            figures.ready = from_events(static_cast<double>(*lane->ready), "ns",
                side == RaceSide::Machine ? lane->answered
                        ? tr("from making the machine until its program answers")
                        : tr("from making the machine until its program runs, which says nothing")
                    : lane->answered
                    ? tr("from making the container until its program answers")
                    : tr("from making the container until execve(2) of its program, which says nothing"),
                lane->from);
    }
    if (model != nullptr && technology != nullptr)
        fill_in(figures, *model, *technology, lane == nullptr);
    return figures;
}

std::vector<machine::Technology const*> technologies_of(RaceSide side, machine::Model const& model)
{
    std::vector<machine::Technology const*> found;
    for (auto const& technology : model.technologies) {
        if ((technology.kernel == machine::Kernel::Own) == (side == RaceSide::Machine))
            found.push_back(&technology);
    }
    return found;
}

std::int64_t hypervisor_type(RaceLane const* lane, world::World const& world)
{
    auto const found = world.hypervisors.find(lane != nullptr ? lane->host : world.shown);
    return found == world.hypervisors.end() ? 0 : found->second.type;
}

machine::Technology const* technology_of(
    RaceSide side, std::string_view id, RaceLane const* lane, std::int64_t hypervisor, machine::Model const* model)
{
    if (model == nullptr)
        return nullptr;
    auto const all = technologies_of(side, *model);
    auto const first = [&](auto const& wanted) {
        auto const found = std::find_if(all.begin(), all.end(), wanted);
        return found == all.end() ? nullptr : *found;
    };
    constexpr std::string_view usual_container = "container-docker";
    std::string_view const usual_machine = hypervisor == 2 ? "vm-type-2" : "vm-type-1";
    if (auto const* const chosen = first([&](auto const* it) { return it->id == id; }))
        return chosen;
    if (auto const* const running = first([&](auto const* it) { return lane != nullptr && it->title == lane->kind; }))
        return running;
    auto const usual = side == RaceSide::Machine ? usual_machine : usual_container;
    if (auto const* const known = first([&](auto const* it) { return it->id == usual; }))
        return known;
    return all.empty() ? nullptr : all.front();
}

}
