#include "visual/app/Session.h"

#include "engine/lab/Checkpoint.h"
#include "engine/runtime/Probe.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <thread>

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
            "Simulated: the live world needs " + obstacle->subject
                + ", which this machine does not give you. Lessons are the same. To change that: " + obstacle->remedy };
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
        .languages = program / "languages",
        .models = program / "models" };
}

OwnDirectory::~OwnDirectory()
{
    std::error_code ignored;
    fs::remove_all(m_path, ignored);
}

Result<std::unique_ptr<Session>> Session::open(SessionOptions options)
{
    return open_in(std::move(options), nullptr);
}

Result<std::unique_ptr<Session>> Session::resume(SessionOptions options, Past past)
{
    options.world = past.world;
    options.driver = past.driver;
    options.keeps_past = true;
    if (past.world == lab::World::Live && !past.moment.checkpoint)
        return fail(ErrorKind::NotFound, "nothing was kept of that moment");
    return open_in(std::move(options), &past);
}

Result<std::unique_ptr<Session>> Session::open_in(SessionOptions options, Past const* past)
{
    auto const installation = options.installation;
    std::unique_ptr<Session> session(new Session);
    session->m_terminal = std::move(options.terminal);
    auto const choice = choose_world(options, installation);
    session->m_notice = choice.notice;
    session->m_driver = choice.driver;
    session->m_keeps_past = options.keeps_past;
    bool const live = choice.world == lab::World::Live;
    lab::Options lab_options { .world = choice.world,
        .seed = options.seed,
        .data_root = options.data_root,
        .listen = options.listen,
        .images = installation.images,
        .init_program = installation.init_program,
        .driver = choice.driver,
        .cast = options.cast,
        .tls = options.tls,
        .resumes = live && past != nullptr,
        .folder = options.folder,
        .model = installation.models / "comparison.toml" };
    if (live && lab_options.data_root.empty()) {
        session->m_own_data_root
            = past != nullptr ? past->own_data_root : std::make_shared<OwnDirectory const>(TRY(make_data_root()));
        lab_options.data_root = session->m_own_data_root->path();
    }
    session->m_data_root = lab_options.data_root;
    if (past != nullptr) {
        session->m_log->continue_from(*past->log, past->moment.records);
        session->m_log->mute(true);
        if (live)
            TRY(lab::restore_checkpoint(past->moment.checkpoint->path(), lab_options.data_root));
    }
    session->m_lab = TRY(lab::Lab::open(std::move(lab_options), *session->m_log));
    for (auto const& host : session->hosts())
        session->m_files[host] = client::memory_files(options.folder);
    if (past != nullptr) {
        if (live)
            session->m_files = past->files;
        else
            session->do_again(past->turns);
        session->m_log->mute(false);
        session->m_turns = past->turns;
        session->publisher().publish(trace::EngineRestored {
            past->moment.records, past->turns.empty() ? std::string() : past->turns.back().line, live });
        session->m_lab->resume();
    } else if (!choice.notice.empty()) {
        session->publisher().publish(trace::WarningRaised { choice.notice, "drydock doctor says what to do about it" });
    }
    session->m_now = session->moment_now();
    return session;
}

void Session::do_again(std::vector<Turn> const& turns)
{
    for (auto const& turn : turns)
        run(turn.line, client::Terminal { .write = [](bool, std::string_view) {} });
}

Moment Session::moment_now()
{
    Moment moment { .records = m_log->size(), .checkpoint = nullptr };
    if (!m_keeps_past || world() != lab::World::Live)
        return moment;
    static std::atomic<std::uint64_t> next { 0 };
    auto into = std::make_shared<OwnDirectory const>(m_data_root / ("checkpoint-" + std::to_string(next++)));
    if (auto const taken = lab::take_checkpoint(m_data_root, into->path()))
        moment.checkpoint = std::move(into);
    else
        publisher().publish(trace::WarningRaised {
            "this moment cannot be gone back to: " + taken.error().message(), "free space in the data root" });
    moment.records = m_log->size();
    return moment;
}

void Session::interrupt(std::uint64_t since, std::string const& signal)
{
    for (auto i = m_log->size(); i > since; --i) {
        auto const& record = (*m_log)[i - 1];
        auto const* created = record.event.get_if<trace::ContainerCreated>();
        if (created == nullptr)
            continue;
        run(fmt::format("{}$ docker kill --signal {} {}", record.origin->host.value, signal, created->container.value),
            { .write = [](bool, std::string_view) {} });
        return;
    }
}

int Session::run(std::string const& line)
{
    constexpr std::chrono::seconds patience { 120 }, between { 60 };
    std::jthread const watch([&, since = m_log->size()](std::stop_token const& over) {
        std::mutex mutex;
        std::condition_variable_any ended;
        std::unique_lock lock(mutex);
        auto const wait = [&](auto time) { ended.wait_for(lock, over, time, [] { return false; }); };
        for (wait(patience); !over.stop_requested() && world() == lab::World::Live; wait(between)) {
            if (m_terminal)
                m_terminal(true, fmt::format("drydock: `{}` does not end; what it started is killed\n", line));
            interrupt(since, "KILL");
        }
    });
    return take_turn(line, client::Terminal { .write = [this](bool to_stderr, std::string_view text) {
        if (m_terminal)
            m_terminal(to_stderr, text);
    } });
}

int Session::take_turn(std::string const& line, client::Terminal const& terminal)
{
    notice_others();
    auto before = m_now;
    before.records = m_log->size(); // with what the scenario has said since
    auto const status = run(line, terminal);
    if (m_keeps_past) {
        m_turns.push_back({ line, std::move(before) });
        m_now = moment_now();
    }
    return status;
}

void Session::notice_others()
{
    if (!m_keeps_past)
        return;
    std::string line;
    for (auto i = m_log->size(); i > m_now.records && line.empty(); --i) {
        if (auto const* request = (*m_log)[i - 1].event.get_if<trace::RequestReceived>();
            request != nullptr && request->method != "GET" && request->method != "HEAD")
            line = request->from.value;
    }
    if (line.empty())
        return;
    m_turns.push_back({ "(" + line + ")", m_now });
    m_now = moment_now();
}

Past Session::past() const
{
    return { .log = m_log,
        .turns = m_turns,
        .moment = m_now,
        .world = world(),
        .driver = m_driver,
        .own_data_root = m_own_data_root,
        .files = m_files };
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

Result<std::string> Session::look(HostId const& host, std::string const& path)
{
    return m_lab->look(host, path);
}

trace::Publisher Session::publisher() const
{
    auto const provenance = world() == lab::World::Live ? trace::Provenance::Live : trace::Provenance::Simulated;
    return { *m_log, m_lab->clock(), { .host = {}, .actor = ActorId { "scenario" }, .provenance = provenance } };
}

}
