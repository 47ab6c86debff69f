#include "engine/layer/Gzip.h"
#include "engine/layer/LayerStore.h"
#include "engine/layer/Limits.h"
#include "tests/support/Catch.h"
#include "tests/support/Events.h"
#include "tests/support/Tars.h"

#include <cerrno>

using namespace drydock;
using namespace drydock::layer;
using content::Crash;
using content::make_memory_storage;
using content::restart_memory_storage;
using drydock::tests::RecordedEvents;
using drydock::tests::tar_of;
using oci::Compression;
using oci::DiffId;
using oci::Digest;

namespace {

std::string const plain_tar = tar_of({ { "etc/motd", "ahoy" }, { ".wh.gone", "" } });
DiffId const id { Digest::of(plain_tar) };
std::string const blob = gzip(plain_tar);

Result<std::shared_ptr<Layer const>> store_layer(LayerStore& store)
{
    auto const writer = TRY(store.begin(Compression::Gzip, id));
    auto const half = blob.size() / 2;
    TRY(writer->write(std::string_view(blob).substr(0, half)));
    TRY(writer->write(std::string_view(blob).substr(half)));
    return writer->finish(Digest::of(blob));
}

std::string content_of(Layer const& layer, Entry const& entry)
{
    std::string content(entry.size, '\0');
    REQUIRE(REQUIRE_OK(layer.tar->read_at(entry.offset, content)) == entry.size);
    return content;
}

}

TEST_CASE("LayerStore: a layer's files are read straight from the stored tar", "[engine][layer]")
{
    auto const storage = make_memory_storage();
    RecordedEvents events;
    LayerStore store(*storage, events.publisher());
    CHECK_FALSE(store.has(id));
    auto const layer = REQUIRE_OK(store_layer(store));
    REQUIRE(layer->entries.size() == 2);
    CHECK(layer->tar_size == plain_tar.size());
    CHECK(content_of(*layer, layer->entries[0]) == "ahoy");
    CHECK(events.names() == std::vector<std::string> { "DigestVerified", "LayerIndexed", "LayerListed" });
    CHECK(events.of<trace::LayerIndexed>()[0].blob == Digest::of(blob));
    CHECK(store.list() == std::vector { id });
    CHECK(REQUIRE_OK(store.size(id)) == plain_tar.size());
    CHECK(storage->list("unpacking").empty());
}

TEST_CASE("LayerStore: remembers which blobs were seen to unpack to a layer", "[engine][layer][hardening]")
{
    auto const storage = make_memory_storage();
    {
        LayerStore store(*storage, {});
        CHECK_FALSE(store.is_made_from(id, Digest::of(blob)));
        REQUIRE_OK(store_layer(store));
    }
    LayerStore store(*storage, {});
    CHECK(store.is_made_from(id, Digest::of(blob)));
    CHECK_FALSE(store.is_made_from(id, Digest::of("another blob")));
    REQUIRE_OK(store.remove(id));
    CHECK_FALSE(store.is_made_from(id, Digest::of(blob)));
    CHECK(storage->list("layers").empty());
}

TEST_CASE(
    "LayerStore: layers share an image's room, and one that fails gives its part back", "[engine][layer][hardening]")
{
    auto const storage = make_memory_storage();
    LayerStore store(*storage, {});
    auto const room = std::make_shared<Room>(plain_tar.size());
    {
        auto const cut = REQUIRE_OK(store.begin(Compression::None, id, room));
        REQUIRE_OK(cut->write(std::string_view(plain_tar).substr(0, 1024)));
    }
    auto const whole = REQUIRE_OK(store.begin(Compression::None, id, room));
    REQUIRE_OK(whole->write(plain_tar));
    REQUIRE_OK(whole->finish(id.digest));
    auto const late = REQUIRE_OK(store.begin(Compression::None, id, room));
    auto const refused = late->write(plain_tar);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind() == ErrorKind::LimitExceeded);
}

