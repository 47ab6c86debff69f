#include "engine/unionfs/Snapshots.h"
#include "tests/engine/unionfs/Stacks.h"
#include "tests/support/TemporaryDirectory.h"

using namespace drydock;
using namespace drydock::tests;
namespace fs = std::filesystem;
using unionfs::Snapshots;

TEST_CASE("Snapshots: a layer appears whole under its name, and what was half made is swept", "[engine][unionfs]")
{
    TemporaryDirectory directory;
    fs::create_directories(directory.path() / "new" / "leftover");
    auto const layer = LayerBuilder().file("d/f", "content", 0640).hard_link("d/g", "d/f").symlink("l", "/etc").build();
    auto const snapshots = REQUIRE_OK(Snapshots::open(directory.path()));
    CHECK(fs::is_empty(directory.path() / "new"));
    auto const path = REQUIRE_OK(snapshots->directory_of(layer));
    CHECK(fs::file_size(path / "d/f") == 7);
    CHECK(fs::hard_link_count(path / "d/g") == 2);
    CHECK(fs::read_symlink(path / "l") == "/etc");
    CHECK(fs::is_empty(directory.path() / "new"));
}

TEST_CASE("Snapshots: layers below an opaque root and repeated layers are not mounted", "[engine][unionfs]")
{
    TemporaryDirectory directory;
    auto const snapshots = REQUIRE_OK(Snapshots::open(directory.path()));
    auto const top = LayerBuilder().file("a", "").build();
    auto const opaque = LayerBuilder().file("b", "").opaque("").build();
    auto const bottom = LayerBuilder().file("c", "").build();
    std::vector<std::shared_ptr<layer::Layer const>> const layers { top, top, opaque, bottom };
    CHECK(REQUIRE_OK(snapshots->lower(layers)).size() == 2);
}

TEST_CASE("Snapshots: a layer that cannot be read to its end leaves nothing", "[engine][unionfs]")
{
    TemporaryDirectory directory;
    auto const snapshots = REQUIRE_OK(Snapshots::open(directory.path()));
    auto layer = *LayerBuilder().file("a", "content").build();
    layer.tar = std::make_shared<Broken>();
    CHECK_FALSE(snapshots->directory_of(std::make_shared<layer::Layer const>(layer)));
    CHECK(fs::is_empty(directory.path() / "new"));
    CHECK_FALSE(fs::exists(directory.path() / layer.diff_id.digest.hex()));
}
