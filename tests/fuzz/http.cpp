// A request or a response with its body, as a stranger sends it: heads, the three framings, targets.

#include "Fuzz.h"

#include "engine/http/BufferedStream.h"
#include "engine/http/Message.h"

#include <algorithm>

using namespace drydock;
using namespace drydock::http;

namespace {

// Bytes that came over a wire, a few at a time.
class Wire final : public network::ByteStream {
public:
    explicit Wire(std::string_view bytes)
        : m_bytes(bytes)
    {
    }
    Result<std::size_t> read_some(std::span<char> buffer) override
    {
        auto const count = std::min({ buffer.size(), m_bytes.size(), m_bytes.size() % 61 + 1 });
        std::copy_n(m_bytes.begin(), count, buffer.begin());
        m_bytes.remove_prefix(count);
        return count;
    }
    void set_read_timeout(std::optional<Duration>) override { }
    Result<void> write_all(std::string_view) override { return {}; }
    void shutdown_write() override { }
    void close() override { }
    bool await_departure(network::Departure) override { return false; }
    void stop_watching() override { }

private:
    std::string_view m_bytes;
};

void read_body(BufferedStream& stream, Framing const& framing, std::size_t most)
{
    auto const body = make_body_reader(stream, framing)->read_all(1 << 20);
    VERIFY(!body || body->size() <= most);
    VERIFY(!body || framing.kind != Framing::Kind::Length || body->size() == framing.length);
}

}

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    auto const text = fuzz::text_of(data, size);
    BufferedStream requests(std::make_shared<Wire>(text));
    // Several on one connection, as a client with keep-alive sends them.
    for (int count = 0; count < 4; ++count) {
        auto const raw = read_head(requests, {});
        if (!raw)
            break;
        auto const head = parse_request_head(*raw, {});
        if (!head)
            break;
        if (auto const target = Target::parse(head->target))
            VERIFY(target->path.find('\0') == std::string::npos);
        read_body(requests, head->framing, size);
    }
    BufferedStream responses(std::make_shared<Wire>(text));
    if (auto const raw = read_head(responses, {})) {
        if (auto const head = parse_response_head(*raw, "GET"))
            read_body(responses, head->framing, size);
    }
    return 0;
}
