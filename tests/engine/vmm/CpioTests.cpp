#include "engine/content/Storage.h"
#include "engine/layer/LayerStore.h"
#include "engine/layer/TarWriter.h"
#include "engine/unionfs/LayerBranch.h"
#include "engine/vmm/Cpio.h"
#include "engine/vmm/GuestRoot.h"
#include "tests/support/Catch.h"
#include "tests/support/TemporaryDirectory.h"

#include <fstream>
#include <sstream>

using namespace drydock;
using namespace drydock::vmm;

namespace {

struct Member {
    std::string path;
    std::uint32_t inode { 0 };
    std::uint32_t mode { 0 };
    std::uint32_t links { 0 };
    std::uint32_t device_major { 0 };
    std::string content;
};

// Reads newc as the kernel does (init/initramfs.c).
std::vector<Member> read_cpio(std::string const& archive)
{
    std::vector<Member> members;
    for (std::size_t at = 0; at < archive.size();) {
        REQUIRE(archive.substr(at, 6) == "070701");
        auto const field = [&](std::size_t i) {
            return static_cast<std::uint32_t>(std::stoul(archive.substr(at + 6 + i * 8, 8), nullptr, 16));
        };
        auto const padded = [](std::size_t n) { return (n + 3) / 4 * 4; };
        Member member { .inode = field(0), .mode = field(1), .links = field(4), .device_major = field(9) };
        auto const size = field(6);
        auto const name_size = field(11);
        member.path = archive.substr(at + 110, name_size - 1);
        REQUIRE(archive[at + 110 + name_size - 1] == '\0');
        auto const begin = padded(at + 110 + name_size);
        member.content = archive.substr(begin, size);
        REQUIRE(member.content.size() == size);
        at = padded(begin + size);
        if (member.path == "TRAILER!!!")
            return members;
        members.push_back(std::move(member));
    }
    FAIL("there is no trailer");
    return members;
}

Member const& find(std::vector<Member> const& members, std::string const& path)
{
    for (auto const& member : members) {
        if (member.path == path)
            return member;
    }
    FAIL(path + " is not in the archive");
    return members.front();
}

// A read-only mount of layers, bottom first.
class Mount {
public:
    explicit Mount(std::vector<std::string> const& tars)
    {
        unionfs::Stack stack;
        for (auto const& tar : tars) {
            auto const writer = REQUIRE_OK(m_layers.begin_unnamed([](auto const&) {}));
            REQUIRE_OK_VOID(writer->write(tar));
            auto const layer = REQUIRE_OK(writer->finish(oci::Digest::of(tar)));
            stack.layers.insert(stack.layers.begin(), REQUIRE_OK(unionfs::LayerBranch::create(layer)));
            stack.diff_ids.insert(stack.diff_ids.begin(), layer->diff_id);
        }
        m_mount = std::make_unique<unionfs::UnionMount>(std::move(stack), ContainerId {}, trace::Publisher {});
    }
    unionfs::UnionMount const& root() const { return *m_mount; }

private:
    static void REQUIRE_OK_VOID(Result<void> const& result) { REQUIRE(result); }

    std::unique_ptr<content::Storage> m_storage = content::make_memory_storage();
    layer::LayerStore m_layers { *m_storage, {} };
    std::unique_ptr<unionfs::UnionMount> m_mount;
};

layer::Entry entry(std::string path, layer::FileType type, std::string const& content = {}, std::string link = {})
{
    layer::Entry made;
    made.path = std::move(path);
    made.type = type;
    made.mode = type == layer::FileType::Directory ? 0755 : 0640;
    made.size = content.size();
    made.link = std::move(link);
    return made;
}

using layer::FileType;

}

