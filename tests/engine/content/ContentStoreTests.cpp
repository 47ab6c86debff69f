#include "engine/content/ContentStore.h"
#include "tests/support/Catch.h"
#include "tests/support/Crashes.h"
#include "tests/support/Events.h"

#include <cerrno>

using namespace drydock;
using namespace drydock::content;
using drydock::tests::RecordedEvents;
using oci::Digest;

namespace {

std::string const bytes = "layer bytes, as they came";
Digest const digest = Digest::of(bytes);

}

TEST_CASE("ContentStore: an ingest becomes a blob, and says so in order", "[engine][content]")
{
    auto const storage = make_memory_storage();
    RecordedEvents events;
    ContentStore store(*storage, events.publisher());
    {
        auto ingest = REQUIRE_OK(store.ingest(digest, bytes.size()));
        CHECK(ingest.offset() == 0);
        REQUIRE_OK(ingest.write(bytes.substr(0, 5)));
        REQUIRE_OK(ingest.write(bytes.substr(5)));
        CHECK_FALSE(store.has(digest));
        REQUIRE_OK(ingest.commit());
    }
    CHECK(store.has(digest));
    CHECK(REQUIRE_OK(store.read(digest)) == bytes);
    CHECK(REQUIRE_OK(store.size(digest)) == bytes.size());
    CHECK(store.list() == std::vector { digest });
    CHECK(storage->list("ingest").empty());
    REQUIRE_OK(store.remove(digest));
    CHECK_FALSE(store.has(digest));
    CHECK(events.names() == std::vector<std::string> { "DigestVerified", "BlobStored", "BlobRemoved" });
}

TEST_CASE("ContentStore: an interrupted ingest goes on where it stopped", "[engine][content]")
{
    auto const storage = make_memory_storage();
    ContentStore store(*storage, {});
    {
        auto ingest = REQUIRE_OK(store.ingest(digest, bytes.size()));
        REQUIRE_OK(ingest.write(bytes.substr(0, 10)));
    }
    auto ingest = REQUIRE_OK(store.ingest(digest, bytes.size()));
    CHECK(ingest.offset() == 10);
    std::string replayed;
    REQUIRE_OK(ingest.replay([&](std::string_view piece) -> Result<void> {
        replayed += piece;
        return {};
    }));
    CHECK(replayed == bytes.substr(0, 10));
    REQUIRE_OK(ingest.write(bytes.substr(10)));
    REQUIRE_OK(ingest.commit());
    CHECK(REQUIRE_OK(store.read(digest)) == bytes);
}

TEST_CASE("ContentStore: keeps nothing of a corrupt blob and names both digests", "[engine][content][hardening]")
{
    auto const storage = make_memory_storage();
    RecordedEvents events;
    ContentStore store(*storage, events.publisher());
    auto const other = std::string(bytes.size(), 'x');
    auto ingest = REQUIRE_OK(store.ingest(digest, bytes.size()));
    REQUIRE_OK(ingest.write(other));
    auto const committed = ingest.commit();
    REQUIRE_FALSE(committed.has_value());
    CHECK(committed.error().kind() == ErrorKind::Corrupt);
    CHECK(committed.error().message().find(digest.to_string()) != std::string::npos);
    CHECK(committed.error().message().find(Digest::of(other).to_string()) != std::string::npos);
    CHECK(storage->list("").empty());
    CHECK(events.names() == std::vector<std::string> { "DigestMismatched" });

    CHECK(store.put(digest, other, trace::Verified::Manifest).error().kind() == ErrorKind::Corrupt);
    CHECK(storage->list("").empty());
}

