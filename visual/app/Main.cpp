// drydock: the one program that people see.

#include "visual/app/Commands.h"
#include "visual/app/Languages.h"
#include "visual/settings/Settings.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <system_error>

namespace drydock::app {
namespace {

std::map<std::string, lab::World> const worlds { { "live", lab::World::Live }, { "simulated", lab::World::Simulated } };
std::map<std::string, daemon::StorageDriver> const drivers { { "fuse", daemon::StorageDriver::Fuse },
    { "overlay", daemon::StorageDriver::Overlay } };
std::map<std::string, exporting::StillEach> const stills { { "beat", exporting::StillEach::Beat },
    { "phase", exporting::StillEach::Phase } };
std::map<std::string, theme::ThemeName> const themes { { "dark", theme::ThemeName::Dark },
    { "light", theme::ThemeName::Light }, { "projector", theme::ThemeName::Projector } };

// An option that takes one of these words.
template <class T, class Value>
void add_choice(CLI::App& command, std::string const& name, T& variable, std::map<std::string, Value> const& words,
    std::string const& help)
{
    std::string all;
    for (auto const& [word, value] : words)
        all += (all.empty() ? "" : "|") + word;
    CLI::CheckedTransformer one_of(words, CLI::ignore_case);
    one_of.description(""); // its own would show the values behind the words
    command.add_option(name, variable, help)->transform(one_of)->type_name(all);
}

void add_session_options(CLI::App& command, SessionOptions& options)
{
    add_choice(command, "--world", options.world, worlds,
        "live (Linux namespaces) or simulated; default: live where the machine allows it");
    command.add_option("--seed", options.seed, "decides everything in the simulated world");
    add_choice(command, "--storage-driver", options.driver, drivers, "which union filesystem");
}

void add_tls_options(CLI::App& command, TlsOptions& options)
{
    command.add_flag("--tlsverify", options.verify, "TLS, with a certificate on each side");
    command.add_option("--tlscacert", options.authority, "whose certificates we trust (PEM)");
    command.add_option("--tlscert", options.certificate, "our certificate (PEM)");
    command.add_option("--tlskey", options.key, "its key (PEM)");
}

void add_serving_options(CLI::App& command, ServingOptions& options)
{
    command.add_option(
        "--host", options.host, "unix:///PATH or tcp://ADDRESS:PORT; default: a socket in the data root");
    add_tls_options(command, options.tls);
    command.add_flag("--allow-plain-tcp", options.allow_plain_tcp,
        "serve tcp://127.0.0.1:PORT without certificates: whoever reaches it is root");
}

void add_data_root_option(CLI::App& command, SessionOptions& options)
{
    command.add_option("--data-root", options.data_root,
        "where images and containers stay; default: a fresh one that goes when it ends");
}

void add_picture_options(CLI::App& command, PictureOptions& options)
{
    command.add_option("--pictures", options.directory, "write a picture of each step into this directory");
    add_choice(command, "--theme", options.theme, themes, "of the pictures");
    command.add_option("--view", options.view, "of the pictures; default: the scenario's own, or the stage")
        ->check(CLI::IsMember(view::named_views()));
    command.add_option("--height", options.height, "of the pictures, in pixels; they are 16:9")
        ->check(CLI::Range(720, 2160));
    command.add_flag("--window", options.whole_window, "pictures of the whole window instead of presenter mode");
}

class CommandLine {
public:
    CommandLine()
    {
        m_app.require_subcommand(0, 1);
        m_app.add_option("--language", m_language,
            "of the screen and the text: en, de; default: what was chosen in the window, else what LANG says");
        m_app.parse_complete_callback([this] { choose_language(); });
        m_app.footer("Without a command: the window, with the first scenario. Without a display: the same as text and "
                     "pictures.");
        add_play();
        add_lessons();
        add_test_me();
        add_check();
        add_trace();
        add_export();
        add_notes();
        add_daemon();
        add_registry();
        add_hub();
        add_docker();
        add_mount();
        add_runtime();
        add_vm();
        add_compare();
        auto* doctor_command
            = m_app.add_subcommand("doctor", "What this machine allows, and what to do about the rest");
        doctor_command->add_flag("--json", m_json);
        doctor_command->add_option(
            "--store", m_store, "check all that lies in this data root instead; changes nothing");
        doctor_command->callback(
            [this] { m_status = m_store.empty() ? doctor(m_json) : doctor_store(m_store, m_json); });
    }