TEST_CASE("LayerStore: is kept in memory while in use, and read again later with the same entries", "[engine][layer]")
{
    auto const storage = make_memory_storage();
    LayerStore store(*storage, {});
    std::vector<Entry> entries;
    {
        auto const first = REQUIRE_OK(store_layer(store));
        CHECK(REQUIRE_OK(store.open(id)).get() == first.get());
        entries = first->entries;
    }
    LayerStore next(*storage, {});
    CHECK(REQUIRE_OK(next.open(id))->entries == entries);
}

TEST_CASE("LayerStore: the index keeps every field of every member", "[engine][layer]")
{
    std::vector<Entry> written;
    for (auto const type : { FileType::Regular, FileType::Directory, FileType::Symlink, FileType::HardLink,
             FileType::CharDevice, FileType::BlockDevice, FileType::Fifo }) {
        Entry entry;
        entry.path = "path with % = \n \xff" + std::to_string(static_cast<int>(type));
        entry.type = type;
        entry.mode = 06751;
        entry.uid = 4'000'000'000;
        entry.gid = 7;
        entry.mtime = 1'767'225'600'123'456'789;
        if (type == FileType::Symlink || type == FileType::HardLink)
            entry.link = "t a%r=get";
        if (type == FileType::CharDevice || type == FileType::BlockDevice) {
            entry.device_major = 1;
            entry.device_minor = 300;
        }
        entry.xattrs = { { "user.a=b", std::string("\0 =%", 4) }, { "user.empty2", "x" } };
        written.push_back(std::move(entry));
    }
    MemoryTar writer;
    for (auto entry : written) {
        entry.xattrs.erase("user.a=b"); // pax cannot say a key with "="
        entry.xattrs["user.value"] = std::string("\0 =%\n", 5);
        writer.add(entry);
    }
    auto const bytes = writer.finish();
    DiffId const diff_id { Digest::of(bytes) };
    auto const storage = make_memory_storage();
    std::vector<Entry> entries;
    {
        LayerStore store(*storage, {});
        auto const layer_writer = REQUIRE_OK(store.begin(Compression::None, diff_id));
        REQUIRE_OK(layer_writer->write(bytes));
        entries = REQUIRE_OK(layer_writer->finish(diff_id.digest))->entries;
    }
    REQUIRE(entries.size() == written.size());
    CHECK(entries[2].link == "t a%r=get");
    CHECK(entries[0].xattrs.at("user.value") == std::string("\0 =%\n", 5));
    LayerStore store(*storage, {});
    CHECK(REQUIRE_OK(store.open(diff_id))->entries == entries);
}

TEST_CASE("LayerStore: keeps nothing of a layer whose tar is not the promised one", "[engine][layer][hardening]")
{
    auto const storage = make_memory_storage();
    RecordedEvents events;
    LayerStore store(*storage, events.publisher());
    DiffId const other { Digest::of("other") };
    {
        auto const writer = REQUIRE_OK(store.begin(Compression::Gzip, other));
        REQUIRE_OK(writer->write(blob));
        auto const finished = writer->finish(Digest::of(blob));
        REQUIRE_FALSE(finished.has_value());
        CHECK(finished.error().kind() == ErrorKind::Corrupt);
        CHECK(finished.error().message().find(other.digest.to_string()) != std::string::npos);
        CHECK(finished.error().message().find(id.digest.to_string()) != std::string::npos);
    }
    CHECK(storage->list("").empty());
    CHECK(events.names() == std::vector<std::string> { "DigestMismatched" });
}

TEST_CASE("LayerStore: a writer that is dropped leaves nothing", "[engine][layer]")
{
    auto const storage = make_memory_storage();
    LayerStore store(*storage, {});
    {
        auto const writer = REQUIRE_OK(store.begin(Compression::Gzip, id));
        REQUIRE_OK(writer->write(blob));
    }
    CHECK(storage->list("").empty());
}

