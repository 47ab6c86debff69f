// drydock vm: guest machines, by hand.

#include "engine/compare/RunningGuest.h"
#include "engine/compare/Subprocess.h"
#include "engine/vmm/GuestRoot.h"
#include "engine/vmm/Kernels.h"
#include "engine/vmm/LayoutImage.h"
#include "engine/vmm/Monitor.h"
#include "sim/time/LiveScheduler.h"
#include "sim/trace/TraceFile.h"
#include "visual/app/Commands.h"

#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

namespace fs = std::filesystem;

namespace drydock::app {

namespace {

// A log that is written to a file in the end, if somebody wants it.
class Recording {
public:
    explicit Recording(std::string file)
        : m_file(std::move(file))
    {
    }
    trace::Publisher publisher()
    {
        return m_file.empty()
            ? trace::Publisher()
            : trace::Publisher(m_log, m_clock, { HostId { "host" }, ActorId { "monitor" }, trace::Provenance::Live });
    }
    Clock const& clock() const { return m_clock; }
    int finish(int status) const
    {
        if (m_file.empty())
            return status;
        auto const saved = trace::save_trace(m_log, m_file);
        return saved ? status : complain(saved.error());
    }

private:
    std::string m_file;
    LiveScheduler m_clock;
    trace::EventLog m_log;
};

void print_now(std::string_view text)
{
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

void print_exits(vmm::Monitor const& machine)
{
    for (auto const& phase : machine.phases())
        fmt::print(stderr, "{:>12}  {}\n", human_duration(phase.elapsed), phase.name);
    for (auto const& [kind, count] : machine.exits().all()) {
        fmt::print(stderr, "{:>12}  exits: {}", count, vmm::name_of_exit(kind.reason));
        if (kind.port >= 0)
            fmt::print(stderr, ", {} port {:#x}", kind.out ? "writing" : "reading", kind.port);
        fmt::print(stderr, "\n");
    }
    fmt::print(stderr, "{:>12}  exits in all; {}\n", machine.exits().total(), to_string(*machine.stopped()));
}

Result<void> hello(VmOptions const& options, Recording& recording)
{
    auto const kvm = TRY(vmm::Kvm::open());
    auto const machine = TRY(vmm::Monitor::create(kvm,
        { .name = "tiny", .memory = 1 << 20, .board = vmm::Board::Bare, .console = options.step ? nullptr : print_now },
        recording.publisher(), recording.clock()));
    TRY(machine->load_tiny_guest("Hello from a guest machine without a kernel.\n"));
    for (int number = 1; auto const exit = TRY(machine->step()); ++number) {
        if (!options.step)
            continue;
        auto const letter = exit->data.substr(0, 1);
        fmt::print("exit {:>2}  {}  writing port {:#x}  {:#04x} {}\n", number, vmm::name_of_exit(exit->kind.reason),
            exit->kind.port, static_cast<unsigned char>(letter[0]),
            letter == "\n" ? "(end of line)" : "'" + letter + "'");
    }
    print_exits(*machine);
    return {};
}

Result<void> boot(std::string const& kernel, VmOptions const& options, Recording& recording)
{
    auto const kvm = TRY(vmm::Kvm::open());
    auto const machine = TRY(vmm::Monitor::create(
        kvm, { .memory = options.memory << 20, .console = print_now }, recording.publisher(), recording.clock()));
    TRY(machine->load_linux(
        { .kernel = kernel, .initramfs = options.initramfs, .command_line = vmm::kernel_command_line() }));
    TRY(machine->run());
    print_exits(*machine);
    return {};
}

// A directory of ours; gone with the object.
class Scratch {
public:
    Scratch()
    {
        auto pattern = (fs::temp_directory_path() / "drydock-vm-XXXXXX").string();
        m_path = ::mkdtemp(pattern.data()) == nullptr ? "" : pattern;
    }
    ~Scratch()
    {
        std::error_code ignored;
        if (!m_path.empty())
            fs::remove_all(m_path, ignored);
    }
    Scratch(Scratch const&) = delete;
    Scratch& operator=(Scratch const&) = delete;
    fs::path const& path() const { return m_path; }

private:
    fs::path m_path;
};

// A guest whose monitor is not ours: what can be seen of it from outside.
Result<int> run_elsewhere(compare::GuestPlan plan, Recording& recording)
{
    plan.console = print_now;
    auto const machine = TRY(compare::RunningGuest::start(std::move(plan), recording.publisher(), recording.clock()));
    return machine->wait(std::chrono::minutes(5));
}

Result<int> run_image(VmOptions const& options, Recording& recording)
{
    auto const& name = options.command.front();
    auto const installation = Installation::find();
    auto const programs = installation.init_program.parent_path();
    auto const ladder = compare::probe_ladder(options.kernel);
    auto const& best = ladder.best();
    fmt::print(stderr, "On {}: {}\n", to_string(best.rung), best.detail);
    if (best.rung == compare::Rung::Model)
        return fail(ErrorKind::NotSupported, "no guest machine with Linux can run here; `drydock doctor` says why");
    Scratch const scratch;
    auto const image = TRY(vmm::open_layout_image(installation.images, name, recording.publisher()));
    compare::MachineFiles files { .drydock = programs / "drydock",
        .kernel = {},
        .initramfs = scratch.path() / "initramfs",
        .memory = options.memory };
    auto const size = TRY(vmm::write_initramfs(files.initramfs, *image.root, programs / "drydock-guest-init",
        vmm::command_of(image.config, { options.command.begin() + 1, options.command.end() })));
    fmt::print(stderr, "{} as a root filesystem in memory: {}\n", name, human_size(size));
    // While it starts, the archive and the tree that is unpacked from it both lie in its memory.
    files.memory = std::max(options.memory, 96 + 2 * (size >> 20U));
    if (ladder.kernel)
        files.kernel = TRY(vmm::unpacked(*ladder.kernel, vmm::kernel_cache()));
    if (best.rung != compare::Rung::OwnMonitor)
        return run_elsewhere({ .id = { "vm-1" },
                                 .name = "guest",
                                 .rung = best.rung,
                                 .files = files,
                                 .image = name,
                                 .tree = size,
                                 .directory = scratch.path() },
            recording);
    auto inside = options;
    inside.initramfs = files.initramfs;
    inside.memory = files.memory;
    TRY(boot(files.kernel, inside, recording));
    return 0;
}

// The package behind the one that always names the newest.
Result<std::string> newest_kernel_package()
{
    auto const text
        = TRY(compare::run_program({ "apt-cache", "depends", "linux-image-cloud-amd64" }, std::chrono::seconds(30)));
    std::istringstream words(text);
    for (std::string word; words >> word;) {
        if (word.starts_with("linux-image-") && word.find("-cloud-amd64") != std::string::npos
            && word != "linux-image-cloud-amd64")
            return word;
    }
    return fail(ErrorKind::NotFound,
        "this machine's package sources have no linux-image-cloud-amd64: name a kernel with --kernel");
}

Result<std::uint64_t> download_size(std::string const& package)
{
    auto const text
        = TRY(compare::run_program({ "apt-cache", "show", "--no-all-versions", package }, std::chrono::seconds(30)));
    auto const at = text.find("\nSize: ");
    if (at == std::string::npos)
        return fail(ErrorKind::NotFound, "apt-cache show says no size of " + package);
    return std::strtoull(text.c_str() + at + 7, nullptr, 10);
}

Result<fs::path> fetch(std::string const& package, fs::path const& cache)
{
    Scratch const scratch;
    auto const directory = scratch.path().string();
    TRY(compare::run_program({ "sh", "-c", "cd \"$1\" && exec apt-get -q download \"$2\"", "sh", directory, package },
        std::chrono::minutes(10)));
    TRY(compare::run_program(
        { "sh", "-c", "exec dpkg-deb -x \"$1\"/*.deb \"$1/tree\"", "sh", directory }, std::chrono::minutes(2)));
    std::error_code error;
    fs::create_directories(cache, error);
    for (auto const& entry : fs::directory_iterator(scratch.path() / "tree/boot", error)) {
        if (!entry.path().filename().string().starts_with("vmlinuz-"))
            continue;
        auto const target = cache / entry.path().filename();
        if (!fs::copy_file(entry.path(), target, fs::copy_options::overwrite_existing, error))
            return fail(ErrorKind::Io, target.string() + ": " + error.message());
        return target;
    }
    return fail(ErrorKind::NotFound, package + " has no kernel in /boot");
}

Result<int> fetch_kernel(bool asked)
{
    auto const package = TRY(newest_kernel_package());
    auto const size = TRY(download_size(package));
    auto const cache = vmm::kernel_cache();
    fmt::print("{}, {} from this machine's own package source. Its kernel is unpacked to\n{}; nothing is installed.\n",
        package, human_size(size), cache.string());
    if (!asked) {
        print_now("Download it? [y/N] ");
        std::string answer;
        std::getline(std::cin, answer);
        if (answer != "y" && answer != "Y" && answer != "yes") {
            fmt::print("Nothing was downloaded.\n");
            return 1;
        }
    }
    auto const kernel = TRY(fetch(package, cache));
    auto const program = TRY(vmm::unpacked(kernel, cache));
    fmt::print("{}\n{}\n", kernel.string(),
        program == kernel ? "It unpacks itself, in each guest anew."
                          : "Unpacked, for guests to share: " + program.string());
    return 0;
}

}

int vm_hello(VmOptions const& options)
{
    Recording recording(options.record);
    auto const done = hello(options, recording);
    return recording.finish(done ? 0 : complain(done.error()));
}

int vm_boot(VmOptions const& options)
{
    Recording recording(options.record);
    auto const kernel
        = options.kernel.empty() ? vmm::find_kernel(vmm::kernel_cache()) : Result<fs::path>(options.kernel);
    if (!kernel)
        return complain(kernel.error());
    auto const done = boot(*kernel, options, recording);
    return recording.finish(done ? 0 : complain(done.error()));
}

int vm_run(VmOptions const& options)
{
    if (options.command.empty()) {
        fmt::print(stderr, "Usage: drydock vm run [OPTIONS] IMAGE [COMMAND…]\n");
        return 2;
    }
    Recording recording(options.record);
    auto const status = run_image(options, recording);
    return recording.finish(status ? *status : complain(status.error()));
}

int vm_fetch_kernel(VmOptions const& options)
{
    auto const status = fetch_kernel(options.yes);
    return status ? *status : complain(status.error());
}

}
