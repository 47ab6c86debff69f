#include "tests/support/Catch.h"
#include "visual/app/ProofShell.h"

#include <chrono>

using namespace drydock;
using namespace std::chrono_literals;

namespace {

app::ShellOutput run(std::string const& command, std::chrono::milliseconds limit = 10s)
{
    app::ShellPlace const place { "unix:///run/x.sock", "/var/x", "/bin/echo" };
    return app::run_in_shell(command, place, limit, [] { return true; });
}

}

TEST_CASE("ProofShell: what a command prints on both streams, and how it ended", "[visual][app]")
{
    auto const output = run("echo out; echo err >&2; exit 3");
    CHECK(output.text == "out\nerr\n");
    CHECK(output.exit_code == 3);
    CHECK_FALSE(output.cut);
}

TEST_CASE("ProofShell: it knows the daemon and the data", "[visual][app]")
{
    CHECK(run("echo $DOCKER_HOST $DATA_ROOT").text == "unix:///run/x.sock /var/x\n");
}

TEST_CASE("ProofShell: without a docker CLI the built-in client answers to the name", "[visual][app]")
{
    auto const output = run("docker ps -a");
    bool const is_installed = run("command -v docker").text.starts_with("/");
    if (!is_installed)
        CHECK(output.text == "docker ps -a\n"); // echo stands for drydock here
    else
        CHECK(output.text.find("unix:///run/x.sock") != std::string::npos); // the real one asks where it was told to
}

TEST_CASE("ProofShell: what does not end is ended, with all that it started", "[visual][app]")
{
    auto const began = std::chrono::steady_clock::now();
    auto const output = run("sleep 60 & sleep 60; wait", 200ms);
    CHECK_FALSE(output.exit_code);
    CHECK(std::chrono::steady_clock::now() - began < 5s);
}

TEST_CASE("ProofShell: of much output the beginning is kept", "[visual][app]")
{
    auto const output = run("yes | head -c 100000");
    CHECK(output.text.size() == app::output_kept);
    CHECK(output.cut);
    CHECK(output.exit_code == 0);
}
