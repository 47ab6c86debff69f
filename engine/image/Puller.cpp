#include "engine/image/Puller.h"

#include "engine/image/BlobArrival.h"

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <set>

namespace drydock::image {

using oci::Descriptor;
using oci::Digest;

namespace {

constexpr std::size_t parallel_transfers = 3;       // docker's max-concurrent-downloads
constexpr std::size_t max_layers = 125;             // docker's limit; the kernel's overlayfs takes 500 in one mount
constexpr std::uint64_t progress_step = 512 * 1024; // bytes; docker reports every 512 kB or 1 %

std::string const already_here = "already in the store";

// What all pulls of one daemon share.
struct Workshop {
    Workshop(Scheduler& its_scheduler, content::ContentStore& its_content, layer::LayerStore& its_layers,
        ImageStore& its_images, trace::Publisher its_publisher, std::uint64_t its_image_bytes)
        : scheduler(its_scheduler)
        , content(its_content)
        , layers(its_layers)
        , images(its_images)
        , publisher(std::move(its_publisher))
        , image_bytes(its_image_bytes)
        , changed(scheduler.make_condition())
    {
    }

    Scheduler& scheduler;
    content::ContentStore& content;
    layer::LayerStore& layers;
    ImageStore& images;
    trace::Publisher publisher;
    std::uint64_t image_bytes;

    // Blobs that some pull is fetching: a second pull waits and then has them.
    std::mutex mutex;
    std::unique_ptr<Condition> changed;
    std::set<Digest> busy;
};

// The only one who works on a blob, as long as it lives; nobody where `stop` comes before the turn.
class Claim {
public:
    Claim(Workshop& shop, Digest digest, std::stop_token const& stop)
        : m_shop(shop)
        , m_digest(std::move(digest))
    {
        std::unique_lock lock(m_shop.mutex);
        m_shop.changed->wait(lock, [&] { return stop.stop_requested() || !m_shop.busy.contains(m_digest); });
        m_granted = m_shop.busy.insert(m_digest).second;
    }
    ~Claim()
    {
        if (!m_granted)
            return;
        std::lock_guard const lock(m_shop.mutex);
        m_shop.busy.erase(m_digest);
        m_shop.changed->notify_all();
    }
    bool granted() const { return m_granted; }
    Claim(Claim const&) = delete;
    Claim& operator=(Claim const&) = delete;

private:
    Workshop& m_shop;
    Digest m_digest;
    bool m_granted { false };
};

tl::unexpected<Error> given_up()
{
    return fail(ErrorKind::Cancelled, "this pull was given up");
}

struct Job {
    Descriptor blob;
    LayerPromise promise;
    bool present { false }; // nothing to do
    bool done { false };
    std::optional<Error> error {};
};

// One pull, from the name to the image.
class Pull {
public:
    Pull(Workshop& shop, registry::RegistryClient& registry, oci::Reference const& reference, Progress const& progress,
        std::stop_token const& stop)
        : m_shop(shop)
        , m_registry(registry)
        , m_reference(reference)
        , m_progress(progress)
        , m_hold(shop.images.hold())
        , m_passage { stop, std::make_shared<layer::Room>(shop.image_bytes) }
        , m_changed(shop.scheduler.make_condition())
        , m_wake(stop, [&shop] {
            std::lock_guard const lock(shop.mutex);
            shop.changed->notify_all(); // whoever waits for another pull's blob
        })
    {
    }

    Result<PullResult> pull(oci::Platform const& platform)
    {
        auto const named = TRY(m_registry.manifest(m_reference.repository, m_reference.tag_or_digest()));
        m_shop.publisher.publish(trace::ReferenceResolved { .reference = m_reference.familiar(),
            .registry = m_registry.registry(),
            .manifest = named.digest,
            .media_type = named.media_type });
        say("Pulling from " + m_reference.repository, m_reference.tag_or_digest());
        if (auto image = up_to_date(named.digest)) {
            // Said again, so that every pull of a tag ends in the same fact.
            if (!m_reference.digest)
                TRY(m_shop.images.tag(image->id, m_reference));
            return finish(std::move(*image), named.digest, false);
        }

        auto const manifest = TRY(platform_manifest(named, platform));
        auto const config = TRY(fetch_config(manifest));
        TRY(plan(manifest, config));
        TRY(fetch_layers());
        if (m_passage.stop.stop_requested())
            return given_up();
        auto image = TRY(m_shop.images.add(manifest.config.digest, manifest.layers, m_manifests, m_reference));
        return finish(std::move(image), named.digest, true);
    }

private:
    void say(std::string status, std::string id = {}, std::uint64_t current = 0, std::uint64_t total = 0)
    {
        m_progress({ .id = std::move(id), .status = std::move(status), .current = current, .total = total });
    }