    int run(int argc, char** argv)
    {
        try {
            m_app.parse(argc, argv);
        } catch (CLI::ParseError const& error) {
            auto const status = m_app.exit(error);
            return status == 0 ? 0 : 2; // 0 is --help
        }
        if (m_app.get_subcommands().empty())
            return play({});
        return m_status;
    }

private:
    void choose_language()
    {
        if (!m_language.empty()) {
            if (auto const done = speak(m_language); !done)
                throw CLI::ValidationError("--language", done.error().message());
            return;
        }
        auto const chosen = settings::load().language;
        if (chosen.empty() || !speak(chosen))
            static_cast<void>(speak(language_of_environment())); // which is installed
    }

    void add_play()
    {
        auto* command = m_app.add_subcommand("play", "Play a scenario: in the window, as text, or as pictures");
        command->fallthrough(); // to --language
        command->add_option("scenario", m_play.scenario, "a file, or the name of a shipped one");
        command->add_flag("--text", m_play.text, "one sentence for each event, in this terminal");
        command->add_flag("--no-wait", m_play.no_wait, "do not stop at the end of a phase");
        command->add_option("--depth", m_play.depth, "1 roles, 2 objects, 3 system calls and bytes")
            ->check(CLI::Range(1, 3));
        command->add_option("--record", m_play.record, "write the trace to this file");
        add_picture_options(*command, m_play.pictures);
        add_serving_options(*command, m_play.serving);
        add_data_root_option(*command, m_play.session);
        add_session_options(*command, m_play.session);
        command->callback([this] { m_status = play(m_play); });
    }

    void add_lessons()
    {
        auto* command
            = m_app.add_subcommand("lessons", "The course: lessons, open tasks, demonstrations, and how far you are");
        command->fallthrough(); // to --language
        command->add_flag("--json", m_json);
        command->callback([this] { m_status = lessons(m_json); });
    }

    void add_test_me()
    {
        auto* command = m_app.add_subcommand(
            "test-me", "The concept test: what you believe about containers, before the course and after it");
        command->fallthrough();
        auto const choose = [this](scenario::TestPhase phase) { return [this, phase] { m_test.phase = phase; }; };
        auto* before = command->add_flag_callback(
            "--before", choose(scenario::TestPhase::Before), "before the course; the default");
        command->add_flag_callback("--after", choose(scenario::TestPhase::After), "after the course")->excludes(before);
        command->add_option("--csv", m_test.csv, "where the results go; default: your data folder");
        command->add_flag("--print", m_test.print, "the questions as Markdown to print, answers on the last page");
        command->callback([this] { m_status = test_me(m_test); });
    }

    void add_check()
    {
        auto* command
            = m_app.add_subcommand("check", "Prove that scenarios hold: start, solution, alternatives, extras");
        command->add_option("files", m_files, "scenario files or names; default: all that come with drydock");
        command->add_flag("--json", m_json);
        add_session_options(*command, m_session);
        command->callback([this] {
            // A proof makes many labs; the simulated ones cost nothing and need nothing.
            if (!m_session.world)
                m_session.world = lab::World::Simulated;
            m_status = check(m_files, m_session, m_json);
        });
    }