TEST_CASE("LayerStore: a damaged index is found and refused", "[engine][layer][hardening]")
{
    auto const storage = make_memory_storage();
    {
        LayerStore store(*storage, {});
        REQUIRE_OK(store_layer(store));
        CHECK(REQUIRE_OK(store.check()).empty());
    }
    auto const key = "layers/" + id.digest.hex() + "/index";
    auto text = REQUIRE_OK(storage->read(key));
    SECTION("a changed byte")
    {
        text[text.size() / 2] = static_cast<char>(text[text.size() / 2] ^ 1);
    }
    SECTION("a missing end")
    {
        text.resize(text.rfind("end "));
    }
    SECTION("a cut line")
    {
        text.pop_back();
    }
    SECTION("something behind the end")
    {
        text += "x\n";
    }
    SECTION("nothing")
    {
        text.clear();
    }
    REQUIRE_OK(storage->write_atomically(key, text));
    LayerStore store(*storage, {});
    auto const opened = store.open(id);
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().kind() == ErrorKind::Corrupt);
    CHECK(REQUIRE_OK(store.check()) == std::vector { id });
}

TEST_CASE("LayerStore: removed is removed, while its users read on", "[engine][layer]")
{
    auto const storage = make_memory_storage();
    RecordedEvents events;
    LayerStore store(*storage, events.publisher());
    auto const layer = REQUIRE_OK(store_layer(store));
    REQUIRE_OK(store.remove(id));
    CHECK_FALSE(store.has(id));
    CHECK(store.open(id).error().kind() == ErrorKind::NotFound);
    CHECK(content_of(*layer, layer->entries[0]) == "ahoy");
    CHECK(storage->list("").empty());
    CHECK(store.remove(id).error().kind() == ErrorKind::NotFound);
    CHECK(events.of<trace::LayerRemoved>().size() == 1);
}

TEST_CASE("LayerStore: a bomb is known by its ratio, a file of zeros is none", "[engine][layer][hardening]")
{
    CHECK_FALSE(limits::is_bomb(1ULL << 30, 1 << 20)); // dd if=/dev/zero bs=1M count=1024, compressed by gzip
    CHECK_FALSE(limits::is_bomb(20ULL << 30, 5ULL << 30));
    CHECK(limits::is_bomb(2ULL << 30, 66'000)); // twice as much, by zstd
    CHECK(limits::is_bomb(65ULL << 30, 60ULL << 30));
}

TEST_CASE("LayerStore: a layer that does not fit says ENOSPC and gives the room back", "[engine][layer][hardening]")
{
    auto const storage = make_memory_storage({ .capacity = 1 << 20, .crash_after_calls = {} });
    LayerStore store(*storage, {});
    {
        std::string const zeros(4 << 20, '\0');
        auto const writer = REQUIRE_OK(store.begin(Compression::Gzip, id));
        auto const written = writer->write(gzip(tar_of({ { "zeros", zeros } })));
        REQUIRE_FALSE(written.has_value());
        CHECK(written.error().errno_code() == ENOSPC);
    }
    CHECK(storage->list("").empty());
    REQUIRE_OK(storage->write_atomically("all", std::string(1 << 20, 'x')));
}

TEST_CASE(
    "LayerStore: a crash at any call leaves the layer whole or absent, and nothing else", "[engine][layer][hardening]")
{
    auto const crash = GENERATE(Crash::Kill, Crash::PowerCut);
    bool finished = false;
    for (std::uint64_t calls = 0; !finished; ++calls) {
        CAPTURE(calls);
        REQUIRE(calls < 50);
        auto storage = make_memory_storage({ .capacity = {}, .crash_after_calls = calls });
        {
            LayerStore store(*storage, {});
            finished = store_layer(store).has_value();
        }
        storage = restart_memory_storage(std::move(storage), crash);
        {
            LayerStore store(*storage, {});
            CHECK(REQUIRE_OK(store.check()).empty());
            if (finished)
                CHECK(store.has(id));
            CHECK(storage->list("unpacking").empty());
            CHECK(storage->list("layers").size() == store.list().size());
            REQUIRE_OK(store_layer(store));
            CHECK(REQUIRE_OK(store.open(id))->entries.size() == 2);
        }
    }
}
