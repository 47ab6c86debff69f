// drydock docker …: the built-in client, against any daemon.

#include "engine/client/Contexts.h"
#include "engine/client/DockerClient.h"
#include "engine/os/Fd.h"
#include "engine/os/LiveNetwork.h"
#include "engine/tls/Tls.h"
#include "sim/time/LiveScheduler.h"
#include "visual/app/Commands.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>

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

// Standard input until it ends or nobody wants it any more. Nothing wakes a read(2) of a terminal, so the wait is a
// poll(2) that also watches an eventfd.
class StandardInput {
public:
    std::string read()
    {
        std::array<pollfd, 2> watched { { { STDIN_FILENO, POLLIN, 0 }, { m_unwanted.get(), POLLIN, 0 } } };
        while (::poll(watched.data(), watched.size(), -1) < 0) {
            if (errno != EINTR)
                return {};
        }
        if (watched[1].revents != 0)
            return {};
        std::array<char, 4096> buffer {};
        auto const count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        return count <= 0 ? std::string() : std::string(buffer.data(), static_cast<std::size_t>(count));
    }
    void stop() { ::eventfd_write(m_unwanted.get(), 1); }

private:
    os::Fd m_unwanted { ::eventfd(0, EFD_CLOEXEC) };
};

client::Terminal own_terminal()
{
    client::Terminal terminal;
    auto const input = std::make_shared<StandardInput>();
    terminal.write
        = [](bool to_stderr, std::string_view text) { write_all(to_stderr ? STDERR_FILENO : STDOUT_FILENO, text); };
    terminal.read = [input] { return input->read(); };
    terminal.stop_reading = [input] { input->stop(); };
    terminal.is_tty = ::isatty(STDOUT_FILENO) != 0;
    winsize size {};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0) {
        terminal.rows = size.ws_row;
        terminal.columns = size.ws_col;
    }
    return terminal;
}

}

namespace {

// As docker reads them: flags, else DOCKER_TLS_VERIFY and the files of DOCKER_CERT_PATH (default: ~/.docker).
TlsOptions completed(TlsOptions options)
{
    auto const* const verify = std::getenv("DOCKER_TLS_VERIFY");
    options.verify = options.verify || (verify != nullptr && *verify != '\0');
    auto const* const given = std::getenv("DOCKER_CERT_PATH");
    std::string const directory = given != nullptr && *given != '\0' ? given : client::live_files()->config_directory();
    auto const complete = [&](std::string& path, char const* name) {
        if (path.empty())
            path = directory + "/" + name;
    };
    complete(options.authority, "ca.pem");
    complete(options.certificate, "cert.pem");
    complete(options.key, "key.pem");
    return options;
}

}

int docker(std::vector<std::string> const& args, std::string const& host, std::string const& context, TlsOptions given)
{
    auto const environment = [](char const* name) {
        auto const* const value = std::getenv(name);
        return std::string(value == nullptr ? "" : value);
    };
    auto const files = client::live_files();
    bool const about_contexts = !args.empty() && args.front() == "context"; // asks no daemon
    auto const chosen = client::chosen_daemon(*files,
        { .host = host,
            .context = context,
            .environment_host = environment("DOCKER_HOST"),
            .environment_context = about_contexts ? "" : environment("DOCKER_CONTEXT") });
    // The client answers these itself; where it turns out that it does not, it says that nobody answers.
    bool const asks_nobody
        = about_contexts || args.empty() || std::find(args.begin(), args.end(), "--help") != args.end();
    if (!chosen && !asks_nobody) {
        fmt::print(stderr, "drydock docker: {}\n", chosen.error().message());
        return 1;
    }
    if ((!chosen || !*chosen) && !asks_nobody) {
        fmt::print(stderr,
            "drydock docker: which daemon? Start one with `drydock daemon` and set the DOCKER_HOST that it prints.\n");
        return 1;
    }
    auto const daemon
        = chosen && *chosen ? **chosen : client::Context { .name = {}, .description = {}, .host = "unix:///" };
    auto const endpoint = network::Endpoint::parse(daemon.host);
    if (!endpoint) {
        fmt::print(stderr, "drydock docker: {}\n", endpoint.error().message());
        return 1;
    }
    bool const own_certificates = daemon.tls.complete(); // of the context
    given.verify = given.verify || own_certificates;
    if (own_certificates) {
        given.authority = daemon.tls.authority;
        given.certificate = daemon.tls.certificate;
        given.key = daemon.tls.key;
    }
    auto const options = completed(std::move(given));
    LiveScheduler scheduler;
    os::LiveNetwork network;
    std::unique_ptr<network::Network> encrypted;
    if (options.verify && endpoint->kind == network::Endpoint::Kind::Tcp) {
        auto made = tls::encrypting(network, scheduler,
            { .authorities = { options.authority }, .identity = tls::Identity { options.certificate, options.key } });
        if (!made)
            return complain(made.error());
        encrypted = std::move(*made);
    }
    auto& way = encrypted ? *encrypted : static_cast<network::Network&>(network);
    client::DockerClient client(way, scheduler, HostId { "host" }, *endpoint, {}, files);
    return client.run(args, own_terminal());
}

}