    // ---- From the name to the manifest ----

    // The image, where the tag points at this manifest already.
    std::optional<Image> up_to_date(Digest const& manifest)
    {
        auto image = m_shop.images.find(m_reference.canonical());
        if (!image || image->manifest != manifest)
            return std::nullopt;
        for (auto const& layer : image->layers)
            skip(layer);
        return std::move(*image);
    }

    Result<PullResult> finish(Image image, Digest const& manifest, bool newer)
    {
        if (auto const limit = m_registry.rate_limit())
            say("Rate limit: " + limit->to_string());
        say("Digest: " + manifest.to_string());
        say((newer ? "Status: Downloaded newer image for " : "Status: Image is up to date for ")
            + m_reference.familiar());
        return PullResult { .image = std::move(image),
            .manifest = manifest,
            .newer = newer,
            .bytes_transferred = m_transferred,
            .bytes_skipped = m_skipped };
    }

    Result<void> keep_manifest(registry::Document const& document)
    {
        m_hold->blob(document.digest);
        m_manifests.push_back(document.digest);
        return m_shop.content.put(document.digest, document.bytes, trace::Verified::Manifest);
    }

    Result<oci::Manifest> platform_manifest(registry::Document const& named, oci::Platform const& platform)
    {
        TRY(keep_manifest(named));
        if (!oci::is_index(named.media_type))
            return read_manifest(named);
        auto const index = TRY(oci::ImageIndex::parse(named.bytes, named.media_type));
        auto const chosen = TRY(index.choose(platform));
        auto const document = TRY(m_registry.manifest(m_reference.repository, chosen.digest.to_string()));
        // The index promised all three; a registry that sends another document under them is lying.
        if (document.digest != chosen.digest || document.bytes.size() != chosen.size
            || document.media_type != chosen.media_type)
            return fail(ErrorKind::Corrupt,
                "manifest " + chosen.digest.to_string() + " is not what the index promised: " + document.media_type
                    + " of " + std::to_string(document.bytes.size()) + " bytes instead of " + chosen.media_type + " of "
                    + std::to_string(chosen.size));
        TRY(keep_manifest(document));
        return read_manifest(document);
    }

    Result<oci::Manifest> read_manifest(registry::Document const& document)
    {
        if (!oci::is_manifest(document.media_type))
            return fail(
                ErrorKind::NotSupported, "\"" + document.media_type + "\" is no media type of an image manifest");
        auto manifest = TRY(oci::Manifest::parse(document.bytes, document.media_type));
        trace::ManifestFetched event { .reference = m_reference.familiar(),
            .manifest = document.digest,
            .size = document.bytes.size(),
            .config = manifest.config.digest,
            .layers = {} };
        for (auto const& layer : manifest.layers)
            event.layers.push_back({ layer.digest, layer.size });
        m_shop.publisher.publish(std::move(event));
        return manifest;
    }

    Result<oci::ImageConfig> fetch_config(oci::Manifest const& manifest)
    {
        auto const& type = manifest.config.media_type;
        if (type != oci::media_type::oci_config && type != oci::media_type::docker_config)
            return fail(
                ErrorKind::NotSupported, "\"" + type + "\" is no media type of an image config: this is no image");
        m_hold->blob(manifest.config.digest);
        Claim const claim(m_shop, manifest.config.digest, m_passage.stop);
        if (!claim.granted())
            return given_up();
        if (!m_shop.content.has(manifest.config.digest))
            TRY(transfer(manifest.config, std::nullopt, {}));
        auto const text = TRY(m_shop.content.read(manifest.config.digest));
        return oci::ImageConfig::parse(text);
    }

    // ---- Layers ----

    Result<void> plan(oci::Manifest const& manifest, oci::ImageConfig const& config)
    {
        if (manifest.layers.size() != config.diff_ids.size())
            return fail(ErrorKind::Corrupt,
                "the manifest has " + std::to_string(manifest.layers.size()) + " layers, the config "
                    + std::to_string(config.diff_ids.size()) + " DiffIDs");
        if (manifest.layers.size() > max_layers)
            return fail(
                ErrorKind::LimitExceeded, "max depth exceeded: more than " + std::to_string(max_layers) + " layers");
        for (std::size_t i = 0; i < manifest.layers.size(); ++i) {
            auto const& blob = manifest.layers[i];
            m_jobs.push_back(
                { .blob = blob, .promise = { TRY(oci::layer_compression(blob.media_type)), config.diff_ids[i] } });
            m_hold->blob(blob.digest);
            m_hold->layer(config.diff_ids[i]);
        }
        return announce();
    }

