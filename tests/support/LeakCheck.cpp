#include "tests/support/LeakCheck.h"

#include "engine/os/ReadText.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace drydock::tests {

namespace fs = std::filesystem;

namespace {

std::multiset<std::string> mounts()
{
    std::multiset<std::string> found;
    std::istringstream lines(os::read_text("/proc/self/mountinfo"));
    for (std::string line; std::getline(lines, line);)
        found.insert(line.substr(line.find(' ') + 1)); // ids may be given anew
    return found;
}

// proc_pid_stat(5): "1234 (sleep) Z 1 …"; the name may hold blanks and parentheses.
std::set<std::string> children()
{
    std::set<std::string> found;
    for (auto const& entry : fs::directory_iterator("/proc")) {
        if (entry.path().filename().string().find_first_not_of("0123456789") != std::string::npos)
            continue;
        auto const stat = os::read_text(entry.path() / "stat");
        auto const end = stat.rfind(')');
        if (end == stat.npos)
            continue;
        std::istringstream rest(stat.substr(end + 1));
        std::string state;
        int parent = 0;
        rest >> state >> parent;
        if (parent == ::getpid())
            found.insert(stat.substr(0, end + 1));
    }
    return found;
}

std::set<std::string> descriptors()
{
    std::set<std::string> found;
    for (auto const& entry : fs::directory_iterator("/proc/self/fd")) {
        std::error_code error;
        auto const target = fs::read_symlink(entry.path(), error).string();
        // The directory that is being read is one of them.
        if (!error && !target.ends_with("/fd"))
            found.insert(entry.path().filename().string() + " " + target);
    }
    return found;
}

// Bridges and cables of our networks, by the note that they carry: other tests may have theirs.
std::set<std::string> interfaces()
{
    std::set<std::string> found;
    std::error_code error;
    for (auto const& entry : fs::directory_iterator("/sys/class/net", error)) {
        auto const note = os::read_text(entry.path() / "ifalias");
        if (note.starts_with("drydock " + std::to_string(::getpid()) + " "))
            found.insert(entry.path().filename().string());
    }
    return found;
}

template <class Set> void list_new(std::string& out, char const* kind, Set const& before, Set const& after)
{
    Set more;
    std::set_difference(after.begin(), after.end(), before.begin(), before.end(), std::inserter(more, more.end()));
    for (auto const& thing : more)
        out += std::string(kind) + " left: " + thing + "\n";
}

}

std::set<std::string> Census::take_cgroups(std::string const& name)
{
    std::set<std::string> found;
    std::error_code error;
    fs::recursive_directory_iterator it("/sys/fs/cgroup", fs::directory_options::skip_permission_denied, error);
    for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
        if (it->is_directory(error) && it->path().string().find(name) != std::string::npos)
            found.insert(it->path().string());
    }
    return found;
}

Census Census::take()
{
    return { drydock::tests::mounts(), drydock::tests::children(), drydock::tests::descriptors(),
        take_cgroups("drydock-" + std::to_string(::getpid())),
        drydock::tests::interfaces() }; // ours alone: other tests may be running
}

std::string LeakCheck::leftovers() const
{
    auto const now = Census::take();
    std::string out;
    list_new(out, "mount", m_before.mounts, now.mounts);
    list_new(out, "process", m_before.children, now.children);
    list_new(out, "descriptor", m_before.descriptors, now.descriptors);
    list_new(out, "cgroup", m_before.cgroups, now.cgroups);
    list_new(out, "network interface", m_before.interfaces, now.interfaces);
    return out;
}

}
