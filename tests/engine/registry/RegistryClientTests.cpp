// What a client asks of a registry, and what it does about one that lies, stalls or hangs up.

#include "Hub.h"

#include "engine/registry/RegistryClient.h"
#include "tests/support/Events.h"

#include <stdexcept>

using namespace drydock;
using namespace std::chrono_literals;
using oci::Digest;
using registry::Document;
using registry::RegistryClient;
using tests::Hub;

namespace {

std::string const repository = "library/busybox";

// A thousand bytes of which no two hundred are alike.
std::string const bytes = [] {
    std::string text;
    for (int i = 0; text.size() < 1000; ++i)
        text += std::to_string(i) + ",";
    text.resize(1000);
    return text;
}();

// Sends the head of a whole body, a part of that, and hangs up.
void send_cut(http::Exchange& exchange, int status, http::Headers headers, std::string_view part,
    std::optional<std::uint64_t> length)
{
    auto const body = exchange.respond_streaming(status, std::move(headers), length);
    if (body && (*body)->write(part))
        throw std::runtime_error("the connection is cut here");
}

struct Site : Hub {
    // Answers the n-th request with the n-th answer, and all after that with the last.
    void answer(std::vector<http::Handler> answers)
    {
        asked.clear();
        serve([this, answers = std::move(answers)](http::Exchange& exchange) {
            asked.push_back(exchange.headers().get("Range").value_or("whole"));
            answers[std::min(asked.size(), answers.size()) - 1](exchange);
        });
    }
    static http::Handler status(int code, http::Headers headers = {}, std::string body = {})
    {
        return [=](http::Exchange& exchange) { static_cast<void>(exchange.respond(code, headers, body)); };
    }

    Result<void> fetch(std::uint64_t offset = 0)
    {
        return client.blob(
            repository, Digest::of(bytes), bytes.size(), offset,
            [this](std::string_view piece) -> Result<void> {
                received += piece;
                return {};
            },
            [this]() -> Result<void> {
                ++restarts;
                received.clear();
                return {};
            });
    }
    Result<Document> manifest(std::string const& name = "latest") { return client.manifest(repository, name); }

    // Kind and words of the failure; how long it took in this world's time.
    template <class Call> Error failure(Call call)
    {
        auto const begin = scheduler.now();
        auto const result = call();
        took = scheduler.now() - begin;
        REQUIRE_FALSE(result.has_value());
        UNSCOPED_INFO(result.error().message());
        return result.error();
    }

    tests::RecordedEvents events;
    RegistryClient client { network, scheduler, { "laptop" }, { endpoint, { "registry:hub" } }, events.publisher() };
    std::vector<std::string> asked; // the range of each request
    std::string received;
    int restarts { 0 };
    Duration took { 0 };
};

bool says(Error const& error, std::string_view words)
{
    return error.message().find(words) != std::string::npos;
}

}

TEST_CASE("RegistryClient: fetches from our own registry, by tag and by digest", "[engine][registry]")
{
    Site site;
    auto const pushed = site.push_image(repository, "latest", bytes);
    for (auto const& name : { std::string("latest"), Digest::of(pushed).to_string() }) {
        auto const document = REQUIRE_OK(site.manifest(name));
        CHECK(document.bytes == pushed);
        CHECK(document.digest == Digest::of(pushed));
        CHECK(document.media_type == tests::oci_manifest);
    }
    REQUIRE_OK(site.fetch());
    CHECK(site.received == bytes);
    CHECK(site.restarts == 0);
    auto const started = site.events.of<trace::BlobTransferStarted>();
    REQUIRE(started.size() == 1);
    CHECK(started[0].from == ActorId { "registry:hub" });
    CHECK(started[0].size == bytes.size());
    CHECK(site.events.of<trace::BlobBytesArrived>().back().received == bytes.size());

    site.received.clear();
    REQUIRE_OK(site.fetch(400));
    CHECK(site.received == bytes.substr(400));
}

