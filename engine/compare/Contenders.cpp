#include "engine/compare/Contenders.h"

#include "engine/compare/Subprocess.h"
#include "engine/unionfs/DirectoryBranch.h"
#include "engine/vmm/GuestRoot.h"
#include "engine/vmm/Kernels.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>

namespace fs = std::filesystem;

namespace drydock::compare {

namespace {

using Command = std::vector<std::string>;

constexpr std::array modes { "line", "idle", "calls" };

// config.json of an OCI bundle: the namespaces that Docker gives a container, nothing else.
std::string bundle_config(fs::path const& root, std::string const& mode)
{
    using Json = nlohmann::ordered_json;
    auto namespaces = Json::array();
    for (auto const* kind : { "pid", "mount", "ipc", "uts", "network" })
        namespaces.push_back({ { "type", kind } });
    Json const process { { "terminal", false }, { "user", { { "uid", 0 }, { "gid", 0 } } },
        { "args", { "/drydock-yardstick", mode } }, { "env", { "PATH=/" } }, { "cwd", "/" } };
    auto const mounts = Json::array({ { { "destination", "/proc" }, { "type", "proc" }, { "source", "proc" } } });
    return Json {
        { "ociVersion", "1.0.2" }, { "process", process },
        { "root", { { "path", root.string() }, { "readonly", true } } }, { "hostname", "box" }, { "mounts", mounts },
        { "linux", { { "namespaces", namespaces } } }
    }.dump();
}

class Assembly {
public:
    Assembly(Workplace place, Ladder const& ladder)
        : m_place(std::move(place))
        , m_ladder(ladder)
    {
    }

    LineUp all()
    {
        add({ "process", "", [root = m_place.root](auto const& mode, int) -> Result<Command> {
                 return Command { (root / "drydock-yardstick").string(), mode };
             } });
        namespaces();
        bubblewrap();
        runtime("Drydock's runtime", m_place.drydock.string(), { "runtime" });
        for (auto const* name : { "crun", "runc" }) {
            if (auto const path = installed(name))
                runtime(name, *path, {});
        }
        if (auto const path = installed("runsc"))
            runtime("gVisor", *path, { "--platform=ptrace", "--network=none", "--ignore-cgroups" }, 3);
        for (auto const rung : { Rung::UserModeLinux, Rung::QemuSoftware, Rung::QemuKvm, Rung::OwnMonitor })
            machine(rung);
        return std::move(m_line_up);
    }

private:
    void add(Contender contender)
    {
        if (contender.how.empty()) {
            if (auto const command = contender.command("line", 0))
                contender.how = fmt::format("{}", fmt::join(*command, " "));
        }
        m_line_up.contenders.push_back(std::move(contender));
    }
    void leave_out(std::string name, std::string why)
    {
        m_line_up.absent.push_back({ std::move(name), std::move(why) });
    }

    std::optional<std::string> installed(std::string const& name)
    {
        auto path = find_program(name);
        if (!path)
            leave_out(name, "it is not installed");
        return path;
    }

    void namespaces()
    {
        auto const path = installed("unshare");
        if (!path)
            return;
        add({ "namespaces", "", [path = *path, root = m_place.root](auto const& mode, int) -> Result<Command> {
                 Command command { path, "--mount", "--uts", "--ipc", "--net", "--pid", "--fork", "--kill-child",
                     "--root=" + root.string() };
                 if (::geteuid() != 0)
                     command.insert(command.begin() + 1, "--map-root-user");
                 command.insert(command.end(), { "/drydock-yardstick", mode });
                 return command;
             } });
    }

    void bubblewrap()
    {
        auto const path = installed("bwrap");
        if (!path)
            return;
        add({ "bubblewrap", "", [path = *path, root = m_place.root](auto const& mode, int) -> Result<Command> {
                 return Command { path, "--unshare-all", "--die-with-parent", "--ro-bind", root.string(), "/", "--proc",
                     "/proc", "/drydock-yardstick", mode };
             } });
    }

    // Programs that speak the command line of the OCI runtimes.
    void runtime(std::string name, std::string const& path, Command const& flags, int memory_instances = 10)
    {
        if (::geteuid() != 0) {
            leave_out(std::move(name), "a bundle without a user namespace is root's to run");
            return;
        }
        auto const id = [](int instance) { return fmt::format("drydock-compare-{}-{}", ::getpid(), instance); };
        auto const base = [=, state = (m_place.directory / ("state-" + fs::path(path).filename().string())).string()] {
            Command command { path };
            command.insert(command.end(), flags.begin(), flags.end());
            command.insert(command.end(), { "--root", state });
            return command;
        };
        Contender contender { .name = std::move(name), .how = "", .memory_instances = memory_instances };
        auto const bundle = [directory = m_place.directory, program = fs::path(path).filename().string()](
                                int instance) { return directory / fmt::format("bundle-{}-{}", program, instance); };
        contender.command = [=, root = m_place.root](auto const& mode, int instance) -> Result<Command> {
            std::error_code error;
            fs::create_directories(bundle(instance), error);
            std::ofstream(bundle(instance) / "config.json") << bundle_config(root, mode);
            auto command = base();
            command.insert(command.end(), { "run", "--bundle", bundle(instance).string(), id(instance) });
            return command;
        };
        contender.clear = [=](int instance) {
            auto command = base();
            command.insert(command.end(), { "delete", "--force", id(instance) });
            static_cast<void>(run_program(command, std::chrono::seconds(10)));
            std::error_code error;
            fs::remove_all(bundle(instance), error);
        };
        add(std::move(contender));
    }

    void machine(Rung rung)
    {
        auto const finding = std::find_if(
            m_ladder.rungs.begin(), m_ladder.rungs.end(), [&](auto const& each) { return each.rung == rung; });
        if (!finding->works) {
            leave_out(std::string(to_string(rung)), finding->detail);
            return;
        }
        Contender contender { .name = std::string(to_string(rung)), .how = "", .memory_instances = 3 };
        contender.command = [=, place = m_place](auto const& mode, int) -> Result<Command> {
            return machine_command(rung, { place.drydock, place.kernel, place.initramfs(mode) });
        };
        add(std::move(contender));
    }

    Workplace m_place;
    Ladder const& m_ladder;
    LineUp m_line_up;
};

}

Result<Workplace> prepare_workplace(fs::path const& directory, fs::path const& drydock, Ladder const& ladder)
{
    Workplace place { .directory = directory,
        .root = directory / "root",
        .drydock = drydock,
        .guest_init = drydock.parent_path() / "drydock-guest-init",
        .kernel = {} };
    std::error_code error;
    fs::create_directories(place.root / "proc", error);
    if (!fs::copy_file(drydock.parent_path() / "drydock-yardstick", place.root / "drydock-yardstick", error))
        return fail(
            ErrorKind::Io, "drydock-yardstick cannot be copied to " + place.root.string() + ": " + error.message());
    if (ladder.kernel)
        place.kernel = TRY(vmm::unpacked(*ladder.kernel, vmm::kernel_cache()));
    auto const tree = TRY(unionfs::DirectoryBranch::open(place.root));
    unionfs::Stack stack;
    stack.layers.push_back(tree);
    unionfs::UnionMount const root(std::move(stack), {}, {});
    for (auto const* mode : modes)
        TRY(vmm::write_initramfs(place.initramfs(mode), root, place.guest_init,
            { .arguments = { "/drydock-yardstick", mode }, .environment = { "PATH=/" } }));
    return place;
}

LineUp line_up(Workplace const& place, Ladder const& ladder)
{
    return Assembly(place, ladder).all();
}

}
