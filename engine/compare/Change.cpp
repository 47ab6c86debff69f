// What travels when one line has changed. The image has two layers, the program and a message of the day; the machine's
// image is what a guest starts from, its kernel and its root filesystem.

#include "engine/compare/Comparison.h"
#include "engine/layer/Gzip.h"
#include "engine/layer/TarWriter.h"
#include "engine/unionfs/DirectoryBranch.h"
#include "engine/vmm/GuestRoot.h"
#include "engine/vmm/MappedFile.h"
#include "sim/oci/Manifest.h"

#include <algorithm>
#include <fstream>

namespace fs = std::filesystem;

namespace drydock::compare {

namespace {

constexpr std::size_t block_size = 4096;
constexpr char const* what_changes = "bytes to ship a one-line change";

std::string layer_of(std::string const& path, std::string const& content)
{
    layer::MemoryTar tar;
    layer::Entry entry;
    entry.path = path;
    entry.size = content.size();
    tar.add(entry, content);
    return tar.finish();
}

// Manifest, config and the layer that changed; the program's layer is at the other side already.
std::size_t bytes_of_new_layers(std::string const& program, std::string const& message)
{
    auto const below = layer_of("drydock-yardstick", program);
    auto const above = layer_of("etc/motd", message);
    auto const packed_below = layer::gzip(below);
    auto const packed_above = layer::gzip(above);
    oci::ImageConfig config;
    config.diff_ids = { oci::DiffId { oci::Digest::of(below) }, oci::DiffId { oci::Digest::of(above) } };
    auto const config_json = config.to_json();
    oci::Manifest manifest { std::string(oci::media_type::oci_manifest),
        { std::string(oci::media_type::oci_config), oci::Digest::of(config_json), config_json.size(), {} }, {} };
    for (auto const* blob : { &packed_below, &packed_above })
        manifest.layers.push_back(
            { std::string(oci::media_type::oci_layer_gzip), oci::Digest::of(*blob), blob->size(), {} });
    return packed_above.size() + config_json.size() + manifest.to_json().size();
}

// Blocks of the new image that are not the same at the same place of the old one.
std::string changed_blocks(std::string_view before, std::string_view after)
{
    std::string changed;
    for (std::size_t at = 0; at < after.size(); at += block_size) {
        auto const block = after.substr(at, block_size);
        if (at >= before.size() || before.substr(at, block_size) != block)
            changed += block;
    }
    return changed;
}

Result<std::string> machine_image(Workplace const& place, std::string const& message)
{
    auto const tree = place.root / "etc";
    std::error_code error;
    fs::create_directories(tree, error);
    std::ofstream(tree / "motd", std::ios::trunc) << message;
    auto const target = place.directory / "changed-initramfs";
    auto const branch = TRY(unionfs::DirectoryBranch::open(place.root));
    unionfs::Stack stack;
    stack.layers.push_back(branch);
    unionfs::UnionMount const root(std::move(stack), {}, {});
    TRY(vmm::write_initramfs(
        target, root, place.guest_init, { .arguments = { "/drydock-yardstick", "line" }, .environment = {} }));
    auto const initramfs = TRY(vmm::MappedFile::open(target));
    std::string image;
    if (!place.kernel.empty()) {
        auto const kernel = TRY(vmm::MappedFile::open(place.kernel));
        image = kernel.bytes();
    }
    image += initramfs.bytes();
    return image;
}

Row row_of(std::string subject, std::size_t bytes, std::string how)
{
    auto const value = static_cast<double>(bytes);
    return { what_changes, std::move(subject), { value, "B", FigureKind::Measured, std::move(how) }, value, value, 1 };
}

}

Result<std::vector<Row>> measure_change(Workplace const& place)
{
    auto const program = TRY(vmm::MappedFile::open(place.root / "drydock-yardstick"));
    auto const before = TRY(machine_image(place, "Welcome aboard.\n"));
    auto const after = TRY(machine_image(place, "Welcome ashore.\n"));
    auto const blocks = changed_blocks(before, after);
    return std::vector<Row> {
        row_of("container: changed layers", bytes_of_new_layers(std::string(program.bytes()), "Welcome ashore.\n"),
            "gzip layer of the changed file, manifest, config"),
        row_of("virtual machine: whole image", after.size(),
            place.kernel.empty() ? "root filesystem, without a kernel: there is none here"
                                 : "kernel and root filesystem"),
        row_of("virtual machine: compressed image", layer::gzip(after).size(), "the same, gzip"),
        row_of("virtual machine: block difference, compressed", layer::gzip(blocks).size(),
            "4 KiB blocks that differ at the same place, gzip; the best case: the new line is as long as the old one"),
    };
}

}
