// drydock runtime, and the name drydock-runtime: the launcher as an OCI runtime, for bundles that another engine has
// prepared. The command line is runc's as far as podman, containerd and the specification's own tests use it.

#include "engine/bundle/Containers.h"
#include "engine/runtime/Signals.h"
#include "sim/core/Units.h"
#include "visual/app/Commands.h"
#include "visual/app/Session.h"

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <chrono>

namespace drydock::app {

namespace {

using nlohmann::ordered_json;

// /run is root's; an ordinary user has a directory of their own.
std::filesystem::path default_root()
{
    char const* const own = std::getenv("XDG_RUNTIME_DIR");
    if (::geteuid() != 0 && own != nullptr && *own == '/')
        return std::filesystem::path(own) / "drydock";
    return "/run/drydock";
}

// What the engine that called us reads after a failure; it takes the last line whose level is "error".
class RuntimeLog {
public:
    std::string file;
    std::string format { "text" };

    void write(char const* level, std::string const& message) const
    {
        // Standard error may be the program's own, so it hears of less than the log.
        bool const is_error = level == std::string_view("error");
        if (is_error || (file.empty() && level == std::string_view("warning")))
            fmt::print(stderr, "drydock runtime: {}{}\n", is_error ? "" : "warning: ", message);
        if (file.empty())
            return;
        auto const since = std::chrono::system_clock::now().time_since_epoch();
        auto const time = rfc3339({ std::chrono::duration_cast<std::chrono::nanoseconds>(since).count() });
        std::string line;
        if (format == "json")
            line = ordered_json { { "level", level }, { "msg", message }, { "time", time } }.dump(
                -1, ' ', false, ordered_json::error_handler_t::replace);
        else
            line = fmt::format("time=\"{}\" level={} msg={}", time, level,
                ordered_json(message).dump(-1, ' ', false, ordered_json::error_handler_t::replace));
        line += '\n';
        os::Fd const log(::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644));
        if (log)
            static_cast<void>(::write(log.get(), line.data(), line.size()));
    }
};

// What `runtime spec` writes: a shell in a root file system beside it, as confined as docker's containers are.
ordered_json sample_config()
{
    auto const capabilities = { "CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE" };
    ordered_json process { { "terminal", false }, { "user", { { "uid", 0 }, { "gid", 0 } } }, { "args", { "sh" } },
        { "env", { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm" } },
        { "cwd", "/" } };
    for (char const* set : { "bounding", "effective", "permitted" })
        process["capabilities"][set] = capabilities;
    process["rlimits"] = ordered_json::array({ { { "type", "RLIMIT_NOFILE" }, { "hard", 1024 }, { "soft", 1024 } } });
    process["noNewPrivileges"] = true;
    auto const mount
        = [](char const* destination, char const* type, char const* source, std::vector<std::string> const& options) {
              return ordered_json { { "destination", destination }, { "type", type }, { "source", source },
                  { "options", options } };
          };
    auto mounts = ordered_json::array();
    mounts.push_back(mount("/proc", "proc", "proc", { "nosuid", "noexec", "nodev" }));
    mounts.push_back(mount("/dev", "tmpfs", "tmpfs", { "nosuid", "strictatime", "mode=755", "size=65536k" }));
    mounts.push_back(mount(
        "/dev/pts", "devpts", "devpts", { "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5" }));
    mounts.push_back(mount("/dev/shm", "tmpfs", "shm", { "nosuid", "noexec", "nodev", "mode=1777", "size=65536k" }));
    mounts.push_back(mount("/dev/mqueue", "mqueue", "mqueue", { "nosuid", "noexec", "nodev" }));
    mounts.push_back(mount("/sys", "sysfs", "sysfs", { "nosuid", "noexec", "nodev", "ro" }));
    mounts.push_back(mount("/sys/fs/cgroup", "cgroup", "cgroup", { "nosuid", "noexec", "nodev", "relatime", "ro" }));
    ordered_json config { { "ociVersion", "1.0.2" }, { "process", process },
        { "root", { { "path", "rootfs" }, { "readonly", true } } }, { "hostname", "drydock" }, { "mounts", mounts } };
    auto& linux_part = config["linux"];
    linux_part["resources"]["devices"] = ordered_json::array({ { { "allow", false }, { "access", "rwm" } } });
    linux_part["namespaces"] = ordered_json::array();
    for (char const* kind : { "pid", "network", "ipc", "uts", "mount", "cgroup" })
        linux_part["namespaces"].push_back({ { "type", kind } });
    linux_part["maskedPaths"] = { "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
        "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware", "/proc/scsi" };
    linux_part["readonlyPaths"] = { "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger" };
    return config;
}

Result<int> write_sample(std::filesystem::path const& bundle)
{
    auto const path = bundle / "config.json";
    std::error_code error;
    if (std::filesystem::exists(path, error))
        return fail(ErrorKind::Conflict, path.string() + " exists already");
    TRY(bundle::replace_file(path, sample_config().dump(4) + "\n"));
    return 0;
}

class RuntimeLine {
public:
    RuntimeLine()
    {
        m_app.require_subcommand(1);
        m_app.set_version_flag("--version,-v", "drydock-runtime version 1.0.0\nspec: 1.0.2");
        m_app.add_option("--root", m_root, "where what is known of containers is kept");
        m_app.add_option("--log", m_log.file, "a file for errors and warnings, beside standard error");
        m_app.add_option("--log-format", m_log.format)->check(CLI::IsMember({ "text", "json" }));
        m_app.add_flag("--debug", m_ignored);
        m_app.add_flag("--systemd-cgroup", m_systemd);
        m_app.add_option("--rootless", m_ignored_text);
        m_app.add_option("--criu", m_ignored_text);
        add_life();
        add_looking();
        add_exec();
    }

    int run(std::vector<std::string> args)
    {
        std::reverse(args.begin(), args.end()); // as CLI11 wants it
        try {
            m_app.parse(std::move(args));
        } catch (CLI::ParseError const& error) {
            if (error.get_exit_code() == 0)
                return m_app.exit(error);
            m_log.write("error", error.what());
            return 2;
        }
        return m_status;
    }

private:
    using Deed = std::function<Result<int>(bundle::Containers&)>;

    void perform(Deed const& deed)
    {
        if (m_systemd) {
            m_log.write(
                "error", "--systemd-cgroup is not supported: cgroups are made in their file systems (cgroupfs)");
            m_status = 1;
            return;
        }
        bundle::Containers containers(m_root, Installation::find().init_program);
        auto const result = deed(containers);
        for (auto const& warning : containers.take_warnings())
            m_log.write("warning", warning);
        for (auto const& note : containers.take_notes())
            m_log.write("info", note);
        if (!result)
            m_log.write("error", result.error().message());
        m_status = result ? *result : 1;
    }

    CLI::App* add(char const* name, char const* what, Deed deed)
    {
        auto* command = m_app.add_subcommand(name, what);
        command->callback([this, deed = std::move(deed)] { perform(deed); });
        return command;
    }

    // The same for what has no status of its own.
    CLI::App* add_for_id(char const* name, char const* what, std::function<Result<void>(bundle::Containers&)> deed)
    {
        auto* command = add(name, what, [deed = std::move(deed)](bundle::Containers& containers) -> Result<int> {
            TRY(deed(containers));
            return 0;
        });
        command->add_option("id", m_create.id, "of the container")->required();
        return command;
    }

    void add_create_options(CLI::App& command)
    {
        command.add_option("--bundle,-b", m_create.bundle, "the directory of config.json; default: the present one");
        command.add_option("--pid-file", m_create.pid_file, "where to write the process's number");
        command.add_option("--console-socket", m_create.console_socket, "who waits there gets the terminal");
        command.add_option("--preserve-fds", m_create.preserved, "how many descriptors from 3 on to pass on")
            ->check(CLI::Range(0, 16));
        command.add_flag("--no-new-keyring", m_ignored);
        command.add_flag("--no-pivot", m_no_pivot);
    }

    Result<void> check_create() const
    {
        if (m_no_pivot)
            return fail(
                ErrorKind::NotSupported, "--no-pivot is not supported: the host's root would stay within reach");
        return {};
    }

    void add_life()
    {
        auto* create
            = add_for_id("create", "Make a container; its program waits", [this](auto& containers) -> Result<void> {
                  TRY(check_create());
                  return containers.create(m_create);
              });
        add_create_options(*create);
        add_for_id("start", "Let its program execute", [this](auto& c) { return c.start(m_create.id); });
        auto* kill = add_for_id("kill", "Send it a signal", [this](auto& c) -> Result<void> {
            auto const signal = runtime::parse_signal(m_signal);
            if (!signal)
                return fail(ErrorKind::InvalidInput, "unknown signal \"" + m_signal + "\"");
            return c.kill(
                m_create.id, *signal, m_all ? bundle::Containers::Whom::All : bundle::Containers::Whom::First);
        });
        kill->add_option("signal", m_signal, "TERM (default), SIGKILL, 15, …");
        kill->add_flag("--all,-a", m_all, "to all its processes");
        auto* remove = add_for_id("delete", "Clear away what is left of it", [this](auto& c) {
            return c.remove(m_create.id, m_force ? bundle::Containers::Mode::Force : bundle::Containers::Mode::Stopped);
        });
        remove->add_flag("--force,-f", m_force, "kill it first, if it still runs");
        add_for_id("pause", "Freeze all its processes", [this](auto& c) { return c.pause(m_create.id); });
        add_for_id("resume", "Let them go on", [this](auto& c) { return c.resume(m_create.id); });
        auto* run = add("run", "Create, start, wait, delete", [this](auto& containers) -> Result<int> {
            TRY(check_create());
            return containers.run(m_create, m_exec.detach);
        });
        run->add_option("id", m_create.id)->required();
        run->add_flag("--detach,-d", m_exec.detach, "do not wait");
        add_create_options(*run);
    }

    void add_looking()
    {
        add_for_id("state", "Its state, as JSON", [this](auto& containers) -> Result<void> {
            auto const state = TRY(containers.state(m_create.id));
            fmt::print("{}\n", state);
            return {};
        });
        auto* ps = add_for_id("ps", "Its processes, by the host's numbers", [this](auto& containers) -> Result<void> {
            auto const pids = TRY(containers.processes(m_create.id));
            if (m_format == "json")
                fmt::print("{}\n", ordered_json(pids).dump());
            else
                fmt::print("PID\n{}\n", fmt::join(pids, "\n"));
            return {};
        });
        auto* list = add("list", "All containers", [this](auto& containers) -> Result<int> {
            print_list(containers.list());
            return 0;
        });
        for (auto* command : { ps, list })
            command->add_option("--format,-f", m_format)->check(CLI::IsMember({ "table", "json" }));
        list->add_flag("--quiet,-q", m_quiet, "ids alone");
        auto* spec = add("spec", "Write a config.json to begin with",
            [this](bundle::Containers&) { return write_sample(m_create.bundle); });
        spec->add_option("--bundle,-b", m_create.bundle, "where");
    }

    void print_list(std::vector<bundle::Containers::Listed> const& listed) const
    {
        auto json = ordered_json::array();
        if (!m_quiet && m_format != "json")
            fmt::print("{:<20} {:<8} {:<8} {:<30} {}\n", "ID", "PID", "STATUS", "BUNDLE", "CREATED");
        for (auto const& [state, status] : listed) {
            if (m_format == "json")
                json.push_back(ordered_json::parse(bundle::state_json(state, status)));
            else if (m_quiet)
                fmt::print("{}\n", state.id);
            else
                fmt::print("{:<20} {:<8} {:<8} {:<30} {}\n", state.id,
                    status == bundle::Status::Stopped ? 0 : state.pid, bundle::to_string(status), state.bundle,
                    state.created);
        }
        if (m_format == "json")
            fmt::print("{}\n", json.dump());
    }

    void add_exec()
    {
        auto* exec = m_app.add_subcommand("exec", "One more program in it: exec [OPTIONS] ID [PROGRAM ARGUMENT…]");
        exec->add_option("--process,-p", m_exec.process, "a process.json that says it all");
        exec->add_flag("--tty,-t", m_exec.tty, "with a terminal");
        exec->add_flag("--detach,-d", m_exec.detach, "do not wait");
        exec->add_option("--pid-file", m_exec.pid_file);
        exec->add_option("--console-socket", m_exec.console_socket);
        exec->add_option("--cwd", m_exec.cwd);
        exec->add_option("--user,-u", m_exec.user, "UID[:GID]");
        exec->add_option("--env,-e", m_exec.env, "NAME=VALUE")
            ->expected(1)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
        exec->add_option("--cap,-c", m_exec.capabilities)
            ->expected(1)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
        exec->add_flag("--no-new-privs", m_exec.no_new_privileges);
        exec->add_option("--preserve-fds", m_exec.preserved)->check(CLI::Range(0, 16));
        exec->prefix_command(); // from the id on all is the program's
        exec->callback([this, exec] {
            perform([this, exec](bundle::Containers& containers) -> Result<int> {
                auto words = exec->remaining();
                if (words.empty() || words.front().starts_with('-'))
                    return fail(ErrorKind::InvalidInput,
                        words.empty() ? "exec needs the id of a container" : "unknown option " + words.front());
                m_exec.id = words.front();
                words.erase(words.begin());
                if (!words.empty() && words.front() == "--")
                    words.erase(words.begin());
                m_exec.args = std::move(words);
                return containers.exec(m_exec);
            });
        });
    }

    CLI::App m_app { "An OCI runtime: containers of bundles that somebody else has prepared", "drydock runtime" };
    std::filesystem::path m_root { default_root() };
    RuntimeLog m_log;
    bundle::CreateOptions m_create;
    bundle::ExecOptions m_exec;
    std::string m_signal { "TERM" };
    std::string m_format { "table" };
    std::string m_ignored_text;
    bool m_all { false };
    bool m_force { false };
    bool m_quiet { false };
    bool m_no_pivot { false };
    bool m_systemd { false };
    bool m_ignored { false };
    int m_status { 0 };
};

}

int runtime_command(std::vector<std::string> const& args)
{
    return RuntimeLine().run(args);
}

}
