#include "engine/compare/Subprocess.h"

#include "engine/os/ReadText.h"
#include "engine/os/Spawn.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>

namespace fs = std::filesystem;

namespace drydock::compare {

namespace {

constexpr std::size_t output_most = 1 << 20;

// The number behind "Name:" in a text of the kernel's, in bytes.
std::uint64_t kilobytes(std::string const& text, std::string_view name)
{
    auto const at = text.find(name);
    if (at == std::string::npos)
        return 0;
    return std::strtoull(text.c_str() + at + name.size(), nullptr, 10) * 1024;
}

// From /proc/PID/stat; the name in it may hold anything, even parentheses (proc(5)).
pid_t parent_of(std::string const& stat)
{
    auto const end = stat.rfind(')');
    if (end == std::string::npos || end + 4 > stat.size())
        return 0;
    return static_cast<pid_t>(std::strtol(stat.c_str() + end + 4, nullptr, 10));
}

std::string end_of(std::string const& text)
{
    auto const from = text.size() > 300 ? text.size() - 300 : 0;
    return text.substr(from);
}

}

Result<Subprocess> Subprocess::start(
    std::vector<std::string> const& command, std::string const& errors, std::vector<Given> const& given)
{
    int ends[2] {};
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return failed("pipe2(2)", errno);
    os::Fd output(ends[0]);
    os::Fd const input(ends[1]);
    os::Spawn program(command);
    program.open(STDIN_FILENO, "/dev/null", O_RDONLY)
        .give(input.get(), STDOUT_FILENO)
        .open(STDERR_FILENO, errors, O_WRONLY | O_CREAT | O_APPEND)
        .own_group(); // and we end it
    for (auto const& each : given)
        program.give(each.ours, each.its);
    auto const started = std::chrono::steady_clock::now();
    auto const pid = TRY_WITH(command.front(), program.start());
    return Subprocess(pid, std::move(output), started);
}

Subprocess::Subprocess(Subprocess&& other) noexcept
    : m_pid(std::exchange(other.m_pid, -1))
    , m_pipe(std::move(other.m_pipe))
    , m_started(other.m_started)
    , m_output(std::move(other.m_output))
    , m_listener(std::move(other.m_listener))
{
}

Subprocess::~Subprocess()
{
    kill();
}

Result<bool> Subprocess::read_more(Moment until)
{
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
    pollfd wait { m_pipe.get(), POLLIN, 0 };
    auto const ready = left <= 0 ? 0 : ::poll(&wait, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (ready < 0)
        return errno == EINTR ? Result<bool>(true) : failed("poll(2)", errno);
    if (ready == 0)
        return left > 0 ? Result<bool>(true) : fail(ErrorKind::LimitExceeded, "it took too long");
    char buffer[4096];
    auto const count = ::read(m_pipe.get(), buffer, sizeof buffer);
    if (count <= 0)
        return false;
    std::string_view const piece(buffer, static_cast<std::size_t>(count));
    if (m_output.size() < output_most)
        m_output += piece;
    if (m_listener)
        m_listener(piece);
    return true;
}

Result<Moment> Subprocess::wait_for(std::string_view text, Duration limit)
{
    auto const until = m_started + limit;
    while (m_output.find(text) == std::string::npos) {
        if (!TRY(read_more(until)))
            return fail(ErrorKind::Unavailable, "it ended and had said: " + end_of(m_output));
    }
    return std::chrono::steady_clock::now();
}

Result<int> Subprocess::wait(Duration limit)
{
    auto const until = m_started + limit;
    while (TRY(read_more(until))) { }
    int status = 0;
    for (;;) {
        auto const ended = ::waitpid(m_pid, &status, WNOHANG);
        if (ended == m_pid || (ended < 0 && errno != EINTR))
            break;
        if (std::chrono::steady_clock::now() > until)
            return fail(ErrorKind::LimitExceeded, "it took too long to end");
        ::usleep(1000);
    }
    m_pid = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void Subprocess::kill()
{
    if (m_pid < 0)
        return;
    for (auto const process : process_tree(m_pid))
        ::kill(process, SIGKILL);
    // Whoever was begun while the tree was read: as long as it is not waited for, its group cannot be anybody else's.
    ::kill(-m_pid, SIGKILL);
    while (::waitpid(m_pid, nullptr, 0) < 0 && errno == EINTR) { }
    m_pid = -1;
}

Result<std::string> run_program(std::vector<std::string> const& command, Duration limit)
{
    auto program = TRY(Subprocess::start(command));
    auto const status = TRY_WITH(command.front(), program.wait(limit));
    if (status != 0)
        return fail(ErrorKind::Unavailable,
            fmt::format("{} ended with {}: {}", command.front(), status, end_of(program.output())));
    return program.output();
}

std::optional<std::string> find_program(std::string const& name)
{
    auto const* path = std::getenv("PATH");
    std::istringstream folders(
        (path == nullptr ? std::string() : std::string(path)) + ":/usr/sbin:/sbin:/usr/bin:/bin");
    for (std::string folder; std::getline(folders, folder, ':');) {
        auto const candidate = fs::path(folder) / name;
        if (!folder.empty() && ::access(candidate.c_str(), X_OK) == 0)
            return candidate.string();
    }
    return std::nullopt;
}

std::vector<pid_t> process_tree(pid_t root)
{
    std::multimap<pid_t, pid_t> children;
    std::error_code error;
    for (auto const& entry : fs::directory_iterator("/proc", error)) {
        auto const name = entry.path().filename().string();
        pid_t pid = 0;
        if (std::from_chars(name.data(), name.data() + name.size(), pid).ec == std::errc())
            children.emplace(parent_of(os::read_text(entry.path() / "stat")), pid);
    }
    std::vector<pid_t> tree { root };
    for (std::size_t i = 0; i < tree.size(); ++i) {
        auto const [begin, end] = children.equal_range(tree[i]);
        for (auto it = begin; it != end; ++it)
            tree.push_back(it->second);
    }
    return tree;
}

std::uint64_t proportional_memory(std::vector<pid_t> const& processes)
{
    std::uint64_t bytes = 0;
    for (auto const pid : processes)
        bytes += kilobytes(os::read_text(fmt::format("/proc/{}/smaps_rollup", pid)), "\nPss:");
    return bytes;
}

std::uint64_t kernel_memory()
{
    auto const text = os::read_text("/proc/meminfo");
    return kilobytes(text, "\nSlab:") + kilobytes(text, "\nKernelStack:") + kilobytes(text, "\nPageTables:");
}

}
