#include "sim/words/Words.h"
#include "tests/support/Catch.h"
#include "tests/support/Generate.h"

#include <array>
#include <map>

using namespace drydock;

TEST_CASE("Words: every event type has one sentence on one line, short enough to be read", "[sim][words]")
{
    Random random(21);
    world::World const world;
    for (auto const& event : testing::one_of_each(random)) {
        auto const text = words::sentence(event, world);
        CAPTURE(trace::name_of(event), text);
        CHECK(text.size() > 1);
        CHECK(text.size() < 250);
        CHECK(text.find('\n') == std::string::npos);
        CHECK((text.ends_with('.') || text.ends_with('?') || text.ends_with('!') || text.ends_with("…")));
        CHECK_FALSE(text.ends_with(".."));
    }
}

TEST_CASE("Words: no two event types say the same", "[sim][words]")
{
    Random random(4);
    world::World const world;
    std::map<std::string, std::string_view> said;
    for (auto const& event : testing::one_of_each(random)) {
        auto const text = words::sentence(event, world);
        CAPTURE(text, trace::name_of(event));
        CHECK(said.emplace(text, trace::name_of(event)).second);
    }
}

TEST_CASE("Words: a long text is cut between characters", "[sim][words]")
{
    trace::OutputWritten event { ContainerId { "c" }, false, {}, 0 };
    for (int i = 0; i < 100; ++i)
        event.text += "µ";
    auto const text = words::sentence(event, {});
    CHECK(text.find("…") != std::string::npos);
    CHECK(static_cast<unsigned char>(text[text.find("…") - 1]) == 0xb5); // the last byte of a whole µ
}

TEST_CASE("Words: namespaces shown together are told together", "[sim][words]")
{
    trace::Event const pid = trace::NamespaceCreated { ContainerId { "c" }, "pid", 1, 2 };
    trace::Event const mnt = trace::NamespaceCreated { ContainerId { "c" }, "mnt", 3, 4 };
    trace::Event const net = trace::NamespaceCreated { ContainerId { "c" }, "net", 5, 6 };
    std::array<trace::Event const*, 3> const group { &pid, &mnt, &net };
    CHECK(words::sentence(group, {}) == "The kernel gives it 3 namespaces of its own: pid, mnt and net.");
}

TEST_CASE("Words: a request is told by its purpose", "[sim][words]")
{
    std::string const id(64, 'a');
    CHECK(words::purpose_of("POST", "/v1.41/containers/create?name=x") == "create a container");
    CHECK(words::purpose_of("POST", "/v1.41/containers/" + id + "/start") == "start the container");
    CHECK(words::purpose_of("GET", "/v2/library/busybox/manifests/latest") == "send the manifest");
    CHECK(words::purpose_of("PATCH", "/odd") == "answer PATCH /odd");
    CHECK(words::short_target("/v1.41/containers/" + id + "/start?x=1") == "/containers/aaaaaaaaaaaa/start");
    CHECK(words::short_operation("POST /v1.41/containers/" + id + "/start") == "POST /containers/aaaaaaaaaaaa/start");
    CHECK(words::with_short_ids("ADD file:" + id + " in /x, sha256:" + id)
        == "ADD file:aaaaaaaaaaaa in /x, sha256:aaaaaaaaaaaa");
    CHECK(words::as_sentence("stays") == "stays.");
    CHECK(words::as_sentence("Ahoy!") == "Ahoy!");
    CHECK(words::with_short_ids(id + "\n", "…") == "aaaaaaaaaaaa…\n");
    CHECK(words::with_short_ids(id + "a") == id + "a"); // something else
    CHECK(words::short_operation("build") == "build");
    CHECK(words::short_target("/v2/x/blobs/sha256:" + id) == "/v2/x/blobs/sha256:aaaaaaaaaaaa");
}

TEST_CASE("Words: a list of nothing is told as such, not read out", "[sim][words]")
{
    auto const said = [](std::string const& text) {
        return words::sentence(trace::CommandPrinted { ActorId { "client" }, false, text }, world::World());
    };
    CHECK(said("REPOSITORY   TAG       IMAGE ID   CREATED   SIZE\n")
        == "Your terminal shows the heading of a table without a row.");
    CHECK(said("HI THERE\n") == "Your terminal shows: HI THERE.");
}
