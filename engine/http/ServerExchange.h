#pragma once

// One request and its one response, seen from the server.

#include "engine/http/Connection.h"

namespace drydock::http {

class ServerExchange final : public Exchange {
public:
    ServerExchange(Connection&, ExchangeId, RequestHead, Target);
    ~ServerExchange() override;

    // Reads what the event shows of the body, runs the handler and sees to it that there was an answer. True where the
    // connection can take another request.
    bool run();

    std::string const& method() const override { return m_head.method; }
    std::string const& raw_target() const override { return m_head.target; }
    Target const& target() const override { return m_target; }
    Headers const& headers() const override { return m_head.headers; }
    BodyReader& body() override { return *m_body; }
    Result<std::string> read_body() override;
    network::Peer peer() const override { return m_connection.peer(); }
    ActorId const& client() const override { return m_connection.client(); }
    Result<void> respond(int status, Headers headers, std::string body) override;
    Result<std::unique_ptr<BodyWriter>> respond_streaming(
        int status, Headers headers, std::optional<std::uint64_t> length) override;
    Result<std::unique_ptr<network::ByteStream>> hijack(Headers headers) override;
    bool responded() const override { return m_status != 0; }
    std::unique_ptr<HangUpWatch> watch(std::function<void()> gone) override;

private:
    class RequestBody;
    class Writer;

    Result<std::string> take_small_json_body();
    void publish_request(std::string body);
    void publish_response(Headers const&, std::string body, std::uint64_t body_size);
    void call_handler();
    bool drain();
    bool body_allowed() const;
    void begin_response(int status, Headers& headers);
    Result<void> send(Headers const&, std::string_view body);

    Connection& m_connection;
    ExchangeId m_id;
    RequestHead m_head;
    Target m_target;
    std::unique_ptr<BodyReader> m_body;
    int m_status { 0 };
    bool m_keep_alive;
    bool m_whole { true }; // the response has been sent to its end
    bool m_hijacked { false };
};

}
