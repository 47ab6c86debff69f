#include "engine/init/Capabilities.h"
#include "engine/init/Protocol.h"
#include "tests/support/Catch.h"

using namespace drydock::init;

TEST_CASE("Protocol: a specification arrives as it was sent", "[init]")
{
    Spec sent;
    sent.join = true;
    sent.args = { "sh", "-c", std::string("with\0zero", 9) };
    sent.env = { "A=1" };
    sent.rows = 65535;
    sent.root = RootKind::Fuse;
    sent.files = { { "/etc/hosts", "127.0.0.1" } };
    sent.capabilities = all_capabilities;
    sent.limits = { { 7, 1024, UINT64_MAX } };
    Writer writer;
    writer(sent);
    auto const bytes = writer.take();
    Spec received;
    Reader reader(bytes);
    reader(received);
    CHECK(reader.intact());
    CHECK(reader.at_end());
    CHECK(received.join);
    CHECK_FALSE(received.tty);
    CHECK(received.args == sent.args);
    CHECK(received.env == sent.env);
    CHECK(received.rows == 65535);
    CHECK(received.root == RootKind::Fuse);
    REQUIRE(received.files.size() == 1);
    CHECK(received.files[0].content == "127.0.0.1");
    CHECK(received.capabilities == all_capabilities);
    REQUIRE(received.limits.size() == 1);
    CHECK(received.limits[0].hard == UINT64_MAX);
}

TEST_CASE("Protocol: a message that is cut anywhere is refused", "[init]")
{
    Spec spec;
    spec.args = { "a", "b" };
    spec.hostname = "host";
    Writer writer;
    writer(spec);
    auto const bytes = writer.take();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        Spec received;
        Reader reader(std::string_view(bytes).substr(0, size));
        reader(received);
        CAPTURE(size);
        CHECK_FALSE(reader.intact());
    }
}

TEST_CASE("Protocol: reports keep their kind, and an unknown kind is refused", "[init]")
{
    Writer writer;
    Report sent = FailureReport { FailureKind::Forbidden, "message", "call", 13 };
    append_report(writer, sent);
    auto const bytes = writer.take();
    Reader reader(bytes);
    Report received;
    REQUIRE(read_report(reader, received));
    REQUIRE(std::holds_alternative<FailureReport>(received));
    CHECK(std::get<FailureReport>(received).kind == FailureKind::Forbidden);
    CHECK(std::get<FailureReport>(received).error == 13);

    std::uint64_t unknown = std::variant_size_v<Report>;
    writer(unknown);
    auto const nonsense = writer.take();
    Reader other(nonsense);
    CHECK_FALSE(read_report(other, received));
}

TEST_CASE("Protocol: a list cannot claim more elements than the message has bytes for", "[init]")
{
    Writer writer;
    std::uint64_t huge = UINT64_MAX / 8;
    writer(huge);
    auto const bytes = writer.take();
    std::vector<std::string> list;
    Reader reader(bytes);
    reader(list);
    CHECK_FALSE(reader.intact());
    CHECK(list.empty());
}

TEST_CASE("Capabilities: names with and without prefix, in any case", "[init]")
{
    CHECK(parse_capability("NET_ADMIN") == CapabilitySet { 1 } << 12);
    CHECK(parse_capability("cap_net_admin") == CapabilitySet { 1 } << 12);
    CHECK(parse_capability("ALL") == all_capabilities);
    CHECK_FALSE(parse_capability("NET_ADMI"));
    CHECK_FALSE(parse_capability(""));
    CHECK(docker_default_capabilities() == 0xa80425fbU);
    CHECK(names_of(0b11) == std::vector<std::string> { "CAP_CHOWN", "CAP_DAC_OVERRIDE" });
}
