#include "engine/content/Storage.h"
#include "tests/support/Catch.h"
#include "tests/support/TemporaryDirectory.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

using namespace drydock;
using namespace drydock::content;
using drydock::tests::TemporaryDirectory;

namespace {

// Both kinds of storage keep the same promises.
std::unique_ptr<Storage> make_storage(bool in_memory, TemporaryDirectory const& directory)
{
    return in_memory ? make_memory_storage() : REQUIRE_OK(open_directory_storage(directory.path() / "root"));
}

}

TEST_CASE("Storage: what was written is read, replaced and removed", "[engine][content]")
{
    TemporaryDirectory const directory;
    auto const storage = make_storage(GENERATE(true, false), directory);
    REQUIRE_OK(storage->write_atomically("a/b/one", "first"));
    REQUIRE_OK(storage->write_atomically("a/b/one", "second"));
    CHECK(storage->exists("a/b/one"));
    CHECK_FALSE(storage->exists("a/b/two"));
    CHECK(REQUIRE_OK(storage->read("a/b/one")) == "second");
    CHECK(REQUIRE_OK(storage->size("a/b/one")) == 6);
    CHECK(storage->read("a/b/one", 5).error().kind() == ErrorKind::LimitExceeded);
    REQUIRE_OK(storage->remove("a/b/one"));
    CHECK(storage->read("a/b/one").error().kind() == ErrorKind::NotFound);
    CHECK(storage->remove("a/b/one").error().kind() == ErrorKind::NotFound);
    CHECK(storage->open("a/b/one").error().kind() == ErrorKind::NotFound);
    CHECK(storage->size("a/b/one").error().kind() == ErrorKind::NotFound);
}

TEST_CASE("Storage: appends survive the file's closing and become visible by publish", "[engine][content]")
{
    TemporaryDirectory const directory;
    auto const storage = make_storage(GENERATE(true, false), directory);
    auto file = REQUIRE_OK(storage->append("ingest/x"));
    REQUIRE_OK(file->append("hello "));
    file = REQUIRE_OK(storage->append("ingest/x"));
    CHECK(file->size() == 6);
    REQUIRE_OK(file->append("world"));
    REQUIRE_OK(file->sync());
    REQUIRE_OK(storage->publish("ingest/x", "blobs/x"));
    CHECK_FALSE(storage->exists("ingest/x"));
    auto const published = REQUIRE_OK(storage->open("blobs/x"));
    CHECK(published->size() == 11);
    std::string buffer(8, ' ');
    CHECK(REQUIRE_OK(published->read_at(6, buffer)) == 5);
    CHECK(buffer.substr(0, 5) == "world");
    CHECK(REQUIRE_OK(published->read_at(99, buffer)) == 0);
}

TEST_CASE("Storage: lists the names below a prefix, sorted, nothing of its own", "[engine][content]")
{
    TemporaryDirectory const directory;
    auto const storage = make_storage(GENERATE(true, false), directory);
    for (auto const* key : { "b/2", "b/1", "b/10", "b/sub/x", "c", "ba" })
        REQUIRE_OK(storage->write_atomically(key, ""));
    CHECK(storage->list("b") == std::vector<std::string> { "1", "10", "2", "sub" });
    CHECK(storage->list("") == std::vector<std::string> { "b", "ba", "c" });
    CHECK(storage->list("absent").empty());
}

TEST_CASE("Storage: removes a whole tree and only that", "[engine][content]")
{
    TemporaryDirectory const directory;
    auto const storage = make_storage(GENERATE(true, false), directory);
    for (auto const* key : { "t/a/b/c", "t/a/d", "t/e", "tt/x" })
        REQUIRE_OK(storage->write_atomically(key, "x"));
    REQUIRE_OK(storage->remove_tree("t"));
    REQUIRE_OK(storage->remove_tree("never-there"));
    CHECK(storage->list("") == std::vector<std::string> { "tt" });
}

TEST_CASE("DirectoryStorage: removes a tree too deep for a path and with closed directories", "[engine][content]")
{
    TemporaryDirectory const directory;
    auto const storage = make_storage(false, directory);
    auto const root = directory.path() / "root";
    std::filesystem::create_directories(root / "work/inner");
    REQUIRE(::chmod((root / "work/inner").c_str(), 0) == 0);
    auto const tree = root / "deep";
    std::filesystem::create_directory(tree);
    auto const here = std::filesystem::current_path();
    std::filesystem::current_path(tree);
    for (int depth = 0; depth < 2000; ++depth) {
        REQUIRE(::mkdir("dddd", 0700) == 0);
        REQUIRE(::chdir("dddd") == 0);
    }
    std::filesystem::current_path(here);
    REQUIRE_OK(storage->remove_tree("deep"));
    REQUIRE_OK(storage->remove_tree("work"));
    CHECK(storage->list("").empty());
    CHECK(std::filesystem::is_empty(root / ".tmp"));
}

TEST_CASE("DirectoryStorage: makes a directory with all above it, once", "[engine][content]")
{
    TemporaryDirectory const directory;
    auto const storage = make_storage(false, directory);
    REQUIRE_OK(storage->make_directory("a/b"));
    CHECK(std::filesystem::is_empty(directory.path() / "root/a/b"));
    REQUIRE_OK(storage->write_atomically("a/b/c", "x"));
    REQUIRE_OK(storage->make_directory("a/b"));
    CHECK(storage->list("a/b") == std::vector<std::string> { "c" });
    CHECK_FALSE(storage->make_directory("a/b/c/d").has_value());
}

