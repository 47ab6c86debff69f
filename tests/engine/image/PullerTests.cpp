#include "engine/image/Puller.h"
#include "sim/core/Random.h"
#include "tests/support/Crashes.h"
#include "tests/support/Events.h"
#include "tests/support/SmallRegistry.h"

#include <algorithm>
#include <cerrno>

using namespace drydock;
using namespace drydock::image;
using content::Crash;
using drydock::tests::RecordedEvents;
using drydock::tests::small_image;
using drydock::tests::SmallRegistry;
using drydock::tests::tar_of;
using oci::Digest;

namespace {

// Does not compress, so that a layer takes several pieces.
std::string noise(std::size_t size, std::uint64_t seed)
{
    Random random(seed);
    std::string text;
    while (text.size() < size)
        text += static_cast<char>(random.next());
    return text;
}

// A hub and a daemon's stores in one simulated world.
struct Harbour {
    explicit Harbour(
        std::unique_ptr<content::Storage> its_storage = content::make_memory_storage(), std::uint64_t seed = 1)
        : storage(std::move(its_storage))
        , scheduler(seed, {})
    {
    }

    // As `docker pull`; the progress lines are kept.
    Result<PullResult> pull(std::string const& name, oci::Platform const& platform = {})
    {
        auto client = registry.client(stop.get_token());
        lines.clear();
        return puller.pull(
            client, REQUIRE_OK(oci::Reference::parse(name)), platform,
            [this](TransferProgress const& p) {
                auto line = p.id.empty() ? p.status : p.id + ": " + p.status;
                if (p.total != 0)
                    line += " " + std::to_string(p.current) + "/" + std::to_string(p.total);
                lines.push_back(line);
                if (stop_at && line.find(*stop_at) != std::string::npos)
                    stop.request_stop();
            },
            stop.get_token());
    }
    std::unique_ptr<ImageStore> open_images()
    {
        return REQUIRE_OK(ImageStore::open(*storage, content, layers, events.publisher()));
    }
    bool is_empty() const { return storage->list("").empty(); }

