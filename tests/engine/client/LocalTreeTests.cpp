#include "engine/client/LocalTree.h"
#include "tests/support/Catch.h"
#include "tests/support/Tars.h"
#include "tests/support/TemporaryDirectory.h"

#include <fstream>
#include <iterator>

using namespace drydock;
namespace fs = std::filesystem;

namespace {

std::string packed(fs::path const& path, std::string const& name)
{
    auto const next = REQUIRE_OK(client::pack(path, name, client::Symlinks::Kept));
    std::string tar;
    for (auto piece = REQUIRE_OK(next()); !piece.empty(); piece = REQUIRE_OK(next()))
        tar += piece;
    return tar;
}

std::string read_file(fs::path const& path)
{
    std::ifstream file(path);
    return { std::istreambuf_iterator<char>(file), {} };
}

}

TEST_CASE("LocalTree: a tree that was packed comes out equal, renamed at its root", "[engine][client]")
{
    tests::TemporaryDirectory const root;
    fs::create_directories(root.path() / "from" / "sub");
    std::ofstream(root.path() / "from" / "sub" / "f") << "text";
    fs::create_symlink("sub/f", root.path() / "from" / "l");
    client::Unpacker unpacker;
    REQUIRE_OK(unpacker.write(packed(root.path() / "from", "from")));
    REQUIRE_OK(unpacker.finish(root.path(), "to"));
    CHECK(read_file(root.path() / "to" / "sub" / "f") == "text");
    CHECK(fs::read_symlink(root.path() / "to" / "l") == "sub/f");
}

TEST_CASE("LocalTree: a hostile tar is not written through its own symlink", "[engine][client]")
{
    tests::TemporaryDirectory const root;
    fs::create_directories(root.path() / "in");
    fs::create_directories(root.path() / "outside");
    layer::MemoryTar writer;
    writer.add(tests::link("x", layer::FileType::Symlink, (root.path() / "outside").string()));
    writer.add(tests::file("x/f", "bad"), "bad");
    client::Unpacker unpacker;
    REQUIRE_OK(unpacker.write(writer.finish()));
    CHECK_FALSE(unpacker.finish(root.path() / "in", ""));
    CHECK(fs::is_empty(root.path() / "outside"));
}
