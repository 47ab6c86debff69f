// How long it takes to create, start, wait for and remove a container that runs /bin/true: through our API, with either
// storage driver, against the bare runtimes that are installed. The rounds are interleaved, so that a busy machine
// slows all alike; only the ratios mean something.
//
//     drydock-bench-start [rounds]

#include "engine/lab/Lab.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

namespace fs = std::filesystem;
using namespace drydock;

extern char** environ; // NOLINT(readability-redundant-declaration): environ(7) asks for it

namespace {

struct Contender {
    std::string name;
    std::function<bool()> run; // false: it failed, and is left out
    std::vector<double> milliseconds;
    bool works { true };
};

bool spawn(std::vector<std::string> const& words)
{
    std::vector<char*> arguments;
    for (auto const& word : words)
        arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t pid = 0;
    int status = 1;
    if (::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ) == 0)
        ::waitpid(pid, &status, 0);
    posix_spawn_file_actions_destroy(&actions);
    return status == 0;
}

// The bundle that runc and crun want: a root with busybox, and a config.json that runs `true`.
void make_bundle(fs::path const& bundle)
{
    fs::create_directories(bundle / "rootfs/bin");
    for (auto const* directory : { "proc", "sys", "dev", "tmp" })
        fs::create_directories(bundle / "rootfs" / directory);
    fs::copy_file("/bin/busybox", bundle / "rootfs/bin/busybox");
    fs::create_symlink("busybox", bundle / "rootfs/bin/true");
    auto const edit
        = fmt::format("cd '{}' && (runc spec || crun spec) >/dev/null 2>&1 && sed -i 's/\"sh\"/\"\\/bin\\/true\"/; "
                      "s/\"terminal\": true/\"terminal\": false/' config.json",
            bundle.string());
    (void)std::system(edit.c_str());
}

std::unique_ptr<lab::Lab> open_lab(fs::path const& root, daemon::StorageDriver driver, trace::EventLog& log)
{
    auto opened = lab::Lab::open({ .world = lab::World::Live,
                                     .data_root = root,
                                     .images = DRYDOCK_IMAGES,
                                     .init_program = DRYDOCK_INIT,
                                     .driver = driver },
        log);
    if (!opened) {
        fmt::print(stderr, "no live lab: {}\n", opened.error().message());
        return nullptr;
    }
    return std::move(*opened);
}

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values.empty() ? 0 : values[values.size() / 2];
}

void measure(std::vector<Contender>& contenders, int rounds)
{
    for (int round = -1; round < rounds; ++round) { // the first one warms up
        for (auto& contender : contenders) {
            if (!contender.works)
                continue;
            auto const begin = std::chrono::steady_clock::now();
            contender.works = contender.run();
            std::chrono::duration<double, std::milli> const took = std::chrono::steady_clock::now() - begin;
            if (round >= 0)
                contender.milliseconds.push_back(took.count());
        }
    }
}

void report(std::vector<Contender> const& contenders)
{
    auto const base = median(contenders.front().milliseconds);
    fmt::print("{:<44} {:>10} {:>8}\n", "", "median ms", "ratio");
    for (auto const& contender : contenders) {
        if (contender.works)
            fmt::print("{:<44} {:>10.2f} {:>8.2f}\n", contender.name, median(contender.milliseconds),
                median(contender.milliseconds) / base);
        else
            fmt::print("{:<44} not available here\n", contender.name);
    }
}

}

int main(int argc, char** argv)
{
    auto const rounds = argc > 1 ? std::atoi(argv[1]) : 20;
    auto pattern = std::string("/tmp/drydock-bench-XXXXXX");
    if (::mkdtemp(pattern.data()) == nullptr)
        return 1;
    fs::path const root = pattern;
    make_bundle(root / "bundle");
    trace::EventLog log;
    std::vector<std::unique_ptr<lab::Lab>> labs;
    std::vector<Contender> contenders;
    for (auto const& [name, driver] : { std::pair { "fuse", daemon::StorageDriver::Fuse },
             std::pair { "overlay", daemon::StorageDriver::Overlay } }) {
        auto lab = open_lab(root / name, driver, log);
        if (!lab)
            continue;
        client::Terminal const quiet { .write = [](bool, std::string_view) {} };
        contenders.push_back({ fmt::format("drydock run --rm, API and client, {}", name),
            [lab = lab.get(), quiet] { return lab->run("docker run --rm busybox true", quiet) == 0; }, {}, true });
        labs.push_back(std::move(lab));
    }
    auto const bundle = (root / "bundle").string();
    contenders.push_back({ "crun run (bare program)",
        [&] {
            return spawn({ "crun", "--root", root / "crun", "run", "-b", bundle, "c" });
        },
        {}, true });
    contenders.push_back({ "crun run, cgroups disabled",
        [&] {
            return spawn({ "crun", "--cgroup-manager=disabled", "--root", root / "crun", "run", "-b", bundle, "d" });
        },
        {}, true });
    contenders.push_back({ "runc run (bare program)",
        [&] {
            return spawn({ "runc", "--root", root / "runc", "run", "-b", bundle, "r" });
        },
        {}, true });
    contenders.push_back({ "bwrap --unshare-all",
        [&] {
            return spawn({ "bwrap", "--unshare-all", "--bind", bundle + "/rootfs", "/", "--proc", "/proc", "--dev",
                "/dev", "/bin/true" });
        },
        {}, true });
    measure(contenders, rounds);
    report(contenders);
    labs.clear();
    fs::remove_all(root);
    return 0;
}
