// `docker build` of our own client in the simulated world: the same builder, daemon and client, over simulated links
// and a simulated kernel, from a folder as a scenario has one.

#include "engine/lab/Lab.h"
#include "tests/support/Catch.h"
#include "tests/support/Events.h"
#include "tests/support/TemporaryDirectory.h"

#include <fstream>

using namespace drydock;

namespace {

class SimulatedDesk {
public:
    SimulatedDesk()
        : lab(REQUIRE_OK(lab::Lab::open({ .world = lab::World::Simulated, .images = DRYDOCK_IMAGES }, log)))
    {
        std::filesystem::create_directories(folder.path() / "app" / "sub");
        put("app/hello.txt", "hello\n");
        put("app/secret.txt", "secret\n");
        put("app/.dockerignore", "secret*\n");
        put("outside", "FROM busybox\nCOPY hello.txt /\n");
    }
    void put(std::string const& path, std::string const& text) const { std::ofstream(folder.path() / path) << text; }
    int type(std::string const& line)
    {
        printed.clear();
        client::Terminal terminal;
        terminal.write = [this](bool, std::string_view text) { printed += text; };
        terminal.files = client::memory_files(folder.path());
        return lab->run(lab->hosts().front(), line, terminal);
    }
    bool says(std::string const& text) const { return printed.find(text) != std::string::npos; }

    tests::TemporaryDirectory folder;
    trace::EventLog log;
    std::unique_ptr<lab::Lab> lab;
    std::string printed;
};

}

TEST_CASE("Simulated: a scenario's folder becomes an image, step by step", "[system][lab]")
{
    SimulatedDesk desk;
    desk.put("app/Dockerfile",
        "FROM busybox AS made\nARG WHO=world\nRUN echo hi $WHO > /hi\nCOPY . /app/\nRUN ls /app > /list\n"
        "FROM busybox\nCOPY --from=made /hi /list /\nENV A=b\nCMD [\"cat\", \"/hi\", \"/list\"]\n");
    auto const status = desk.type("docker build -t app --build-arg WHO=you app");
    CAPTURE(desk.printed);
    REQUIRE(status == 0);
    CHECK(desk.says("Step 3/9 : RUN echo hi $WHO"));
    CHECK(desk.says("Successfully tagged app:latest\n"));
    CHECK(desk.type("docker run --rm app") == 0);
    CHECK(desk.printed == "hi you\nDockerfile\nhello.txt\nsub\n");

    auto const received = tests::events_of<trace::BuildContextReceived>(desk.log);
    REQUIRE(received.size() == 1);
    CHECK(received[0].entries == 4);
    auto const began = tests::events_of<trace::BuildStepBegan>(desk.log);
    auto const finished = tests::events_of<trace::BuildStepFinished>(desk.log);
    REQUIRE(began.size() == 9);
    REQUIRE(finished.size() == 9);
    CHECK(began[2].line == 3);
    CHECK(finished[2].has_layer);
    CHECK_FALSE(finished[7].has_layer);
    CHECK(tests::events_of<trace::LayerCommitted>(desk.log).size() == 4);

    desk.type("docker build -t app --build-arg WHO=you app");
    CHECK(tests::events_of<trace::BuildStepFinished>(desk.log)[11].cached);
    CHECK(desk.type("docker ps -aq") == 0);
    CHECK(desk.printed.empty());
}

