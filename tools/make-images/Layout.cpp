#include "tools/make-images/Layout.h"

#include "engine/layer/Gzip.h"

#include <fstream>

namespace drydock::tools {

namespace fs = std::filesystem;
using oci::Descriptor;
using oci::Digest;

namespace {

Result<void> write_file(fs::path const& path, std::string_view bytes)
{
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    if (!file)
        return fail(ErrorKind::Io, "cannot write " + path.string());
    return {};
}

Result<Descriptor> write_blob(fs::path const& directory, std::string_view media_type, std::string_view bytes)
{
    auto digest = Digest::of(bytes);
    TRY(write_file(directory / "blobs/sha256" / digest.hex(), bytes));
    return Descriptor { std::string(media_type), std::move(digest), bytes.size(), {} };
}

oci::Platform this_platform()
{
#if defined(__aarch64__)
    return { "arm64", "linux", "v8" };
#else
    return { "amd64", "linux", "" };
#endif
}

Result<oci::IndexEntry> write_image(fs::path const& directory, Recipe const& recipe)
{
    oci::Manifest manifest {
        .media_type = std::string(oci::media_type::oci_manifest), .config = { {}, Digest::of(""), 0, {} }, .layers = {}
    };
    oci::ImageConfig config;
    config.platform = this_platform();
    config.created = made_at_text;
    config.env = recipe.env;
    config.cmd = recipe.cmd;
    config.working_dir = recipe.working_dir;
    for (auto const& step : recipe.steps) {
        config.history.push_back({ std::string(made_at_text), step.created_by, "", !step.files });
        if (!step.files)
            continue;
        auto const tar = step.files->tar();
        config.diff_ids.push_back({ Digest::of(tar) });
        manifest.layers.push_back(TRY(write_blob(directory, oci::media_type::oci_layer_gzip, layer::gzip(tar))));
    }
    manifest.config = TRY(write_blob(directory, oci::media_type::oci_config, config.to_json()));
    auto descriptor = TRY(write_blob(directory, manifest.media_type, manifest.to_json()));
    descriptor.annotations["org.opencontainers.image.ref.name"] = recipe.name;
    return oci::IndexEntry { std::move(descriptor), config.platform };
}

}

Result<void> write_layout(fs::path const& directory, std::span<Recipe const> recipes)
{
    std::error_code error;
    fs::remove_all(directory, error);
    fs::create_directories(directory / "blobs/sha256", error);
    if (error)
        return fail(ErrorKind::Io, "cannot make " + directory.string() + ": " + error.message());
    oci::ImageIndex index { .media_type = std::string(oci::media_type::oci_index), .manifests = {} };
    for (auto const& recipe : recipes)
        index.manifests.push_back(TRY(write_image(directory, recipe)));
    TRY(write_file(directory / "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}"));
    return write_file(directory / "index.json", index.to_json());
}

}
