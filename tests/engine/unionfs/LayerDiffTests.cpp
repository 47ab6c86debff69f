#include "engine/layer/TarReader.h"
#include "engine/unionfs/LayerDiff.h"
#include "tests/engine/unionfs/Stacks.h"

#include <fmt/format.h>

using namespace drydock;
using namespace drydock::tests;
using namespace drydock::unionfs;

// That any change gives the same bytes with every driver is for tests/engine/unionfs/oracle.

namespace {

constexpr Caller as_root { 0, 0, 0 };

struct Container {
    explicit Container(std::vector<LayerBuilder> its_layers)
        : layers(std::move(its_layers))
        , mount(stack_of(layers, sheet), ContainerId { "c1" }, {})
    {
    }
    Result<std::uint64_t> write(layer::ByteSink const& sink) const
    {
        UnionMount const below(stack_of(layers, nullptr), ContainerId { "below" }, {});
        return write_layer_diff(*sheet, below, sink);
    }
    std::vector<layer::Entry> diff() const
    {
        layer::TarReader reader;
        REQUIRE_OK(write([&](std::string_view bytes) { return reader.write(bytes); }));
        return REQUIRE_OK(reader.finish());
    }
    // "path" for each member, with " -> target" for links.
    std::vector<std::string> names() const
    {
        std::vector<std::string> names;
        for (auto const& entry : diff())
            names.push_back(entry.link.empty() ? entry.path : entry.path + " -> " + entry.link);
        return names;
    }

    LiveScheduler clock;
    std::shared_ptr<MemoryWritableBranch> sheet { std::make_shared<MemoryWritableBranch>(clock) };
    std::vector<LayerBuilder> layers;
    UnionMount mount;
};

using Names = std::vector<std::string>;

}

TEST_CASE("LayerDiff: nothing changed is a tar without members", "[engine][unionfs]")
{
    Container const container({ LayerBuilder().file("motd", "hi") });
    std::string tar;
    auto const members = container.write([&](std::string_view bytes) -> Result<void> {
        tar += bytes;
        return {};
    });
    CHECK(REQUIRE_OK(members) == 0);
    CHECK(tar == std::string(1024, '\0'));
}

TEST_CASE("LayerDiff: deletions are whiteouts, in the order of the names", "[engine][unionfs]")
{
    Container container({ LayerBuilder().directory("etc").file("etc/motd", "hi").file("b", "b") });
    REQUIRE_OK(container.mount.unlink("/etc/motd"));
    REQUIRE_OK(container.mount.unlink("/b"));
    REQUIRE_OK(container.mount.create("/a", 0644, as_root));
    CHECK(container.names() == Names { "a", ".wh.b", "etc", "etc/.wh.motd" });
}

TEST_CASE("LayerDiff: what came and went leaves nothing", "[engine][unionfs]")
{
    Container container({ LayerBuilder().file("motd", "hi") });
    REQUIRE_OK(container.mount.make_directory("/d", 0755, as_root));
    REQUIRE_OK(container.mount.remove_directory("/d"));
    CHECK(container.names().empty());
}

TEST_CASE("LayerDiff: a directory made anew is opaque only where it hides something", "[engine][unionfs]")
{
    Container container({ LayerBuilder().directory("full").file("full/x", "x").directory("empty") });
    REQUIRE_OK(container.mount.unlink("/full/x"));
    REQUIRE_OK(container.mount.remove_directory("/full"));
    REQUIRE_OK(container.mount.make_directory("/full", 0755, as_root));
    REQUIRE_OK(container.mount.remove_directory("/empty"));
    REQUIRE_OK(container.mount.make_directory("/empty", 0755, as_root));
    REQUIRE_OK(container.mount.make_directory("/new", 0755, as_root));
    CHECK(container.names() == Names { "empty", "full", "full/.wh..wh..opq", "new" });
}

TEST_CASE("LayerDiff: hard links, owners, modes, attributes; no sockets", "[engine][unionfs]")
{
    Container container({ LayerBuilder().file("motd", "hi") });
    auto& mount = container.mount;
    REQUIRE_OK(mount.create("/a", 0644, as_root));
    REQUIRE_OK(mount.write("/a", 0, "content"));
    REQUIRE_OK(mount.link("/a", "/z"));
    REQUIRE_OK(mount.change_owner("/a", 7, 8));
    REQUIRE_OK(mount.change_mode("/a", 04755));
    REQUIRE_OK(mount.set_xattr("/a", "user.note", "n"));
    REQUIRE_OK(mount.set_times("/a", 0, 1'500'000'000'000'000'123));
    REQUIRE_OK(mount.make_node("/s", FileType::Socket, 0777, 0, 0, as_root));
    CHECK(container.names() == Names { "a", "z -> a" });
    auto const a = container.diff().front();
    CHECK(fmt::format("{} {} {:o} {} {}", a.uid, a.gid, a.mode, a.size, a.mtime) == "7 8 4755 7 1500000000000000000");
    CHECK(a.xattrs == std::map<std::string, std::string> { { "user.note", "n" } });
}

TEST_CASE("LayerDiff: a directory over a link hides nothing of what the link pointed to", "[engine][unionfs]")
{
    Container container({ LayerBuilder().directory("real").file("real/x", "x").symlink("link", "real") });
    REQUIRE_OK(container.mount.unlink("/link"));
    REQUIRE_OK(container.mount.make_directory("/link", 0755, as_root));
    CHECK(container.names() == Names { "link" });
}

TEST_CASE("LayerDiff: a name that would delete another one is refused", "[engine][unionfs]")
{
    Container container({ LayerBuilder().file("x", "x") });
    // As a program in a live container could.
    REQUIRE_OK(container.sheet->make(".wh.x", { .type = FileType::Regular }));
    auto const written = container.write([](std::string_view) -> Result<void> { return {}; });
    REQUIRE_FALSE(written);
    CHECK(written.error().message()
        == "/.wh.x cannot be written into a layer: names that begin with .wh. stand for "
           "deletions there");
}

TEST_CASE("LayerDiff: a large file passes in pieces", "[engine][unionfs]")
{
    Container container({ LayerBuilder() });
    REQUIRE_OK(container.mount.create("/zeros", 0644, as_root));
    REQUIRE_OK(container.mount.truncate("/zeros", 32U << 20U));
    std::size_t largest = 0;
    std::uint64_t size = 0;
    REQUIRE_OK(container.write([&](std::string_view bytes) -> Result<void> {
        largest = std::max(largest, bytes.size());
        size += bytes.size();
        return {};
    }));
    CHECK(largest <= 256U << 10U);
    CHECK(size == (32U << 20U) + 3 * 512);
}
