// One shipped scenario, $LESSON: `drydock check` holds in both worlds, its text twin is the one that somebody read and
// approved, and so are the stills of its phases. DRYDOCK_UPDATE_SNAPSHOTS=1 approves what is there now.

#include "sim/scenario/Scenario.h"
#include "tests/support/Pictures.h"
#include "tests/support/TemporaryDirectory.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <regex>
#include <sstream>

using namespace drydock;

namespace fs = std::filesystem;

namespace {

fs::path lesson()
{
    auto const* const path = std::getenv("LESSON");
    REQUIRE(path != nullptr);
    return path;
}

std::string content(fs::path const& path)
{
    std::ifstream file(path);
    return { std::istreambuf_iterator<char>(file), {} };
}

scenario::Scenario loaded()
{
    auto const loaded = scenario::load(content(lesson()));
    for (auto const& problem : loaded.problems)
        std::cerr << problem.to_string(lesson().string()) << "\n";
    REQUIRE(loaded.scenario);
    return *loaded.scenario;
}

struct Run {
    int status { 0 };
    std::string output; // of both streams
};

Run drydock_says(std::string const& words)
{
    auto* const pipe = ::popen(fmt::format("{} {} 2>&1 </dev/null", DRYDOCK_PROGRAM, words).c_str(), "r");
    REQUIRE(pipe != nullptr);
    Run run;
    std::array<char, 4096> buffer {};
    while (auto const size = std::fread(buffer.data(), 1, buffer.size(), pipe))
        run.output.append(buffer.data(), size);
    run.status = ::pclose(pipe);
    return run;
}

// Digests follow the BusyBox that the machine has.
std::string without_digests(std::string const& text)
{
    static std::regex const digest("[0-9a-f]{12,64}(…)?");
    return std::regex_replace(text, digest, "(digest)");
}

// The mean of each four pixels: what somebody sees who sits far away.
canvas::Surface halved(canvas::Surface const& whole)
{
    canvas::Surface half(whole.width() / 2, whole.height() / 2);
    for (int y = 0; y < half.height(); ++y) {
        for (int x = 0; x < half.width(); ++x) {
            std::array<int, 3> sum {};
            for (auto const& [dx, dy] : { std::pair { 0, 0 }, { 1, 0 }, { 0, 1 }, { 1, 1 } }) {
                auto const pixel = whole.at(2 * x + dx, 2 * y + dy);
                sum[0] += pixel.red;
                sum[1] += pixel.green;
                sum[2] += pixel.blue;
            }
            auto const mean = [&](std::size_t i) { return static_cast<std::uint8_t>(sum[i] / 4); };
            half.row(y)[static_cast<std::size_t>(x)] = theme::Color { mean(0), mean(1), mean(2) }.packed();
        }
    }
    return half;
}

bool has_pictures(scenario::Kind kind)
{
    return kind == scenario::Kind::Lesson || kind == scenario::Kind::Demonstration;
}

}

TEST_CASE("Lesson: its goals mean what they say, and its translations are whole")
{
    auto const run = drydock_says("check --world simulated " + lesson().string());
    INFO(run.output);
    CHECK(run.status == 0);
}

TEST_CASE("Lesson: on the real kernel likewise")
{
    if (drydock_says("doctor").status != 0 || ::geteuid() != 0) {
        std::cerr << "skipped: the live world with all its machines takes root, and what `drydock doctor` lists\n";
        return;
    }
    auto const run = drydock_says("check --world live " + lesson().string());
    INFO(run.output);
    CHECK(run.status == 0);
}

TEST_CASE("Lesson: read as text it is the one that was approved")
{
    auto const run = drydock_says("play --world simulated --text --depth 1 " + lesson().string());
    auto const text = without_digests(run.output);
    auto const golden = fs::path("tests/system/lessons/text") / lesson().filename().replace_extension(".txt");
    if (auto const* const update = std::getenv("DRYDOCK_UPDATE_SNAPSHOTS"); update != nullptr && *update == '1')
        std::ofstream(golden) << text;
    INFO("DRYDOCK_UPDATE_SNAPSHOTS=1 approves this one");
    CHECK(text == content(golden));
}

TEST_CASE("Lesson: the stills of its phases are those that were approved")
{
    auto const scenario = loaded();
    if (!has_pictures(scenario.kind))
        return;
    tests::TemporaryDirectory const folder;
    auto const board = folder.path() / "board";
    auto const run = drydock_says(
        fmt::format("export --world simulated --each phase --to {} {}", board.string(), lesson().string()));
    INFO(run.output);
    REQUIRE(run.status == 0);
    std::size_t stills = 0;
    for (auto const& phase : scenario.phases) {
        INFO(phase.name);
        auto const png = content(board / fmt::format("{:03}.png", ++stills));
        auto const bytes = std::as_bytes(std::span(png));
        auto const picture = REQUIRE_OK(canvas::decode_png(bytes));
        // Digests follow the BusyBox that the machine has, and are some dozen letters in a picture.
        auto const golden = fmt::format("tests/system/lessons/pictures/{}-{}.png", scenario.id, stills);
        auto const complaint = tests::compare_picture(golden, halved(picture), 0.015);
        INFO(complaint);
        CHECK(complaint.empty());
    }
}