    void add_trace()
    {
        auto* command = m_app.add_subcommand("trace", "Replay a recorded run; needs no daemon and no privilege");
        command->fallthrough();
        command->add_option("file", m_trace.file, "written by --record")->required();
        command->add_flag("--text", m_trace.text, "one sentence for each event");
        command->add_flag("--json", m_trace.json, "the records, one JSON object a line");
        command->add_option("--depth", m_trace.depth, "1 roles, 2 objects, 3 system calls and bytes")
            ->check(CLI::Range(1, 3));
        command->add_option("--perfetto", m_trace.perfetto, "write a file for ui.perfetto.dev");
        add_picture_options(*command, m_trace.pictures);
        command->callback([this] { m_status = trace(m_trace); });
    }

    void add_export()
    {
        auto* command = m_app.add_subcommand(
            "export", "A scenario or a trace as picture, film, page for the browser, or storyboard to print");
        command->fallthrough();
        command->add_option("source", m_export.source, "a scenario's file or name, or a trace")->required();
        command
            ->add_option("--to", m_export.to,
                "x.png, x.gif, x.mp4, x.webm (films need ffmpeg), x.html (plays in any browser, offline); else a "
                "directory for a storyboard")
            ->required();
        command->add_option(
            "--at", m_export.at, "of a picture: seconds of the story (12.5), or \"beat 7\"; else the end");
        command->add_option("--depth", m_export.depth, "1 roles, 2 objects, 3 system calls and bytes")
            ->check(CLI::Range(1, 3));
        add_choice(*command, "--theme", m_export.theme, themes, "of the pictures");
        command->add_option("--height", m_export.height, "in pixels; pictures are 16:9")->check(CLI::Range(720, 2160));
        add_choice(*command, "--each", m_export.each, stills,
            "of a storyboard: a still of each beat, or one of each phase to hand out");
        command->add_option("--view", m_export.view, "what is seen; default: the scenario's own, or the stage")
            ->check(CLI::IsMember(view::named_views()));
        command->add_option("--fps", m_export.frames_per_second, "of films")->check(CLI::Range(1, 60));
        command->add_flag("--window", m_export.whole_window, "the whole window instead of presenter mode");
        command->add_flag("--progress", m_export.progress, "per cent on standard output, one number a line");
        add_session_options(*command, m_export.session);
        command->callback([this] { m_status = export_command(m_export); });
    }

    void add_notes()
    {
        auto* command = m_app.add_subcommand(
            "notes", "The presenter's notes of the window that is open, in this terminal (also through ssh)");
        command->fallthrough();
        command->add_option("--socket", m_socket, "of which window; default: the newest");
        command->callback([this] { m_status = notes(m_socket); });
    }

    void add_daemon()
    {
        auto* command = m_app.add_subcommand("daemon", "The daemon by itself; prints DOCKER_HOST=… once it answers");
        add_serving_options(*command, m_daemon.serving);
        add_data_root_option(*command, m_daemon.session);
        command->add_option("--record", m_daemon.record, "write the trace to this file");
        add_session_options(*command, m_daemon.session);
        command->callback([this] { m_status = daemon(m_daemon); });
    }

    void add_registry()
    {
        auto* command = m_app.add_subcommand("registry", "A registry by itself; prints REGISTRY=… once it answers");
        command->add_option("--addr", m_registry.address, "ADDRESS:PORT to listen on");
        command->add_option("--root", m_registry.root, "where images stay; default: in memory");
        auto* basic
            = command->add_option("--auth", m_registry.htpasswd, "htpasswd file (bcrypt): a password for everything");
        command
            ->add_option("--token", m_registry.token_htpasswd,
                "htpasswd file: tokens; anybody may pull, who has a password may push")
            ->excludes(basic);
        command->add_option("--tls-cert", m_registry.certificate, "our certificate (PEM): https");
        command->add_option("--tls-key", m_registry.key, "its key (PEM)");
        command->add_flag(
            "--sparse", m_registry.sparse, "take manifests that point at blobs or manifests which are not here");
        command->callback([this] { m_status = registry(m_registry); });
    }