    // What docker prints before the first byte arrives. A layer that comes twice is fetched once.
    Result<void> announce()
    {
        std::set<std::pair<Digest, oci::DiffId>> seen;
        std::vector<Job const*> to_fetch;
        for (auto& job : m_jobs) {
            job.present = is_here(job) || !seen.insert({ job.blob.digest, job.promise.diff_id }).second;
            job.done = job.present;
            if (is_here(job) && !m_passage.room->take(m_shop.layers.size(job.promise.diff_id).value_or(0)))
                return fail(m_passage.room->exceeded());
            if (job.present)
                skip(job.blob);
            else
                to_fetch.push_back(&job);
            say(job.present ? "Already exists" : "Pulling fs layer", job.blob.digest.short_form());
        }
        for (std::size_t i = parallel_transfers; i < to_fetch.size(); ++i)
            say("Waiting", to_fetch[i]->blob.digest.short_form());
        return {};
    }

    bool is_here(Job const& job) const
    {
        return m_shop.content.has(job.blob.digest) && m_shop.layers.is_made_from(job.promise.diff_id, job.blob.digest);
    }

    void skip(Descriptor const& blob)
    {
        {
            std::lock_guard const lock(m_mutex);
            m_skipped += blob.size;
        }
        m_shop.publisher.publish(
            trace::BlobSkipped { .digest = blob.digest, .size = blob.size, .reason = already_here });
    }

    // Workers fetch; this task alone talks to the caller, who may block. "Pull complete" comes in the layers' order.
    Result<void> fetch_layers()
    {
        std::vector<std::unique_ptr<Task>> workers;
        auto const missing = std::count_if(m_jobs.begin(), m_jobs.end(), [](Job const& job) { return !job.present; });
        auto const count = std::min<std::size_t>(parallel_transfers, static_cast<std::size_t>(missing));
        m_working = count;
        auto const span = trace::current_span();
        for (std::size_t i = 0; i < count; ++i)
            workers.push_back(m_shop.scheduler.spawn("pull worker " + std::to_string(i + 1), [this, span] {
                trace::SpanGuard const guard(span);
                work();
            }));
        report_until_done();
        workers.clear();
        for (auto& job : m_jobs) {
            if (job.error && job.error->kind() != ErrorKind::Cancelled)
                return fail(std::move(*job.error));
        }
        return {};
    }

    void report_until_done()
    {
        std::size_t complete = 0;
        for (bool working = true; working;) {
            std::unique_lock lock(m_mutex);
            m_changed->wait(lock, [&] { return !m_pending.empty() || m_working == 0; });
            auto const pending = m_pending.take();
            working = m_working > 0;
            std::vector<Job const*> finished;
            for (; complete < m_jobs.size() && m_jobs[complete].done && !m_jobs[complete].error; ++complete) {
                if (!m_jobs[complete].present)
                    finished.push_back(&m_jobs[complete]);
            }
            lock.unlock();
            for (auto const& progress : pending)
                m_progress(progress);
            for (auto const* job : finished) {
                say("Extracting", job->blob.digest.short_form(), job->blob.size, job->blob.size);
                say("Pull complete", job->blob.digest.short_form());
            }
        }
    }

    void work()
    {
        while (auto* job = next_job()) {
            auto result = fetch(*job);
            std::lock_guard const lock(m_mutex);
            if (!result) {
                job->error = std::move(result).error();
                m_stopped = true;
            }
            job->done = true;
            m_changed->notify_all();
        }
        std::lock_guard const lock(m_mutex);
        --m_working;
        m_changed->notify_all();
    }

    Job* next_job()
    {
        std::lock_guard const lock(m_mutex);
        while (!m_stopped && !m_passage.stop.stop_requested() && m_next < m_jobs.size()) {
            auto& job = m_jobs[m_next++];
            if (!job.present)
                return &job;
        }
        return nullptr;
    }

    Result<void> fetch(Job& job)
    {
        auto const id = job.blob.digest.short_form();
        auto span = m_shop.publisher.span("fetch", "Fetch layer " + id, trace::Depth::Object);
        Claim const claim(m_shop, job.blob.digest, m_passage.stop);
        if (!claim.granted())
            return given_up();
        auto result = [&]() -> Result<void> {
            if (!m_shop.content.has(job.blob.digest))
                return transfer(job.blob, job.promise, id);
            skip(job.blob);
            if (m_shop.layers.is_made_from(job.promise.diff_id, job.blob.digest))
                return {};
            return index_stored_blob(m_shop.content, m_shop.layers, job.blob.digest, job.promise, m_passage);
        }();
        if (!result) {
            span.failed(result.error().message());
            return result;
        }
        enqueue({ .id = id, .status = "Download complete" });
        return {};
    }

