#include "engine/runtime/Members.h"

#include "engine/os/ReadText.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

namespace drydock::runtime {

namespace {

// "sleep 100"; a kernel thread or a zombie has none.
std::string command_line(std::int64_t pid)
{
    auto text = os::read_text("/proc/" + std::to_string(pid) + "/cmdline");
    while (!text.empty() && text.back() == '\0')
        text.pop_back();
    std::replace(text.begin(), text.end(), '\0', ' ');
    return text;
}

// The clock that processes' starts are counted from: seconds since 1970 (proc(5), btime).
std::int64_t boot_time()
{
    auto const text = os::read_text("/proc/stat");
    auto const at = text.find("btime ");
    return at == std::string::npos ? 0 : std::strtoll(text.c_str() + at + 6, nullptr, 10);
}

// "pts/0" of the device number that /proc shows (proc_pid_stat(5), tty_nr).
std::string terminal_name(std::int64_t device)
{
    auto const number = static_cast<dev_t>(device);
    return major(number) >= 136 && major(number) <= 143
        ? "pts/" + std::to_string((major(number) - 136) * 256 + minor(number))
        : "";
}

ContainerProcess::Member describe(std::int64_t pid)
{
    ContainerProcess::Member member { .host_pid = pid, .command = command_line(pid) };
    struct stat owner { };
    auto const folder = "/proc/" + std::to_string(pid);
    if (::stat(folder.c_str(), &owner) == 0)
        member.uid = owner.st_uid;
    // "12 (a name) S 1 …": the name may hold anything, so the last parenthesis counts.
    auto const text = os::read_text(folder + "/stat");
    auto const open = text.find('(');
    auto const close = text.rfind(')');
    if (open == std::string::npos || close == std::string::npos)
        return member;
    member.name = text.substr(open + 1, close - open - 1);
    std::istringstream rest(text.substr(close + 1));
    std::string state;
    std::array<std::int64_t, 19> numbers {}; // from the fourth field, ppid, on
    rest >> state;
    for (auto& number : numbers)
        rest >> number;
    auto const ticks = ::sysconf(_SC_CLK_TCK);
    member.parent = numbers[0];
    member.terminal = terminal_name(numbers[3]);
    member.cpu_nanoseconds = (numbers[10] + numbers[11]) * (nanoseconds_per_second / ticks);
    member.started = { boot_time() * nanoseconds_per_second + numbers[18] * (nanoseconds_per_second / ticks) };
    return member;
}

std::vector<std::int64_t> pids_in(std::uint64_t pid_namespace)
{
    std::vector<std::int64_t> pids;
    std::error_code error;
    for (auto const& entry : std::filesystem::directory_iterator("/proc", error)) {
        auto const name = entry.path().filename().string();
        std::int64_t pid = 0;
        if (std::from_chars(name.data(), name.data() + name.size(), pid).ec == std::errc {}
            && pid_namespace_of(pid) == pid_namespace)
            pids.push_back(pid);
    }
    std::sort(pids.begin(), pids.end());
    return pids;
}

// SIGSTOP does not reach the first process of a pid namespace from inside, but it does from here.
Result<void> signal_all(std::uint64_t pid_namespace, int number)
{
    std::set<std::int64_t> reached;
    for (bool again = true; again;) {
        again = false;
        for (auto const pid : pids_in(pid_namespace)) {
            if (!reached.insert(pid).second)
                continue;
            again = true;
            if (::kill(static_cast<pid_t>(pid), number) != 0 && errno != ESRCH)
                return fail(Error::from_errno("kill(2)", errno).with_context("process " + std::to_string(pid)));
        }
    }
    return {};
}

}

std::uint64_t pid_namespace_of(std::int64_t pid)
{
    struct stat status { };
    return ::stat(("/proc/" + std::to_string(pid) + "/ns/pid").c_str(), &status) == 0 ? status.st_ino : 0;
}

std::vector<ContainerProcess::Member> members_of(std::uint64_t pid_namespace)
{
    return describe_all(pids_in(pid_namespace));
}

std::vector<ContainerProcess::Member> describe_all(std::vector<std::int64_t> const& pids)
{
    std::vector<ContainerProcess::Member> members;
    for (auto const pid : pids)
        members.push_back(describe(pid));
    return members;
}

std::vector<InterfaceUsage> interfaces_of(std::int64_t pid)
{
    struct stat ours { };
    struct stat theirs { };
    auto const folder = "/proc/" + std::to_string(pid);
    if (::stat("/proc/self/ns/net", &ours) != 0 || ::stat((folder + "/ns/net").c_str(), &theirs) != 0
        || ours.st_ino == theirs.st_ino)
        return {};
    std::vector<InterfaceUsage> interfaces;
    std::istringstream lines(os::read_text(folder + "/net/dev"));
    for (std::string line; std::getline(lines, line);) {
        auto const colon = line.find(':'); // the two lines at the top have none
        if (colon == std::string::npos)
            continue;
        auto const name = line.substr(line.find_first_not_of(' '), colon - line.find_first_not_of(' '));
        std::istringstream fields(line.substr(colon + 1));
        std::array<std::uint64_t, 12> numbers {};
        for (auto& number : numbers)
            fields >> number;
        if (name != "lo")
            interfaces.push_back({ name, numbers[0], numbers[1], numbers[2], numbers[3], numbers[8], numbers[9],
                numbers[10], numbers[11] });
    }
    return interfaces;
}

Result<void> stop_all(std::uint64_t pid_namespace)
{
    return signal_all(pid_namespace, SIGSTOP);
}

Result<void> continue_all(std::uint64_t pid_namespace)
{
    return signal_all(pid_namespace, SIGCONT);
}

}
