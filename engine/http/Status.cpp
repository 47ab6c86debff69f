#include "engine/http/Http.h"

#include <nlohmann/json.hpp>

namespace drydock::http {

std::string_view reason_of(int status)
{
    switch (status) {
    case 100: return "Continue";
    case 101: return "UPGRADED"; // as dockerd writes it
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    default: return "Unknown";
    }
}

namespace {

ErrorKind kind_of(int status)
{
    switch (status) {
    case 401: return ErrorKind::Unauthorized;
    case 403: return ErrorKind::Forbidden;
    case 404: return ErrorKind::NotFound;
    case 409: return ErrorKind::Conflict;
    case 413:
    case 429: return ErrorKind::LimitExceeded;
    case 501: return ErrorKind::NotSupported;
    case 408:
    case 502:
    case 503: return ErrorKind::Unavailable;
    default: return status >= 400 && status < 500 ? ErrorKind::InvalidInput : ErrorKind::Internal;
    }
}

}

Error error_of(int status, std::string_view body)
{
    auto const document = nlohmann::json::parse(body, nullptr, false);
    if (document.is_object() && document.contains("message") && document["message"].is_string())
        return { kind_of(status), document["message"].get<std::string>() };
    return { kind_of(status), std::to_string(status) + " " + std::string(reason_of(status)) };
}

}
