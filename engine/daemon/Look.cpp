// Asking the Engine API from inside, beside the events.

#include "engine/daemon/Daemon.h"
#include "engine/daemon/Engine.h"
#include "engine/daemon/Reply.h"
#include "engine/daemon/Router.h"

namespace drydock::daemon {

namespace {

class NoBody final : public http::BodyReader {
public:
    Result<std::size_t> read_some(std::span<char>) override { return 0; }
};

// A GET without a connection; what is answered stays here.
class LookExchange final : public http::Exchange {
public:
    explicit LookExchange(std::string path, http::Target target)
        : m_path(std::move(path))
        , m_target(std::move(target))
    {
    }

    std::string const& method() const override { return m_method; }
    std::string const& raw_target() const override { return m_path; }
    http::Target const& target() const override { return m_target; }
    http::Headers const& headers() const override { return m_headers; }
    http::BodyReader& body() override { return m_body; }
    Result<std::string> read_body() override { return std::string(); }
    network::Peer peer() const override { return {}; }
    ActorId const& client() const override { return m_client; }
    Result<void> respond(int status, http::Headers, std::string body) override
    {
        m_status = status;
        m_answer = std::move(body);
        return {};
    }
    Result<std::unique_ptr<http::BodyWriter>> respond_streaming(
        int, http::Headers, std::optional<std::uint64_t>) override
    {
        return refuse();
    }
    Result<std::unique_ptr<network::ByteStream>> hijack(http::Headers) override { return refuse(); }
    bool responded() const override { return m_status != 0; }
    std::unique_ptr<http::HangUpWatch> watch(std::function<void()>) override { return nullptr; }

    int status() const { return m_status; }
    std::string const& answer() const { return m_answer; }

private:
    tl::unexpected<Error> refuse() const
    {
        return fail(ErrorKind::NotSupported, m_path + " streams, and cannot be looked at");
    }

    std::string m_method { "GET" };
    std::string m_path;
    http::Target m_target;
    http::Headers m_headers;
    NoBody m_body;
    ActorId m_client { "look" };
    int m_status { 0 };
    std::string m_answer;
};

}

Result<std::string> Daemon::look(std::string const& path)
{
    LookExchange exchange(path, TRY(http::Target::parse(path)));
    handle(exchange);
    if (exchange.status() == 200)
        return exchange.answer();
    auto const said = json::parse(exchange.answer(), nullptr, false);
    auto const message = said.is_object() ? said.value("message", path) : path;
    return fail(exchange.status() == 404 ? ErrorKind::NotFound : ErrorKind::InvalidInput, message);
}

}
