#pragma once

// The docker command line, as far as a classroom types it, over the same REST API as the real one:
// run, create, start, stop, restart, kill, pause, unpause, wait, rename, rm, ps, logs, attach, exec, inspect, top,
// diff, commit, build, cp, pull, push, images, rmi, tag, history, save, load, import, search, login, logout, version,
// info, events, context, builder prune. It knows nothing of the engine.

#include "engine/client/LocalFiles.h"
#include "engine/http/Http.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace drydock::client {

// Where the command's output goes and its input comes from.
struct Terminal {
    std::function<void(bool to_stderr, std::string_view text)> write;
    // Blocks for input of `docker run -i`; an empty string is the end. Null: no input.
    std::function<std::string()> read;
    // Wakes a blocked read, which then returns the end: the container is gone and nobody wants the input. Null where
    // `read` never blocks.
    std::function<void()> stop_reading;
    // Until the returned object goes: signals that reach the client are told by name ("INT", "WINCH") and not followed.
    // Null where none come.
    std::function<std::shared_ptr<void>(std::function<void(std::string const& signal)>)> catch_signals {};
    // Until the returned object goes: keys come as they are typed, unechoed. Null where there is no keyboard.
    std::function<std::shared_ptr<void>()> take_keys {};
    std::function<std::pair<std::uint16_t, std::uint16_t>()> measure {}; // rows and columns by now; null: as below
    bool is_tty { false };
    std::uint16_t rows { 24 };
    std::uint16_t columns { 80 };
    std::shared_ptr<LocalFiles> files {}; // null: the client's own
};

// Runs something as a command of that terminal: with the events of one around it.
int run_as_command(
    trace::Publisher const&, std::string const& line, Terminal const&, std::function<int(Terminal const&)> const& run);

// Which unix sockets `docker -H unix://…` may name. A client inside a lab types a stranger's lines: it has its own
// daemon's, under the names by which docker knows it.
enum class SocketChoice : std::uint8_t { AnyOfThisMachine, OwnDaemonOnly };
bool is_usual_socket(std::string_view path); // "/var/run/docker.sock"

class DockerClient {
public:
    // `files` are those of whoever types; without them the client keeps its own in memory.
    DockerClient(network::Network&, Scheduler&, HostId from, network::Endpoint daemon, trace::Publisher,
        std::shared_ptr<LocalFiles> files = memory_files(), SocketChoice = SocketChoice::AnyOfThisMachine);

    // `args` without the leading "docker". Before the command, -H or -c name another daemon than the client's own, and
    // where the terminal brings files, so does the context in use there. Returns docker's exit status: 125 for the
    // daemon's refusal of `run`, the container's own status after it ran, 1 for other failures, 2 for wrong usage...
    // Publishes CommandEntered, CommandPrinted, CommandFinished.
    int run(std::vector<std::string> const& args, Terminal const&);

private:
    int run_where_meant(std::vector<std::string> const& args, Terminal const&, LocalFiles&);

    network::Network& m_network;
    Scheduler& m_scheduler;
    HostId m_from;
    network::Endpoint m_daemon;
    trace::Publisher m_publisher;
    std::shared_ptr<LocalFiles> m_files;
    SocketChoice m_sockets;
};

// What the command in `$(…)` prints.
using CommandOutput = std::function<Result<std::string>(std::string_view command)>;

// Splits a line as a POSIX shell would: quotes, backslashes and, where somebody runs the commands, `$(…)`; no other
// expansion. InvalidInput for an open quote.
Result<std::vector<std::string>> split_words(std::string_view line, CommandOutput const& output_of = nullptr);

}
