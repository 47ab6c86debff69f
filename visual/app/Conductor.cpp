#include "visual/app/Conductor.h"

namespace drydock::app {

namespace {

constexpr std::size_t lines_kept = 2000;

// Without escape sequences and control characters: what a program prints is shown, not obeyed (HARDENING T36).
std::string printable(std::string_view text)
{
    std::string clean;
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto const c = static_cast<unsigned char>(text[i]);
        if (c == 0x1b && i + 1 < text.size() && text[i + 1] == '[') {
            i += 2;
            while (i < text.size()
                && (static_cast<unsigned char>(text[i]) < 0x40 || static_cast<unsigned char>(text[i]) > 0x7e))
                ++i;
        } else if (c == '\t') {
            clean.append(4, ' ');
        } else if (c >= 0x20 && c != 0x7f) {
            clean += text[i];
        }
    }
    return clean;
}

// The container that was made last since `since`.
std::string newest_container(trace::EventLog const& log, std::uint64_t since)
{
    for (auto i = log.size(); i > since; --i) {
        if (auto const* created = log[i - 1].event.get_if<trace::ContainerCreated>())
            return created->container.value;
    }
    return {};
}

}

Conductor::Conductor(SessionOptions options)
    : m_options(std::move(options))
{
    m_state.log = std::make_shared<trace::EventLog>();
    m_options.terminal = [this](bool to_stderr, std::string_view text) { print(to_stderr, text); };
    m_worker = std::jthread([this] { work(); });
}

Conductor::~Conductor()
{
    m_stop = true;
    m_more.notify_all();
    interrupt();
    interrupt(); // what ignores SIGINT does not keep the window from closing
    m_worker.join();
    if (m_prover.joinable())
        m_prover.join();
}

template <class F> void Conductor::change(F f)
{
    std::lock_guard const lock(m_mutex);
    f();
    ++m_state.revision;
}

void Conductor::open(scenario::Scenario scenario, std::filesystem::path folder)
{
    m_restart = true;
    interrupt();
    change([&] { m_jobs = { Job { std::move(scenario), {}, std::move(folder), false } }; });
    m_more.notify_all();
}

void Conductor::run(std::string line)
{
    change([&] {
        m_state.terminal.history.push_back(line);
        m_jobs.push_back({ std::nullopt, std::move(line), {}, false });
    });
    m_more.notify_all();
}

void Conductor::prove(std::string object, std::size_t index, std::string command)
{
    auto means = view::ProofMeans::Nothing;
    change([&] {
        if (m_state.proof && m_state.proof->running)
            return;
        means = m_state.proofs;
        m_state.proof = view::ProofRun { .object = std::move(object), .index = index, .running = true, .output = {} };
        if (means == view::ProofMeans::Client)
            m_jobs.push_back({ std::nullopt, command, {}, true });
    });
    m_more.notify_all();
    if (means == view::ProofMeans::Shell)
        m_prover = std::jthread([this, command = std::move(command)] { prove_by_shell(command); });
}

void Conductor::prove_by_shell(std::string const& command)
{
    std::shared_ptr<Session> session;
    {
        std::lock_guard const lock(m_mutex);
        session = m_session;
    }
    if (!session)
        return finish_proof({ .text = "There is no engine to ask.", .exit_code = 1 });
    std::error_code ignored;
    ShellPlace const place { .docker_host = session->daemon_endpoint().to_string(),
        .data_root = session->own_data_root().empty() ? m_options.data_root : session->own_data_root(),
        .program = std::filesystem::read_symlink("/proc/self/exe", ignored) };
    session.reset(); // an engine that is left while a proof runs need not wait for it
    finish_proof(run_in_shell(command, place, proof_time, [this] { return !m_stop; }));
}

// In the simulated world the worker alone may run commands.
void Conductor::prove_by_client(std::string const& line)
{
    std::shared_ptr<Session> session;
    {
        std::lock_guard const lock(m_mutex);
        session = m_session;
    }
    ShellOutput output;
    output.exit_code = session == nullptr ? 1 : session->run(line, { .write = [&](bool, std::string_view text) {
        output.text += text.substr(0, output_kept - output.text.size());
        output.cut = output.cut || output.text.size() == output_kept;
    } });
    finish_proof(output);
}