TEST_CASE("RegistryClient: what is not there is said in docker's words", "[engine][registry]")
{
    Site site;
    auto const absent = site.failure([&] { return site.manifest("1.36"); });
    CHECK(absent.kind() == ErrorKind::NotFound);
    CHECK(absent.message() == "manifest for library/busybox:1.36 not found: manifest unknown: manifest unknown");
    auto const digest = Digest::of("absent").to_string();
    CHECK(site.failure([&] { return site.manifest(digest); }).message()
        == "manifest for library/busybox@" + digest + " not found: manifest unknown: manifest unknown");
    auto const blob = site.failure([&] { return site.fetch(); });
    CHECK(blob.kind() == ErrorKind::NotFound);
    CHECK(says(blob, "blob " + Digest::of(bytes).to_string()));
}

TEST_CASE("RegistryClient: a cut transfer goes on at the byte where it stopped", "[engine][registry][hardening]")
{
    Site site;
    auto const rest = [](std::size_t from) {
        return http::Headers { { "Content-Range", "bytes " + std::to_string(from) + "-999/1000" } };
    };
    site.answer({ [](auto& exchange) { send_cut(exchange, 200, {}, bytes.substr(0, 300), 1000); },
        [&](auto& exchange) { send_cut(exchange, 206, rest(300), bytes.substr(300, 50), 700); },
        Site::status(206, rest(350), bytes.substr(350)) });
    REQUIRE_OK(site.fetch());
    CHECK(site.asked == std::vector<std::string> { "whole", "bytes=300-", "bytes=350-" });
    CHECK(site.received == bytes);
    CHECK(site.restarts == 0);
    CHECK(site.events.of<trace::BlobTransferStarted>().size() == 1);
}

TEST_CASE("RegistryClient: a cut behind the last byte costs nothing", "[engine][registry][hardening]")
{
    Site site;
    site.answer({ [](auto& exchange) { send_cut(exchange, 200, {}, bytes, std::nullopt); }, Site::status(416) });
    REQUIRE_OK(site.fetch());
    CHECK(site.received == bytes);
    CHECK(site.asked.size() == 1);
}

TEST_CASE("RegistryClient: a registry that ignores the range is followed from the start", "[engine][registry]")
{
    Site site;
    site.answer({ [](auto& exchange) { send_cut(exchange, 200, {}, bytes.substr(0, 300), 1000); },
        Site::status(200, {}, bytes) });
    REQUIRE_OK(site.fetch());
    CHECK(site.asked == std::vector<std::string> { "whole", "bytes=300-" });
    CHECK(site.restarts == 1);
    CHECK(site.received == bytes);

    site.answer({ Site::status(200, {}, bytes) });
    auto const refused = site.failure([&] {
        return site.client.blob(
            repository, Digest::of(bytes), 1000, 300, [](auto) -> Result<void> { return {}; },
            []() -> Result<void> { return fail(ErrorKind::Unavailable, "no way back"); });
    });
    CHECK(says(refused, "no way back"));
    CHECK(site.asked.size() == 1);
}

TEST_CASE("RegistryClient: a range that was not asked for is refused", "[engine][registry][hardening]")
{
    Site site;
    auto const range = GENERATE(as<std::string> {}, "bytes 299-999/1000", "bytes 301-999/1000", "bytes 300-998/1000",
        "bytes 300-999/1001", "bytes */1000", "300-999/1000", "");
    CAPTURE(range);
    site.answer({ Site::status(206, { { "Content-Range", range } }, bytes.substr(300)) });
    auto const error = site.failure([&] { return site.fetch(300); });
    CHECK(error.kind() == ErrorKind::Corrupt);
    CHECK(says(error, "asked for the bytes from 300 on"));
    CHECK(site.failure([&] { return site.fetch(); }).kind() == ErrorKind::Corrupt); // a part, and we want the whole
    CHECK(site.received.empty());
    CHECK(site.asked.size() == 2);
}

