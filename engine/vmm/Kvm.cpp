#include "engine/vmm/Kvm.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <array>
#include <cerrno>
#include <utility>

namespace drydock::vmm {

namespace {

// struct kvm_cpuid2, whose flexible array takes a byte too many where linux/kvm.h is read as C++: the size is part of
// the request's number, so the kernel would not know it.
struct CpuidTable {
    std::uint32_t count { 0 };
    std::uint32_t padding { 0 };
    std::array<kvm_cpuid_entry2, 256> entries {};
};
constexpr unsigned long get_supported_cpuid = 0xc008ae05;
constexpr unsigned long set_cpuid2 = 0x4008ae90;

template <class... Argument>
Result<int> call(os::Fd const& fd, unsigned long request, char const* name, Argument... argument)
{
    int const result = ::ioctl(fd.get(), request, argument...);
    if (result < 0)
        return failed(name, errno);
    return result;
}

constexpr int no_argument = 0;

}

// ---- The hypervisor ----

Result<Kvm> Kvm::open()
{
    os::Fd kvm(::open("/dev/kvm", O_RDWR | O_CLOEXEC));
    if (!kvm) {
        auto const code = errno;
        auto const* remedy = code == EACCES ? "add yourself to the group kvm"
            : code == ENOENT                ? "this machine has no hardware virtualization, or its kernel no kvm module"
                                            : "see whether virtualization is on in the firmware";
        return fail(ErrorKind::NotSupported,
            fmt::format("/dev/kvm: {}; {}", Error::from_errno("open(2)", code).message(), remedy));
    }
    auto const version = TRY(call(kvm, KVM_GET_API_VERSION, "KVM_GET_API_VERSION", no_argument));
    if (version != KVM_API_VERSION)
        return fail(
            ErrorKind::NotSupported, fmt::format("/dev/kvm speaks version {} of its interface, not 12", version));
    return Kvm(std::move(kvm));
}

Result<VirtualMachine> Kvm::create_machine() const
{
    auto const run_size = TRY(call(m_kvm, KVM_GET_VCPU_MMAP_SIZE, "KVM_GET_VCPU_MMAP_SIZE", no_argument));
    if (std::cmp_less(run_size, sizeof(kvm_run)))
        return fail(ErrorKind::NotSupported, fmt::format("a virtual CPU's state has {} bytes only", run_size));
    os::Fd machine(TRY(call(m_kvm, KVM_CREATE_VM, "KVM_CREATE_VM", no_argument)));
    // Intel's processors need three pages that no guest uses, near the top of the first 4 GiB; others ignore them.
    TRY(call(machine, KVM_SET_TSS_ADDR, "KVM_SET_TSS_ADDR", 0xfffbd000UL));
    std::uint64_t identity_map = 0xfffbc000;
    TRY(call(machine, KVM_SET_IDENTITY_MAP_ADDR, "KVM_SET_IDENTITY_MAP_ADDR", &identity_map));
    return VirtualMachine(std::move(machine), static_cast<std::size_t>(run_size));
}

Result<std::vector<kvm_cpuid_entry2>> Kvm::supported_cpuid() const
{
    CpuidTable table { .count = 256 };
    TRY(call(m_kvm, get_supported_cpuid, "KVM_GET_SUPPORTED_CPUID", &table));
    return std::vector(table.entries.begin(), table.entries.begin() + std::min<std::uint32_t>(table.count, 256));
}

// ---- A machine ----

Result<void> VirtualMachine::add_interrupt_controllers()
{
    TRY(call(m_machine, KVM_CREATE_IRQCHIP, "KVM_CREATE_IRQCHIP", no_argument));
    kvm_pit_config timer {};
    TRY(call(m_machine, KVM_CREATE_PIT2, "KVM_CREATE_PIT2", &timer));
    return {};
}

Result<void> VirtualMachine::map(std::uint32_t slot, std::uint64_t address, std::span<std::byte> host)
{
    kvm_userspace_memory_region region {};
    region.slot = slot;
    region.guest_phys_addr = address;
    region.memory_size = host.size();
    region.userspace_addr = reinterpret_cast<std::uintptr_t>(host.data());
    TRY(call(m_machine, KVM_SET_USER_MEMORY_REGION, "KVM_SET_USER_MEMORY_REGION", &region));
    return {};
}

Result<void> VirtualMachine::set_interrupt(unsigned irq, Line line)
{
    kvm_irq_level level {};
    level.irq = irq;
    level.level = line == Line::High ? 1 : 0;
    TRY(call(m_machine, KVM_IRQ_LINE, "KVM_IRQ_LINE", &level));
    return {};
}

Result<VirtualCpu> VirtualMachine::create_cpu()
{
    os::Fd cpu(TRY(call(m_machine, KVM_CREATE_VCPU, "KVM_CREATE_VCPU", 0UL)));
    auto* run = ::mmap(nullptr, m_run_size, PROT_READ | PROT_WRITE, MAP_SHARED, cpu.get(), 0);
    if (run == MAP_FAILED)
        return failed("mmap(2)", errno);
    return VirtualCpu(std::move(cpu), static_cast<kvm_run*>(run), m_run_size);
}

// ---- A virtual CPU ----

VirtualCpu::~VirtualCpu()
{
    if (m_run != nullptr)
        ::munmap(m_run, m_run_size);
}

VirtualCpu::VirtualCpu(VirtualCpu&& other) noexcept
    : m_cpu(std::move(other.m_cpu))
    , m_run(std::exchange(other.m_run, nullptr))
    , m_run_size(other.m_run_size)
{
}

Result<bool> VirtualCpu::run()
{
    if (::ioctl(m_cpu.get(), KVM_RUN, no_argument) == 0)
        return true;
    if (errno == EINTR || errno == EAGAIN)
        return false;
    return failed("KVM_RUN", errno);
}

Result<std::span<std::byte>> VirtualCpu::io_data() const
{
    auto const& io = m_run->io;
    auto const bytes = std::uint64_t { io.size } * io.count;
    if (io.data_offset > m_run_size || bytes > m_run_size - io.data_offset || io.size == 0)
        return fail(
            ErrorKind::Corrupt, fmt::format("{} bytes at {:#x} are no data of an I/O exit", bytes, io.data_offset));
    return std::span(reinterpret_cast<std::byte*>(m_run) + io.data_offset, bytes);
}

Result<kvm_regs> VirtualCpu::registers() const
{
    kvm_regs registers {};
    TRY(call(m_cpu, KVM_GET_REGS, "KVM_GET_REGS", &registers));
    return registers;
}

Result<void> VirtualCpu::set_registers(kvm_regs const& registers)
{
    TRY(call(m_cpu, KVM_SET_REGS, "KVM_SET_REGS", &registers));
    return {};
}

Result<kvm_sregs> VirtualCpu::special_registers() const
{
    kvm_sregs registers {};
    TRY(call(m_cpu, KVM_GET_SREGS, "KVM_GET_SREGS", &registers));
    return registers;
}

Result<void> VirtualCpu::set_special_registers(kvm_sregs const& registers)
{
    TRY(call(m_cpu, KVM_SET_SREGS, "KVM_SET_SREGS", &registers));
    return {};
}

Result<void> VirtualCpu::set_cpuid(std::vector<kvm_cpuid_entry2> const& entries)
{
    CpuidTable table { .count = static_cast<std::uint32_t>(std::min<std::size_t>(entries.size(), 256)) };
    std::copy_n(entries.begin(), table.count, table.entries.begin());
    TRY(call(m_cpu, set_cpuid2, "KVM_SET_CPUID2", &table));
    return {};
}

}
