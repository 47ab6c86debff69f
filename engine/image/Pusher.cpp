#include "engine/image/Pusher.h"

#include "sim/oci/Json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace drydock::image {

using oci::Digest;
using registry::BlobArrived;

namespace {

constexpr std::size_t parallel_pushes = 5;      // docker's max-concurrent-uploads
constexpr std::uint64_t push_step = 512 * 1024; // bytes between two lines of progress

// One layer on its way.
struct Shipment {
    oci::Descriptor blob;
    std::string id; // of its DiffID
};

// One push, from the image to the manifest.
class Push {
public:
    Push(Scheduler& scheduler, content::ContentStore& content, ImageStore& images, registry::RegistryClient& registry,
        oci::Reference const& reference, Progress const& progress, std::stop_token stop)
        : m_scheduler(scheduler)
        , m_content(content)
        , m_images(images)
        , m_registry(registry)
        , m_reference(reference)
        , m_progress(progress)
        , m_stop(std::move(stop))
        , m_hold(images.hold())
        , m_changed(scheduler.make_condition())
    {
    }

    Result<PushResult> push(Image const& image)
    {
        auto const document = TRY(manifest_of(m_content, image));
        auto const manifest = TRY(oci::Manifest::parse(document.bytes, document.media_type));
        m_hold->blob(document.digest);
        m_hold->blob(manifest.config.digest);
        plan(manifest, image);
        TRY(m_registry.check(m_reference.repository));
        TRY(ship_layers());
        TRY(ship(manifest.config, {}));
        TRY(m_registry.push_manifest(m_reference.repository, m_reference.tag, document));
        TRY(m_content.put(document.digest, document.bytes, trace::Verified::Manifest));
        TRY(m_images.know_as(image.id, m_reference, document.digest));
        return PushResult { .manifest = document.digest,
            .manifest_size = document.bytes.size(),
            .bytes_transferred = m_transferred,
            .bytes_skipped = m_skipped };
    }

private:
    void plan(oci::Manifest const& manifest, Image const& image)
    {
        std::set<Digest> seen;
        for (std::size_t i = 0; i < manifest.layers.size(); ++i) {
            if (!seen.insert(manifest.layers[i].digest).second)
                continue; // a layer that comes twice travels once
            m_hold->blob(manifest.layers[i].digest);
            m_shipments.push_back({ manifest.layers[i], image.config.diff_ids[i].digest.short_form() });
            m_progress({ .id = m_shipments.back().id, .status = "Preparing" });
        }
        for (std::size_t i = parallel_pushes; i < m_shipments.size(); ++i)
            m_progress({ .id = m_shipments[i].id, .status = "Waiting" });
    }

    // Workers send; this task alone talks to the caller, who may block.
    Result<void> ship_layers()
    {
        std::vector<std::unique_ptr<Task>> workers;
        m_working = std::min(parallel_pushes, m_shipments.size());
        auto const span = trace::current_span();
        for (std::size_t i = m_working; i > 0; --i)
            workers.push_back(m_scheduler.spawn("push worker " + std::to_string(workers.size() + 1), [this, span] {
                trace::SpanGuard const guard(span);
                work();
            }));
        report_until_done();
        workers.clear();
        if (m_error)
            return fail(std::move(*m_error));
        return {};
    }

    void work()
    {
        while (auto const* shipment = next_shipment()) {
            auto result = ship(shipment->blob, shipment->id);
            std::lock_guard const lock(m_mutex);
            if (!result && !m_error)
                m_error = std::move(result).error();
        }
        std::lock_guard const lock(m_mutex);
        --m_working;
        m_changed->notify_all();
    }

    Shipment const* next_shipment()
    {
        std::lock_guard const lock(m_mutex);
        return m_error || m_next == m_shipments.size() ? nullptr : &m_shipments[m_next++];
    }

    void report_until_done()
    {
        for (bool working = true; working;) {
            std::unique_lock lock(m_mutex);
            m_changed->wait(lock, [&] { return !m_pending.empty() || m_working == 0; });
            auto const pending = m_pending.take();
            working = m_working > 0;
            lock.unlock();
            for (auto const& progress : pending)
                m_progress(progress);
        }
    }

    // A blob without an id is the config, of which docker's stream says nothing.
    Result<void> ship(oci::Descriptor const& blob, std::string const& id)
    {
        auto const file = TRY(m_content.open(blob.digest));
        auto const step = std::min(push_step, blob.size / 100);
        std::uint64_t reported = 0;
        auto const sent = [&](std::uint64_t bytes) -> Result<void> {
            if (stopped())
                return fail(ErrorKind::Cancelled, "this push was given up");
            if (!id.empty() && (bytes - reported > step || bytes == blob.size)) {
                reported = bytes;
                enqueue({ .id = id, .status = "Pushing", .current = bytes, .total = blob.size });
            }
            return {};
        };
        auto const source = id.empty() ? std::nullopt : m_images.other_repository_with(blob.digest, m_reference);
        auto const mount = TRY(m_registry.push_blob(m_reference.repository, blob, *file, source, sent));
        count(mount.how, blob.size);
        if (!id.empty())
            enqueue({ .id = id, .status = words_for(mount) });
        return {};
    }

