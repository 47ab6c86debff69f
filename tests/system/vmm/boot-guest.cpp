// Boots one Linux guest with our monitor and says how it went. Small, so that it can run inside of another guest: how
// the monitor is tested where KVM is not real.
//
//     boot-guest KERNEL INITRAMFS [MEMORY-MIB [SECONDS]]
//     boot-guest pack DIRECTORY TARGET INIT COMMAND…      makes such an initramfs
//     boot-guest unpack KERNEL TARGET                     the ELF program inside of a bzImage

#include "engine/unionfs/DirectoryBranch.h"
#include "engine/vmm/GuestRoot.h"
#include "engine/vmm/MappedFile.h"
#include "engine/vmm/Monitor.h"
#include "engine/vmm/TinyGuest.h"
#include "sim/time/LiveScheduler.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>

using namespace drydock;
using namespace drydock::vmm;

namespace {

Result<void> boot(char const* kernel, char const* initramfs, std::uint64_t memory, std::chrono::seconds limit)
{
    auto const kvm = TRY(Kvm::open());
    auto const rate = TRY(probe_instruction_rate(kvm));
    std::printf("rate: %.0f instructions a second\n", rate.per_second);
    LiveScheduler const clock;
    auto const machine = TRY(Monitor::create(kvm,
        { .memory = memory << 20,
            .console = [](std::string_view text) { std::printf("%.*s", static_cast<int>(text.size()), text.data()); } },
        {}, clock));
    TRY(machine->load_linux({ .kernel = kernel,
        .initramfs = initramfs,
        .command_line = kernel_command_line(),
        .placing = Placing::Mapped }));
    auto const reason = TRY(machine->run(limit));
    std::printf("stopped: %s\n", std::string(to_string(reason)).c_str());
    for (auto const& phase : machine->phases())
        std::printf("phase: %s %.3f s\n", phase.name.c_str(), std::chrono::duration<double>(phase.elapsed).count());
    for (auto const& [kind, count] : machine->exits().all())
        std::printf("exits: %s port %d %s %llu\n", std::string(name_of_exit(kind.reason)).c_str(), kind.port,
            kind.out ? "out" : "in", static_cast<unsigned long long>(count));
    std::printf("exits in all: %llu\n", static_cast<unsigned long long>(machine->exits().total()));
    return {};
}

Result<void> pack(std::vector<std::string> const& words)
{
    auto const directory = TRY(unionfs::DirectoryBranch::open(std::filesystem::path(words[2])));
    unionfs::Stack stack;
    stack.layers.push_back(directory);
    unionfs::UnionMount const root(std::move(stack), {}, {});
    TRY(write_initramfs(words[3], root, words[4],
        { .arguments = { words.begin() + 5, words.end() },
            .environment = { "PATH=/bin", "ASAN_OPTIONS=detect_leaks=0" } }));
    return {};
}

Result<void> unpack(std::vector<std::string> const& words)
{
    auto const file = TRY(MappedFile::open(words[2]));
    auto const image = TRY(parse_kernel(file.bytes()));
    std::ofstream(words[3], std::ios::binary) << TRY(unpack_kernel(file.bytes(), image));
    return {};
}

}

int main(int argc, char** argv)
{
    std::vector<std::string> const words(argv, argv + argc);
    if (argc < 3) {
        std::fprintf(stderr, "Usage: boot-guest KERNEL INITRAMFS [MEMORY-MIB [SECONDS]]\n");
        return 2;
    }
    std::setvbuf(stdout, nullptr, _IONBF, 0);
    auto const number = [&](int i, long otherwise) { return argc > i ? std::strtol(argv[i], nullptr, 10) : otherwise; };
    auto const done = words[1] == "pack" && argc > 5 ? pack(words)
        : words[1] == "unpack" && argc == 4
        ? unpack(words)
        : boot(argv[1], argv[2], static_cast<std::uint64_t>(number(3, 128)), std::chrono::seconds(number(4, 60)));
    if (!done)
        std::printf("failed: %s\n", done.error().message().c_str());
    return done ? 0 : 1;
}
