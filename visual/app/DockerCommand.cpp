// drydock docker …: the built-in client, against any daemon.

#include "engine/client/Contexts.h"
#include "engine/client/DockerClient.h"
#include "engine/os/Fd.h"
#include "engine/os/LiveNetwork.h"
#include "engine/tls/Tls.h"
#include "sim/time/LiveScheduler.h"
#include "visual/app/Commands.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <thread>
#include <tuple>

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

// Signals of the client's that are told instead of followed. What a handler may do is little (signal-safety(7)): it
// writes the number into a pipe, and a thread reads there.
class CaughtSignals {
public:
    explicit CaughtSignals(std::function<void(std::string const&)> told)
        : m_told(std::move(told))
    {
        std::array<int, 2> ends {};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0)
            return;
        m_read = os::Fd(ends[0]);
        m_write = os::Fd(ends[1]);
        s_write = m_write.get();
        struct sigaction action { };
        action.sa_handler = handle;
        action.sa_flags = SA_RESTART;
        for (std::size_t i = 0; i < names.size(); ++i)
            ::sigaction(names[i].first, &action, &m_before[i]);
        m_reader = std::thread([this] { read_all(); });
    }
    ~CaughtSignals()
    {
        if (!m_reader.joinable())
            return;
        for (std::size_t i = 0; i < names.size(); ++i)
            ::sigaction(names[i].first, &m_before[i], nullptr);
        s_write = -1;
        m_write = os::Fd(); // the end of the pipe
        m_reader.join();
    }
    CaughtSignals(CaughtSignals const&) = delete;
    CaughtSignals& operator=(CaughtSignals const&) = delete;

private:
    static constexpr std::array<std::pair<int, char const*>, 7> names { { { SIGINT, "INT" }, { SIGTERM, "TERM" },
        { SIGHUP, "HUP" }, { SIGQUIT, "QUIT" }, { SIGUSR1, "USR1" }, { SIGUSR2, "USR2" }, { SIGWINCH, "WINCH" } } };

    static void handle(int signal)
    {
        auto const number = static_cast<char>(signal);
        int const error = errno;
        [[maybe_unused]] auto const written = ::write(s_write.load(), &number, 1); // nobody could be told
        errno = error;
    }
    void read_all()
    {
        char number = 0;
        while (::read(m_read.get(), &number, 1) == 1) {
            for (auto const& [signal, name] : names) {
                if (signal == number)
                    m_told(name);
            }
        }
    }

    static inline std::atomic<int> s_write { -1 };
    std::function<void(std::string const&)> m_told;
    os::Fd m_read;
    os::Fd m_write;
    std::array<struct sigaction, names.size()> m_before {};
    std::thread m_reader;
};

// The keyboard as the container's own terminal wants it: every key at once, echoed by the other side alone.
class RawKeyboard {
public:
    RawKeyboard()
    {
        if (::tcgetattr(STDIN_FILENO, &m_before) != 0)
            return;
        termios raw = m_before;
        ::cfmakeraw(&raw);
        m_taken = ::tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
    }
    ~RawKeyboard()
    {
        if (m_taken)
            ::tcsetattr(STDIN_FILENO, TCSANOW, &m_before);
    }
    RawKeyboard(RawKeyboard const&) = delete;
    RawKeyboard& operator=(RawKeyboard const&) = delete;

private:
    termios m_before {};
    bool m_taken { false };
};

client::Terminal own_terminal()
{
    client::Terminal terminal;
    auto const input = std::make_shared<StandardInput>();
    terminal.write
        = [](bool to_stderr, std::string_view text) { write_all(to_stderr ? STDERR_FILENO : STDOUT_FILENO, text); };
    terminal.read = [input] { return input->read(); };
    terminal.stop_reading = [input] { input->stop(); };
    terminal.catch_signals = [](auto told) { return std::make_shared<CaughtSignals>(std::move(told)); };
    if (::isatty(STDIN_FILENO) != 0)
        terminal.take_keys = [] { return std::make_shared<RawKeyboard>(); };
    terminal.is_tty = ::isatty(STDOUT_FILENO) != 0;
    terminal.measure = [rows = terminal.rows, columns = terminal.columns] {
        winsize size {};
        bool const has_size = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0;
        return has_size ? std::pair(size.ws_row, size.ws_col) : std::pair(rows, columns);
    };
    std::tie(terminal.rows, terminal.columns) = terminal.measure();
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
