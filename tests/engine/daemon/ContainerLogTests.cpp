#include "House.h"

#include "engine/daemon/ContainerLog.h"
#include "engine/daemon/LogOptions.h"

using namespace drydock;
using daemon::ContainerLog;
using daemon::LogLimits;

namespace {

std::string const key = "containers/1/log";

std::string line_number(int i)
{
    return "line " + std::to_string(i) + "\n";
}

// Writes "line FIRST" … until one fails; the number behind the last that was stored.
int write_lines(ContainerLog& log, int first, int end)
{
    while (first < end && log.write(false, line_number(first)))
        ++first;
    return first;
}

std::vector<std::string> texts(ContainerLog::Reading const& reading)
{
    std::vector<std::string> lines;
    REQUIRE_OK(ContainerLog::replay(reading, [&](daemon::LogLine const& line) -> Result<void> {
        lines.push_back(line.text);
        return {};
    }));
    return lines;
}

std::vector<std::string> stored(ContainerLog& log)
{
    return texts(REQUIRE_OK(log.open(ContainerLog::Mode::Stored)));
}

// "line N-k" … "line N-1" without a gap
bool ends_at(std::vector<std::string> const& lines, int end)
{
    int number = end - static_cast<int>(lines.size());
    return std::all_of(lines.begin(), lines.end(), [&](auto const& line) { return line == line_number(number++); });
}

}

TEST_CASE("ContainerLog: a full file is put aside, and the oldest goes", "[engine][daemon]")
{
    VirtualScheduler scheduler { 1, {} };
    auto const storage = content::make_memory_storage();
    ContainerLog log(scheduler, *storage, key, LogLimits { .file_size = 300, .files = 3 });
    REQUIRE(write_lines(log, 0, 100) == 100);
    CHECK(storage->list("containers/1") == std::vector<std::string> { "log", "log.1", "log.2" });
    for (auto const* name : { "log.1", "log.2" }) {
        auto const size = REQUIRE_OK(storage->size(std::string("containers/1/") + name));
        CHECK(size >= 300);
        CHECK(size < 400); // its last line reaches beyond
    }
    auto const lines = stored(log);
    CHECK(lines.size() > 8);
    CHECK(lines.size() < 20);
    CHECK(ends_at(lines, 100));
}

TEST_CASE("ContainerLog: with one file a full log begins anew", "[engine][daemon]")
{
    VirtualScheduler scheduler { 1, {} };
    auto const storage = content::make_memory_storage();
    ContainerLog log(scheduler, *storage, key, LogLimits { .file_size = 300, .files = 1 });
    REQUIRE(write_lines(log, 0, 100) == 100);
    CHECK(storage->list("containers/1") == std::vector<std::string> { "log" });
    CHECK(ends_at(stored(log), 100));
    CHECK(REQUIRE_OK(storage->size(key)) < 400);
}

TEST_CASE("ContainerLog: whoever reads or follows misses nothing through a rotation", "[engine][daemon]")
{
    VirtualScheduler scheduler { 1, {} };
    auto const storage = content::make_memory_storage();
    auto const files = GENERATE(std::size_t { 1 }, std::size_t { 2 });
    ContainerLog log(scheduler, *storage, key, LogLimits { .file_size = 300, .files = files });
    REQUIRE(write_lines(log, 0, 3) == 3);
    auto const reading = REQUIRE_OK(log.open(ContainerLog::Mode::Follow));
    REQUIRE(write_lines(log, 3, 50) == 50);
    log.end_followers();
    auto lines = texts(reading);
    CHECK(lines.size() == 3);
    while (auto const line = reading.following->next()) {
        if (line->number > reading.last)
            lines.push_back(line->text);
    }
    CHECK(lines.size() == 50);
    CHECK(ends_at(lines, 50));
}

TEST_CASE("ContainerLog: a crash in a rotation loses no line that it would not have dropped", "[engine][daemon]")
{
    constexpr LogLimits limits { .file_size = 150, .files = 4 };
    auto const calls = static_cast<std::uint64_t>(GENERATE(range(1, 120)));
    CAPTURE(calls);
    VirtualScheduler scheduler { 1, {} };
    auto storage = content::make_memory_storage({ .capacity = {}, .crash_after_calls = calls });
    int written = 0;
    {
        ContainerLog log(scheduler, *storage, key, limits);
        written = write_lines(log, 0, 60);
    }
    storage = content::restart_memory_storage(std::move(storage), content::Crash::Kill);
    ContainerLog log(scheduler, *storage, key, limits);
    auto const lines = stored(log);
    CHECK(ends_at(lines, written));
    CHECK(lines.size() >= static_cast<std::size_t>(std::min(written, 4))); // two full files at least
    // It goes on from whatever the crash left, and comes to its number of files again.
    REQUIRE(write_lines(log, written, written + 20) == written + 20);
    CHECK(ends_at(stored(log), written + 20));
    CHECK(storage->list("containers/1").size() == 4);
}