    // What an earlier try left may have been wrong when it came, or have become so when the power went. Then the
    // registry of today is not to blame: once more, from the first byte.
    Result<void> transfer(Descriptor const& blob, std::optional<LayerPromise> const& promise, std::string const& id)
    {
        bool goes_on = false;
        auto sent = transfer_once(blob, promise, id, goes_on);
        if (!sent && sent.error().kind() == ErrorKind::Corrupt && goes_on)
            return transfer_once(blob, promise, id, goes_on);
        return sent;
    }

    // Nothing stays of bytes that are not what was promised. `goes_on`: some of them came by an earlier try.
    Result<void> transfer_once(
        Descriptor const& blob, std::optional<LayerPromise> const& promise, std::string const& id, bool& goes_on)
    {
        auto const arrival = TRY(BlobArrival::begin(m_shop.content, m_shop.layers, blob, promise, m_passage));
        auto const step = std::min(progress_step, blob.size / 100);
        goes_on = arrival->offset() > 0;
        std::uint64_t reported = arrival->offset();
        auto const sink = [&](std::string_view bytes) -> Result<void> {
            if (stopped())
                return given_up();
            TRY(arrival->write(bytes));
            count_transferred(bytes.size());
            if (!id.empty() && (arrival->offset() - reported > step || arrival->offset() == blob.size)) {
                reported = arrival->offset();
                enqueue({ .id = id, .status = "Downloading", .current = reported, .total = blob.size });
            }
            return {};
        };
        auto const restarted = [&]() -> Result<void> {
            reported = 0;
            goes_on = false;
            return arrival->restart();
        };
        if (arrival->offset() < blob.size || blob.size == 0) {
            auto sent
                = m_registry.blob(m_reference.repository, blob.digest, blob.size, arrival->offset(), sink, restarted);
            if (!sent && sent.error().kind() == ErrorKind::Corrupt)
                arrival->discard(); // What a liar sent is no start for the next try.
            TRY(std::move(sent));
        }
        if (!id.empty())
            enqueue({ .id = id, .status = "Verifying Checksum" });
        return arrival->finish();
    }

    void enqueue(TransferProgress progress)
    {
        std::lock_guard const lock(m_mutex);
        m_pending.put(std::move(progress));
        m_changed->notify_all();
    }

    bool stopped()
    {
        std::lock_guard const lock(m_mutex);
        return m_stopped || m_passage.stop.stop_requested();
    }

    void count_transferred(std::uint64_t bytes)
    {
        std::lock_guard const lock(m_mutex);
        m_transferred += bytes;
    }

    Workshop& m_shop;
    registry::RegistryClient& m_registry;
    oci::Reference const& m_reference;
    Progress const& m_progress;
    std::unique_ptr<ImageStore::Hold> m_hold;
    Passage m_passage;
    std::vector<Digest> m_manifests; // the named one first
    std::vector<Job> m_jobs;         // bottom first; the vector itself is fixed before the workers begin

    std::mutex m_mutex; // over all below, and over the jobs' results
    std::unique_ptr<Condition> m_changed;
    ProgressQueue m_pending;
    std::size_t m_next { 0 };
    std::size_t m_working { 0 };
    bool m_stopped { false };
    std::uint64_t m_transferred { 0 };
    std::uint64_t m_skipped { 0 };

    std::stop_callback<std::function<void()>> m_wake;
};

}

struct Puller::Impl {
    Workshop shop;
};

Puller::Puller(Scheduler& scheduler, content::ContentStore& content, layer::LayerStore& layers, ImageStore& images,
    trace::Publisher publisher, std::uint64_t image_bytes)
    : m_impl(new Impl { { scheduler, content, layers, images, std::move(publisher), image_bytes } })
{
}

Result<PullResult> Puller::pull(registry::RegistryClient& registry, oci::Reference const& reference,
    oci::Platform const& platform, Progress const& progress, std::stop_token stop)
{
    auto& shop = m_impl->shop;
    auto span = shop.publisher.span("pull", "Pull " + reference.familiar(), trace::Depth::Role);
    auto result = Pull(shop, registry, reference, progress, stop).pull(platform);
    if (result)
        return result;
    span.failed(result.error().message());
    // A full disk gets back what this pull took (HARDENING R6); otherwise it stays, and the next try goes on from
    // there.
    if (result.error().errno_code() == ENOSPC)
        (void)shop.images.sweep();
    return result;
}

}