TEST_CASE("ContentStore: a blob has exactly the promised size", "[engine][content][hardening]")
{
    auto const storage = make_memory_storage();
    ContentStore store(*storage, {});
    {
        auto ingest = REQUIRE_OK(store.ingest(digest, 5));
        CHECK(ingest.write(bytes).error().kind() == ErrorKind::LimitExceeded);
    }
    auto ingest = REQUIRE_OK(store.ingest(digest, bytes.size() + 1));
    REQUIRE_OK(ingest.write(bytes));
    CHECK(ingest.commit().error().kind() == ErrorKind::Corrupt);
    CHECK(storage->list("").empty());
}

TEST_CASE("ContentStore: one ingest of a digest at a time", "[engine][content]")
{
    auto const storage = make_memory_storage();
    ContentStore store(*storage, {});
    {
        auto const first = REQUIRE_OK(store.ingest(digest, bytes.size()));
        CHECK(store.ingest(digest, bytes.size()).error().kind() == ErrorKind::Conflict);
    }
    REQUIRE_OK(store.ingest(digest, bytes.size()));
}

TEST_CASE("ContentStore: drops what nobody is fetching, and only that", "[engine][content]")
{
    auto const storage = make_memory_storage();
    ContentStore store(*storage, {});
    auto const other = Digest::of("other");
    REQUIRE_OK(store.ingest(other, 5));
    auto ingest = REQUIRE_OK(store.ingest(digest, bytes.size()));
    REQUIRE_OK(ingest.write(bytes));
    REQUIRE(storage->list("ingest").size() == 2);
    REQUIRE_OK(store.discard_unfinished());
    CHECK(storage->list("ingest").size() == 1);
    REQUIRE_OK(ingest.commit());
}

TEST_CASE("ContentStore: never trusts a blob by its name", "[engine][content][hardening]")
{
    auto const storage = make_memory_storage();
    ContentStore store(*storage, {});
    REQUIRE_OK(store.put(digest, bytes, trace::Verified::Blob));
    CHECK(REQUIRE_OK(store.check()).empty());
    REQUIRE_OK(storage->write_atomically("blobs/sha256/" + digest.hex(), "rotten"));
    CHECK(store.read(digest).error().kind() == ErrorKind::Corrupt);
    CHECK(REQUIRE_OK(store.check()) == std::vector { digest });
    CHECK(store.read(Digest::of("absent")).error().kind() == ErrorKind::NotFound);
}

TEST_CASE("ContentStore: a full disk drops what had arrived, and the store works on", "[engine][content][hardening]")
{
    auto const storage = make_memory_storage({ .capacity = 20, .crash_after_calls = {} });
    ContentStore store(*storage, {});
    {
        auto ingest = REQUIRE_OK(store.ingest(digest, bytes.size()));
        REQUIRE_OK(ingest.write(bytes.substr(0, 15)));
        CHECK(ingest.write(bytes.substr(15)).error().errno_code() == ENOSPC);
    }
    CHECK(storage->list("").empty());
    REQUIRE_OK(store.put(Digest::of("small"), "small", trace::Verified::Blob));
}

TEST_CASE("ContentStore: a crash at any call leaves whole blobs only, and the next try succeeds",
    "[engine][content][hardening]")
{
    auto const ingest_all = [](ContentStore& store) -> Result<void> {
        auto ingest = TRY(store.ingest(digest, bytes.size()));
        TRY(ingest.write(std::string_view(bytes).substr(ingest.offset(), 10)));
        TRY(ingest.write(std::string_view(bytes).substr(ingest.offset())));
        return ingest.commit();
    };
    auto const work = [&](auto& storage) {
        ContentStore store(*storage, {});
        return ingest_all(store).has_value();
    };
    tests::crash_at_every_call(GENERATE(Crash::Kill, Crash::PowerCut), work, [&](auto const& storage, bool finished) {
        ContentStore store(*storage, {});
        CHECK(REQUIRE_OK(store.check()).empty());
        if (finished)
            CHECK(store.has(digest));
        if (!store.has(digest))
            REQUIRE_OK(ingest_all(store));
        CHECK(REQUIRE_OK(store.read(digest)) == bytes);
    });
}
