#include "engine/client/Format.h"
#include "engine/client/Streams.h"
#include "tests/support/Catch.h"

#include <nlohmann/json.hpp>

using namespace drydock;
using namespace drydock::client;

TEST_CASE("Table: columns as docker's", "[engine][client]")
{
    Table table({ "CONTAINER ID", "IMAGE", "NAMES" });
    table.add({ "0123456789ab", "busybox", "web" });
    CHECK(table.to_text() == "CONTAINER ID   IMAGE     NAMES\n0123456789ab   busybox   web\n");
}

TEST_CASE("Format: sizes and cut text as docker prints them", "[engine][client]")
{
    CHECK(docker_size(0) == "0B");
    CHECK(docker_size(1984230) == "1.98MB");
    CHECK(docker_size(881e6) == "881MB");
    CHECK(shorten("echo hello", 20) == "echo hello");
    CHECK(shorten("sh -c 'while true; do date; done'", 20) == "sh -c 'while true; …");
    CHECK(short_id("sha256:0123456789abcdef") == "0123456789ab");
}

TEST_CASE("Demultiplexer: frames may be cut anywhere", "[engine][client]")
{
    std::string out;
    std::string err;
    Terminal const terminal { .write = [&](bool to_stderr, std::string_view text) { (to_stderr ? err : out) += text; },
        .read = nullptr,
        .stop_reading = nullptr };
    std::string const frames("\1\0\0\0\0\0\0\6hello\n\2\0\0\0\0\0\0\3err", 25);
    auto const piece = GENERATE(1U, 3U, 7U, 25U);
    CAPTURE(piece);
    Demultiplexer demultiplexer(Framing::Multiplexed, terminal);
    for (std::size_t i = 0; i < frames.size(); i += piece)
        demultiplexer.take(std::string_view(frames).substr(i, piece));
    CHECK(out == "hello\n");
    CHECK(err == "err");
}