TEST_CASE("ContainerLog: a rotation that failed is made up for by the next line", "[engine][daemon]")
{
    VirtualScheduler scheduler { 1, {} };
    auto const directory = content::make_memory_storage();
    ContainerLog log(scheduler, *directory, key, LogLimits { .file_size = 100, .files = 2 });
    REQUIRE(write_lines(log, 0, 2) == 2);
    REQUIRE_OK(directory->remove(key)); // somebody tidied up
    CHECK_FALSE(log.write(false, line_number(2)));
    CHECK(write_lines(log, 3, 6) == 6);
    CHECK(ends_at(stored(log), 6));
}

TEST_CASE("Log options: sizes and numbers as dockerd reads them", "[engine][daemon]")
{
    auto const size_of = [](std::string const& text) {
        return REQUIRE_OK(daemon::log_limits("json-file", { { "max-size", text } })).file_size;
    };
    CHECK(size_of("10") == 10);
    CHECK(size_of("10k") == 10'000);
    CHECK(size_of("1.5 MB") == 1'500'000);
    CHECK(size_of("2GiB") == 2'000'000'000);
    auto const unlimited = REQUIRE_OK(daemon::log_limits("json-file", { { "max-file", "3" } }));
    CHECK(unlimited.file_size == 0);
    CHECK(unlimited.files == 3);
    auto const local = REQUIRE_OK(daemon::log_limits("local", {}));
    CHECK(local.file_size == 20U << 20U);
    CHECK(local.files == 5);
}

TEST_CASE("Log options: limits that are wrong are told at the start, in docker's words", "[engine][daemon]")
{
    auto const [driver, options, words] = GENERATE(table<std::string, daemon::LogOptions, std::string>({
        { "json-file", { { "max-size", "abc" } }, "invalid size: 'abc'" },
        { "json-file", { { "max-size", "-1" } }, "invalid size: '-1'" },
        { "json-file", { { "max-size", "1x" } }, "invalid size: '1x'" },
        { "json-file", { { "max-size", "9999999p" } }, "invalid size: '9999999p'" },
        { "json-file", { { "max-size", "0" } }, "max-size must be a positive number" },
        { "json-file", { { "max-file", "abc" } }, "strconv.Atoi: parsing \"abc\": invalid syntax" },
        { "json-file", { { "max-file", "0" } }, "max-file cannot be less than 1" },
        { "json-file", { { "compress", "true" } },
            "compress cannot be true when max-file is less than 2 or max-size is not set" },
        { "json-file", { { "compress", "zz" } }, "strconv.ParseBool: parsing \"zz\": invalid syntax" },
        { "local", { { "max-size", "abc" } }, "invalid value for max-size: abc: invalid size: 'abc'" },
        { "local", { { "max-file", "-1" } }, "max file count cannot be less than 0" },
        { "local", { { "max-file", "1" } }, "compression cannot be enabled when max file count is 1" },
    }));
    auto const limits = daemon::log_limits(driver, options);
    REQUIRE_FALSE(limits);
    CHECK(limits.error().message() == "failed to initialize logging driver: " + words);
}

TEST_CASE("docker logs: a log with a limit is kept in so many files", "[engine][daemon][client]")
{
    tests::House house;
    auto const driver = GENERATE(as<std::string> {}, "json-file", "local");
    REQUIRE(
        house.type("create --name wrong --log-driver " + driver + " --log-opt max-size=zz small echo hi").status == 0);
    auto const refused = house.type("start wrong");
    CHECK(refused.status == 1);
    CHECK(refused.err.find("failed to initialize logging driver: ") != std::string::npos);
    CHECK(house.get("/containers/wrong/json")["State"]["ExitCode"] == 128);
    REQUIRE(house
                .type("run --name job --log-driver " + driver
                    + " --log-opt max-size=1 --log-opt max-file=2 small echo first")
                .status
        == 0);
    for (int i = 0; i < 3; ++i) {
        REQUIRE(house.type("start job").status == 0);
        REQUIRE(house.type("wait job").status == 0);
    }
    CHECK(house.type("logs job").out == "first\nfirst\n"); // one in each file
    CHECK(house.type("logs -n 1 job").out == "first\n");
}
