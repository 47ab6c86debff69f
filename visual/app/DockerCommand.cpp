// drydock docker …: the built-in client, against any daemon.

#include "engine/client/DockerClient.h"
#include "engine/os/LiveNetwork.h"
#include "sim/time/LiveScheduler.h"
#include "visual/app/Commands.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace drydock::app {

namespace {

void write_all(int descriptor, std::string_view text)
{
    while (!text.empty()) {
        auto const written = ::write(descriptor, text.data(), text.size());
        if (written <= 0)
            return;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

std::string read_some()
{
    std::array<char, 4096> buffer {};
    auto const count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    return count <= 0 ? std::string() : std::string(buffer.data(), static_cast<std::size_t>(count));
}

client::Terminal own_terminal()
{
    client::Terminal terminal;
    terminal.write
        = [](bool to_stderr, std::string_view text) { write_all(to_stderr ? STDERR_FILENO : STDOUT_FILENO, text); };
    terminal.read = read_some;
    terminal.is_tty = ::isatty(STDOUT_FILENO) != 0;
    winsize size {};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0) {
        terminal.rows = size.ws_row;
        terminal.columns = size.ws_col;
    }
    return terminal;
}

}

int docker(std::vector<std::string> const& args, std::string const& host)
{
    auto const* from_environment = std::getenv("DOCKER_HOST");
    auto const address = !host.empty() ? host : from_environment != nullptr ? from_environment : "";
    if (address.empty()) {
        fmt::print(stderr,
            "drydock docker: which daemon? Start one with `drydock daemon` and set the DOCKER_HOST that it prints.\n");
        return 1;
    }
    auto const endpoint = network::Endpoint::parse(address);
    if (!endpoint) {
        fmt::print(stderr, "drydock docker: {}\n", endpoint.error().message());
        return 1;
    }
    LiveScheduler scheduler;
    os::LiveNetwork network;
    client::DockerClient client(network, scheduler, HostId { "host" }, *endpoint, {});
    return client.run(args, own_terminal());
}

}
