#pragma once

// What flows between the terminal and a container: docker's framing of stdout and stderr on one connection
// ("stdcopy": stream, three zero bytes, length in big-endian, payload), and the two directions of an attached stream.

#include "engine/client/DockerClient.h"

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
    AttachedStream(Scheduler&, std::unique_ptr<network::ByteStream>, Framing, Input, Terminal const& terminal);
    ~AttachedStream();
    void wait(); // until all output has arrived

private:
    void pump_output();
    void pump_input();

    std::unique_ptr<network::ByteStream> m_stream;
    Demultiplexer m_demultiplexer;
    Terminal const& m_terminal;
    bool m_has_input { false };
    std::unique_ptr<Task> m_output;
    std::unique_ptr<Task> m_input;
};

}
