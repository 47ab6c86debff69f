#include "engine/compare/Ladder.h"

#include "engine/compare/Subprocess.h"
#include "engine/vmm/GuestRoot.h"
#include "engine/vmm/Kernels.h"
#include "engine/vmm/TinyGuest.h"
#include "sim/core/Verify.h"

#include <fmt/format.h>

#include <algorithm>

namespace drydock::compare {

namespace {

struct KvmState {
    bool opens { false };
    double rate { 0 };
    std::string why_not; // empty: genuine
};

KvmState probe_kvm()
{
    auto const kvm = vmm::Kvm::open();
    if (!kvm)
        return { .why_not = kvm.error().message() };
    auto const rate = vmm::probe_instruction_rate(*kvm);
    if (!rate)
        return { .opens = true, .why_not = "a probing guest did not run: " + rate.error().message() };
    if (rate->per_second < vmm::genuine_rate)
        return { .opens = true,
            .rate = rate->per_second,
            .why_not
            = fmt::format("/dev/kvm opens, but interprets: {:.1f} million instructions of ring 0 a second; this "
                          "machine is itself a guest without nested virtualization",
                rate->per_second / 1e6) };
    return { .opens = true, .rate = rate->per_second, .why_not = {} };
}

}

std::string_view to_string(Rung rung)
{
    switch (rung) {
    case Rung::OwnMonitor: return "Drydock's monitor on KVM";
    case Rung::QemuKvm: return "QEMU on KVM";
    case Rung::QemuSoftware: return "QEMU, CPU in software";
    case Rung::UserModeLinux: return "User-Mode Linux";
    case Rung::Model: return "the model";
    }
    return "";
}

Result<std::vector<std::string>> machine_command(Rung rung, MachineFiles const& files)
{
    auto const memory = std::to_string(files.memory);
    auto const qemu = [&](char const* accelerator, char const* cpu) {
        // The plain PC has every timer that Linux knows; QEMU's microvm hangs without KVM.
        std::vector<std::string> command { find_program("qemu-system-x86_64").value_or("qemu-system-x86_64"), "-M",
            "pc", "-accel", accelerator, "-cpu", cpu, "-m", memory, "-nodefaults", "-display", "none", "-no-reboot",
            "-serial", "stdio", "-kernel", files.kernel.string(), "-initrd", files.initramfs.string(), "-append",
            vmm::kernel_command_line(files.tells ? vmm::FirstWords::SecondSerialPort : vmm::FirstWords::None) };
        if (files.tells)
            command.insert(command.end(),
                { "-chardev", fmt::format("file,id=marks,path=/dev/fd/{}", tells_marks), "-device",
                    "isa-debugcon,iobase=0xe9,chardev=marks", "-chardev",
                    fmt::format("file,id=firmware,path=/dev/fd/{}", tells_firmware), "-device",
                    "isa-debugcon,iobase=0x402,chardev=firmware", "-chardev",
                    fmt::format("file,id=kernel,path=/dev/fd/{}", tells_kernel), "-serial", "chardev:kernel" });
        return command;
    };
    switch (rung) {
    case Rung::OwnMonitor:
        return std::vector<std::string> { files.drydock.string(), "vm", "boot", "--kernel", files.kernel.string(),
            "--initramfs", files.initramfs.string(), "--memory", memory };
    case Rung::QemuKvm: return qemu("kvm", "host");
    case Rung::QemuSoftware: return qemu("tcg", "max");
    case Rung::UserModeLinux:
        // Without "quiet" it says on standard error what it finds out about its host. Its sockets go beside the
        // archive, for not everybody has a home that can be written. The list is of benchmarks that a kernel with RAID
        // support runs at boot, for most of a second.
        return std::vector<std::string> { find_program("linux.uml").value_or("linux.uml"), "mem=" + memory + "M",
            files.tells ? fmt::format("ssl{}=null,fd:{}", vmm::marks_line, tells_marks) : std::string("ssl=null"),
            "initrd=" + files.initramfs.string(), std::string("rdinit=") + vmm::guest_init, "con=null",
            "con0=null,fd:1", files.tells ? "loglevel=1" : "quiet", "loglevel=1",
            "uml_dir=" + files.initramfs.parent_path().string() + "/",
            "hostfs=" + files.initramfs.parent_path().string(), // what it can see of its host
            "initcall_blacklist=raid6_select_algo,calibrate_xor_blocks" };
    case Rung::Model: break;
    }
    return fail(ErrorKind::InvalidInput, "the model boots nothing");
}

RungFinding const& Ladder::best() const
{
    auto const found = std::find_if(rungs.begin(), rungs.end(), [](auto const& each) { return each.works; });
    VERIFY(found != rungs.end());
    return *found;
}

bool Ladder::works(Rung rung) const
{
    return std::any_of(rungs.begin(), rungs.end(), [&](auto const& each) { return each.rung == rung && each.works; });
}

Ladder probe_ladder(std::filesystem::path const& asked)
{
    Ladder ladder;
    auto const kvm = probe_kvm();
    ladder.kvm_opens = kvm.opens;
    ladder.kvm_rate = kvm.rate;
    auto const kernel = asked.empty() ? vmm::find_kernel(vmm::kernel_cache()) : Result<std::filesystem::path>(asked);
    if (kernel)
        ladder.kernel = *kernel;
    auto const no_kernel = kernel ? std::string() : kernel.error().message();
    auto const qemu = find_program("qemu-system-x86_64");
    auto const uml = find_program("linux.uml");
    auto const on_kvm = fmt::format("{:.0f} million instructions of ring 0 a second", kvm.rate / 1e6);
    auto const add = [&](Rung rung, std::vector<std::string> const& missing, std::string const& there,
                         std::string const& remedy) {
        auto const first = std::find_if(missing.begin(), missing.end(), [](auto const& why) { return !why.empty(); });
        bool const works = first == missing.end();
        ladder.rungs.push_back({ rung, works, works ? there : *first, works ? std::string() : remedy });
    };
    auto const no_qemu = qemu ? std::string() : std::string("qemu-system-x86_64 is not installed");
    add(Rung::OwnMonitor, { kvm.why_not, no_kernel }, on_kvm, kvm.why_not.empty() ? "drydock vm fetch-kernel" : "");
    add(Rung::QemuKvm, { no_qemu, kvm.why_not, no_kernel }, on_kvm, qemu ? "" : "apt-get install qemu-system-x86");
    add(Rung::QemuSoftware, { no_qemu, no_kernel },
        qemu.value_or("") + "; real kernels boot, several times slower than on KVM",
        qemu ? "drydock vm fetch-kernel" : "apt-get install qemu-system-x86");
    add(Rung::UserModeLinux, { uml ? "" : "linux.uml is not installed" }, uml.value_or("") + ": a kernel as a process",
        "apt-get install user-mode-linux");
    ladder.rungs.push_back({ Rung::Model, true, "formulas with cited parameters", "" });
    return ladder;
}

}
