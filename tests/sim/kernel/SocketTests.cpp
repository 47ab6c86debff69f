#include "sim/kernel/Sockets.h"
#include "tests/sim/kernel/KernelBench.h"
#include "tests/support/Catch.h"

using namespace drydock;
using namespace drydock::kernel;

TEST_CASE("Sockets: an address is four numbers below 256 and nothing else", "[sim][kernel]")
{
    CHECK(network::parse_address("10.0.0.1") == 0x0a000001U);
    CHECK(network::parse_address("255.255.255.255") == 0xffffffffU);
    for (auto const* bad : { "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1..2.3", "1.2.3.", "a.b.c.d", "1.2.3.4 ",
             "0001.2.3.4", "-1.2.3.4" }) {
        CAPTURE(bad);
        CHECK_FALSE(network::parse_address(bad));
    }
    CHECK(network::to_text(0x7f000001U) == "127.0.0.1");
}

TEST_CASE("Sockets: a port has one listener, and is free when that ends", "[sim][kernel]")
{
    KernelBench bench;
    auto const outcome = bench.sh("httpd -f -p 80 -h /tmp & sleep 1; httpd -p 80; kill $!; sleep 1; "
                                  "httpd -p 80 -h /tmp && echo again");
    CHECK(outcome.errors == "httpd: bind: Address already in use\n");
    CHECK(outcome.output == "again\n");
}

TEST_CASE("Sockets: a server gives out its own directory and nothing above it", "[sim][kernel]")
{
    KernelBench bench;
    auto const outcome = bench.sh("echo 127.0.0.1 localhost > /etc/hosts; mkdir /tmp/www; echo in > /tmp/www/a; echo "
                                  "out > /tmp/secret; httpd -h /tmp/www; "
                                  "wget -qO- http://localhost/a; wget -qO- http://localhost/../secret; "
                                  "echo junk | nc localhost 80 | head -n 1; wget -qO- ftp://localhost/a");
    CHECK_THAT(outcome.output, Catch::StartsWith("in\n"));
    CHECK(outcome.output.find("out") == std::string::npos);
    CHECK_THAT(outcome.errors, Catch::Contains("404 Not Found") && Catch::Contains("not an http or ftp url"));
}

TEST_CASE("Sockets: who waits for a connection or for bytes dies of a signal like anybody", "[sim][kernel]")
{
    KernelBench bench;
    auto const outcome = bench.sh("nc -l -p 9 & sleep 0.1; kill $!; sleep 0.1; nc -l -p 9 > /dev/null & sleep 0.1; "
                                  "nc 127.0.0.1 9 & sleep 0.1; kill $!; sleep 1; echo over");
    CHECK(outcome.status.code == 0);
    CHECK_THAT(outcome.output, Catch::EndsWith("over\n"));
}
