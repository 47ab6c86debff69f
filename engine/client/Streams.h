#pragma once

// What flows between the terminal and a container: docker's framing of stdout and stderr on one connection
// ("stdcopy": stream, three zero bytes, length in big-endian, payload), and the two directions of an attached stream.

#include "engine/client/DockerClient.h"
#include "sim/core/DetachKeys.h"

#include <atomic>
#include <memory>

namespace drydock::client {

enum class Framing : std::uint8_t { Raw, Multiplexed }; // Raw: of a container with a tty

// Takes the frames apart as bytes arrive, however they are cut.
class Demultiplexer {
public:
    Demultiplexer(Framing framing, Terminal const& terminal)
        : m_framing(framing)
        , m_terminal(terminal)
    {
    }
    void take(std::string_view bytes);

private:
    Framing m_framing;
    Terminal const& m_terminal;
    std::string m_header;       // of the frame to come
    std::uint64_t m_left { 0 }; // payload bytes of the frame begun
    bool m_to_stderr { false };
};

enum class Input : std::uint8_t { None, Forwarded };

// An attached container or exec: its output goes to the terminal, the terminal's input to it, each on a task of its
// own, until the other side closes.
class AttachedStream {
public:
    // `keys` leave a container's terminal; nothing: they are keys like others.
    AttachedStream(Scheduler&, std::unique_ptr<network::ByteStream>, Framing, Input, Terminal const& terminal,
        std::optional<DetachKeys> keys = std::nullopt);
    ~AttachedStream();
    enum class End : std::uint8_t { Closed, Detached };
    End wait(); // until all output has arrived, or somebody has left

private:
    void pump_output();
    void pump_input();
    void end_input(Input);

    std::unique_ptr<network::ByteStream> m_stream;
    Demultiplexer m_demultiplexer;
    Terminal const& m_terminal;
    Framing m_framing;
    std::optional<DetachKeys> m_keys;
    std::atomic<bool> m_left { false };
    bool m_has_input { false };
    std::shared_ptr<void> m_keyboard; // as long as its keys are the container's
    std::unique_ptr<Task> m_output;
    std::unique_ptr<Task> m_input;
};

}
