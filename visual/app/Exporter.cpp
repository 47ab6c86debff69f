#include "visual/app/Exporter.h"

#include "engine/os/Spawn.h"
#include "sim/trace/TraceFile.h"
#include "sim/words/Language.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <utility>

namespace fs = std::filesystem;

namespace drydock::app {

namespace {

constexpr std::string_view program_prefix = "drydock: "; // of what `complain` says

// What there is to read now.
void read_what_is_there(int descriptor, std::string& text)
{
    std::array<char, 1024> bytes {};
    for (ssize_t count = 0; (count = ::read(descriptor, bytes.data(), bytes.size())) > 0;)
        text.append(bytes.data(), static_cast<std::size_t>(count));
}

std::string last_line(std::string text)
{
    while (text.ends_with('\n'))
        text.pop_back();
    return text.substr(text.rfind('\n') + 1);
}

}

Exporter::~Exporter()
{
    stop();
}

void Exporter::start(trace::EventLog const& log, std::vector<std::string> arguments, std::string const& path)
{
    stop();
    m_state = { .phase = view::ExportState::Phase::Working, .path = path };
    auto const refuse = [this](std::string why) {
        m_state.phase = view::ExportState::Phase::Failed;
        m_state.message = std::move(why);
    };
    auto pattern = (fs::temp_directory_path() / "drydock-export-XXXXXX").string();
    auto const file = ::mkostemp(pattern.data(), O_CLOEXEC);
    if (file < 0)
        return refuse(Error::from_errno("mkostemp(3)", errno).message());
    ::close(file);
    m_trace = pattern;
    if (auto const saved = trace::save_trace(log, m_trace.string()); !saved)
        return refuse(saved.error().message());
    arguments.insert(arguments.begin(),
        { "drydock", "export", m_trace.string(), "--progress", "--to", path, "--language",
            std::string(words::language()) });
    if (auto const spawned = spawn(std::move(arguments)); !spawned)
        refuse(spawned.error().message());
}

Result<void> Exporter::spawn(std::vector<std::string> arguments)
{
    std::array<int, 2> progress {}, complaints {};
    if (::pipe2(progress.data(), O_CLOEXEC | O_NONBLOCK) != 0)
        return fail(Error::from_errno("pipe2(2)", errno));
    if (::pipe2(complaints.data(), O_CLOEXEC | O_NONBLOCK) != 0)
        return fail(Error::from_errno("pipe2(2)", errno));
    // The window takes its ending signals on a thread; the other one needs them.
    auto const process = os::Spawn(std::move(arguments))
                             .program("/proc/self/exe")
                             .give(progress[1], STDOUT_FILENO)
                             .give(complaints[1], STDERR_FILENO)
                             .clear_signal_mask()
                             .start();
    ::close(progress[1]);
    ::close(complaints[1]);
    m_progress = progress[0];
    m_complaints = complaints[0];
    if (process) {
        m_process = *process;
        return {};
    }
    finish();
    return fail(process.error());
}

void Exporter::stop()
{
    if (m_process > 0) {
        ::kill(m_process, SIGTERM); // it leaves no half file behind
        ::waitpid(std::exchange(m_process, -1), nullptr, 0);
    }
    finish();
    m_state = {};
}

void Exporter::finish()
{
    for (auto* descriptor : { &m_progress, &m_complaints }) {
        if (*descriptor >= 0)
            ::close(std::exchange(*descriptor, -1));
    }
    std::error_code ignored;
    if (!m_trace.empty())
        fs::remove(std::exchange(m_trace, {}), ignored);
    m_said.clear();
    m_complained.clear();
}

bool Exporter::look()
{
    if (m_process <= 0)
        return false;
    read_what_is_there(m_progress, m_said);
    read_what_is_there(m_complaints, m_complained);
    auto const percent = std::atoi(last_line(m_said).c_str());
    bool const news = percent != m_state.percent;
    m_state.percent = percent;
    int status = 0;
    if (::waitpid(m_process, &status, WNOHANG) != m_process)
        return news;
    m_process = -1;
    read_what_is_there(m_complaints, m_complained);
    bool const done = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    m_state.phase = done ? view::ExportState::Phase::Done : view::ExportState::Phase::Failed;
    m_state.message = done ? std::string() : last_line(m_complained);
    if (m_state.message.starts_with(program_prefix))
        m_state.message.erase(0, program_prefix.size());
    finish();
    return true;
}

}
