#include "engine/client/Streams.h"

#include <algorithm>
#include <array>

namespace drydock::client {

namespace {

// A terminal has no end. Whoever types says that there is no more by this key (Ctrl-D).
constexpr std::string_view end_of_transmission = "\x04";

constexpr std::size_t header_size = 8;
constexpr char stderr_stream = 2;

std::uint64_t payload_size(std::string const& header)
{
    std::uint64_t size = 0;
    for (std::size_t i = 4; i < header_size; ++i)
        size = size << 8U | static_cast<unsigned char>(header[i]);
    return size;
}

}

void Demultiplexer::take(std::string_view bytes)
{
    if (m_framing == Framing::Raw) {
        m_terminal.write(false, bytes);
        return;
    }
    while (!bytes.empty()) {
        if (m_left == 0) {
            auto const piece = std::min(header_size - m_header.size(), bytes.size());
            m_header += bytes.substr(0, piece);
            bytes.remove_prefix(piece);
            if (m_header.size() < header_size)
                return;
            m_to_stderr = m_header[0] >= stderr_stream;
            m_left = payload_size(m_header);
            m_header.clear();
            continue;
        }
        auto const piece = std::min<std::uint64_t>(m_left, bytes.size());
        m_terminal.write(m_to_stderr, bytes.substr(0, piece));
        bytes.remove_prefix(piece);
        m_left -= piece;
    }
}

AttachedStream::AttachedStream(Scheduler& scheduler, std::unique_ptr<network::ByteStream> stream, Framing framing,
    Input input, Terminal const& terminal, std::optional<DetachKeys> keys)
    : m_stream(std::move(stream))
    , m_demultiplexer(framing, terminal)
    , m_terminal(terminal)
    , m_framing(framing)
    , m_keys(std::move(keys))
    , m_has_input(input == Input::Forwarded && terminal.read != nullptr)
{
    if (m_has_input && framing == Framing::Raw && terminal.take_keys)
        m_keyboard = terminal.take_keys();
    m_output = scheduler.spawn("attach output", [this, span = trace::current_span()] {
        trace::SpanGuard const guard(span);
        pump_output();
    });
    if (m_has_input)
        m_input = scheduler.spawn("attach input", [this, span = trace::current_span()] {
            trace::SpanGuard const guard(span);
            pump_input();
        });
    else
        end_input(input);
}

void AttachedStream::end_input(Input input)
{
    if (input == Input::Forwarded && m_framing == Framing::Raw)
        static_cast<void>(m_stream->write_all(end_of_transmission)); // one that has gone needs none
    else
        m_stream->shutdown_write();
}

AttachedStream::~AttachedStream()
{
    m_stream->close();
    if (m_has_input && m_terminal.stop_reading)
        m_terminal.stop_reading();
}

AttachedStream::End AttachedStream::wait()
{
    m_output->join();
    m_keyboard.reset();
    return m_left ? End::Detached : End::Closed;
}

void AttachedStream::pump_output()
{
    std::array<char, 32768> buffer;
    while (true) {
        auto const size = m_stream->read_some(buffer);
        if (!size || *size == 0)
            return;
        m_demultiplexer.take({ buffer.data(), *size });
    }
}

void AttachedStream::pump_input()
{
    while (true) {
        auto const bytes = m_terminal.read();
        // The container's stdin ends where ours does; its output goes on.
        if (bytes.empty())
            return end_input(Input::Forwarded);
        auto const passed = m_keys ? m_keys->pass(bytes) : bytes;
        if (!passed.empty() && !m_stream->write_all(passed))
            return;
        if (m_keys && m_keys->were_typed()) {
            m_left = true;
            m_stream->close(); // and what runs there goes on
            return;
        }
    }
}

}
