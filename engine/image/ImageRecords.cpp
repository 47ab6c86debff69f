#include "engine/image/ImageRecords.h"

#include "sim/oci/Json.h"

#include <nlohmann/json.hpp>

namespace drydock::image {

using nlohmann::ordered_json;
using oci::Digest;
using oci::JsonObject;

namespace {

constexpr std::size_t max_record_bytes = 8 << 20;
constexpr std::size_t max_name_bytes = 200; // NAME_MAX is 255

Result<Digest> parse_digest(JsonObject const& object, std::string_view name)
{
    auto const text = TRY(object.string(name));
    return Digest::parse(text);
}

}

std::string ImageRecord::to_json() const
{
    ordered_json document;
    document["config"] = config.to_string();
    document["manifests"] = ordered_json::array();
    for (auto const& manifest : manifests)
        document["manifests"].push_back(manifest.to_string());
    document["layers"] = ordered_json::array();
    for (auto const& layer : layers)
        document["layers"].push_back(
            { { "mediaType", layer.media_type }, { "digest", layer.digest.to_string() }, { "size", layer.size } });
    if (made_here)
        document["madeHere"]["parent"] = made_here->parent ? made_here->parent->to_string() : "";
    return document.dump() + "\n";
}

Result<ImageRecord> ImageRecord::parse(std::string_view json)
{
    auto const document = TRY(oci::parse_json(json, "image record", max_record_bytes));
    auto const root = TRY(JsonObject::root(document, "image record"));
    ImageRecord record { .config = TRY(parse_digest(root, "config")), .manifests = {}, .layers = {} };
    for (auto const& text : TRY(root.strings("manifests")))
        record.manifests.push_back(TRY(Digest::parse(text)));
    for (auto const& layer : TRY(root.objects("layers"))) {
        auto media_type = TRY(layer.string("mediaType"));
        auto digest = TRY(parse_digest(layer, "digest"));
        auto const size = TRY(layer.size("size"));
        record.layers.push_back(
            { .media_type = std::move(media_type), .digest = std::move(digest), .size = size, .annotations = {} });
    }
    if (root.has("madeHere")) {
        auto const making = TRY(root.object("madeHere"));
        auto const parent = TRY(making.string("parent"));
        record.made_here = Making {};
        if (!parent.empty())
            record.made_here->parent = TRY(Digest::parse(parent));
    }
    return record;
}

std::string ReferenceRecord::key(oci::Reference const& reference)
{
    auto const canonical = reference.canonical();
    std::string name;
    for (auto const c : canonical) {
        auto const byte = static_cast<unsigned char>(c);
        auto const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.'
            || c == '_' || c == '-';
        if (plain) {
            name += c;
            continue;
        }
        name += '%';
        name += "0123456789ABCDEF"[byte >> 4U];
        name += "0123456789ABCDEF"[byte & 15U];
    }
    return "tags/" + (name.size() <= max_name_bytes ? name : Digest::of(canonical).hex());
}

std::string ReferenceRecord::to_json() const
{
    ordered_json document;
    document["reference"] = reference.canonical();
    document["image"] = image.to_string();
    return document.dump() + "\n";
}

Result<ReferenceRecord> ReferenceRecord::parse(std::string_view json)
{
    auto const document = TRY(oci::parse_json(json, "reference record", max_record_bytes));
    auto const root = TRY(JsonObject::root(document, "reference record"));
    auto const name = TRY(root.string("reference"));
    auto reference = TRY(oci::Reference::parse(name));
    auto image = TRY(parse_digest(root, "image"));
    return ReferenceRecord { .reference = std::move(reference), .image = std::move(image) };
}

}
