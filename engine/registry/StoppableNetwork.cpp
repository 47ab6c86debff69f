#include "engine/registry/StoppableNetwork.h"

#include <functional>

namespace drydock::registry {

namespace {

class StoppableStream final : public network::ByteStream {
public:
    StoppableStream(std::unique_ptr<network::ByteStream> stream, std::stop_token const& stop)
        : m_stream(std::move(stream))
        , m_end(stop, [this] { m_stream->close(); })
    {
    }
    Result<std::size_t> read_some(std::span<char> buffer) override { return m_stream->read_some(buffer); }
    void set_read_timeout(std::optional<Duration> timeout) override { m_stream->set_read_timeout(timeout); }
    Result<void> write_all(std::string_view bytes) override { return m_stream->write_all(bytes); }
    void shutdown_write() override { m_stream->shutdown_write(); }
    void close() override { m_stream->close(); }
    bool await_departure(network::Departure how) override { return m_stream->await_departure(how); }
    void stop_watching() override { m_stream->stop_watching(); }
    network::Peer peer() const override { return m_stream->peer(); }

private:
    std::unique_ptr<network::ByteStream> m_stream;
    std::stop_callback<std::function<void()>> m_end; // goes first, and waits for a call that is under way
};

}

Result<std::unique_ptr<network::ByteStream>> StoppableNetwork::connect(HostId const& from, network::Endpoint const& to)
{
    if (m_stop.stop_requested())
        return fail(ErrorKind::Cancelled, "nobody waits for an answer of " + to.to_string() + " any more");
    auto stream = TRY(m_below.connect(from, to));
    if (!m_stop.stop_possible())
        return stream;
    return std::make_unique<StoppableStream>(std::move(stream), m_stop);
}

}
