#include "engine/lab/GuestMachines.h"

#include "engine/client/Format.h"
#include "sim/core/Verify.h"
#include "sim/machine/BootSequence.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <sstream>

namespace drydock::lab {

namespace {

constexpr std::string_view vm_usage
    = "Usage: drydock vm hypervisor start [--type 1|2] | hypervisor stop | start NAME [--microvm] [--memory MIB] | "
      "stop NAME | ls\n";
constexpr std::uint64_t least_memory = 16, most_memory_of_guest = 1 << 20; // MiB
constexpr std::size_t most_guests = 100;

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

}

GuestMachines::GuestMachines(
    std::filesystem::path model, Scheduler& scheduler, trace::Publisher pen, BootTold boot_told)
    : m_path(std::move(model))
    , m_scheduler(scheduler)
    , m_pen(std::move(pen))
    , m_boot_told(boot_told)
{
}

GuestMachines::~GuestMachines()
{
    for (auto const& [name, guest] : m_guests)
        end(guest, "the lab was closed");
}

int GuestMachines::run(std::vector<std::string> const& words, client::Terminal const& terminal)
{
    auto const done = [&]() -> Result<void> {
        auto const first = words.empty() ? std::string() : words[0];
        auto const second = words.size() < 2 ? std::string() : words[1];
        if (first == "hypervisor" && second == "start")
            return start_hypervisor({ words.begin() + 2, words.end() });
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
    for (std::uint64_t i = 0; numbers && i < log.size(); ++i) {
        if (log[i].origin->host != m_pen.origin().host)
            continue;
        auto const& event = log[i].event;
        if (auto const* begun = event.get_if<trace::HypervisorStarted>())
            m_hypervisor = static_cast<int>(begun->type);
        if (event.get_if<trace::HypervisorStopped>() != nullptr)
            m_hypervisor = 0;
        if (auto const* stopped = event.get_if<trace::GuestMachineStopped>())
            std::erase_if(m_guests, [&](auto const& guest) { return guest.second.id == stopped->machine; });
        auto const* const made = event.get_if<trace::GuestMachineCreated>();
        if (made == nullptr)
            continue;
        ++m_next;
        auto const& all = (*numbers)->technologies;
        auto const technology
            = std::find_if(all.begin(), all.end(), [&](auto const& known) { return known.title == made->monitor; });
        if (technology != all.end())
            m_guests[made->name] = { made->machine, &*technology, made->memory };
    }
}

Result<machine::Model const*> GuestMachines::model()
{
    if (m_model)
        return &*m_model;
    std::ifstream file(m_path);
    std::stringstream text;
    text << file.rdbuf();
    if (!file)
        return fail(ErrorKind::NotFound, "the numbers of the model are not there: " + m_path.string());
    auto loaded = machine::load_model(text.str());
    if (!loaded.model)
        return fail(ErrorKind::InvalidInput, loaded.problems.front().to_string(m_path.string()));
    m_model = std::move(loaded.model);
    return &*m_model;
}

// ---- The hypervisor ----

Result<void> GuestMachines::start_hypervisor(std::vector<std::string> const& flags)
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
    m_pen.publish(trace::HypervisorStarted { m_pen.origin().host, fmt::format("a type {} hypervisor", type), type });
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
    m_pen.publish(trace::HypervisorStopped { m_pen.origin().host, "it was stopped" });
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
            return fail(wrong_usage("one machine at a time"));
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
    auto const* const numbers = TRY(model());
    auto const kind = wanted.micro ? "microvm" : m_hypervisor == 1 ? "vm-type-1" : "vm-type-2";
    auto const* const technology = numbers->find(kind);
    if (technology == nullptr)
        return fail(ErrorKind::NotFound, fmt::format("the model has no technology {}", kind));
    Guest const guest { .id = { fmt::format("{}-{}", m_pen.origin().host.value, m_next++) },
        .technology = technology,
        .memory = wanted.memory ? *wanted.memory << 20 : memory_of(*numbers, *technology) };
    m_guests[wanted.name] = guest;
    m_pen.publish(trace::GuestMachineCreated { guest.id, wanted.name, technology->title, guest.memory, 1 });
    m_pen.publish(trace::GuestMemoryMapped { guest.id, 0, guest.memory, "RAM", false });
    auto const elapsed = boot_up(guest);
    terminal.write(false, fmt::format("{} is ready after {:.1f} s (modelled)\n", wanted.name, elapsed));
    return {};
}

double GuestMachines::boot_up(Guest const& guest)
{
    VERIFY(m_model);
    auto const started = machine::boot(m_model->host, { { guest.technology, 0 } }).front();
    Duration told { 0 };
    auto const reach = [&](std::string const& phase, double seconds) {
        auto const at = of_seconds(seconds);
        if (m_boot_told == BootTold::InTime && at > told)
            m_scheduler.sleep_for(at - told);
        told = at;
        m_pen.publish(trace::GuestPhaseReached { guest.id, phase, at.count() });
    };
    // A phase is reached when it begins: "kernel" is when the kernel's first instruction runs.
    for (auto const& phase : started.phases)
        reach(phase.name, phase.begun.value);
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
    m_pen.publish(trace::GuestMachineStopped { guest.id, reason, 0 });
}

void GuestMachines::list(client::Terminal const& terminal) const
{
    client::Table table({ "NAME", "KIND", "MEMORY" });
    for (auto const& [name, guest] : m_guests)
        table.add({ name, guest.technology->id, fmt::format("{} MiB", guest.memory >> 20) });
    terminal.write(false, table.to_text());
}

}