void Conductor::finish_proof(ShellOutput const& output)
{
    std::string shown;
    for (auto rest = std::string_view(output.text); !rest.empty();) {
        auto const end = std::min(rest.find('\n'), rest.size());
        shown += (shown.empty() ? "" : "\n") + printable(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    change([&] {
        if (!m_state.proof)
            return;
        m_state.proof->running = false;
        m_state.proof->output = std::move(shown);
        m_state.proof->cut = output.cut;
        m_state.proof->exit_code = output.exit_code;
    });
}

void Conductor::interrupt()
{
    std::shared_ptr<Session> session;
    std::string container;
    int times = 0;
    {
        std::lock_guard const lock(m_mutex);
        session = m_session;
        if (!session || session->world() != lab::World::Live)
            return; // simulated commands end by themselves: their clock jumps
        container = newest_container(*m_state.log, m_command_began);
        times = ++m_interrupts;
    }
    if (!container.empty())
        session->run(std::string("docker kill ") + (times == 1 ? "--signal INT " : "") + container,
            { .write = [](bool, std::string_view) {} });
}

void Conductor::look(State& state) const
{
    std::lock_guard const lock(m_mutex);
    if (state.revision != m_state.revision || !state.log)
        state = m_state;
}

void Conductor::work()
{
    for (;;) {
        Job job;
        {
            std::unique_lock lock(m_mutex);
            m_more.wait(lock, [this] { return m_stop || !m_jobs.empty(); });
            if (m_stop)
                break;
            job = std::move(m_jobs.front());
            m_jobs.pop_front();
        }
        if (job.scenario)
            start(job);
        else if (job.is_proof)
            prove_by_client(job.line);
        else
            type(job.line);
    }
    std::shared_ptr<Session> last;
    change([&] { last = std::exchange(m_session, nullptr); });
}

void Conductor::start(Job const& job)
{
    auto const& scenario = *job.scenario;
    m_restart = false;
    std::shared_ptr<Session> old;
    change([&] { old = std::exchange(m_session, nullptr); });
    old.reset(); // the old daemon leaves its socket and its containers before the new one comes
    auto options = m_options;
    options.folder = job.folder;
    if (job.scenario)
        options.cast = job.scenario->cast;
    auto opened = Session::open(std::move(options));
    if (!opened) {
        change([&] { m_state.notices = { opened.error().message() }; });
        return;
    }
    std::shared_ptr<Session> const session = std::move(*opened);
    change([&] {
        m_session = session;
        m_state.log = session->shared_log();
        ++m_state.run;
        m_interrupts = 0;
        m_command_began = m_state.log->size();
        m_state.notices.clear();
        m_state.proof.reset();
        m_state.proofs = session->world() == lab::World::Live ? view::ProofMeans::Shell : view::ProofMeans::Client;
        if (!session->notice().empty())
            m_state.notices.push_back(session->notice());
        m_state.terminal
            = { .available = true, .busy = false, .lines = {}, .history = std::move(m_state.terminal.history) };
        if (session->world() == lab::World::Live)
            m_state.terminal.docker_host = session->daemon_endpoint().to_string();
    });
    scenario::play(scenario, *session, session->publisher(), [this] { return !m_stop && !m_restart; });
}

void Conductor::type(std::string const& line)
{
    std::shared_ptr<Session> session;
    change([&] {
        session = m_session;
        m_state.terminal.busy = session != nullptr;
        m_interrupts = 0;
        m_command_began = m_state.log->size();
    });
    add(view::TerminalLine::Kind::Typed, line);
    if (!session) {
        add(view::TerminalLine::Kind::Error, "There is no engine to ask.");
        return;
    }
    session->run(line);
    change([&] { m_state.terminal.busy = false; });
}

void Conductor::print(bool to_stderr, std::string_view text)
{
    auto const kind = to_stderr ? view::TerminalLine::Kind::Error : view::TerminalLine::Kind::Output;
    change([&] {
        auto& lines = m_state.terminal.lines;
        while (!text.empty()) {
            auto const end = text.find('\n');
            auto const piece = printable(text.substr(0, end));
            if (m_line_open && !lines.empty() && lines.back().kind == kind)
                lines.back().text += piece;
            else
                lines.push_back({ kind, piece });
            m_line_open = end == std::string_view::npos;
            text.remove_prefix(m_line_open ? text.size() : end + 1);
        }
        if (lines.size() > lines_kept)
            lines.erase(lines.begin(), lines.end() - lines_kept);
    });
}

void Conductor::add(view::TerminalLine::Kind kind, std::string_view text)
{
    change([&] {
        m_state.terminal.lines.push_back({ kind, printable(text) });
        m_line_open = false;
    });
}

}
