#pragma once

// The two directions of an attached connection (`docker attach`, `docker exec`): what the process writes goes out,
// framed or raw, until the run ends or the client is gone; what the client writes goes to the process, on a task of its
// own. The client's half-close is the end of the process's stdin and of nothing else.

#include "engine/daemon/Container.h"
#include "sim/core/DetachKeys.h"
#include "sim/network/Network.h"

namespace drydock::daemon {

enum class Framing : std::uint8_t { Raw, Multiplexed }; // Raw: of a process with a tty

// Which of a process's two outputs a client wants. With a tty there is one, its stdout.
struct OutputChoice {
    bool out { true };
    bool err { true };
    bool wants(OutputChunk const& chunk) const { return chunk.to_stderr ? err : out; }
};

// One frame of docker's stdcopy: stream (1 stdout, 2 stderr), three zero bytes, length in big-endian, payload.
std::string frame(bool to_stderr, std::string_view payload);

// "application/vnd.docker.multiplexed-stream" from 1.42 on; before, and with a tty, "…raw-stream".
std::string stream_type(Framing, int minor);

struct StdinTarget {
    // Blocks for the process to write to; null when there will be none.
    std::function<std::shared_ptr<runtime::ContainerProcess>()> process;
    // Ends that wait: the client has gone for good. May be empty.
    std::function<void()> give_up {};
    bool ends_with_client {
        true
    }; // the client's end of input closes the process's stdin; not a terminal, which has no end
    std::optional<DetachKeys> keys {}; // that end the connection and nothing else; of a tty
};

// Returns when the output has ended or the client has gone. Both ends are closed then.
void relay(Scheduler&, network::ByteStream&, Feed<OutputChunk>::Subscription&, Framing, OutputChoice,
    std::optional<StdinTarget> const& input);

}
