#include "engine/vmm/LayoutImage.h"

#include "engine/content/ContentStore.h"
#include "engine/layer/LayerStore.h"
#include "engine/unionfs/LayerBranch.h"

#include <fmt/format.h>

namespace drydock::vmm {

namespace {

constexpr std::uint64_t document_most = 4 << 20;
constexpr std::size_t piece = 256 << 10;

// Layers stay open in memory, with the storage that they lie in.
struct Held {
    Held(std::unique_ptr<content::Storage> s, std::unique_ptr<layer::LayerStore> l, unionfs::Stack stack,
        trace::Publisher const& publisher)
        : storage(std::move(s))
        , layers(std::move(l))
        , root(std::move(stack), {}, publisher)
    {
    }

    std::unique_ptr<content::Storage> storage;
    std::unique_ptr<layer::LayerStore> layers;
    unionfs::UnionMount root;
};

std::string key_of(oci::Digest const& digest)
{
    return fmt::format("blobs/{}/{}", digest.algorithm_name(), digest.hex());
}

Result<oci::Descriptor> find_manifest(content::Storage const& layout, std::string const& name)
{
    auto const text = TRY(layout.read("index.json", document_most));
    auto const index = TRY(oci::ImageIndex::parse(text, oci::media_type::oci_index));
    auto const tagged = name.find(':') == std::string::npos ? name + ":latest" : name;
    std::string names;
    for (auto const& entry : index.manifests) {
        auto const found = entry.descriptor.annotations.find("org.opencontainers.image.ref.name");
        if (found == entry.descriptor.annotations.end())
            continue;
        if (found->second == tagged || found->second == "library/" + tagged)
            return entry.descriptor;
        names += (names.empty() ? "" : ", ") + found->second;
    }
    return fail(ErrorKind::NotFound, fmt::format("there is no image {} beside the program; there are {}", name, names));
}

Result<std::shared_ptr<layer::Layer const>> read_layer(content::Storage const& layout, layer::LayerStore& layers,
    oci::Descriptor const& descriptor, oci::DiffId const& diff_id)
{
    auto const file = TRY(layout.open(key_of(descriptor.digest)));
    auto const compression = TRY(oci::layer_compression(descriptor.media_type));
    auto const writer = TRY(layers.begin(compression, diff_id));
    std::string buffer(piece, '\0');
    std::uint64_t at = 0;
    while (auto const count = TRY(file->read_at(at, buffer))) {
        TRY(writer->write(std::string_view(buffer).substr(0, count)));
        at += count;
    }
    return writer->finish(descriptor.digest);
}

}

Result<LayoutImage> open_layout_image(
    std::filesystem::path const& directory, std::string const& name, trace::Publisher const& publisher)
{
    auto const layout = content::open_read_only(directory);
    auto const found = TRY(find_manifest(*layout, name));
    auto const manifest_text = TRY(layout->read(key_of(found.digest), document_most));
    auto const manifest = TRY(oci::Manifest::parse(manifest_text, found.media_type));
    auto const config_text = TRY(layout->read(key_of(manifest.config.digest), document_most));
    auto config = TRY(oci::ImageConfig::parse(config_text));
    if (config.diff_ids.size() != manifest.layers.size())
        return fail(ErrorKind::Corrupt, name + " has not as many layers as its config says");
    auto storage = content::make_memory_storage();
    auto layers = std::make_unique<layer::LayerStore>(*storage, publisher);
    unionfs::Stack stack;
    for (std::size_t i = manifest.layers.size(); i-- > 0;) {
        auto const layer = TRY(read_layer(*layout, *layers, manifest.layers[i], config.diff_ids[i]));
        stack.layers.push_back(TRY(unionfs::LayerBranch::create(layer)));
        stack.diff_ids.push_back(config.diff_ids[i]);
    }
    auto held = std::make_shared<Held>(std::move(storage), std::move(layers), std::move(stack), publisher);
    return LayoutImage { std::move(config), { held, &held->root } };
}

Result<LayoutImage> open_stored_image(content::Storage& storage, oci::Digest const& id)
{
    content::ContentStore const content(storage, trace::Publisher());
    auto const text = TRY(content.read(id, document_most));
    auto config = TRY(oci::ImageConfig::parse(text));
    auto layers = std::make_unique<layer::LayerStore>(storage, trace::Publisher());
    unionfs::Stack stack;
    for (auto diff_id = config.diff_ids.rbegin(); diff_id != config.diff_ids.rend(); ++diff_id) {
        auto const layer = TRY(layers->open(*diff_id));
        stack.layers.push_back(TRY(unionfs::LayerBranch::create(layer)));
        stack.diff_ids.push_back(*diff_id);
    }
    auto held = std::make_shared<Held>(nullptr, std::move(layers), std::move(stack), trace::Publisher());
    return LayoutImage { std::move(config), { held, &held->root } };
}

}
