#pragma once

// The kernel's hypervisor, /dev/kvm, behind types that own what they opened (Documentation/virt/kvm/api.rst). Three
// levels of descriptors: the hypervisor, a virtual machine, a virtual CPU. All that a small monitor needs are 16 of its
// calls.

#include "engine/os/Fd.h"
#include "sim/core/Result.h"

#include <linux/kvm.h>

#include <cstdint>
#include <span>
#include <vector>

namespace drydock::vmm {

enum class Line : std::uint8_t { Low, High };

// Runs a guest in the thread that calls it.
class VirtualCpu {
public:
    ~VirtualCpu();
    VirtualCpu(VirtualCpu&&) noexcept;
    VirtualCpu& operator=(VirtualCpu&&) = delete;

    // Until the guest leaves; state().exit_reason says why. False: a signal came, or somebody asked for it.
    Result<bool> run();
    kvm_run& state() const { return *m_run; }
    // The bytes of an exit for an I/O instruction, which lie behind the state; Corrupt where they would lie elsewhere.
    Result<std::span<std::byte>> io_data() const;

    Result<kvm_regs> registers() const;
    Result<void> set_registers(kvm_regs const&);
    Result<kvm_sregs> special_registers() const;
    Result<void> set_special_registers(kvm_sregs const&);
    Result<void> set_cpuid(std::vector<kvm_cpuid_entry2> const&);

private:
    friend class VirtualMachine;
    VirtualCpu(os::Fd cpu, kvm_run* run, std::size_t run_size)
        : m_cpu(std::move(cpu))
        , m_run(run)
        , m_run_size(run_size)
    {
    }

    os::Fd m_cpu;
    kvm_run* m_run; // shared with the kernel
    std::size_t m_run_size;
};

class VirtualMachine {
public:
    // The interrupt controllers and the timer of a PC, played by the kernel. With them a halted guest sleeps inside
    // run(); without, HLT is an exit.
    Result<void> add_interrupt_controllers();
    Result<void> map(std::uint32_t slot, std::uint64_t address, std::span<std::byte> host);
    Result<void> set_interrupt(unsigned irq, Line);
    Result<VirtualCpu> create_cpu();

private:
    friend class Kvm;
    VirtualMachine(os::Fd machine, std::size_t run_size)
        : m_machine(std::move(machine))
        , m_run_size(run_size)
    {
    }

    os::Fd m_machine;
    std::size_t m_run_size;
};

class Kvm {
public:
    // NotSupported where there is none or it may not be opened, with what to do about it.
    static Result<Kvm> open();

    Result<VirtualMachine> create_machine() const;
    Result<std::vector<kvm_cpuid_entry2>> supported_cpuid() const;

private:
    explicit Kvm(os::Fd kvm)
        : m_kvm(std::move(kvm))
    {
    }

    os::Fd m_kvm;
};

}
