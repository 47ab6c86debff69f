#include "engine/runtime/Members.h"

#include "engine/os/ReadText.h"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <fstream>
#include <set>

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
    std::vector<ContainerProcess::Member> members;
    for (auto const pid : pids_in(pid_namespace))
        members.push_back({ pid, command_line(pid) });
    return members;
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