TEST_CASE("RegistryClient: a body that does not end is left at the promised size", "[engine][registry][hardening]")
{
    Site site;
    std::size_t sent = 0;
    site.answer({ [&](http::Exchange& exchange) {
        auto const body = exchange.respond_streaming(200, {});
        std::string const piece(400, 'x');
        while (sent < 1'000'000 && (*body)->write(piece))
            sent += piece.size();
    } });
    auto const error = site.failure([&] { return site.fetch(); });
    CHECK(error.kind() == ErrorKind::Corrupt);
    CHECK(says(error, "the registry sends more than 1000 bytes"));
    CHECK(site.received.size() <= 1000);
    CHECK(site.asked.size() == 1);
    site.server.reset(); // its handler counts
    CHECK(sent < 1'000'000);

    site.answer({ Site::status(200, {}, bytes + "x") });
    CHECK(site.failure([&] { return site.fetch(); }).kind() == ErrorKind::Corrupt);
}

TEST_CASE("RegistryClient: a sink that fails ends the transfer", "[engine][registry][hardening]")
{
    Site site;
    site.answer({ Site::status(200, {}, bytes) });
    auto const error = site.failure([&] {
        return site.client.blob(
            repository, Digest::of(bytes), 1000, 0,
            [](auto) -> Result<void> { return fail(ErrorKind::Unavailable, "the disk went away"); },
            []() -> Result<void> { return {}; });
    });
    CHECK(error.kind() == ErrorKind::Unavailable);
    CHECK(says(error, "the disk went away"));
    CHECK_FALSE(says(error, "tries"));
    CHECK(site.asked.size() == 1);
}

TEST_CASE("RegistryClient: a manifest that does not hash to its digest is refused", "[engine][registry][hardening]")
{
    Site site;
    std::string const honest = Hub::manifest_of("{}", "layer");
    std::string const forged = Hub::manifest_of("{}", "other");
    http::Headers headers { { "Content-Type", tests::oci_manifest } };
    std::string name = "latest";
    SECTION("the digest that we asked for")
    {
        name = Digest::of(honest).to_string();
        SECTION("kept quiet by the registry") { }
        SECTION("and the registry names the forgery's own")
        {
            headers.set("Docker-Content-Digest", Digest::of(forged).to_string());
        }
    }
    SECTION("the digest that the registry named")
    {
        headers.set("Docker-Content-Digest", Digest::of(honest).to_string());
    }
    site.answer({ Site::status(200, headers, forged) });
    auto const error = site.failure([&] { return site.manifest(name); });
    CHECK(error.kind() == ErrorKind::Corrupt);
    CHECK(says(error, Digest::of(honest).to_string()));
    CHECK(site.asked.size() == 1);
    auto const events = site.events.of<trace::DigestMismatched>();
    REQUIRE(events.size() == 1);
    CHECK(events[0].expected == Digest::of(honest));
    CHECK(events[0].actual == Digest::of(forged));
    CHECK(events[0].what == trace::Verified::Manifest);
    CHECK(events[0].bytes == forged.size());
}

TEST_CASE("RegistryClient: what cannot be a manifest is refused", "[engine][registry][hardening]")
{
    Site site;
    site.answer({ Site::status(200, { { "Content-Type", "text/html" } }, "<html>") });
    CHECK(site.failure([&] { return site.manifest(); }).kind() == ErrorKind::NotSupported);
    site.answer({ Site::status(200, { { "Content-Type", tests::oci_manifest } }, std::string((4 << 20) + 1, ' ')) });
    CHECK(site.failure([&] { return site.manifest(); }).kind() == ErrorKind::LimitExceeded);
    CHECK(site.asked.size() == 1);
}

