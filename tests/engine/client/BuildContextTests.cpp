#include "engine/client/BuildContext.h"
#include "engine/layer/TarReader.h"
#include "tests/support/Catch.h"
#include "tests/support/TemporaryDirectory.h"

#include <sys/stat.h>

#include <fstream>

using namespace drydock;
using namespace drydock::client;
namespace fs = std::filesystem;

namespace {

class Folder {
public:
    Folder& file(std::string const& path, std::string const& text)
    {
        fs::create_directories((m_directory.path() / path).parent_path());
        std::ofstream(m_directory.path() / path) << text;
        return *this;
    }
    fs::path operator/(std::string const& name) const { return m_directory.path() / name; }

    // What would be sent: names in the tar's order.
    Result<std::vector<std::string>> names(ContextRequest const& request)
    {
        auto const files = memory_files(m_directory.path());
        auto context = TRY(BuildContext::open(*files, request));
        layer::TarReader reader;
        for (auto piece = TRY(context.next()); !piece.empty(); piece = TRY(context.next())) {
            largest = std::max(largest, piece.size());
            TRY(reader.write(piece));
        }
        entries = TRY(reader.finish());
        dockerfile = context.dockerfile();
        std::vector<std::string> all;
        for (auto const& entry : entries)
            all.push_back(entry.path);
        return all;
    }

    std::vector<layer::Entry> entries;
    std::string dockerfile;
    std::size_t largest { 0 };

private:
    tests::TemporaryDirectory m_directory;
};

using Names = std::vector<std::string>;

}

TEST_CASE("BuildContext: the directory in the order of its names, without what is ignored", "[engine][client]")
{
    Folder folder;
    folder.file("c/Dockerfile", "FROM x\n")
        .file("c/b/x", "x")
        .file("c/a", "a")
        .file("c/log/1", "1")
        .file("c/log/keep", "");
    CHECK(REQUIRE_OK(folder.names({ "c", "" })) == Names { "Dockerfile", "a", "b", "b/x", "log", "log/1", "log/keep" });
    folder.file("c/.dockerignore", "log\n!log/keep\nDockerfile\nb\n.dockerignore\n");
    // Those two are always sent: the daemon needs them.
    CHECK(REQUIRE_OK(folder.names({ "c", "" })) == Names { ".dockerignore", "Dockerfile", "a", "log/keep" });
    CHECK(folder.entries[2].uid == 0);
}

TEST_CASE("BuildContext: links are sent as links, sockets and fifos not at all", "[engine][client]")
{
    Folder folder;
    folder.file("Dockerfile", "FROM x\n");
    fs::create_symlink("/etc/passwd", folder / "link");
    REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
    CHECK(REQUIRE_OK(folder.names({ ".", "" })) == Names { "Dockerfile", "link" });
    CHECK(folder.entries[1].type == layer::FileType::Symlink);
    CHECK(folder.entries[1].link == "/etc/passwd");
}

TEST_CASE("BuildContext: a Dockerfile of another name, inside and outside", "[engine][client]")
{
    Folder folder;
    folder.file("c/sub/My.Dockerfile", "FROM x\n").file("c/.dockerignore", "*\n").file("other", "FROM y\n");
    CHECK(REQUIRE_OK(folder.names({ "c", "c/sub/My.Dockerfile" })) == Names { ".dockerignore", "sub/My.Dockerfile" });
    CHECK(folder.dockerfile == "sub/My.Dockerfile");
    auto const outside = REQUIRE_OK(folder.names({ "c", "other" }));
    CHECK(outside == Names { folder.dockerfile, ".dockerignore" });
    CHECK(folder.dockerfile.starts_with(".dockerfile."));
}

TEST_CASE("BuildContext: what is not there is said in docker's words", "[engine][client]")
{
    Folder folder;
    folder.file("c/a", "a");
    CHECK(folder.names({ "no", "" }).error().message() == "unable to prepare context: path \"no\" not found");
    CHECK(folder.names({ "c", "" }).error().message()
        == "unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat c/Dockerfile: no such "
           "file "
           "or directory");
}

TEST_CASE("BuildContext: a large file passes in pieces", "[engine][client]")
{
    Folder folder;
    folder.file("Dockerfile", "FROM x\n").file("large", std::string(8 << 20, 'x'));
    REQUIRE_OK(folder.names({ ".", "" }));
    CHECK(folder.entries[1].size == 8 << 20);
    CHECK(folder.largest < 200'000);
}

TEST_CASE("context_of_input: a Dockerfile is wrapped, an archive passes as it is", "[engine][client]")
{
    auto const wrapped = context_of_input("FROM x\n");
    CHECK(wrapped.starts_with("Dockerfile"));
    CHECK(context_of_input(wrapped) == wrapped);
    CHECK(context_of_input("\x1f\x8b...") == "\x1f\x8b...");
}
