#include "sim/core/Base64.h"
#include "tests/support/Catch.h"

using namespace drydock;

TEST_CASE("Base64: the test vectors of RFC 4648, section 10", "[sim][core]")
{
    auto const [bytes, text] = GENERATE(table<std::string, std::string>({ { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" },
        { "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" } }));
    CAPTURE(bytes);
    CHECK(base64(bytes) == text);
    CHECK(REQUIRE_OK(base64_decode(text)) == bytes);
    CHECK(REQUIRE_OK(base64_decode(base64_url(bytes))) == bytes);
}

TEST_CASE("Base64: both alphabets are read, everything else is refused", "[sim][core]")
{
    std::string const bytes("\xfb\xff\xfe", 3);
    CHECK(base64(bytes) == "+//+");
    CHECK(base64_url(bytes) == "-__-");
    CHECK(REQUIRE_OK(base64_decode("+//+")) == bytes);
    CHECK(REQUIRE_OK(base64_decode("-__-")) == bytes);
    auto const text = GENERATE(as<std::string> {}, "a", "ab c", "Zg===", "Z=g", "Zg\n");
    CAPTURE(text);
    CHECK_FALSE(base64_decode(text));
}
