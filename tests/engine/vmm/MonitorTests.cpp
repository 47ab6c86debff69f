// Guests on the real /dev/kvm. Where it does not open, each test says so and passes over.

#include "engine/vmm/Monitor.h"
#include "engine/vmm/TinyGuest.h"
#include "sim/time/LiveScheduler.h"
#include "tests/support/Catch.h"
#include "tests/support/Events.h"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

using namespace drydock;
using namespace drydock::vmm;

namespace {

LiveScheduler const clock_of_all;

std::optional<Kvm> kvm()
{
    auto opened = Kvm::open();
    if (opened)
        return std::move(*opened);
    std::cout << "skipped: no guest can run here: " << opened.error().message() << "\n";
    return std::nullopt;
}

std::unique_ptr<Monitor> bare_machine(
    Kvm const& hypervisor, trace::Publisher publisher = {}, Clock const& clock = clock_of_all)
{
    return REQUIRE_OK(
        Monitor::create(hypervisor, { .memory = 1 << 20, .board = Board::Bare }, std::move(publisher), clock));
}

// What this process holds of virtual machines: descriptors of KVM and mappings of guests.
std::size_t descriptors_of_kvm()
{
    std::size_t count = 0;
    for (auto const& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code gone;
        auto const target = std::filesystem::read_symlink(entry.path(), gone).string();
        count += target.find("kvm") != std::string::npos ? 1U : 0U;
    }
    return count;
}

// Endless: jmp to itself, in 64-bit mode.
constexpr std::string_view endless { "\xeb\xfe", 2 };

}

TEST_CASE("Monitor: the tiny guest prints its line, every byte an exit, and halts", "[engine][vmm]")
{
    auto const hypervisor = kvm();
    if (!hypervisor)
        return;
    tests::RecordedEvents events;
    tests::StillClock const still; // so that the interval of telling never passes, however busy this machine is
    {
        auto const machine = bare_machine(*hypervisor, events.publisher(), still);
        REQUIRE_OK(machine->load_tiny_guest("ahoy\n"));
        CHECK(REQUIRE_OK(machine->run(std::chrono::seconds(10))) == StopReason::Halted);
        CHECK(machine->console() == "ahoy\n");
        CHECK(machine->exits().of({ KVM_EXIT_IO, SerialPort::first_port, true }) == 5);
        CHECK(machine->exits().of({ KVM_EXIT_HLT }) == 1);
        CHECK(machine->exits().total() == 6);
    }
    auto const names = events.names();
    CHECK(names.front() == "GuestMachineCreated");
    CHECK(names.back() == "GuestMachineStopped");
    REQUIRE(events.of<trace::GuestConsoleWritten>().size() == 1);
    CHECK(events.of<trace::GuestConsoleWritten>().front().text == "ahoy\n");
    REQUIRE(events.of<trace::GuestMachineStopped>().size() == 1);
    CHECK(events.of<trace::GuestMachineStopped>().front().exits == 6);
    // Two kinds of exits, told once each however many there were.
    CHECK(events.of<trace::GuestExitsCounted>().size() == 2);
}

TEST_CASE("Monitor: exit by exit, each step shows what the guest wrote", "[engine][vmm]")
{
    auto const hypervisor = kvm();
    if (!hypervisor)
        return;
    auto const machine = bare_machine(*hypervisor);
    REQUIRE_OK(machine->load_tiny_guest("hi"));
    auto const first = REQUIRE_OK(machine->step());
    REQUIRE(first);
    CHECK(first->kind == ExitKind { KVM_EXIT_IO, SerialPort::first_port, true });
    CHECK(first->data == "h");
    CHECK(machine->console() == "h");
    CHECK(REQUIRE_OK(machine->step())->data == "i");
    CHECK_FALSE(REQUIRE_OK(machine->step()).has_value());
    CHECK(machine->stopped() == StopReason::Halted);
    CHECK_FALSE(REQUIRE_OK(machine->step()).has_value()); // and stays so
}

TEST_CASE("Monitor: a guest that never leaves its CPU is stopped from another thread", "[engine][vmm]")
{
    auto const hypervisor = kvm();
    if (!hypervisor)
        return;
    auto const machine = bare_machine(*hypervisor);
    REQUIRE_OK(machine->load_code(std::string(endless), 0x40000));
    std::jthread const other([&] { machine->stop(); }); // before it runs or while it does: both must work
    CHECK(REQUIRE_OK(machine->run(std::chrono::seconds(20))) == StopReason::Stopped);
}