    std::unique_ptr<content::Storage> storage;
    VirtualScheduler scheduler;
    network::SimulatedNetwork network { scheduler };
    RecordedEvents events;
    SmallRegistry registry { scheduler, network, events.publisher() };
    content::ContentStore content { *storage, events.publisher() };
    layer::LayerStore layers { *storage, events.publisher() };
    std::unique_ptr<ImageStore> images { open_images() };
    Puller puller { scheduler, content, layers, *images, events.publisher() };
    std::vector<std::string> lines;
    std::stop_source stop;
    std::optional<std::string> stop_at; // the line with these words
};

std::string const base = tar_of({ { "bin/sh", noise(300'000, 1) } });
auto const pulled_busybox = small_image({ base });
auto const pulled_greeter = small_image({ base, tar_of({ { "a", noise(200'000, 2) } }), tar_of({ { "b", "ahoy" } }),
    tar_of({ { "c", noise(100'000, 3) } }), tar_of({ { "d", "last" } }) });

std::size_t count_of(std::vector<std::string> const& names, std::string const& name)
{
    return static_cast<std::size_t>(std::count(names.begin(), names.end(), name));
}

std::string id_of(tests::SmallImage const& image, std::size_t layer)
{
    return image.layers[layer].digest.short_form();
}

}

TEST_CASE("Puller: a name becomes an image, and each step is a fact in order", "[engine][image]")
{
    Harbour harbour;
    auto const manifest = harbour.registry.add("library/busybox", "latest", pulled_busybox);
    auto const result = REQUIRE_OK(harbour.pull("busybox"));
    CHECK(result.image.id == pulled_busybox.config);
    CHECK(result.image.tags == std::vector<std::string> { "busybox:latest" });
    CHECK(result.image.repo_digests == std::vector<std::string> { "busybox@" + manifest.to_string() });
    CHECK(result.manifest == manifest);
    CHECK(result.newer);
    CHECK(result.bytes_transferred == pulled_busybox.blobs[0].size() + pulled_busybox.config_text.size());

    auto names = harbour.events.names();
    std::erase(names, "BlobBytesArrived");
    CHECK(names
        == std::vector<std::string> { "ReferenceResolved", "DigestVerified", "BlobStored", "ManifestFetched",
            "BlobTransferStarted", "DigestVerified", "BlobStored", "BlobTransferStarted", "DigestVerified",
            "BlobStored", "DigestVerified", "LayerIndexed", "LayerListed", "ImageStored", "ImageTagged" });
    auto const spans = harbour.events.of<trace::SpanBegan>();
    REQUIRE(spans.size() == 2);
    CHECK(spans[0].operation == "pull");
    CHECK(spans[1].operation == "fetch");
    CHECK(spans[1].parent == spans[0].span);
}

TEST_CASE("Puller: says what docker says, line by line", "[engine][image]")
{
    Harbour harbour;
    auto const manifest = harbour.registry.add("app", "1", pulled_busybox);
    REQUIRE_OK(harbour.pull("127.0.0.1:5000/app:1"));
    auto const id = id_of(pulled_busybox, 0);
    auto const size = std::to_string(pulled_busybox.blobs[0].size());
    auto lines = harbour.lines;
    std::erase_if(lines, [&](auto const& line) {
        return line.starts_with(id + ": Downloading") && !line.ends_with(" " + size + "/" + size);
    });
    CHECK(lines
        == std::vector<std::string> { "1: Pulling from app", id + ": Pulling fs layer",
            id + ": Downloading " + size + "/" + size, id + ": Verifying Checksum", id + ": Download complete",
            id + ": Extracting " + size + "/" + size, id + ": Pull complete", "Digest: " + manifest.to_string(),
            "Status: Downloaded newer image for 127.0.0.1:5000/app:1" });

    auto const again = REQUIRE_OK(harbour.pull("127.0.0.1:5000/app:1"));
    CHECK_FALSE(again.newer);
    CHECK(again.bytes_transferred == 0);
    CHECK(again.bytes_skipped == pulled_busybox.blobs[0].size());
    CHECK(harbour.lines
        == std::vector<std::string> { "1: Pulling from app", "Digest: " + manifest.to_string(),
            "Status: Image is up to date for 127.0.0.1:5000/app:1" });
}

TEST_CASE("Puller: tells how many pulls the registry still allows, where it says so", "[engine][image]")
{
    Harbour harbour;
    harbour.registry.add("app", "1", pulled_busybox);
    harbour.registry.beside_documents
        = { { "ratelimit-limit", "100;w=21600" }, { "ratelimit-remaining", "76;w=21600" } };
    REQUIRE_OK(harbour.pull("127.0.0.1:5000/app:1"));
    auto const told = harbour.events.of<trace::RateLimitTold>();
    REQUIRE(told.size() == 1);
    CHECK(told[0] == trace::RateLimitTold { { "registry:hub" }, 100, 76, 21600 });
    CHECK(std::count(harbour.lines.begin(), harbour.lines.end(), "Rate limit: 76 of 100 pulls left in 6 hours") == 1);
}

TEST_CASE("Puller: what is here does not travel again; the rest completes in the layers' order", "[engine][image]")
{
    Harbour harbour { content::make_memory_storage(), GENERATE(as<std::uint64_t> {}, 1, 2, 3) };
    harbour.registry.add("library/busybox", "latest", pulled_busybox);
    harbour.registry.add("library/greeter", "1", pulled_greeter);
    REQUIRE_OK(harbour.pull("busybox"));
    auto const result = REQUIRE_OK(harbour.pull("greeter:1"));
    CHECK(result.bytes_skipped == pulled_busybox.blobs[0].size());
    CHECK(harbour.registry.asked[pulled_busybox.layers[0].digest.to_string()] == 1);
    CHECK(harbour.events.of<trace::BlobSkipped>().size() == 1);
    std::vector<std::string> expected { id_of(pulled_greeter, 0) + ": Already exists" };
    for (std::size_t i = 1; i < 5; ++i)
        expected.push_back(id_of(pulled_greeter, i) + ": Pulling fs layer");
    expected.push_back(id_of(pulled_greeter, 4) + ": Waiting"); // three at a time
    CHECK(std::vector(harbour.lines.begin() + 1, harbour.lines.begin() + 7) == expected);
    std::vector<std::string> complete;
    for (auto const& line : harbour.lines) {
        if (line.ends_with(": Pull complete"))
            complete.push_back(line.substr(0, 12));
    }
    CHECK(complete
        == std::vector<std::string> {
            id_of(pulled_greeter, 1), id_of(pulled_greeter, 2), id_of(pulled_greeter, 3), id_of(pulled_greeter, 4) });
}

TEST_CASE("Puller: the same seed gives the same story", "[engine][image]")
{
    auto const story = [](std::uint64_t seed) {
        Harbour harbour { content::make_memory_storage(), seed };
        harbour.registry.add("library/greeter", "1", pulled_greeter);
        REQUIRE_OK(harbour.pull("greeter:1"));
        auto all = harbour.events.names();
        all.insert(all.end(), harbour.lines.begin(), harbour.lines.end());
        return all;
    };
    CHECK(story(7) == story(7));
}

TEST_CASE("Puller: an index leads to this platform's manifest", "[engine][image]")
{
    Harbour harbour;
    auto const manifest = harbour.registry.add("library/busybox", "amd64", pulled_busybox);
    auto const size = harbour.registry.documents.at("/v2/library/busybox/manifests/amd64").second.size();
    oci::ImageIndex index { .media_type = std::string(oci::media_type::oci_index), .manifests = {} };
    index.manifests.push_back({ { std::string(oci::media_type::oci_manifest), manifest, size, {} }, oci::Platform {} });
    auto const named
        = harbour.registry.add_document("library/busybox", "latest", index.to_json(), oci::media_type::oci_index);
    CHECK(REQUIRE_OK(harbour.pull("busybox")).manifest == named);
    auto const other = harbour.pull("busybox:latest", { "s390x", "linux", "" });
    CHECK(other.has_value()); // up to date: the tag's index is the same

    auto const absent = harbour.pull("busybox@" + named.to_string(), { "s390x", "linux", "" });
    CHECK(absent.has_value());

    index.manifests[0].descriptor.size += 1;
    harbour.registry.add_document("library/busybox", "lying", index.to_json(), oci::media_type::oci_index);
    CHECK(harbour.pull("busybox:lying").error().kind() == ErrorKind::Corrupt);
    index.manifests[0].platform = oci::Platform { "arm64", "linux", "" };
    harbour.registry.add_document("library/busybox", "arm", index.to_json(), oci::media_type::oci_index);
    auto const no_match = harbour.pull("busybox:arm");
    REQUIRE_FALSE(no_match.has_value());
    CHECK(no_match.error().message().starts_with("no matching manifest for linux/amd64 in the manifest list entries"));
}

TEST_CASE("Puller: a tag that is not there fails before the first line", "[engine][image]")
{
    Harbour harbour;
    auto const result = harbour.pull("nosuch");
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().kind() == ErrorKind::NotFound);
    CHECK(harbour.lines.empty());
}

TEST_CASE("Puller: a corrupt blob is refused by name and nothing of it is kept", "[engine][image][hardening]")
{
    Harbour harbour;
    harbour.registry.add("library/busybox", "latest", pulled_busybox);
    auto const digest = pulled_busybox.layers[0].digest;
    auto& bytes = harbour.registry.blobs[digest.to_string()];
    SECTION("one bit in the middle")
    {
        bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    }
    SECTION("one bit at the end")
    {
        bytes.back() = static_cast<char>(bytes.back() ^ 1);
    }
    SECTION("the gzip header")
    {
        bytes[0] = 'x';
    }
    SECTION("another layer of the same length")
    {
        bytes.assign(bytes.size(), 'x');
    }
    auto const result = harbour.pull("busybox");
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().kind() == ErrorKind::Corrupt);
    CHECK(result.error().message().find(digest.to_string()) != std::string::npos);
    CHECK_FALSE(harbour.content.has(digest));
    CHECK(harbour.storage->list("ingest").empty());
    CHECK(harbour.layers.list().empty());
    CHECK(harbour.images->list().empty());
    REQUIRE(harbour.events.of<trace::DigestMismatched>().size() == 1);
    CHECK(harbour.events.of<trace::DigestMismatched>()[0].expected == digest);
    CHECK_FALSE(harbour.events.of<trace::SpanEnded>().back().succeeded);

    bytes = pulled_busybox.blobs[0];
    REQUIRE_OK(harbour.pull("busybox"));
}

TEST_CASE("Puller: a blob longer than promised is refused and nothing of it is kept", "[engine][image][hardening]")
{
    Harbour harbour;
    harbour.registry.add("library/busybox", "latest", pulled_busybox);
    harbour.registry.blobs[pulled_busybox.layers[0].digest.to_string()] += std::string(1 << 20, 'x');
    CHECK(harbour.pull("busybox").error().kind() == ErrorKind::Corrupt);
    CHECK(harbour.storage->list("ingest").empty());
    CHECK_FALSE(harbour.content.has(pulled_busybox.layers[0].digest));
}

TEST_CASE("Puller: layers must be what the config promises", "[engine][image][hardening]")
{
    auto image = pulled_busybox;
    auto config = REQUIRE_OK(oci::ImageConfig::parse(image.config_text));
    std::string expected;
    SECTION("another DiffID")
    {
        config.diff_ids[0] = { Digest::of("other") };
        expected = Digest::of("other").to_string();
    }
    SECTION("one DiffID too many")
    {
        config.diff_ids.push_back({ Digest::of("other") });
        expected = "1 layers, the config 2 DiffIDs";
    }
    image.config_text = config.to_json();
    image.config = Digest::of(image.config_text);
    Harbour harbour;
    harbour.registry.add("library/busybox", "latest", image);
    auto const result = harbour.pull("busybox");
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().kind() == ErrorKind::Corrupt);
    CAPTURE(result.error().message());
    CHECK(result.error().message().find(expected) != std::string::npos);
    CHECK_FALSE(harbour.content.has(image.layers[0].digest));
    CHECK(harbour.images->list().empty());
}

TEST_CASE("Puller: a hostile tar is refused by its member, and its blob does not stay", "[engine][image][hardening]")
{
    Harbour harbour;
    auto const evil = small_image({ tar_of({ { "../../etc/passwd", "root::0:0" } }) });
    harbour.registry.add("library/evil", "latest", evil);
    auto const result = harbour.pull("evil");
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().message().find("\"../../etc/passwd\": \"..\" is refused") != std::string::npos);
    CHECK_FALSE(harbour.content.has(evil.layers[0].digest));
}

TEST_CASE("Puller: an artifact that is no image is refused", "[engine][image][hardening]")
{
    Harbour harbour;
    oci::Manifest const chart { .media_type = std::string(oci::media_type::oci_manifest),
        .config = { "application/vnd.cncf.helm.config.v1+json", Digest::of("{}"), 2, {} },
        .layers = {} };
    harbour.registry.add_document("library/chart", "latest", chart.to_json(), oci::media_type::oci_manifest);
    CHECK(harbour.pull("chart").error().kind() == ErrorKind::NotSupported);
}

TEST_CASE("Puller: a cut transfer goes on where it stopped", "[engine][image]")
{
    Harbour harbour;
    harbour.registry.add("library/busybox", "latest", pulled_busybox);
    harbour.network.reset_after({ "hub" }, { "laptop" }, 150'000);
    auto const result = REQUIRE_OK(harbour.pull("busybox"));
    CHECK(harbour.registry.asked[pulled_busybox.layers[0].digest.to_string()] == 2);
    CHECK(result.bytes_transferred == pulled_busybox.blobs[0].size() + pulled_busybox.config_text.size());
    CHECK(REQUIRE_OK(harbour.layers.check()).empty());
}

TEST_CASE(
    "Puller: a pull that nobody waits for ends, and the next one goes on from there", "[engine][image][hardening]")
{
    Harbour harbour;
    harbour.registry.add("library/busybox", "latest", pulled_busybox);
    harbour.stop_at = "Downloading";
    auto const result = harbour.pull("busybox");
    REQUIRE_FALSE(result);
    CHECK(result.error().kind() == ErrorKind::Cancelled);
    CHECK(harbour.images->list().empty());
    CHECK(harbour.layers.list().empty());
    CHECK(harbour.storage->list("unpacking").empty());
    CHECK(harbour.storage->list("ingest").size() == 1);

    harbour.stop = {};
    harbour.stop_at.reset();
    auto const again = REQUIRE_OK(harbour.pull("busybox"));
    CHECK(again.bytes_transferred < pulled_busybox.blobs[0].size());
    CHECK(REQUIRE_OK(harbour.content.check()).empty());
}

TEST_CASE(
    "Puller: wrong bytes that an earlier try left cost this one a second transfer, and the registry's own are refused",
    "[engine][image][hardening]")
{
    Harbour harbour;
    harbour.registry.add("library/busybox", "latest", pulled_busybox);
    auto& sent = harbour.registry.blobs[pulled_busybox.layers[0].digest.to_string()];
    auto const right = sent;
    sent[100] = static_cast<char>(sent[100] ^ 1);
    harbour.stop_at = "Downloading"; // the try ends before anybody can tell that they are wrong
    REQUIRE_FALSE(harbour.pull("busybox"));
    REQUIRE(harbour.storage->list("ingest").size() == 1);

    harbour.stop = {};
    harbour.stop_at.reset();
    auto& asked = harbour.registry.asked[pulled_busybox.layers[0].digest.to_string()];
    asked = 0;
    auto const refused = harbour.pull("busybox"); // the registry still lies: twice and no more
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind() == ErrorKind::Corrupt);
    CHECK(asked == 2);
    CHECK(harbour.storage->list("ingest").empty());

    harbour.stop_at = "Downloading";
    REQUIRE_FALSE(harbour.pull("busybox"));
    harbour.stop = {};
    harbour.stop_at.reset();
    sent = right;
    REQUIRE_OK(harbour.pull("busybox"));
    CHECK(REQUIRE_OK(harbour.content.check()).empty());
    CHECK(REQUIRE_OK(harbour.layers.check()).empty());
}

TEST_CASE("Puller: a pull ends at once also while it waits for another's blob", "[engine][image][hardening]")
{
    Harbour harbour;
    harbour.registry.add("library/busybox", "latest", pulled_busybox);
    harbour.network.set_link({ "hub" }, { "laptop" }, { .bits_per_second = 100'000 });
    Harbour* const here = &harbour;
    std::optional<Error> second;
    auto const first = harbour.scheduler.spawn("first pull", [here] { (void)here->pull("busybox"); });
    std::stop_source gone;
    auto const waiting = harbour.scheduler.spawn("second pull", [&] {
        here->scheduler.sleep_for(std::chrono::seconds(1)); // the first has the blob by now
        auto client = here->registry.client(gone.get_token());
        auto const result = here->puller.pull(
            client, REQUIRE_OK(oci::Reference::parse("busybox")), {}, [](TransferProgress const&) {}, gone.get_token());
        if (!result)
            second = result.error();
    });
    harbour.scheduler.sleep_for(std::chrono::seconds(3));
    CHECK_FALSE(waiting->finished());
    gone.request_stop();
    waiting->join();
    REQUIRE(second);
    CHECK(second->kind() == ErrorKind::Cancelled);
    harbour.stop.request_stop();
    first->join();
}

TEST_CASE("Puller: a stored blob cannot be passed off as another's layer", "[engine][image][hardening]")
{
    Harbour harbour;
    harbour.registry.add("library/greeter", "1", pulled_greeter);
    REQUIRE_OK(harbour.pull("greeter:1"));
    // Both are here and whole; only together they are a lie.
    auto liar = pulled_greeter;
    auto config = REQUIRE_OK(oci::ImageConfig::parse(liar.config_text));
    std::swap(config.diff_ids[1], config.diff_ids[3]);
    liar.config_text = config.to_json();
    liar.config = Digest::of(liar.config_text);
    harbour.registry.add("library/liar", "1", liar);
    auto const result = harbour.pull("liar:1");
    REQUIRE_FALSE(result);
    CHECK(result.error().kind() == ErrorKind::Corrupt);
    CHECK(result.error().message().find("the image config promised DiffID") != std::string::npos);
    CHECK(harbour.images->list().size() == 1);
    CHECK(REQUIRE_OK(harbour.layers.check()).empty());

    // What was compared once is not unpacked again.
    auto const before = harbour.events.of<trace::LayerIndexed>().size();
    harbour.registry.add("library/copy", "1", pulled_greeter);
    REQUIRE_OK(harbour.pull("copy:1"));
    CHECK(harbour.events.of<trace::LayerIndexed>().size() == before);
}

TEST_CASE("Puller: an image has a limit for what all its layers unpack to", "[engine][image][hardening]")
{
    Harbour harbour;
    harbour.registry.add("library/greeter", "1", pulled_greeter);
    std::uint64_t whole = 0; // bytes of all its tars
    {
        Harbour other;
        other.registry.add("library/greeter", "1", pulled_greeter);
        REQUIRE_OK(other.pull("greeter:1"));
        for (auto const& indexed : other.events.of<trace::LayerIndexed>())
            whole += indexed.unpacked_size;
    }
    Puller strict { harbour.scheduler, harbour.content, harbour.layers, *harbour.images, harbour.events.publisher(),
        whole - 1 };
    auto const pull = [&](Puller& puller) {
        auto client = harbour.registry.client();
        return puller.pull(client, REQUIRE_OK(oci::Reference::parse("greeter:1")), {}, [](TransferProgress const&) {});
    };
    auto const refused = pull(strict);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind() == ErrorKind::LimitExceeded);
    CHECK(refused.error().message().find("the image unpacks to more than") != std::string::npos);
    CHECK(harbour.images->list().empty());
    CHECK(harbour.storage->list("unpacking").empty());
    Puller fitting { harbour.scheduler, harbour.content, harbour.layers, *harbour.images, harbour.events.publisher(),
        whole };
    REQUIRE_OK(pull(fitting));
    // Layers that are here already count as well.
    REQUIRE_OK(harbour.images->remove("greeter:1", false, {}));
    REQUIRE_OK(pull(fitting));
}

TEST_CASE("Puller: a layer that comes twice is fetched once", "[engine][image][hardening]")
{
    Harbour harbour;
    auto const twice = small_image({ base, base, tar_of({ { "x", "y" } }), base });
    harbour.registry.add("library/twice", "latest", twice);
    auto const result = REQUIRE_OK(harbour.pull("twice"));
    CHECK(result.image.config.diff_ids.size() == 4);
    CHECK(harbour.registry.asked[twice.layers[0].digest.to_string()] == 1);
}

TEST_CASE("Puller: eight pulls at once fetch each blob once", "[engine][image]")
{
    Harbour harbour;
    harbour.registry.add("library/greeter", "1", pulled_greeter);
    std::vector<std::unique_ptr<Task>> pulls;
    int succeeded = 0;
    auto const reference = REQUIRE_OK(oci::Reference::parse("greeter:1"));
    for (int i = 0; i < 8; ++i)
        pulls.push_back(harbour.scheduler.spawn("client", [&] {
            auto client = harbour.registry.client();
            succeeded += harbour.puller.pull(client, reference, {}, [](auto const&) {}).has_value() ? 1 : 0;
        }));
    pulls.clear();
    CHECK(succeeded == 8);
    for (auto const& [digest, times] : harbour.registry.asked) {
        CAPTURE(digest);
        CHECK(times == 1);
    }
    CHECK(count_of(harbour.events.names(), "LayerIndexed") == 5);
    CHECK(count_of(harbour.events.names(), "ImageStored") == 1);
}

TEST_CASE("Puller: a full disk gives everything back, and works again with room", "[engine][image][hardening]")
{
    auto const capacity = GENERATE(as<std::uint64_t> {}, 100, 1'000, 100'000, 350'000, 700'000, 900'000, 1'200'000);
    CAPTURE(capacity);
    Harbour harbour { content::make_memory_storage({ .capacity = capacity, .crash_after_calls = {} }) };
    harbour.registry.add("library/greeter", "1", pulled_greeter);
    auto const result = harbour.pull("greeter:1");
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().errno_code() == ENOSPC);
    CHECK(harbour.is_empty());
}

TEST_CASE("Puller: after a crash at any call the store opens, and the next pull succeeds without fetching twice",
    "[engine][image][hardening]")
{
    auto const pull = [](auto& storage) {
        Harbour harbour { std::move(storage) };
        harbour.registry.add("library/greeter", "1", pulled_greeter);
        bool const finished = harbour.pull("greeter:1").has_value();
        storage = std::move(harbour.storage);
        return finished;
    };
    auto const calls
        = tests::crash_at_every_call(GENERATE(Crash::Kill, Crash::PowerCut), pull, [](auto storage, bool finished) {
              Harbour harbour { std::move(storage) };
              harbour.registry.add("library/greeter", "1", pulled_greeter);
              CHECK(harbour.events.of<trace::WarningRaised>().empty());
              CHECK(REQUIRE_OK(harbour.content.check()).empty());
              CHECK(REQUIRE_OK(harbour.layers.check()).empty());
              CHECK(harbour.images->find("greeter:1").has_value() >= finished);
              auto const whole = harbour.content.list().size();
              REQUIRE_OK(harbour.pull("greeter:1"));
              REQUIRE_OK(harbour.images->find("greeter:1"));
              CHECK(harbour.registry.asked.size() <= 7 - std::min<std::size_t>(whole, 6));
              REQUIRE_OK(harbour.images->sweep());
              CHECK(harbour.content.list().size() == 7); // manifest, config, five layers
          });
    CHECK(calls > 30);
}