TEST_CASE(
    "Simulated: a build tells its Dockerfile, and why a step was or was not taken from the cache", "[system][lab]")
{
    SimulatedDesk desk;
    std::string const dockerfile = "FROM busybox\nENV A=b\nCOPY . /app/\nRUN cat /app/hello.txt > /said\n";
    desk.put("app/Dockerfile", dockerfile);
    auto const steps = [&](std::string const& line) {
        auto const before = tests::events_of<trace::BuildStepFinished>(desk.log).size();
        REQUIRE(desk.type(line) == 0);
        auto finished = tests::events_of<trace::BuildStepFinished>(desk.log);
        finished.erase(finished.begin(), finished.begin() + static_cast<std::ptrdiff_t>(before));
        REQUIRE(finished.size() == 4);
        return finished;
    };
    auto const first = steps("docker build app");
    CHECK(tests::events_of<trace::BuildContextReceived>(desk.log).front().dockerfile == dockerfile);
    CHECK(first[0].reason.empty()); // FROM makes nothing
    CHECK(first[1].reason == "no earlier build did this on the same parent");
    CHECK(first[3].reason == "a step before it was made anew");

    auto const second = steps("docker build app");
    CHECK(second[2].cached);
    CHECK(second[2].size == first[2].size); // the same layer
    CHECK(second[2].reason == "an earlier build did the same on the same parent");

    desk.put("app/hello.txt", "HELLO\n");
    auto const third = steps("docker build app");
    CHECK(third[1].cached);
    CHECK_FALSE(third[2].cached);
    CHECK(third[2].reason == "it copies other files than the earlier build");
    CHECK(third[2].changed == "hello.txt");
    CHECK(third[3].reason == "a step before it was made anew");
    CHECK(steps("docker build --no-cache app")[1].reason == "the cache is switched off");
}

TEST_CASE("Simulated: the same folder and seed give the same image", "[system][lab]")
{
    std::vector<std::string> ids;
    for (int i = 0; i < 2; ++i) {
        SimulatedDesk desk;
        desk.put("app/Dockerfile", "FROM busybox\nRUN echo x > /x; mkdir /d\n");
        REQUIRE(desk.type("docker build -q app") == 0);
        ids.push_back(desk.printed);
    }
    CHECK(ids[0] == ids[1]);
    CHECK(ids[0].starts_with("sha256:"));
}

TEST_CASE("Simulated: a failing step's status is the build's, and the line is shown", "[system][lab]")
{
    SimulatedDesk desk;
    desk.put("app/Dockerfile", "FROM busybox\n\nRUN exit 7\n");
    CHECK(desk.type("docker build app") == 7);
    CHECK(desk.says("   3 | >>> RUN exit 7\n"));
    CHECK(desk.says("The command '/bin/sh -c exit 7' returned a non-zero code: 7\n"));
}

// But for the lab's own disk, which has an /etc, without a Dockerfile and without secrets.
TEST_CASE("Simulated: a build reads below the scenario's folder and nowhere else", "[system][lab]")
{
    SimulatedDesk desk;
    std::filesystem::create_symlink("/etc", desk.folder.path() / "etc");
    std::filesystem::create_symlink("/etc/hostname", desk.folder.path() / "app" / "Dockerfile");
    for (auto const* line : { "docker build /etc", "docker build ..", "docker build etc", "docker build app/../..",
             "docker build -f /etc/shadow app", "docker build -f ../x app", "docker build app" }) {
        CAPTURE(line, desk.printed);
        CHECK(desk.type(line) == 1);
        CHECK(desk.says("unable to prepare context"));
    }
    CHECK(tests::events_of<trace::BuildContextReceived>(desk.log).empty());
    // A Dockerfile beside the context is fine.
    auto const status = desk.type("docker build -f outside app");
    CAPTURE(desk.printed);
    CHECK(status == 0);
}

TEST_CASE("Simulated: commit writes down what a container changed", "[system][lab]")
{
    SimulatedDesk desk;
    REQUIRE(desk.type("docker run --name box busybox sh -c 'echo new > /new; rm /etc/group'") == 0);
    REQUIRE(desk.type("docker commit -m note -c 'CMD [\"cat\",\"/new\"]' box mine:1") == 0);
    CHECK(desk.printed.starts_with("sha256:"));
    CHECK(desk.type("docker run --rm mine:1") == 0);
    CHECK(desk.printed == "new\n");
    CHECK(desk.type("docker run --rm mine:1 cat /etc/group") != 0);
    CHECK(desk.type("docker history mine:1") == 0);
    CHECK(desk.says("note"));
}
