#include "engine/image/Saver.h"

#include "engine/image/Pusher.h"
#include "engine/layer/TarWriter.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace drydock::image {

using nlohmann::ordered_json;
using oci::Digest;

namespace {

std::string path_of(Digest const& digest)
{
    return "blobs/" + std::string(digest.algorithm_name()) + "/" + digest.hex();
}

// The tags that a name stands for: itself, or all of a repository that is named without one.
std::vector<std::string> tags_meant(std::string const& name, std::vector<Image> const& all)
{
    auto const reference = oci::Reference::parse(name);
    if (!reference || reference->digest)
        return {};
    bool const has_tag = name.find(':', name.rfind('/') + 1) != std::string::npos;
    std::vector<std::string> tags;
    for (auto const& other : all) {
        for (auto const& tag : other.tags) {
            bool const fits = has_tag ? tag == reference->familiar()
                                      : tag.substr(0, tag.rfind(':')) == reference->familiar_repository();
            if (fits)
                tags.push_back(tag);
        }
    }
    return tags;
}

// Puts the plan together, each blob once.
class Planner {
public:
    Planner(content::ContentStore& content, Saver::Plan& plan)
        : m_content(content)
        , m_plan(plan)
    {
    }

    Result<void> add(Image const& image, std::vector<std::string> const& tags)
    {
        auto const document = TRY(manifest_of(m_content, image));
        add_text(path_of(document.digest), document.bytes);
        TRY(add_blob(image.id));
        std::vector<std::string> layers;
        for (auto const& layer : TRY(oci::Manifest::parse(document.bytes, document.media_type)).layers) {
            TRY(add_blob(layer.digest));
            layers.push_back(path_of(layer.digest));
        }
        oci::IndexEntry const entry { { document.media_type, document.digest, document.bytes.size(), {} },
            image.config.platform };
        for (auto const& tag : tags) {
            auto named = entry;
            auto const reference = TRY(oci::Reference::parse(tag));
            named.descriptor.annotations = { { "io.containerd.image.name", reference.canonical() },
                { "org.opencontainers.image.ref.name", reference.tag } };
            m_index.manifests.push_back(std::move(named));
            m_plan.references.push_back(tag);
        }
        if (tags.empty()) {
            m_index.manifests.push_back(entry);
            m_plan.references.push_back(image.id.to_string());
        }
        m_docker.push_back({ { "Config", path_of(image.id) },
            { "RepoTags", tags.empty() ? ordered_json(nullptr) : ordered_json(tags) }, { "Layers", layers } });
        return {};
    }

    void finish()
    {
        add_text("index.json", m_index.to_json());
        add_text("manifest.json", m_docker.dump() + "\n");
        add_text("oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
        std::sort(
            m_plan.files.begin(), m_plan.files.end(), [](auto const& a, auto const& b) { return a.name < b.name; });
    }

private:
    void add_text(std::string name, std::string text)
    {
        if (m_names.insert(name).second) {
            auto const size = text.size();
            m_plan.files.push_back({ std::move(name), std::move(text), std::nullopt, size });
        }
    }
    Result<void> add_blob(Digest const& digest)
    {
        m_plan.hold->blob(digest);
        if (m_names.insert(path_of(digest)).second) {
            auto const size = TRY(m_content.size(digest));
            m_plan.files.push_back({ path_of(digest), {}, digest, size });
        }
        return {};
    }

    content::ContentStore& m_content;
    Saver::Plan& m_plan;
    std::set<std::string> m_names;
    oci::ImageIndex m_index { std::string(oci::media_type::oci_index), {} };
    ordered_json m_docker = ordered_json::array();
};

layer::Entry directory_entry(std::string path)
{
    layer::Entry entry;
    entry.path = std::move(path);
    entry.type = layer::FileType::Directory;
    entry.mode = 0755;
    return entry;
}

}

Saver::Saver(content::ContentStore& content, ImageStore& images, trace::Publisher publisher)
    : m_content(content)
    , m_images(images)
    , m_publisher(std::move(publisher))
{
}

Result<Saver::Plan> Saver::plan(std::vector<std::string> const& names) const
{
    Plan plan;
    plan.hold = m_images.hold();
    auto const all = m_images.list();
    std::map<Digest, std::set<std::string>> wanted; // the tags of each image
    for (auto const& name : names) {
        auto const found = m_images.find(name);
        auto const tags = tags_meant(name, all);
        if (!found && tags.empty())
            return fail(found.error());
        if (found)
            wanted[found->id];
        for (auto const& tag : tags)
            wanted[TRY(m_images.find(tag)).id].insert(tag);
    }
    Planner planner(m_content, plan);
    for (auto const& [id, tags] : wanted) {
        auto const image = TRY(m_images.find(id.to_string()));
        TRY(planner.add(image, { tags.begin(), tags.end() }));
    }
    planner.finish();
    return plan;
}

Result<void> Saver::write(Plan const& plan, std::function<Result<void>(std::string_view)> const& sink) const
{
    layer::TarWriter tar(sink);
    for (auto const* const directory : { "blobs", "blobs/sha256" })
        TRY(tar.add(directory_entry(directory)));
    std::string buffer(256 * 1024, '\0');
    for (auto const& file : plan.files) {
        layer::Entry entry;
        entry.path = file.name;
        entry.size = file.size;
        if (!file.blob) {
            TRY(tar.add(entry, file.text));
            continue;
        }
        TRY(tar.begin(entry));
        auto const blob = TRY(m_content.open(*file.blob));
        for (std::uint64_t offset = 0; offset < file.size;) {
            auto const count = TRY(blob->read_at(offset, buffer));
            if (count == 0)
                return fail(ErrorKind::Corrupt, file.name + " is shorter than it was");
            TRY(tar.write(std::string_view(buffer).substr(0, count)));
            offset += count;
        }
    }
    TRY(tar.finish());
    m_publisher.publish(trace::ImagesSaved { .references = plan.references, .bytes = tar.size() });
    return {};
}

}
