#include "engine/lab/GuestMachines.h"

#include "engine/client/Format.h"
#include "engine/os/ReadText.h"
#include "engine/vmm/Cpio.h"
#include "engine/vmm/GuestRoot.h"
#include "engine/vmm/Kernels.h"
#include "sim/core/Verify.h"
#include "sim/machine/BootSequence.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace drydock::lab {

namespace {

constexpr std::string_view vm_usage
    = "Usage: drydock vm hypervisor start [--type 1|2] | hypervisor stop | start NAME [--microvm] [--memory MIB] "
      "[IMAGE [COMMAND…]] | stop NAME | ls\n";
constexpr std::uint64_t least_memory = 16, most_memory_of_guest = 1 << 20; // MiB
constexpr std::size_t most_guests = 100;
// Those that are real take the host's memory, and their kernels its processors.
constexpr std::size_t most_real_guests = 8;
constexpr std::uint64_t memory_to_spare = 512, least_real_memory = 96; // MiB
constexpr Duration longest_boot = std::chrono::seconds(60);
// What a guest runs where no image was named; the layout beside the program has it.
constexpr std::string_view usual_image = "greeter:1";
// How GuestMemoryMapped names what a machine holds of an image (engine/compare/RunningGuest.cpp says the same).
constexpr std::string_view image_prefix = "image ";

Error wrong_usage(std::string why)
{
    return { ErrorKind::InvalidInput, std::move(why) };
}

bool is_machine_name(std::string const& name)
{
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    return !name.empty() && name.size() <= 63 && name.find_first_not_of(letters) == std::string::npos
        && std::isalnum(static_cast<unsigned char>(name.front())) != 0;
}

// What the host gives away for it, as the comparison counts it.
std::uint64_t memory_of(machine::Model const& model, machine::Technology const& technology)
{
    auto const mebibytes
        = technology.guest_memory.value + technology.hot.value * technology.image.value + model.app_memory.value;
    return static_cast<std::uint64_t>(mebibytes * (1 << 20));
}

Duration of_seconds(double seconds)
{
    return Duration(std::llround(seconds * 1e9));
}

// A directory for one guest's files. UML keeps its sockets there, and a socket's path is short.
Result<std::filesystem::path> make_guest_directory()
{
    auto pattern = (std::filesystem::temp_directory_path() / "drydock-guest-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
        return fail(Error::from_errno("mkdtemp(3)", errno).with_context(pattern));
    return std::filesystem::path(pattern);
}

std::uint64_t available_memory() // MiB
{
    auto const text = os::read_text("/proc/meminfo");
    constexpr std::string_view name = "MemAvailable:";
    auto const at = text.find(name);
    return at == std::string::npos ? 0 : std::strtoull(text.c_str() + at + name.size(), nullptr, 10) >> 10U;
}

// Bytes of the image's tree as an archive that a kernel starts from.
Result<std::uint64_t> packed_size(unionfs::UnionMount const& root)
{
    vmm::CpioWriter archive([](std::string_view) { return Result<void> {}; });
    TRY(vmm::pack_tree(root, archive));
    TRY(archive.finish());
    return archive.size();
}

// Why no guest can be real: what is missing on the rung that would be nearest.
std::string why_none_is_real(compare::Ladder const& ladder)
{
    auto const uml = std::find_if(ladder.rungs.begin(), ladder.rungs.end(),
        [](auto const& each) { return each.rung == compare::Rung::UserModeLinux; });
    auto const& first = ladder.rungs.front();
    return first.detail + (uml == ladder.rungs.end() ? "" : "; " + uml->detail) + ". drydock doctor says more";
}

}

GuestMachines::GuestMachines(
    GuestSetting setting, Scheduler& scheduler, trace::Publisher modelled, trace::Publisher real)
    : m_setting(std::move(setting))
    , m_scheduler(scheduler)
    , m_pen(std::move(modelled))
    , m_real_pen(std::move(real))
{
}

GuestMachines::~GuestMachines()
{
    for (auto const& [name, guest] : m_guests)
        end(guest, "the lab was closed");
}

int GuestMachines::run(std::vector<std::string> const& words, client::Terminal const& terminal)
{
    forget_ended();
    auto const done = [&]() -> Result<void> {
        auto const first = words.empty() ? std::string() : words[0];
        auto const second = words.size() < 2 ? std::string() : words[1];
        if (first == "hypervisor" && second == "start")
            return start_hypervisor({ words.begin() + 2, words.end() }, terminal);
        if (first == "hypervisor" && second == "stop" && words.size() == 2)
            return stop_hypervisor();
        if (first == "start") {
            auto const wanted = TRY(parse_wanted({ words.begin() + 1, words.end() }));
            return start_guest(wanted, terminal);
        }
        if (first == "stop" && words.size() == 2)
            return stop_guest(second);
        if (first != "ls" || words.size() != 1)
            return fail(wrong_usage("no such command"));
        list(terminal);
        return {};
    }();
    if (done)
        return 0;
    bool const misused = done.error().kind() == ErrorKind::InvalidInput;
    terminal.write(true, "drydock: " + done.error().message() + "\n" + (misused ? std::string(vm_usage) : ""));
    return misused ? 2 : 1;
}

void GuestMachines::take_up(trace::EventLog const& log)
{
    auto const numbers = model();
    std::map<std::string, Wanted> real; // by the ids that they had
    for (std::uint64_t i = 0; numbers && i < log.size(); ++i) {
        if (log[i].origin->host != m_pen.origin().host)
            continue;
        auto const& event = log[i].event;
        if (auto const* begun = event.get_if<trace::HypervisorStarted>()) {
            m_hypervisor = static_cast<int>(begun->type);
            m_ladder.reset();
            if (log[i].origin->provenance == trace::Provenance::Live)
                m_ladder = compare::probe_ladder();
        }
        if (event.get_if<trace::HypervisorStopped>() != nullptr)
            m_hypervisor = 0;
        if (auto const* mapped = event.get_if<trace::GuestMemoryMapped>();
            mapped != nullptr && mapped->what.starts_with(image_prefix) && real.contains(mapped->machine.value))
            real[mapped->machine.value].image = mapped->what.substr(image_prefix.size());
        if (auto const* stopped = event.get_if<trace::GuestMachineStopped>()) {
            std::erase_if(m_guests, [&](auto const& guest) { return guest.second.id == stopped->machine; });
            real.erase(stopped->machine.value);
        }
        auto const* const made = event.get_if<trace::GuestMachineCreated>();
        if (made == nullptr)
            continue;
        ++m_next;
        if (log[i].origin->provenance == trace::Provenance::Live) {
            real[made->machine.value] = { .name = made->name, .memory = made->memory >> 20U };
            continue;
        }
        auto const& all = (*numbers)->technologies;
        auto const technology
            = std::find_if(all.begin(), all.end(), [&](auto const& known) { return known.title == made->monitor; });
        if (technology != all.end())
            m_guests[made->name] = { made->machine, &*technology, made->memory };
    }
    for (auto const& [id, wanted] : real) {
        m_real_pen.publish(trace::GuestMachineStopped { { id }, "the lab was taken back", 0 });
        static_cast<void>(start_real(wanted)); // where it cannot be had again, it has stopped
    }
}

Result<machine::Model const*> GuestMachines::model()
{
    if (m_model)
        return &*m_model;
    std::ifstream file(m_setting.model);
    std::stringstream text;
    text << file.rdbuf();
    if (!file)
        return fail(ErrorKind::NotFound, "the numbers of the model are not there: " + m_setting.model.string());
    auto loaded = machine::load_model(text.str());
    if (!loaded.model)
        return fail(ErrorKind::InvalidInput, loaded.problems.front().to_string(m_setting.model.string()));
    m_model = std::move(loaded.model);
    return &*m_model;
}

// ---- The hypervisor ----

Result<void> GuestMachines::start_hypervisor(std::vector<std::string> const& flags, client::Terminal const& terminal)
{
    int type = 2;
    if (flags.size() == 2 && flags[0] == "--type" && (flags[1] == "1" || flags[1] == "2"))
        type = flags[1] == "1" ? 1 : 2;
    else if (!flags.empty())
        return fail(wrong_usage("a hypervisor is of type 1 or 2"));
    if (m_hypervisor != 0)
        return fail(ErrorKind::Conflict, fmt::format("a type {} hypervisor runs here already", m_hypervisor));
    TRY(model());
    m_hypervisor = type;
    m_ladder.reset();
    auto const& host = m_pen.origin().host;
    if (!m_setting.programs.empty() && type == 1)
        terminal.write(false, "modelled: a hypervisor of type 1 would lie below this system, in its place\n");
    if (!m_setting.programs.empty() && type == 2) {
        auto ladder = compare::probe_ladder();
        auto const& best = ladder.best();
        bool const is_real = best.rung != compare::Rung::Model;
        terminal.write(false,
            is_real ? fmt::format("{}: {}\n", to_string(best.rung), best.detail)
                    : "modelled: " + why_none_is_real(ladder) + "\n");
        if (is_real) {
            m_real_pen.publish(trace::HypervisorStarted { host, std::string(to_string(best.rung)), type });
            m_ladder = std::move(ladder);
            return {};
        }
    }
    m_pen.publish(trace::HypervisorStarted { host, fmt::format("a type {} hypervisor", type), type });
    return {};
}

Result<void> GuestMachines::stop_hypervisor()
{
    if (m_hypervisor == 0)
        return fail(ErrorKind::Conflict, "no hypervisor runs here");
    for (auto const& [name, guest] : m_guests)
        end(guest, "its hypervisor was stopped");
    m_guests.clear();
    m_hypervisor = 0;
    auto const& pen = m_ladder ? m_real_pen : m_pen;
    m_ladder.reset();
    pen.publish(trace::HypervisorStopped { m_pen.origin().host, "it was stopped" });
    return {};
}

// ---- Its guests ----

Result<GuestMachines::Wanted> GuestMachines::parse_wanted(std::vector<std::string> const& words)
{
    Wanted wanted;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "--microvm") {
            wanted.micro = true;
        } else if (words[i] == "--memory" && i + 1 < words.size()) {
            auto const& text = words[++i];
            std::uint64_t number = 0;
            auto const [last, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
            if (wrong != std::errc() || last != text.data() + text.size() || number < least_memory
                || number > most_memory_of_guest)
                return fail(wrong_usage(
                    fmt::format("a machine has {} to {} MiB of memory", least_memory, most_memory_of_guest)));
            wanted.memory = number;
        } else if (words[i].starts_with('-')) {
            return fail(wrong_usage("unknown flag: " + words[i]));
        } else if (wanted.name.empty()) {
            wanted.name = words[i];
        } else {
            wanted.image = words[i];
            wanted.command.assign(words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
            break;
        }
    }
    if (!is_machine_name(wanted.name))
        return fail(wrong_usage(fmt::format("\"{}\" is no name for a machine", wanted.name)));
    return wanted;
}

Result<void> GuestMachines::start_guest(Wanted const& wanted, client::Terminal const& terminal)
{
    if (m_hypervisor == 0)
        return fail(ErrorKind::Unavailable,
            "no hypervisor runs on " + m_pen.origin().host.value + ": start one with drydock vm hypervisor start");
    if (m_guests.contains(wanted.name))
        return fail(ErrorKind::Conflict, "the machine name \"" + wanted.name + "\" is already in use");
    if (m_guests.size() >= most_guests)
        return fail(ErrorKind::LimitExceeded, fmt::format("more than {} machines", most_guests));
    if (m_ladder) {
        auto const ready = start_real(wanted);
        if (ready) {
            terminal.write(false,
                fmt::format("{} is ready after {} (measured; {})\n", wanted.name, human_duration(*ready),
                    to_string(m_ladder->best().rung)));
            return {};
        }
        if (ready.error().kind() == ErrorKind::NotFound)
            return tl::unexpected(ready.error());
        terminal.write(true, "modelled: " + ready.error().message() + "\n");
    }
    return start_modelled(wanted, terminal);
}

// Its image as one archive in a directory of its own, and a machine that starts from it.
Result<Duration> GuestMachines::start_real(Wanted const& wanted)
{
    auto const count = static_cast<std::size_t>(std::count_if(
        m_guests.begin(), m_guests.end(), [](auto const& guest) { return guest.second.real != nullptr; }));
    if (!m_ladder || m_ladder->best().rung == compare::Rung::Model)
        return fail(ErrorKind::NotSupported, "no guest can be real here");
    if (count >= most_real_guests)
        return fail(ErrorKind::LimitExceeded, fmt::format("no more than {} guests are real", most_real_guests));
    auto const name = wanted.image.empty() ? std::string(usual_image) : wanted.image;
    auto const image = TRY(m_setting.image(name));
    auto const directory = TRY(make_guest_directory());
    compare::GuestPlan plan { .id = next_id(),
        .name = wanted.name,
        .rung = m_ladder->best().rung,
        .files = { .drydock = m_setting.programs / "drydock", .kernel = {}, .initramfs = {} },
        .image = name,
        .directory = directory };
    plan.files.initramfs = directory / "initramfs";
    auto guest = [&]() -> Result<std::unique_ptr<compare::RunningGuest>> {
        auto command = vmm::command_of(image.config, wanted.command);
        command.afterwards = vmm::Afterwards::Stay;
        plan.tree = TRY(vmm::write_initramfs(
            plan.files.initramfs, *image.root, m_setting.programs / "drydock-guest-init", command));
        // While it starts, the archive and the tree that is unpacked from it both lie in its memory.
        auto const least = least_real_memory + 2 * (plan.tree >> 20U);
        plan.files.memory = wanted.memory.value_or(std::max<std::uint64_t>(128, least));
        if (plan.files.memory < least)
            return fail(ErrorKind::LimitExceeded,
                fmt::format("with less than {} MiB no kernel gets up with this image", least));
        if (available_memory() < plan.files.memory + memory_to_spare)
            return fail(ErrorKind::LimitExceeded, "this host's memory is used up");
        if (m_ladder->kernel)
            plan.files.kernel = TRY(vmm::unpacked(*m_ladder->kernel, vmm::kernel_cache()));
        return compare::RunningGuest::start(plan, m_real_pen, m_scheduler);
    }();
    if (!guest) {
        std::error_code ignored;
        std::filesystem::remove_all(directory, ignored);
        return tl::unexpected(guest.error());
    }
    auto const ready = TRY((*guest)->wait_until_ready(longest_boot));
    m_guests[wanted.name] = { .id = plan.id, .memory = plan.files.memory << 20U, .real = std::move(*guest) };
    return ready;
}

Result<void> GuestMachines::start_modelled(Wanted const& wanted, client::Terminal const& terminal)
{
    auto const* const numbers = TRY(model());
    auto const kind = wanted.micro ? "microvm" : m_hypervisor == 1 ? "vm-type-1" : "vm-type-2";
    auto const* const technology = numbers->find(kind);
    if (technology == nullptr)
        return fail(ErrorKind::NotFound, fmt::format("the model has no technology {}", kind));
    std::uint64_t tree = 0;
    std::string app;
    if (!wanted.image.empty()) {
        auto const image = TRY(m_setting.image(wanted.image));
        tree = TRY(packed_size(*image.root));
        app = fmt::format(
            ": {} of {}", fmt::join(vmm::command_of(image.config, wanted.command).arguments, " "), wanted.image);
    }
    Guest const guest { .id = next_id(),
        .technology = technology,
        .memory = wanted.memory ? *wanted.memory << 20 : memory_of(*numbers, *technology) };
    m_guests[wanted.name] = guest;
    m_pen.publish(trace::GuestMachineCreated { guest.id, wanted.name, technology->title, guest.memory, 1 });
    m_pen.publish(trace::GuestMemoryMapped { guest.id, 0, guest.memory, "RAM", false });
    auto const elapsed = boot_up(guest, wanted.image, tree);
    terminal.write(false, fmt::format("{} is ready after {:.1f} s (modelled){}\n", wanted.name, elapsed, app));
    return {};
}

GuestMachineId GuestMachines::next_id()
{
    return { fmt::format("{}-{}", m_pen.origin().host.value, m_next++) };
}

double GuestMachines::boot_up(Guest const& guest, std::string const& image, std::uint64_t tree)
{
    VERIFY(m_model);
    auto const started = machine::boot(m_model->host, { { guest.technology, 0 } }).front();
    Duration told { 0 };
    auto const reach = [&](std::string const& phase, double seconds) {
        auto const at = of_seconds(seconds);
        if (m_setting.boot_told == BootTold::InTime && at > told)
            m_scheduler.sleep_for(at - told);
        told = at;
        m_pen.publish(trace::GuestPhaseReached { guest.id, phase, at.count() });
    };
    // A phase is reached when it begins: "kernel" is when the kernel's first instruction runs.
    for (auto const& phase : started.phases) {
        // Its program is in memory before it can run.
        if (tree > 0 && phase.name == "app")
            m_pen.publish(trace::GuestMemoryMapped { guest.id, 0, tree, std::string(image_prefix) + image, false });
        reach(phase.name, phase.begun.value);
    }
    reach("ready", started.elapsed.value);
    return started.elapsed.value;
}

Result<void> GuestMachines::stop_guest(std::string const& name)
{
    auto const found = m_guests.find(name);
    if (found == m_guests.end())
        return fail(ErrorKind::NotFound, "no such machine: " + name);
    end(found->second, "it was stopped");
    m_guests.erase(found);
    return {};
}

void GuestMachines::end(Guest const& guest, std::string const& reason)
{
    if (guest.real)
        guest.real->stop(reason); // and tells so
    else
        m_pen.publish(trace::GuestMachineStopped { guest.id, reason, 0 });
}

void GuestMachines::forget_ended()
{
    std::erase_if(m_guests, [](auto const& guest) { return guest.second.real && guest.second.real->has_ended(); });
}

void GuestMachines::list(client::Terminal const& terminal) const
{
    client::Table table({ "NAME", "KIND", "MEMORY" });
    for (auto const& [name, guest] : m_guests)
        table.add({ name, guest.real ? std::string(to_string(m_ladder->best().rung)) : guest.technology->id,
            fmt::format("{} MiB", guest.memory >> 20) });
    terminal.write(false, table.to_text());
}

}
