#include "engine/http/Message.h"

#include "engine/http/Text.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <fmt/format.h>

#include <charconv>
#include <limits>

namespace drydock::http {

namespace {

namespace beast = boost::beast::http;

tl::unexpected<Refusal> refuse(int status, std::string message)
{
    return tl::unexpected(Refusal { status, std::move(message) });
}

// Lines end with CR LF and nothing else: where one program takes a lone LF for an end and the next does not, they see
// different messages (RFC 9112, 2.2).
bool has_stray_line_end(std::string_view text)
{
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r'))
            return true;
        if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] != '\n')
            return true;
    }
    return false;
}

// A line that begins with a space once continued the one before; a server refuses it (RFC 9112, 5.2).
bool has_folded_line(std::string_view head)
{
    return head.find("\r\n ") != std::string_view::npos || head.find("\r\n\t") != std::string_view::npos;
}

Refusal too_long(std::string_view text, Limits const& limits)
{
    if (text.find("\r\n") > limits.target_bytes)
        return { 414, "the request target is too long" };
    return { 431, fmt::format("the header is longer than {} bytes", limits.header_bytes) };
}

Refusal refusal_of(Error const& error, bool something_arrived)
{
    if (error.kind() == ErrorKind::Unavailable && something_arrived)
        return { 408, "the header did not arrive in time" };
    return { 0, error.message() };
}

template <class Parser> Accepted<void> parse_head(Parser& parser, std::string_view raw)
{
    parser.header_limit(std::numeric_limits<std::uint32_t>::max()); // read_head has cut it off before
    parser.body_limit(boost::none);
    boost::system::error_code error;
    parser.put(boost::asio::buffer(raw.data(), raw.size()), error);
    if (error || !parser.is_header_done())
        return refuse(400, "malformed HTTP message: " + error.message());
    return {};
}

template <class Fields> Headers headers_of(Fields const& fields)
{
    Headers headers;
    for (auto const& field : fields)
        headers.add(std::string(field.name_string()), std::string(field.value()));
    return headers;
}

// What Content-Length and Transfer-Encoding say; refuses whatever could be read in two ways.
Accepted<Framing> framing_of(Headers const& headers, int version)
{
    auto const length = headers.get("Content-Length");
    auto const coding = headers.get("Transfer-Encoding");
    if (headers.count("Content-Length") > 1 || headers.count("Transfer-Encoding") > 1 || (length && coding))
        return refuse(400, "more than one statement about the length of the body");
    if (coding) {
        if (version < 11 || !equal_without_case(*coding, "chunked"))
            return refuse(400, fmt::format("unsupported transfer encoding \"{}\"", *coding));
        return Framing { .kind = Framing::Kind::Chunked };
    }
    if (!length)
        return Framing {};
    Framing framing { .kind = Framing::Kind::Length };
    auto const* const end = length->data() + length->size();
    auto const [rest, error] = std::from_chars(length->data(), end, framing.length);
    if (length->empty() || error != std::errc {} || rest != end)
        return refuse(400, fmt::format("malformed Content-Length \"{}\"", *length));
    return framing;
}

}

Accepted<std::string> read_head(BufferedStream& in, Limits const& limits)
{
    bool skipped_empty_line = false;
    for (;;) {
        // An empty line before the message is skipped: old clients sent one behind a body (RFC 9112, 2.2).
        if (!skipped_empty_line && in.buffered().starts_with("\r\n")) {
            in.consume(2);
            skipped_empty_line = true;
        }
        auto const text = in.buffered();
        auto const end = text.find("\r\n\r\n");
        auto const head = text.substr(0, end == std::string_view::npos ? text.size() : end + 4);
        if (!head.empty() && head.front() == '\x16')
            return refuse(0, "a TLS handshake");
        if (has_stray_line_end(head))
            return refuse(400, "malformed HTTP message: a line ends without CR LF");
        if (head.size() > limits.header_bytes)
            return tl::unexpected(too_long(head, limits));
        if (end != std::string_view::npos) {
            std::string whole(head);
            in.consume(whole.size());
            return whole;
        }
        auto const more = in.fill();
        if (!more)
            return tl::unexpected(refusal_of(more.error(), !in.buffered().empty()));
        if (!*more)
            return refuse(0, "the connection ended");
    }
}

Accepted<RequestHead> parse_request_head(std::string_view raw, Limits const& limits)
{
    beast::request_parser<beast::empty_body> parser;
    if (auto parsed = parse_head(parser, raw); !parsed)
        return tl::unexpected(parsed.error());
    if (has_folded_line(raw))
        return refuse(400, "malformed HTTP message: a folded header line");
    auto const& message = parser.get();
    RequestHead head { .method = std::string(message.method_string()),
        .target = std::string(message.target()),
        .headers = headers_of(message),
        .version = static_cast<int>(message.version()),
        .keep_alive = parser.keep_alive(),
        .framing = {} };
    if (head.target.size() > limits.target_bytes)
        return refuse(414, "the request target is too long");
    if (head.headers.fields().size() > limits.header_lines)
        return refuse(431, fmt::format("more than {} header lines", limits.header_lines));
    auto const hosts = head.headers.count("Host");
    if (hosts > 1 || (hosts == 0 && head.version == 11))
        return refuse(400, "exactly one Host header is required");
    auto const framing = framing_of(head.headers, head.version);
    if (!framing)
        return tl::unexpected(framing.error());
    head.framing = *framing;
    return head;
}

Accepted<ResponseHead> parse_response_head(std::string_view raw, std::string_view request_method)
{
    beast::response_parser<beast::empty_body> parser;
    if (auto parsed = parse_head(parser, raw); !parsed)
        return tl::unexpected(parsed.error());
    auto const& message = parser.get();
    ResponseHead head { .status = static_cast<int>(message.result_int()),
        .reason = std::string(message.reason()),
        .headers = headers_of(message),
        .keep_alive = parser.keep_alive(),
        .framing = {} };
    if (request_method == "HEAD" || head.status / 100 == 1 || head.status == 204 || head.status == 304)
        return head; // never a body, whatever the fields say (RFC 9112, 6.3, rule 1)
    auto const framing = framing_of(head.headers, 11);
    if (!framing)
        return tl::unexpected(framing.error());
    head.framing = *framing;
    if (head.framing.kind == Framing::Kind::None) {
        head.framing.kind = Framing::Kind::UntilClose;
        head.keep_alive = false;
    }
    return head;
}

namespace {

std::string without_control_characters(std::string_view value)
{
    std::string text(value);
    for (auto& c : text) {
        if ((c >= '\0' && c < ' ' && c != '\t') || c == '\x7f')
            c = ' ';
    }
    return text;
}

std::string with_fields(std::string start_line, Headers const& headers)
{
    for (auto const& [name, value] : headers.fields())
        start_line += without_control_characters(name) + ": " + without_control_characters(value) + "\r\n";
    return start_line + "\r\n";
}

}

std::string response_head(int status, Headers const& headers)
{
    return with_fields(fmt::format("HTTP/1.1 {} {}\r\n", status, reason_of(status)), headers);
}

std::string request_head(std::string_view method, std::string_view target, Headers const& headers)
{
    return with_fields(fmt::format("{} {} HTTP/1.1\r\n", method, target), headers);
}

std::string chunk(std::string_view piece)
{
    return fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
}

}