    void add_hub()
    {
        auto* command = m_app.add_subcommand("hub", "What the embedded public registry of a data root holds");
        command->add_option("--data-root", m_hub.data_root, "the daemon's; it must not be running")->required();
        command->require_subcommand(1);
        command->fallthrough();
        auto* list = command->add_subcommand("list", "The images in it");
        list->callback([this] { m_status = hub(m_hub); });
        auto* import = command->add_subcommand("import", "Take images in");
        import->add_option("source", m_hub.source, "an OCI layout, an archive of docker save, or HOST:PORT/NAME:TAG")
            ->required();
        import->add_option("--name", m_hub.name, "the repository there; default: the source's");
        import->callback([this] { m_status = hub(m_hub); });
        auto* debian = command->add_subcommand(
            "add-debian", "Make a Debian base image with mmdebstrap: docker.io/library/debian:SUITE");
        debian->add_option("--suite", m_debian.suite, "the release")->capture_default_str();
        debian->add_option("--variant", m_debian.variant, "minbase, essential or apt")->capture_default_str();
        debian->add_option("--mirror", m_debian.mirror, "http://…; default: this machine's own package source");
        debian->callback([this] {
            m_hub.debian = m_debian;
            m_status = hub(m_hub);
        });
    }

    void add_docker()
    {
        auto* command = m_app.add_subcommand("docker", "The built-in docker client (honours DOCKER_HOST)");
        command->add_option("--host,-H", m_host, "unix:///PATH or tcp://ADDRESS:PORT");
        command->add_option("--context,-c", m_context, "a name of docker context create");
        add_tls_options(*command, m_tls);
        command->prefix_command(); // what follows is docker's
        command->callback([this, command] { m_status = docker(command->remaining(), m_host, m_context, m_tls); });
    }

    void add_mount()
    {
        auto* command = m_app.add_subcommand("mount", "The union filesystem by itself, over plain directories");
        command->add_option("-o", m_mount.options, "lowerdir=TOP:BOTTOM[,upperdir=DIR,workdir=DIR][,ro]")->required();
        command->add_option("directory", m_mount.directory, "where the union appears")->required();
        command->add_flag("-f", m_mount.foreground, "stay in front; Ctrl+C unmounts");
        command->callback([this] { m_status = mount(m_mount); });
    }

    void add_runtime()
    {
        auto* command
            = m_app.add_subcommand("runtime", "An OCI runtime: create, start, state, kill, delete, exec, run, …");
        command->set_help_flag();
        command->prefix_command(); // what follows is the runtime's
        command->callback([this, command] { m_status = runtime_command(command->remaining()); });
    }

    void add_vm()
    {
        auto* command = m_app.add_subcommand("vm", "Guest machines: a kernel of their own instead of the host's");
        command->require_subcommand(1);
        auto* hello
            = command->add_subcommand("hello", "A guest without a kernel on our own monitor: prints a line, halts");
        hello->add_flag("--step", m_vm.step, "show every exit to the monitor");
        hello->callback([this] { m_status = vm_hello(m_vm); });
        auto* run
            = command->add_subcommand("run", "Run an image as a guest machine, on the best rung this machine has");
        run->footer(
            "After the options: an image that comes with drydock, such as busybox, and a command instead of its own.");
        run->prefix_command();
        run->callback([this, run] {
            m_vm.command = run->remaining();
            m_status = vm_run(m_vm);
        });
        auto* boot = command->add_subcommand("boot", "Boot a root filesystem archive on our own monitor");
        boot->add_option("--initramfs", m_vm.initramfs, "cpio archive with our init")
            ->required()
            ->check(CLI::ExistingFile);
        boot->callback([this] { m_status = vm_boot(m_vm); });
        for (auto* each : { run, boot }) {
            each->add_option(
                "--kernel", m_vm.kernel, "bzImage or ELF; default: a fetched one, else the host's from /boot");
            each->add_option("--memory", m_vm.memory, "MiB")->capture_default_str()->check(CLI::Range(32, 3072));
        }
        for (auto* each : { hello, run, boot })
            each->add_option("--record", m_vm.record, "write the trace to this file");
        auto* fetch
            = command->add_subcommand("fetch-kernel", "Fetch a Debian kernel for guests; asks first, installs nothing");
        fetch->add_flag("--yes,-y", m_vm.yes, "do not ask");
        fetch->callback([this] { m_status = vm_fetch_kernel(m_vm); });
    }

