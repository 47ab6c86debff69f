#include "engine/network/Dns.h"
#include "engine/network/NameServer.h"
#include "tests/support/Catch.h"

using namespace drydock;
using namespace drydock::networking;

namespace {

std::string query_for(std::string const& name, std::uint16_t type)
{
    std::string bytes("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12);
    for (std::size_t begin = 0; begin < name.size();) {
        auto const end = std::min(name.find('.', begin), name.size());
        bytes += static_cast<char>(end - begin);
        bytes += name.substr(begin, end - begin);
        begin = end + 1;
    }
    bytes += '\0';
    return bytes + std::string { '\0', static_cast<char>(type), '\0', '\1' };
}

}

TEST_CASE("Dns: a question is read, its name in lower case", "[engine][network]")
{
    auto const question = parse_question(query_for("Web.Example", DnsQuestion::a));
    REQUIRE(question);
    CHECK(question->id == 0x1234);
    CHECK(question->name == "web.example");
    CHECK(question->type == DnsQuestion::a);
    CHECK(question->recursion_desired);
}

TEST_CASE("Dns: no datagram, however it is cut, is read past its end", "[engine][network]")
{
    auto const whole = query_for("web.example", DnsQuestion::a);
    for (std::size_t size = 0; size < whole.size(); ++size)
        CHECK_FALSE(parse_question(whole.substr(0, size)));
    auto looping = whole;
    looping[12] = '\xc0'; // a pointer to itself
    CHECK_FALSE(parse_question(looping));
    auto answer = whole;
    answer[2] = '\x81'; // not a question
    CHECK_FALSE(parse_question(answer));
    CHECK_FALSE(parse_question(query_for(std::string(64, 'a'), DnsQuestion::a)));
}

TEST_CASE("Dns: an answer repeats the question and ends with the address", "[engine][network]")
{
    auto const question = parse_question(query_for("web", DnsQuestion::a));
    REQUIRE(question);
    auto const answer = answer_with(*question, parse_address("172.18.0.2"));
    CHECK(answer.substr(0, 2) == "\x12\x34");
    CHECK((static_cast<unsigned char>(answer[2]) & 0x80U) != 0);
    CHECK(answer[7] == 1);
    CHECK(answer.ends_with(std::string("\x00\x04\xac\x12\x00\x02", 6)));
    auto const none = answer_with(*question, std::nullopt);
    CHECK(none[7] == 0);
    CHECK((none[3] & 15) == 0);
    CHECK((answer_failure(*question, DnsFailure::NoSuchName)[3] & 15) == 3);
}

TEST_CASE("Dns: the nameservers of a resolv.conf", "[engine][network]")
{
    auto const servers = nameservers_in("# c\nsearch x\nnameserver 10.0.0.1\nnameserver ::1\nnameserver 1.2.3.4\n");
    REQUIRE(servers.size() == 2);
    CHECK(to_text(servers[1]) == "1.2.3.4");
}