TEST_CASE("Monitor: a guest that never leaves its CPU is stopped by its time limit", "[engine][vmm]")
{
    auto const hypervisor = kvm();
    if (!hypervisor)
        return;
    auto const machine = bare_machine(*hypervisor);
    REQUIRE_OK(machine->load_code(std::string(endless), 0x40000));
    CHECK(REQUIRE_OK(machine->run(std::chrono::milliseconds(20))) == StopReason::TimedOut);
}

TEST_CASE("Monitor: the probe counts instructions of ring 0 and keeps its limit", "[engine][vmm]")
{
    auto const hypervisor = kvm();
    if (!hypervisor)
        return;
    auto const begin = std::chrono::steady_clock::now();
    auto const rate = REQUIRE_OK(probe_instruction_rate(*hypervisor));
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
    INFO("instructions a second: " << rate.per_second);
    CHECK(rate.per_second > 1000);
    CHECK((rate.finished || rate.per_second < 50e6)); // 2 million in 50 ms are 40 million a second
}

TEST_CASE("Monitor: a guest that pulls the reset line ends, and its last exit is counted once", "[engine][vmm]")
{
    auto const hypervisor = kvm();
    if (!hypervisor)
        return;
    tests::RecordedEvents events;
    auto const machine = bare_machine(*hypervisor, events.publisher());
    REQUIRE_OK(machine->load_code("\xb0\xfe\xe6\x64\xf4", 0x40000)); // mov al, 0xfe; out 0x64, al; hlt
    CHECK(REQUIRE_OK(machine->run(std::chrono::seconds(10))) == StopReason::Reset);
    CHECK(machine->exits().total() == 1);
    CHECK(events.of<trace::GuestMachineStopped>().front().exits == 1);
    CHECK(events.of<trace::GuestExitsCounted>().front().count == 1);
}

TEST_CASE("Monitor: memory where a guest has none reads as ones and takes nothing", "[engine][vmm]")
{
    auto const hypervisor = kvm();
    if (!hypervisor)
        return;
    auto const machine = bare_machine(*hypervisor);
    // mov eax, [0x10000000]; mov [0x10000000], eax; out 0x3f8, al; hlt: the address is far above its one MiB.
    std::string const code { "\x8b\x04\x25\x00\x00\x00\x10\x89\x04\x25\x00\x00\x00\x10\x66\xba\xf8\x03\xee\xf4", 20 };
    REQUIRE_OK(machine->load_code(code, 0x40000));
    CHECK(REQUIRE_OK(machine->run(std::chrono::seconds(10))) == StopReason::Halted);
    CHECK(machine->exits().of({ KVM_EXIT_MMIO, -1, false }) == 1);
    CHECK(machine->exits().of({ KVM_EXIT_MMIO, -1, true }) == 1);
    CHECK(machine->console() == "\xff");
}

TEST_CASE("Monitor: nothing of a guest is left behind", "[engine][vmm]")
{
    auto const hypervisor = kvm();
    if (!hypervisor)
        return;
    auto const before = descriptors_of_kvm();
    for (int i = 0; i < 3; ++i) {
        auto const machine = bare_machine(*hypervisor);
        REQUIRE_OK(machine->load_tiny_guest("x"));
        CHECK(descriptors_of_kvm() == before + 2); // a machine, a CPU
        REQUIRE_OK(machine->run());
    }
    CHECK(descriptors_of_kvm() == before);
}

TEST_CASE("Monitor: what cannot be loaded is refused, and says what it was", "[engine][vmm]")
{
    auto const hypervisor = kvm();
    if (!hypervisor)
        return;
    auto const machine = bare_machine(*hypervisor);
    auto const absent = machine->load_linux({ .kernel = "/nowhere/vmlinuz" });
    REQUIRE_FALSE(absent);
    CHECK(absent.error().message().find("/nowhere/vmlinuz") != std::string::npos);
    auto const no_kernel = machine->load_linux({ .kernel = "/proc/self/exe" });
    REQUIRE_FALSE(no_kernel);
    CHECK_FALSE(machine->load_code("\xf4", 2 << 20)); // beyond its memory
}