    void add_compare()
    {
        auto* command
            = m_app.add_subcommand("compare", "Hypervisor against container: measured here, modelled, quoted");
        command->add_flag("--json", m_compare.json);
        command->add_option("--rounds", m_compare.rounds, "starts of each, interleaved")
            ->capture_default_str()
            ->check(CLI::Range(1, 1000));
        command->add_option("--kernel", m_compare.kernel, "for guest machines; default: a fetched one, else the host's")
            ->check(CLI::ExistingFile);
        command->add_option("--model", m_compare.model, "the model's numbers; default: models/comparison.toml")
            ->check(CLI::ExistingFile);
        command->add_flag("--modelled", m_compare.modelled_only, "measure nothing");
        command->add_option("--record", m_compare.record, "write the trace to this file");
        command->callback([this] { m_status = compare(m_compare); });
    }

    CLI::App m_app { "Drydock: Docker's architecture, taken apart while it works", "drydock" };
    PlayOptions m_play;
    TestMeOptions m_test;
    TraceOptions m_trace;
    ExportOptions m_export;
    MountOptions m_mount;
    DaemonOptions m_daemon;
    RegistryOptions m_registry;
    HubOptions m_hub;
    VmOptions m_vm;
    CompareOptions m_compare;
    DebianOptions m_debian;
    TlsOptions m_tls;
    SessionOptions m_session;
    std::vector<std::string> m_files;
    std::string m_language;
    std::string m_socket;
    std::string m_host;
    std::string m_context;
    std::filesystem::path m_store;
    bool m_json { false };
    int m_status { 0 };
};

// mount(8) calls its helper as `mount.fuse.drydock SOURCE DIR [-sfnv] -o OPTIONS`.
int run_as_mount_helper(std::vector<std::string> const& args)
{
    MountOptions options;
    std::vector<std::string> places;
    for (std::size_t i = 0; i < args.size(); ++i) {
        if (args[i] == "-o" && i + 1 < args.size())
            options.options += (options.options.empty() ? "" : ",") + args[++i];
        else if (!args[i].starts_with('-'))
            places.push_back(args[i]);
    }
    if (places.size() != 2) {
        fmt::print(
            stderr, "Usage: mount.fuse.drydock none DIRECTORY -o lowerdir=TOP:BOTTOM[,upperdir=DIR,workdir=DIR]\n");
        return 2;
    }
    options.directory = places[1];
    return mount(options);
}

int run(int argc, char** argv)
{
    auto const name = argc > 0 ? std::filesystem::path(argv[0]).filename() : std::filesystem::path();
    if (name == "mount.fuse.drydock")
        return run_as_mount_helper({ argv + 1, argv + argc });
    // podman's --runtime and dockerd's --add-runtime want a program, not a program and its first argument.
    if (name == "drydock-runtime")
        return runtime_command({ argv + 1, argv + argc });
    return CommandLine().run(argc, argv);
}

}
}

int main(int argc, char** argv)
{
    // A reader that goes away ends a write with EPIPE, not the program.
    std::signal(SIGPIPE, SIG_IGN);
    try {
        return drydock::app::run(argc, argv);
    } catch (std::system_error const& error) {      // fmt throws what a write answers
        if (error.code() == std::errc::broken_pipe) // `drydock lessons | head` has read enough
            return 128 + SIGPIPE;                   // as the shell says it of programs that the signal ends
        std::fprintf(stderr, "drydock: %s\n", error.what());
        return 1;
    }
}
