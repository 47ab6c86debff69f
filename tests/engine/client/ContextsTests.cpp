#include "engine/client/Contexts.h"
#include "engine/client/LocalFiles.h"
#include "tests/support/Catch.h"

#include <nlohmann/json.hpp>

using namespace drydock;
using client::chosen_daemon;
using client::Context;
using client::Contexts;

namespace {

std::string host_of(Result<std::optional<Context>> const& chosen)
{
    auto const context = REQUIRE_OK(chosen);
    return context ? context->host : "nobody says";
}

}

TEST_CASE("Contexts: lie where docker's own client keeps them, certificates with them", "[engine][client]")
{
    auto const files = client::memory_files();
    REQUIRE_OK(client::write_file(*files, "ca", "AUTHORITY"));
    Contexts contexts(*files);
    REQUIRE_OK(contexts.create({ "server", "the other one", "tcp://10.0.0.7:2376", { "ca", "ca", "ca" } }));
    // As docker 28 writes it: the folder is the SHA-256 of the name.
    std::string const folder = "b3eacd33433b31b5252351032c9b3e7a2e7aa7738d5decdf0dd6c62680853c06";
    auto const base = files->config_directory() + "/contexts/";
    auto const meta
        = nlohmann::json::parse(REQUIRE_OK(client::read_file(*files, base + "meta/" + folder + "/meta.json")));
    CHECK(meta["Name"] == "server");
    CHECK(meta["Metadata"]["Description"] == "the other one");
    CHECK(meta["Endpoints"]["docker"]["Host"] == "tcp://10.0.0.7:2376");
    CHECK(REQUIRE_OK(client::read_file(*files, base + "tls/" + folder + "/docker/ca.pem")) == "AUTHORITY");
    CHECK(REQUIRE_OK(contexts.find("server")).tls.complete());
    CHECK_FALSE(contexts.create({ "server", "", "unix:///x" }));
    for (auto const* bad : { "default", "", "a", "a/b", "../x", ".hidden" })
        CHECK_FALSE(contexts.create({ bad, "", "unix:///x" }));
    REQUIRE_OK(contexts.use("server"));
    CHECK_FALSE(contexts.remove("server")); // it is in use
    REQUIRE_OK(contexts.use("default"));
    REQUIRE_OK(contexts.remove("server"));
    CHECK(REQUIRE_OK(contexts.list()).empty());
    CHECK(contexts.find("server").error().message() == "context \"server\": context not found");
}

TEST_CASE(
    "Contexts: one is handed on as a tar, with its certificates, and taken in under another name", "[engine][client]")
{
    auto const files = client::memory_files();
    REQUIRE_OK(client::write_file(*files, "pem", "CERTIFICATE"));
    Contexts contexts(*files);
    REQUIRE_OK(contexts.create({ "server", "the other one", "tcp://10.0.0.7:2376", { "pem", "pem", "pem" } }));
    auto const tar = REQUIRE_OK(contexts.pack("server"));
    REQUIRE_OK(contexts.unpack("taken", tar));
    auto const taken = REQUIRE_OK(contexts.find("taken"));
    CHECK(taken.host == "tcp://10.0.0.7:2376");
    CHECK(taken.description == "the other one");
    CHECK(REQUIRE_OK(client::read_file(*files, taken.tls.key)) == "CERTIFICATE");
    CHECK_FALSE(contexts.unpack("taken", tar)); // it is there
    CHECK_FALSE(contexts.unpack("other", "no tar at all"));
    CHECK_FALSE(contexts.unpack("../x", tar));
    CHECK_FALSE(contexts.pack("nosuch"));
}

TEST_CASE("Contexts: an update keeps what it does not name", "[engine][client]")
{
    auto const files = client::memory_files();
    REQUIRE_OK(client::write_file(*files, "pem", "CERTIFICATE"));
    Contexts contexts(*files);
    REQUIRE_OK(contexts.create({ "server", "old", "tcp://10.0.0.7:2376", { "pem", "pem", "pem" } }));
    auto context = REQUIRE_OK(contexts.find("server"));
    context.description = "new";
    REQUIRE_OK(contexts.update(context));
    auto const updated = REQUIRE_OK(contexts.find("server"));
    CHECK(updated.description == "new");
    CHECK(updated.tls.complete());
    CHECK_FALSE(contexts.update({ "nosuch", "", "unix:///x" }));
}

TEST_CASE("Contexts: who is asked follows docker's order", "[engine][client]")
{
    auto const files = client::memory_files();
    Contexts contexts(*files);
    REQUIRE_OK(contexts.create({ "one", "", "unix:///one" }));
    REQUIRE_OK(contexts.create({ "two", "", "unix:///two" }));
    CHECK(host_of(chosen_daemon(*files, {})) == "nobody says");
    REQUIRE_OK(contexts.use("one"));
    CHECK(host_of(chosen_daemon(*files, {})) == "unix:///one");
    CHECK(host_of(chosen_daemon(*files, { .environment_context = "two" })) == "unix:///two");
    CHECK(host_of(chosen_daemon(*files, { .environment_host = "unix:///env", .environment_context = "two" }))
        == "unix:///env");
    CHECK(host_of(chosen_daemon(*files, { .context = "two", .environment_host = "unix:///env" })) == "unix:///two");
    CHECK(host_of(chosen_daemon(*files, { .host = "unix:///flag", .environment_host = "unix:///env" }))
        == "unix:///flag");
    CHECK_FALSE(chosen_daemon(*files, { .host = "unix:///flag", .context = "two" }));
    CHECK_FALSE(chosen_daemon(*files, { .context = "nosuch" }));
}