TEST_CASE("RegistryClient: a registry that is busy is asked five times, with growing pauses", "[engine][registry]")
{
    Site site;
    SECTION("and no more")
    {
        site.answer({ Site::status(503) });
        auto const error = site.failure([&] { return site.manifest(); });
        CHECK(error.kind() == ErrorKind::Unavailable);
        CHECK(error.message() == "manifest library/busybox:latest: gave up after 5 tries: 503 Service Unavailable");
        CHECK(site.asked.size() == 5);
        CHECK(site.took >= 3s); // 0.2 + 0.4 + 0.8 + 1.6
        CHECK(site.took < 4s);
        site.asked.clear();
        CHECK(says(site.failure([&] { return site.fetch(); }), "gave up after 5 tries: 503"));
        CHECK(site.asked.size() == 5);
    }
    SECTION("and waits as it is told, within reason")
    {
        site.answer({ Site::status(503, { { "Retry-After", "86400" } }) });
        CHECK(says(site.failure([&] { return site.manifest(); }), "gave up"));
        CHECK(site.took >= 120s);
        CHECK(site.took < 122s);
    }
    SECTION("until it answers")
    {
        site.answer({ Site::status(503), Site::status(429), Site::status(200, {}, bytes) });
        REQUIRE_OK(site.fetch());
        CHECK(site.received == bytes);
    }
}

TEST_CASE("RegistryClient: a plain refusal is not argued with", "[engine][registry]")
{
    Site site;
    auto const code = GENERATE(400, 401, 403, 404, 410, 416);
    CAPTURE(code);
    site.answer({ Site::status(code, {}, R"({"errors":[{"code":"DENIED","message":"not for you"}]})") });
    CHECK(says(site.failure([&] { return site.fetch(); }), "denied: not for you"));
    CHECK(site.asked.size() == 1);
}

TEST_CASE("RegistryClient: redirects are followed, but not for ever", "[engine][registry][hardening]")
{
    Site site;
    site.answer({ Site::status(307, { { "Location", "/elsewhere" } }),
        Site::status(302, { { "Location", "http://hub:5000/again" } }), Site::status(200, {}, bytes) });
    REQUIRE_OK(site.fetch());
    CHECK(site.received == bytes);
    CHECK(site.asked.size() == 3);

    site.answer({ Site::status(307, { { "Location", "/round" } }) });
    auto const error = site.failure([&] { return site.fetch(); });
    CHECK(error.kind() == ErrorKind::LimitExceeded);
    CHECK(says(error, "more than 10 redirects"));
    CHECK(site.asked.size() == 11);

    for (auto const* location : { "https://hub/x", "file:///etc/passwd", "unix:///run/docker.sock", "//hub/x", "" }) {
        CAPTURE(location);
        site.answer({ Site::status(307, { { "Location", location } }) });
        CHECK(site.failure([&] { return site.fetch(); }).kind() == ErrorKind::NotSupported);
        CHECK(site.asked.size() == 1);
    }
}

TEST_CASE("RegistryClient: a registry that only drips or says nothing is left", "[engine][registry][hardening]")
{
    Site site;
    std::string words = "the registry sends less than 1 KiB a second";
    SECTION("a body, byte by byte")
    {
        site.answer({ [&](http::Exchange& exchange) {
            auto const body = exchange.respond_streaming(200, { { "Content-Type", tests::oci_manifest } });
            for (int i = 0; i < 100 && (*body)->write(" "); ++i)
                site.scheduler.sleep_for(10s);
        } });
    }
    SECTION("no answer")
    {
        words = "timed out";
        site.answer({ [&](http::Exchange&) { site.scheduler.sleep_for(100s); } });
    }
    for (bool const blob : { true, false }) {
        CAPTURE(blob);
        auto const error
            = blob ? site.failure([&] { return site.fetch(); }) : site.failure([&] { return site.manifest(); });
        CHECK(error.kind() == ErrorKind::Unavailable);
        CHECK(says(error, words));
        CHECK(site.took < 5 * 45s);
    }
}