    static std::string words_for(registry::RegistryClient::Mount const& mount)
    {
        switch (mount.how) {
        case BlobArrived::Sent: return "Pushed";
        case BlobArrived::WasThere: return "Layer already exists";
        case BlobArrived::Mounted: return "Mounted from " + mount.from;
        }
        return {};
    }

    void count(BlobArrived how, std::uint64_t bytes)
    {
        std::lock_guard const lock(m_mutex);
        (how == BlobArrived::Sent ? m_transferred : m_skipped) += bytes;
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
        return m_error.has_value() || m_stop.stop_requested();
    }

    Scheduler& m_scheduler;
    content::ContentStore& m_content;
    ImageStore& m_images;
    registry::RegistryClient& m_registry;
    oci::Reference const& m_reference;
    Progress const& m_progress;
    std::stop_token m_stop;
    std::unique_ptr<ImageStore::Hold> m_hold;
    std::vector<Shipment> m_shipments; // fixed before the workers begin

    std::mutex m_mutex; // over all below
    std::unique_ptr<Condition> m_changed;
    ProgressQueue m_pending;
    std::size_t m_next { 0 };
    std::size_t m_working { 0 };
    std::optional<Error> m_error;
    std::uint64_t m_transferred { 0 };
    std::uint64_t m_skipped { 0 };
};

// The other family's word for the same bytes.
std::string oci_layer_type(std::string const& type)
{
    return type == oci::media_type::docker_layer ? std::string(oci::media_type::oci_layer_gzip) : type;
}

// A manifest says what it is; only OCI's may leave it out.
Result<std::string> media_type_in(std::string_view json)
{
    auto const document = TRY(oci::parse_json(json, "manifest", 4 << 20));
    auto const root = TRY(oci::JsonObject::root(document, "manifest"));
    auto const type = TRY(root.string_or_empty("mediaType"));
    return type.empty() ? std::string(oci::media_type::oci_manifest) : type;
}

}

Result<registry::Document> manifest_of(content::ContentStore const& content, Image const& image)
{
    for (auto const& digest : image.manifests) {
        auto const bytes = TRY(content.read(digest));
        auto const type = TRY(media_type_in(bytes));
        auto const manifest = oci::Manifest::parse(bytes, type);
        if (manifest && manifest->config.digest == image.id)
            return registry::Document { type, digest, bytes };
    }
    using namespace oci::media_type;
    bool const is_docker = !image.layers.empty()
        && std::all_of(image.layers.begin(), image.layers.end(),
            [](auto const& layer) { return layer.media_type == docker_layer; });
    auto const config_size = TRY(content.size(image.id));
    oci::Manifest manifest { .media_type = std::string(is_docker ? docker_manifest : oci_manifest),
        .config = { std::string(is_docker ? docker_config : oci_config), image.id, config_size, {} },
        .layers = image.layers };
    for (auto& layer : manifest.layers) {
        if (!is_docker)
            layer.media_type = oci_layer_type(layer.media_type);
    }
    auto bytes = manifest.to_json();
    auto const digest = Digest::of(bytes);
    return registry::Document { manifest.media_type, digest, std::move(bytes) };
}

Pusher::Pusher(Scheduler& scheduler, content::ContentStore& content, ImageStore& images, trace::Publisher publisher)
    : m_scheduler(scheduler)
    , m_content(content)
    , m_images(images)
    , m_publisher(std::move(publisher))
{
}

Result<PushResult> Pusher::push(
    registry::RegistryClient& registry, oci::Reference const& reference, Progress const& progress, std::stop_token stop)
{
    auto const image = m_images.find(reference.canonical());
    if (!image)
        return fail(
            ErrorKind::NotFound, "An image does not exist locally with the tag: " + reference.familiar_repository());
    auto span = m_publisher.span("push", "Push " + reference.familiar(), trace::Depth::Role);
    auto result = Push(m_scheduler, m_content, m_images, registry, reference, progress, std::move(stop)).push(*image);
    if (!result) {
        span.failed(result.error().message());
        return result;
    }
    m_publisher.publish(trace::ManifestPushed { .reference = reference.familiar(),
        .registry = registry.registry(),
        .manifest = result->manifest,
        .size = result->manifest_size });
    return result;
}

}
