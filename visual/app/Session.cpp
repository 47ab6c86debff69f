#include "visual/app/Session.h"

#include "engine/runtime/Probe.h"

#include <unistd.h>

#include <cstdlib>

namespace fs = std::filesystem;

namespace drydock::app {

namespace {

// A socket's path has at most 107 characters (unix(7)), so the directory is short.
Result<fs::path> make_data_root()
{
    auto const* runtime_dir = std::getenv("XDG_RUNTIME_DIR");
    auto pattern
        = (fs::path(runtime_dir != nullptr && *runtime_dir != '\0' ? runtime_dir : "/tmp") / "drydock-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
        return fail(Error::from_errno("mkdtemp(3)", errno).with_context("making a data root like " + pattern));
    return fs::path(pattern);
}

struct Choice {
    lab::World world { lab::World::Live };
    std::optional<daemon::StorageDriver> driver;
    std::string notice; // why, if that is not what one would expect
};

// Tries the machine out once, for the world and for the way to stack layers.
Choice choose_world(SessionOptions const& options, Installation const& installation)
{
    if (options.world)
        return { *options.world, options.driver, "" };
    auto const findings = runtime::probe(installation.init_program);
    if (!findings)
        return { lab::World::Simulated, std::nullopt,
            "Simulated, because the machine could not be tried out: " + findings.error().message() };
    if (lab::needs_namespaces(options.cast) && ::geteuid() != 0)
        return { lab::World::Simulated, std::nullopt,
            "Simulated, because several hosts, or a firewall, need root in the live world" };
    if (auto const obstacle = runtime::obstacle_to_live(*findings))
        return { lab::World::Simulated, std::nullopt,
            "Simulated, because this machine lacks " + obstacle->subject + ": " + obstacle->detail + ". "
                + obstacle->remedy };
    return { lab::World::Live, options.driver.value_or(lab::preferred_driver(*findings)), "" };
}

}

Installation Installation::find()
{
    std::error_code ignored;
    auto const program = fs::read_symlink("/proc/self/exe", ignored).parent_path();
    return { .images = program / "images",
        .init_program = program / "drydock-init",
        .scenarios = program / "scenarios",
        .languages = program / "languages" };
}

Result<std::unique_ptr<Session>> Session::open(SessionOptions options)
{
    auto const installation = Installation::find();
    std::unique_ptr<Session> session(new Session);
    session->m_terminal = std::move(options.terminal);
    auto const choice = choose_world(options, installation);
    session->m_notice = choice.notice;
    lab::Options lab_options { .world = choice.world,
        .seed = options.seed,
        .data_root = options.data_root,
        .listen = options.listen,
        .images = installation.images,
        .init_program = installation.init_program,
        .driver = choice.driver,
        .cast = options.cast,
        .tls = options.tls };
    if (choice.world == lab::World::Live && lab_options.data_root.empty())
        lab_options.data_root = session->m_own_data_root = TRY(make_data_root());
    session->m_lab = TRY(lab::Lab::open(std::move(lab_options), *session->m_log));
    for (auto const& host : session->hosts())
        session->m_files[host] = client::memory_files(options.folder);
    if (!choice.notice.empty())
        session->publisher().publish(trace::WarningRaised { choice.notice, "drydock doctor says what to do about it" });
    return session;
}

Session::~Session()
{
    m_lab.reset(); // the daemon leaves its data root before it is removed
    std::error_code ignored;
    if (!m_own_data_root.empty())
        fs::remove_all(m_own_data_root, ignored);
}

int Session::run(std::string const& line)
{
    return run(line, client::Terminal { .write = [this](bool to_stderr, std::string_view text) {
        if (m_terminal)
            m_terminal(to_stderr, text);
    } });
}

int Session::run(std::string const& line, client::Terminal const& terminal)
{
    auto const typed = scenario::parse_typed_line(line);
    auto const host = host_called(std::string(typed.host));
    auto const files = m_files.find(host);
    if (files == m_files.end()) {
        terminal.write(true, "no host is called " + host.value + "\n");
        return 2;
    }
    auto with_files = terminal;
    with_files.files = files->second;
    return m_lab->run(host, std::string(typed.command), with_files);
}

HostId Session::host_called(std::string const& name) const
{
    return name.empty() ? m_lab->hosts().front() : HostId { name };
}

Result<std::string> Session::read_file(HostId const& host, std::string const& container, std::string const& path)
{
    return m_lab->read_file(host, container, path);
}

trace::Publisher Session::publisher() const
{
    auto const provenance = world() == lab::World::Live ? trace::Provenance::Live : trace::Provenance::Simulated;
    return { *m_log, m_lab->clock(), { .host = {}, .actor = ActorId { "scenario" }, .provenance = provenance } };
}

}
