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
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>

namespace fs = std::filesystem;
using namespace drydock;

extern char** environ; // NOLINT(readability-redundant-declaration): environ(7) asks for it

namespace {

// Why it did not work, in words; empty where it did.
using Obstacle = std::string;

struct Contender {
    std::string name;
    std::function<Obstacle()> run;
    std::vector<double> milliseconds {};
    Obstacle obstacle {}; // where there is one, it takes no further part
};

// What a program complained of last.
std::string last_line(fs::path const& file)
{
    std::ifstream stream(file);
    std::string last;
    for (std::string line; std::getline(stream, line);) {
        if (!line.empty())
            last = line;
    }
    return last;
}

Obstacle spawn(std::vector<std::string> const& words, fs::path const& complaints)
{
    std::vector<char*> arguments;
    for (auto const& word : words)
        arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, complaints.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    pid_t pid = 0;
    int status = 0;
    int const error = ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0)
        return error == ENOENT ? words[0] + " is not installed" : std::strerror(error);
    ::waitpid(pid, &status, 0);
    if (status == 0)
        return {};
    auto const said = last_line(complaints);
    return said.empty() ? fmt::format("{} ended with wait status {}", words[0], status) : said;
}

Obstacle type(lab::Lab& lab, std::string const& line)
{
    std::string complaints;
    auto const status = lab.run(lab.hosts().front(), line, { .write = [&](bool to_stderr, std::string_view text) {
        if (to_stderr)
            complaints += text;
    } });
    if (status == 0)
        return {};
    return complaints.empty() ? fmt::format("`{}` ended with {}", line, status) : complaints;
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

Result<std::unique_ptr<lab::Lab>> open_lab(fs::path const& root, daemon::StorageDriver driver, trace::EventLog& log)
{
    return lab::Lab::open({ .world = lab::World::Live,
                              .data_root = root,
                              .images = DRYDOCK_IMAGES,
                              .init_program = DRYDOCK_INIT,
                              .driver = driver },
        log);
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
            if (!contender.obstacle.empty())
                continue;
            auto const begin = std::chrono::steady_clock::now();
            contender.obstacle = contender.run();
            std::chrono::duration<double, std::milli> const took = std::chrono::steady_clock::now() - begin;
            if (round >= 0)
                contender.milliseconds.push_back(took.count());
        }
    }
}

// The ratios are to the first that works.
void report(std::vector<Contender> const& contenders)
{
    std::optional<double> base;
    fmt::print("{:<44} {:>10} {:>8}\n", "", "median ms", "ratio");
    for (auto const& contender : contenders) {
        if (!contender.obstacle.empty()) {
            fmt::print("{:<44} not available here: {}\n", contender.name, contender.obstacle);
            continue;
        }
        auto const middle = median(contender.milliseconds);
        base = base.value_or(middle);
        fmt::print("{:<44} {:>10.2f} {:>8.2f}\n", contender.name, middle, middle / *base);
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
        auto const label = fmt::format("drydock run --rm, API and client, {}", name);
        if (!lab) {
            contenders.push_back({ label, [why = lab.error().message()] { return why; } });
            continue;
        }
        contenders.push_back({ label, [lab = lab->get()] { return type(*lab, "docker run --rm busybox true"); } });
        labs.push_back(std::move(*lab));
    }
    auto const bundle = (root / "bundle").string();
    auto const add_program = [&](std::string name, std::vector<std::string> words) {
        contenders.push_back({ std::move(name),
            [words = std::move(words), complaints = root / "complaints"] { return spawn(words, complaints); } });
    };
    add_program("crun run (bare program)", { "crun", "--root", root / "crun", "run", "-b", bundle, "c" });
    add_program("crun run, cgroups disabled",
        { "crun", "--cgroup-manager=disabled", "--root", root / "crun", "run", "-b", bundle, "d" });
    add_program("runc run (bare program)", { "runc", "--root", root / "runc", "run", "-b", bundle, "r" });
    add_program("bwrap --unshare-all",
        { "bwrap", "--unshare-all", "--bind", bundle + "/rootfs", "/", "--proc", "/proc", "--dev", "/dev",
            "/bin/true" });
    measure(contenders, rounds);
    report(contenders);
    labs.clear();
    fs::remove_all(root);
    return 0;
}
