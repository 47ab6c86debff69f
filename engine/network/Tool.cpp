#include "engine/network/Tool.h"

#include "engine/os/Fd.h"
#include "engine/os/Spawn.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace drydock::networking {

Result<std::string> say_to(std::vector<std::string> const& words)
{
    std::array<int, 2> ends {};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return fail(Error::from_errno("pipe2(2)", errno));
    os::Fd const from(ends[0]);
    os::Fd to(ends[1]);
    auto const& program = words.front();
    auto const name = program.substr(program.rfind('/') + 1);
    auto const child
        = os::Spawn(words).program(program).open(0, "/dev/null", O_RDONLY).give(to.get(), 1).give(to.get(), 2).start();
    if (!child)
        return fail(ErrorKind::NotSupported,
            child.error().errno_code() == ENOENT ? "the program " + name + " is not installed"
                                                 : child.error().message());
    to.reset();
    std::string said;
    std::array<char, 4096> buffer {};
    for (ssize_t count = 0; (count = ::read(from.get(), buffer.data(), buffer.size())) > 0;)
        said.append(buffer.data(), static_cast<std::size_t>(count));
    auto const status = os::wait_for(*child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return fail(ErrorKind::NotSupported, name + ": " + said.substr(0, said.find('\n')));
    return said;
}

}
