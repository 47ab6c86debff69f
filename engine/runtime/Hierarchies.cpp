#include "engine/runtime/Hierarchies.h"

#include "engine/os/Fd.h"
#include "engine/os/ReadText.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <sstream>

namespace drydock::runtime {

std::vector<std::string> split(std::string const& text, char separator)
{
    std::vector<std::string> parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, separator);)
        parts.push_back(part);
    return parts;
}

// proc_pid_mountinfo(5): 36 35 98:0 ROOT MOUNT-POINT options optional… - TYPE SOURCE SUPER-OPTIONS
std::vector<Mounted> mounted_hierarchies()
{
    std::vector<Mounted> found;
    for (auto const& line : split(os::read_text("/proc/self/mountinfo"), '\n')) {
        auto const words = split(line, ' ');
        auto const dash = std::find(words.begin(), words.end(), "-");
        if (words.size() < 10 || words.end() - dash < 4 || !dash[1].starts_with("cgroup"))
            continue;
        found.push_back({ dash[1], words[3], words[4], split(dash[3], ',') });
    }
    return found;
}

std::optional<std::string> own_group(std::string const& controller)
{
    for (auto const& line : split(os::read_text("/proc/self/cgroup"), '\n')) {
        auto const first = line.find(':');
        auto const second = line.find(':', first + 1);
        if (second == line.npos)
            continue;
        auto const controllers = split(line.substr(first + 1, second - first - 1), ',');
        bool const matches = controller.empty()
            ? controllers.empty()
            : std::find(controllers.begin(), controllers.end(), controller) != controllers.end();
        if (matches)
            return line.substr(second + 1);
    }
    return {};
}

std::filesystem::path below(Mounted const& mount, std::string const& group)
{
    std::string relative = group;
    if (mount.root != "/" && group.starts_with(mount.root))
        relative = group.substr(mount.root.size());
    return (mount.mount_point / relative.substr(relative.starts_with('/') ? 1 : 0)).lexically_normal();
}

void pause_briefly()
{
    timespec const millisecond { 0, 1'000'000 };
    ::nanosleep(&millisecond, nullptr);
}

void remove_group(std::filesystem::path const& group)
{
    constexpr int patience = 1000; // milliseconds
    for (int i = 0; i < patience && ::rmdir(group.c_str()) != 0 && errno == EBUSY; ++i)
        pause_briefly();
}

Result<void> write_text(std::filesystem::path const& path, std::string const& text)
{
    os::Fd const file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file)
        return fail(Error::from_errno("open(2)", errno).with_context(path.string()));
    if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        return fail(Error::from_errno("write(2)", errno).with_context("writing " + text + " to " + path.string()));
    return {};
}

}
