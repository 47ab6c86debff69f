#include "sim/oci/Manifest.h"

#include "sim/core/Verify.h"
#include "sim/oci/Json.h"

#include <nlohmann/json.hpp>

namespace drydock::oci {

// Keeps keys as they are added: the order of the written bytes is ours to decide.
using nlohmann::ordered_json;

namespace {

constexpr std::size_t max_manifest_bytes = 4 << 20; // what distribution-spec lets a registry require at least

std::string to_text(ordered_json const& document)
{
    return document.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

// CVE-2021-41190: a document that could be read as either kind means different things to different readers.
Result<void> refuse_the_other_kind(
    JsonObject const& document, std::initializer_list<std::string_view> foreign, std::string_view media_type)
{
    for (auto const field : foreign) {
        if (document.has(field))
            return document.invalid(field, "does not belong into " + std::string(media_type));
    }
    auto const own_type = TRY(document.string_or_empty("mediaType"));
    if (!own_type.empty() && own_type != media_type)
        return document.invalid("mediaType", "is " + own_type + ", but " + std::string(media_type) + " was promised");
    if (TRY(document.size("schemaVersion")) != 2)
        return document.invalid("schemaVersion", "is not 2");
    return {};
}

Result<Descriptor> parse_descriptor(JsonObject const& object)
{
    auto media_type = TRY(object.string("mediaType"));
    auto const digest_text = TRY(object.string("digest"));
    auto digest = TRY_WITH("descriptor digest", Digest::parse(digest_text));
    auto const size = TRY(object.size("size"));
    auto annotations = TRY(object.string_map("annotations"));
    // `urls` (foreign layers) is not read: an image must not make us fetch from where it likes.
    return Descriptor { .media_type = std::move(media_type),
        .digest = std::move(digest),
        .size = size,
        .annotations = std::move(annotations) };
}

Result<std::optional<Platform>> parse_platform(JsonObject const& entry)
{
    if (!entry.has("platform"))
        return std::optional<Platform>();
    auto const object = TRY(entry.object("platform"));
    Platform platform;
    platform.architecture = TRY(object.string("architecture"));
    platform.os = TRY(object.string("os"));
    platform.variant = TRY(object.string_or_empty("variant"));
    return std::optional(std::move(platform));
}

ordered_json to_ordered_json(Descriptor const& descriptor)
{
    ordered_json object;
    object["mediaType"] = descriptor.media_type;
    object["digest"] = descriptor.digest.to_string();
    object["size"] = descriptor.size;
    if (!descriptor.annotations.empty())
        object["annotations"] = descriptor.annotations;
    return object;
}

ordered_json to_ordered_json(Platform const& platform)
{
    ordered_json object;
    object["architecture"] = platform.architecture;
    object["os"] = platform.os;
    if (!platform.variant.empty())
        object["variant"] = platform.variant;
    return object;
}

std::string to_string(Platform const& platform)
{
    auto text = platform.os + "/" + platform.architecture;
    if (!platform.variant.empty())
        text += "/" + platform.variant;
    return text;
}

}

bool is_index(std::string_view type)
{
    return type == media_type::oci_index || type == media_type::docker_list;
}

bool is_manifest(std::string_view type)
{
    return type == media_type::oci_manifest || type == media_type::docker_manifest;
}

Result<Compression> layer_compression(std::string_view type)
{
    if (type == media_type::oci_layer)
        return Compression::None;
    if (type == media_type::oci_layer_gzip || type == media_type::docker_layer)
        return Compression::Gzip;
    if (type == media_type::oci_layer_zstd)
        return Compression::Zstd;
    return fail(ErrorKind::NotSupported, "\"" + std::string(type.substr(0, 200)) + "\" is no media type of a layer");
}

Result<Manifest> Manifest::parse(std::string_view text, std::string_view type)
{
    auto const document = TRY(parse_json(text, "manifest", max_manifest_bytes));
    auto const root = TRY(JsonObject::root(document, "manifest"));
    TRY(refuse_the_other_kind(root, { "manifests", "fsLayers" }, type));
    auto const config = TRY(root.object("config"));
    auto config_descriptor = TRY(parse_descriptor(config));
    Manifest manifest { .media_type = std::string(type), .config = std::move(config_descriptor), .layers = {} };
    for (auto const& layer : TRY(root.objects("layers")))
        manifest.layers.push_back(TRY(parse_descriptor(layer)));
    return manifest;
}

std::string Manifest::to_json() const
{
    ordered_json document;
    document["schemaVersion"] = 2;
    document["mediaType"] = media_type;
    document["config"] = to_ordered_json(config);
    document["layers"] = ordered_json::array();
    for (auto const& layer : layers)
        document["layers"].push_back(to_ordered_json(layer));
    return to_text(document);
}

Result<ImageIndex> ImageIndex::parse(std::string_view text, std::string_view type)
{
    auto const document = TRY(parse_json(text, "image index", max_manifest_bytes));
    auto const root = TRY(JsonObject::root(document, "image index"));
    TRY(refuse_the_other_kind(root, { "config", "layers", "fsLayers" }, type));
    ImageIndex index { .media_type = std::string(type), .manifests = {} };
    for (auto const& entry : TRY(root.objects("manifests"))) {
        auto descriptor = TRY(parse_descriptor(entry));
        auto platform = TRY(parse_platform(entry));
        index.manifests.push_back({ std::move(descriptor), std::move(platform) });
    }
    return index;
}

std::string ImageIndex::to_json() const
{
    ordered_json document;
    document["schemaVersion"] = 2;
    document["mediaType"] = media_type;
    document["manifests"] = ordered_json::array();
    for (auto const& entry : manifests) {
        auto object = to_ordered_json(entry.descriptor);
        if (entry.platform)
            object["platform"] = to_ordered_json(*entry.platform);
        document["manifests"].push_back(std::move(object));
    }
    return to_text(document);
}

Result<Descriptor> ImageIndex::choose(Platform const& wanted) const
{
    IndexEntry const* any_variant = nullptr;
    std::string offered;
    for (auto const& entry : manifests) {
        // BuildKit files attestations under the platform unknown/unknown.
        if (!entry.platform || entry.platform->os == "unknown")
            continue;
        offered += (offered.empty() ? "" : ", ") + to_string(*entry.platform);
        if (*entry.platform == wanted)
            return entry.descriptor;
        if (entry.platform->os == wanted.os && entry.platform->architecture == wanted.architecture
            && wanted.variant.empty() && any_variant == nullptr)
            any_variant = &entry;
    }
    if (any_variant != nullptr)
        return any_variant->descriptor;
    // The index of an image layout often names its only manifest without a platform.
    if (manifests.size() == 1 && !manifests.front().platform)
        return manifests.front().descriptor;
    return fail(ErrorKind::NotFound,
        "no matching manifest for " + to_string(wanted)
            + " in the manifest list entries (there are: " + (offered.empty() ? "none" : offered) + ")");
}

ChainId chain_id_of(std::span<DiffId const> bottom_to_top)
{
    VERIFY(!bottom_to_top.empty());
    auto chain = bottom_to_top.front().digest;
    for (auto const& layer : bottom_to_top.subspan(1))
        chain = Digest::of(chain.to_string() + " " + layer.digest.to_string());
    return { chain };
}

}
