#include "engine/http/Message.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <algorithm>
#include <array>

namespace drydock::http {

namespace {

namespace beast = boost::beast::http;

tl::unexpected<Error> ended_early()
{
    return fail(ErrorKind::Unavailable, "the connection ended inside the body");
}

class EmptyBody final : public BodyReader {
public:
    Result<std::size_t> read_some(std::span<char>) override { return 0; }
};

class LengthBody final : public BodyReader {
public:
    LengthBody(BufferedStream& in, std::uint64_t length)
        : m_in(in)
        , m_left(length)
    {
    }
    Result<std::size_t> read_some(std::span<char> buffer) override
    {
        if (m_left == 0)
            return 0;
        auto const count = TRY(m_in.read_some(buffer.first(std::min<std::uint64_t>(buffer.size(), m_left))));
        if (count == 0)
            return ended_early();
        m_left -= count;
        return count;
    }

private:
    BufferedStream& m_in;
    std::uint64_t m_left;
};

class UntilCloseBody final : public BodyReader {
public:
    explicit UntilCloseBody(BufferedStream& in)
        : m_in(in)
    {
    }
    Result<std::size_t> read_some(std::span<char> buffer) override { return m_in.read_some(buffer); }

private:
    BufferedStream& m_in;
};

// Beast decodes the chunks. Its parser begins with a head, and has been given the smallest one that says "chunked".
class ChunkedBody final : public BodyReader {
public:
    explicit ChunkedBody(BufferedStream& in)
        : m_in(in)
    {
        constexpr std::string_view head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
        boost::system::error_code error;
        m_parser.body_limit(boost::none);
        m_parser.put(boost::asio::buffer(head.data(), head.size()), error);
        m_parser.eager(true);
    }
    Result<std::size_t> read_some(std::span<char> buffer) override;

private:
    Result<std::size_t> decode(std::span<char> buffer);

    // A chunk's head and the trailers are the only things that are kept until they are whole.
    static constexpr std::size_t overhead_limit = 64 * 1024;

    BufferedStream& m_in;
    beast::request_parser<beast::buffer_body> m_parser;
};

Result<std::size_t> ChunkedBody::read_some(std::span<char> buffer)
{
    while (!m_parser.is_done()) {
        auto const count = TRY(decode(buffer));
        if (count > 0 || m_parser.is_done())
            return count;
        if (m_in.buffered().size() > overhead_limit)
            return fail(ErrorKind::LimitExceeded, "a chunk header or trailer is too long");
        if (!TRY(m_in.fill()))
            return ended_early();
    }
    return 0;
}

Result<std::size_t> ChunkedBody::decode(std::span<char> buffer)
{
    auto& body = m_parser.get().body();
    body.data = buffer.data();
    body.size = buffer.size();
    body.more = true;
    auto const ready = m_in.buffered();
    boost::system::error_code error;
    m_in.consume(m_parser.put(boost::asio::buffer(ready.data(), ready.size()), error));
    if (error && error != beast::error::need_buffer && error != beast::error::need_more)
        return fail(ErrorKind::InvalidInput, "malformed chunked body: " + error.message());
    return buffer.size() - body.size;
}

}

Result<std::string> BodyReader::read_all(std::size_t limit)
{
    std::string text;
    std::array<char, 16 * 1024> piece;
    while (auto const count = TRY(read_some(piece))) {
        if (text.size() + count > limit)
            return fail(ErrorKind::LimitExceeded, "the body is longer than " + human_size(limit));
        text.append(piece.data(), count);
    }
    return text;
}

std::unique_ptr<BodyReader> make_body_reader(BufferedStream& in, Framing const& framing)
{
    switch (framing.kind) {
    case Framing::Kind::None: return std::make_unique<EmptyBody>();
    case Framing::Kind::Length: return std::make_unique<LengthBody>(in, framing.length);
    case Framing::Kind::Chunked: return std::make_unique<ChunkedBody>(in);
    case Framing::Kind::UntilClose: return std::make_unique<UntilCloseBody>(in);
    }
    return nullptr;
}

}
