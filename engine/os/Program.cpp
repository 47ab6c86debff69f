#include "engine/os/Program.h"

#include "engine/os/Fd.h"
#include "engine/os/Spawn.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

namespace drydock::os {

namespace {

constexpr std::size_t most_complaint = 4096; // bytes of standard error that are told

std::string read_back(Fd const& file)
{
    std::array<char, most_complaint> buffer {};
    auto const size = ::pread(file.get(), buffer.data(), buffer.size(), 0);
    std::string text(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    return text;
}

}

Result<void> run_program(std::vector<std::string> const& words)
{
    Fd const complaints(::memfd_create("complaints", MFD_CLOEXEC));
    auto const child = TRY_WITH("running " + words.front(),
        Spawn(words)
            .open(STDIN_FILENO, "/dev/null", O_RDONLY)
            .open(STDOUT_FILENO, "/dev/null", O_WRONLY)
            .give(complaints.get(), STDERR_FILENO)
            .start());
    auto const status = wait_for(child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return {};
    return fail(ErrorKind::Unavailable, words.front() + " did not succeed: " + read_back(complaints));
}

}
