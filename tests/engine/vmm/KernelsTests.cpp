#include "engine/layer/Gzip.h"
#include "engine/vmm/ExitCounts.h"
#include "engine/vmm/KernelImage.h"
#include "engine/vmm/Kernels.h"
#include "tests/engine/vmm/SmallKernels.h"
#include "tests/support/Catch.h"
#include "tests/support/Events.h"
#include "tests/support/TemporaryDirectory.h"

#include <linux/kvm.h>

#include <fstream>
#include <sstream>

using namespace drydock;
using namespace drydock::vmm;
namespace fs = std::filesystem;

namespace {

void write_kernel(fs::path const& path, std::string const& bytes)
{
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
}

std::string read_kernel(fs::path const& path)
{
    std::stringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

}

TEST_CASE("Kernels: fetched ones come before the host's, the newest of each first", "[engine][vmm]")
{
    tests::TemporaryDirectory const directory;
    auto const cache = directory.path() / "cache";
    auto const boot = directory.path() / "boot";
    write_kernel(cache / "vmlinuz-6.1.0-9", "x");
    write_kernel(cache / "vmlinux-0123456789abcdef", "x"); // what was unpacked is not a choice of its own
    write_kernel(boot / "vmlinuz-6.1.0-9", "x");
    write_kernel(boot / "vmlinuz-6.1.0-10", "x");
    write_kernel(boot / "System.map-6.1.0-10", "x");
    CHECK(known_kernels(cache, boot)
        == std::vector<fs::path> { cache / "vmlinuz-6.1.0-9", boot / "vmlinuz-6.1.0-10", boot / "vmlinuz-6.1.0-9" });
    CHECK(known_kernels("/nowhere", "/nowhere").empty());
}

TEST_CASE("Kernels: a packed kernel is unpacked once and kept", "[engine][vmm]")
{
    tests::TemporaryDirectory const directory;
    auto const cache = directory.path() / "cache";
    auto const packed = directory.path() / "vmlinuz-1";
    auto const elf = tests::small_elf();
    write_kernel(packed, tests::small_bzimage(layer::gzip(elf) + "size"));
    auto const program = REQUIRE_OK(unpacked(packed, cache));
    CHECK(program.parent_path() == cache);
    CHECK(read_kernel(program) == elf);
    auto const written = fs::last_write_time(program);
    CHECK(REQUIRE_OK(unpacked(packed, cache)) == program);
    CHECK(fs::last_write_time(program) == written);
    CHECK(REQUIRE_OK(unpacked(program, cache)) == program); // it is one already
    CHECK(std::distance(fs::directory_iterator(cache), fs::directory_iterator()) == 1);
}

TEST_CASE(
    "Kernels: one whose packing nobody knows, or that holds no kernel, unpacks itself in the guest", "[engine][vmm]")
{
    tests::TemporaryDirectory const directory;
    auto const kernel = directory.path() / "vmlinuz-1";
    auto const payload = GENERATE(std::string(64, 'Z'), layer::gzip("no kernel at all, but well packed") + "size");
    write_kernel(kernel, tests::small_bzimage(payload));
    CHECK(REQUIRE_OK(unpacked(kernel, directory.path() / "cache")) == kernel);
    CHECK_FALSE(unpacked(directory.path() / "absent", directory.path() / "cache"));
}

TEST_CASE("Exit counts: only what has changed is told, and no guest makes the table grow without end", "[engine][vmm]")
{
    tests::RecordedEvents events;
    GuestMachineId const id { "vm-1" };
    ExitCounts counts;
    counts.add({ KVM_EXIT_IO, 0x3f8, true });
    counts.add({ KVM_EXIT_IO, 0x3f8, true });
    counts.add({ KVM_EXIT_HLT });
    counts.tell(id, events.publisher());
    counts.add({ KVM_EXIT_HLT });
    counts.tell(id, events.publisher());
    auto const told = events.of<trace::GuestExitsCounted>();
    REQUIRE(told.size() == 3);
    CHECK(told[0].count == 2);
    CHECK(told[2].reason == "HLT");
    CHECK(told[2].count == 2);
    for (int port = 0; port < 65536; ++port)
        counts.add({ KVM_EXIT_IO, port, false });
    CHECK(counts.kinds() <= ExitCounts::most_kinds + 1);
    CHECK(counts.total() == 4 + 65536);
    CHECK(counts.all().front().second > 60000); // those that have no row of their own
}
