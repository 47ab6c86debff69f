#include "engine/daemon/Attachment.h"

#include "engine/http/Http.h"
#include "sim/trace/EventLog.h"

#include <array>
#include <atomic>

namespace drydock::daemon {

namespace {

enum class InputEnd : std::uint8_t { Over, Detached };

InputEnd pump_input(network::ByteStream& from, StdinTarget const& to)
{
    auto const process = to.process();
    if (process == nullptr)
        return InputEnd::Over;
    auto keys = to.keys;
    std::array<char, 16384> buffer;
    while (true) {
        auto const size = from.read_some(buffer);
        if (!size || *size == 0)
            break;
        std::string_view const typed(buffer.data(), *size);
        auto const passed = keys ? keys->pass(typed) : std::string(typed);
        if (!passed.empty() && !process->write_stdin(passed))
            return InputEnd::Over;
        if (keys && keys->were_typed())
            return InputEnd::Detached;
    }
    if (to.ends_with_client)
        process->close_stdin();
    return InputEnd::Over;
}

}

std::string frame(bool to_stderr, std::string_view payload)
{
    auto const size = static_cast<std::uint32_t>(payload.size());
    std::string framed { static_cast<char>(to_stderr ? 2 : 1), 0, 0, 0 };
    for (unsigned shift : { 24U, 16U, 8U, 0U })
        framed.push_back(static_cast<char>(size >> shift & 0xFFU));
    return framed.append(payload);
}

std::string stream_type(Framing framing, int minor)
{
    return framing == Framing::Multiplexed && minor >= 42 ? "application/vnd.docker.multiplexed-stream"
                                                          : "application/vnd.docker.raw-stream";
}

void relay(Scheduler& scheduler, network::ByteStream& stream, Feed<OutputChunk>::Subscription& output, Framing framing,
    OutputChoice choice, std::optional<StdinTarget> const& input)
{
    std::unique_ptr<Task> reading;
    if (input)
        reading = scheduler.spawn("stdin", [&stream, &input, &output, span = trace::current_span()] {
            trace::SpanGuard const guard(span);
            if (pump_input(stream, *input) == InputEnd::Detached)
                output.end();
        });
    std::atomic<bool> gone { false };
    http::HangUpWatch const watch(scheduler, stream, network::Departure::Gone, [&] {
        gone = true;
        output.end();
        if (input && input->give_up)
            input->give_up();
    });
    while (auto const chunk = output.next()) {
        if (!choice.wants(*chunk))
            continue;
        auto const sent
            = stream.write_all(framing == Framing::Raw ? chunk->bytes : frame(chunk->to_stderr, chunk->bytes));
        if (!sent)
            break; // the client has gone; the container goes on
    }
    output.end();
    if (gone && reading)
        reading->join(); // what the client sent before it went is its input still
    stream.shutdown_write();
    stream.close(); // wakes the task that reads
}

}
