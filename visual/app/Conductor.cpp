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
    change([&] { m_jobs = { Job { std::move(scenario), {}, std::move(folder) } }; });
    m_more.notify_all();
}

void Conductor::run(std::string line)
{
    change([&] {
        m_state.terminal.history.push_back(line);
        m_jobs.push_back({ std::nullopt, std::move(line), {} });
    });
    m_more.notify_all();
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
