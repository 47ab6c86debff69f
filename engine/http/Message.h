#pragma once

// A message on the wire (RFC 9112): a head, taken whole and checked before anybody acts on it, and a body in one of
// three framings. Where two readers could disagree about where a message ends, it is refused: that disagreement is
// what request smuggling lives on (RFC 9112, 11.2).

#include "engine/http/BufferedStream.h"
#include "engine/http/Http.h"

#include <tl/expected.hpp>

namespace drydock::http {

// Why a message is not served, as a status to answer with. 0: nobody is there to read an answer.
struct Refusal {
    int status { 0 };
    std::string message;
};
template <class T> using Accepted = tl::expected<T, Refusal>;

// How the reader knows where the body ends (RFC 9112, 6.3).
struct Framing {
    enum class Kind : std::uint8_t { None, Length, Chunked, UntilClose };
    Kind kind { Kind::None };
    std::uint64_t length { 0 };
};

struct RequestHead {
    std::string method;
    std::string target;
    Headers headers;
    int version { 11 }; // 10 or 11
    bool keep_alive { true };
    Framing framing;
};

struct ResponseHead {
    int status { 0 };
    std::string reason;
    Headers headers;
    bool keep_alive { true };
    Framing framing;
};

// Everything up to and with the empty line.
Accepted<std::string> read_head(BufferedStream&, Limits const&);
Accepted<RequestHead> parse_request_head(std::string_view raw, Limits const&);
Accepted<ResponseHead> parse_response_head(std::string_view raw, std::string_view request_method);

// Reads the body that `framing` describes; the stream must outlive it.
std::unique_ptr<BodyReader> make_body_reader(BufferedStream&, Framing const&);

// "HTTP/1.1 200 OK", the fields and the empty line. Control characters in values become spaces, so that data can
// never add a field.
std::string response_head(int status, Headers const&);
std::string request_head(std::string_view method, std::string_view target, Headers const&);
std::string chunk(std::string_view piece); // not for an empty one
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

}