TEST_CASE("Cpio: the merged tree is packed as a container sees it", "[engine][vmm]")
{
    layer::MemoryTar below;
    below.add(entry("etc", FileType::Directory));
    below.add(entry("etc/motd", FileType::Regular, "old"), "old");
    below.add(entry("etc/secret", FileType::Regular, "x"), "x");
    below.add(entry("etc/link", FileType::Symlink, {}, "motd"));
    layer::MemoryTar above;
    above.add(entry("etc", FileType::Directory));
    above.add(entry("etc/motd", FileType::Regular, "newer"), "newer");
    above.add(entry("etc/.wh.secret", FileType::Regular));
    Mount const mount({ below.finish(), above.finish() });
    std::string archive;
    CpioWriter writer([&](std::string_view bytes) -> Result<void> {
        archive += bytes;
        return {};
    });
    REQUIRE(pack_tree(mount.root(), writer));
    REQUIRE(writer.finish());
    CHECK(writer.size() == archive.size());
    CHECK(archive.size() % 4 == 0);
    auto const members = read_cpio(archive);
    REQUIRE(members.size() == 3);    // the whited-out one is not there
    CHECK(members[0].path == "etc"); // before what is in it
    CHECK(members[0].mode == 040755);
    CHECK(find(members, "etc/motd").content == "newer");
    CHECK(find(members, "etc/motd").mode == 0100640);
    CHECK(find(members, "etc/link").content == "motd");
    CHECK(find(members, "etc/link").mode >> 12 == 012);
}

TEST_CASE("Cpio: a file of several names is written once, under one inode", "[engine][vmm]")
{
    layer::MemoryTar tar;
    tar.add(entry("a", FileType::Regular, "content"), "content");
    tar.add(entry("b", FileType::HardLink, {}, "a"));
    tar.add(entry("c", FileType::Regular, "own"), "own");
    Mount const mount({ tar.finish() });
    std::string archive;
    CpioWriter writer([&](std::string_view bytes) -> Result<void> {
        archive += bytes;
        return {};
    });
    REQUIRE(pack_tree(mount.root(), writer));
    REQUIRE(writer.finish());
    auto const members = read_cpio(archive);
    CHECK(find(members, "a").inode == find(members, "b").inode);
    CHECK(find(members, "a").links == 2);
    CHECK(find(members, "a").content + find(members, "b").content == "content");
    CHECK(find(members, "c").inode != find(members, "a").inode);
}

TEST_CASE("Cpio: what newc cannot say is refused", "[engine][vmm]")
{
    CpioWriter writer([](std::string_view) -> Result<void> { return {}; });
    CHECK_FALSE(writer.begin({ .path = "large", .size = std::uint64_t { 1 } << 32 }));
}

TEST_CASE("Guest root: the archive has the tree, a console, our init and what it shall run", "[engine][vmm]")
{
    layer::MemoryTar tar;
    tar.add(entry("hello", FileType::Regular, "x"), "x");
    Mount const mount({ tar.finish() });
    tests::TemporaryDirectory const directory;
    std::ofstream(directory.path() / "init") << "the init";
    auto const target = directory.path() / "initramfs";
    auto const size = REQUIRE_OK(write_initramfs(target, mount.root(), directory.path() / "init",
        { .arguments = { "/hello", "two words" }, .environment = { "A=b" }, .directory = "/tmp" }));
    std::stringstream text;
    text << std::ifstream(target).rdbuf();
    CHECK(text.str().size() == size);
    auto const members = read_cpio(text.str());
    CHECK(find(members, "dev/console").mode == 020600);
    CHECK(find(members, "dev/console").device_major == 5);
    CHECK(find(members, ".drydock-init").content == "the init");
    CHECK(find(members, ".drydock-init").mode == 0100755);
    std::string const command("reset\0/tmp\0"
                              "2\0"
                              "/hello\0two words\0A=b\0",
        34);
    CHECK(find(members, ".drydock-command").content == command);
    CHECK(find(members, "hello").content == "x");
    CHECK_FALSE(write_initramfs(target, mount.root(), directory.path() / "init", {})); // nothing to run
}