TEST_CASE("DirectoryStorage: keeps its root from other users", "[engine][content][hardening]")
{
    TemporaryDirectory const directory;
    std::filesystem::create_directory(directory.path() / "root");
    REQUIRE(::chmod((directory.path() / "root").c_str(), 0755) == 0);
    auto const storage = make_storage(false, directory);
    REQUIRE_OK(storage->write_atomically("x/y", "secret"));
    struct stat status { };
    REQUIRE(::stat((directory.path() / "root").c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0700);
    REQUIRE(::stat((directory.path() / "root/x/y").c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0600);
}

TEST_CASE("DirectoryStorage: a second owner is refused with the pid of the first", "[engine][content][hardening]")
{
    TemporaryDirectory const directory;
    auto first = make_storage(false, directory);
    auto const second = open_directory_storage(directory.path() / "root");
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().kind() == ErrorKind::Conflict);
    CHECK(second.error().message().find("process " + std::to_string(::getpid())) != std::string::npos);
    first.reset();
    REQUIRE_OK(open_directory_storage(directory.path() / "root"));
}

TEST_CASE("DirectoryStorage: a child that outlives its killed owner for a moment is waited for", "[engine][content]")
{
    TemporaryDirectory const directory;
    auto const owner = ::fork();
    if (owner == 0) {
        auto const storage = open_directory_storage(directory.path() / "root");
        if (storage.has_value() && ::fork() == 0) {
            ::usleep(300'000);
            ::_exit(0);
        }
        ::_exit(storage.has_value() ? 0 : 1);
    }
    int status = -1;
    REQUIRE(::waitpid(owner, &status, 0) == owner);
    CHECK(status == 0);
    REQUIRE_OK(open_directory_storage(directory.path() / "root"));
}

TEST_CASE(
    "DirectoryStorage: a killed owner frees the lock, and its leftovers are swept", "[engine][content][hardening]")
{
    TemporaryDirectory const directory;
    auto const root = directory.path() / "root";
    auto const child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        auto const storage = open_directory_storage(root);
        std::ofstream(root / ".tmp/7") << "half";
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(std::filesystem::exists(root / ".tmp/7"));
    REQUIRE_OK(open_directory_storage(root));
    CHECK_FALSE(std::filesystem::exists(root / ".tmp/7"));
}

TEST_CASE("DirectoryStorage: follows no symlink that somebody put into it", "[engine][content][hardening]")
{
    TemporaryDirectory const directory;
    auto const storage = make_storage(false, directory);
    std::ofstream(directory.path() / "outside") << "outside";
    std::filesystem::create_symlink(directory.path() / "outside", directory.path() / "root/link");
    CHECK_FALSE(storage->read("link").has_value());
    CHECK_FALSE(storage->append("link").has_value());
    REQUIRE_OK(storage->write_atomically("link", "replaced"));
    CHECK(std::filesystem::file_size(directory.path() / "outside") == 7);
    REQUIRE_OK(storage->remove_tree("link"));
    CHECK(std::filesystem::exists(directory.path() / "outside"));
}

TEST_CASE("MemoryStorage: a full disk says ENOSPC, and removing gives the room back", "[engine][content]")
{
    auto const storage = make_memory_storage({ .capacity = 10, .crash_after_calls = {} });
    REQUIRE_OK(storage->write_atomically("a", "12345678"));
    auto const full = storage->write_atomically("b", "123");
    REQUIRE_FALSE(full.has_value());
    CHECK(full.error().errno_code() == ENOSPC);
    CHECK_FALSE(storage->exists("b"));
    auto file = REQUIRE_OK(storage->append("c"));
    CHECK(file->append("123").error().errno_code() == ENOSPC);
    CHECK(file->size() == 0);
    REQUIRE_OK(storage->remove("a"));
    REQUIRE_OK(file->append("123"));
    REQUIRE_OK(storage->write_atomically("b", "1234567"));
}

TEST_CASE(
    "MemoryStorage: after the crash nothing changes, and a power cut takes what was not synced", "[engine][content]")
{
    auto storage = make_memory_storage({ .capacity = {}, .crash_after_calls = 5 });
    REQUIRE_OK(storage->write_atomically("kept", "x"));
    auto file = REQUIRE_OK(storage->append("ingest"));
    REQUIRE_OK(file->append("synced"));
    REQUIRE_OK(file->sync());
    REQUIRE_OK(file->append("not"));
    CHECK_FALSE(file->append("!").has_value());
    CHECK_FALSE(storage->write_atomically("new", "x").has_value());
    CHECK_FALSE(storage->remove("kept").has_value());
    file.reset();

    auto const crash = GENERATE(Crash::Kill, Crash::PowerCut);
    storage = restart_memory_storage(std::move(storage), crash);
    CHECK(REQUIRE_OK(storage->read("ingest")) == (crash == Crash::Kill ? "syncednot" : "synced"));
    CHECK(storage->list("") == std::vector<std::string> { "ingest", "kept" });
    REQUIRE_OK(storage->write_atomically("new", "x"));
}
