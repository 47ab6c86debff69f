#include "engine/layer/TarReader.h"
#include "engine/unionfs/DirectoryWritableBranch.h"
#include "engine/unionfs/FuseServer.h"
#include "engine/unionfs/LayerDiff.h"
#include "engine/unionfs/Snapshots.h"
#include "tests/engine/unionfs/PrivateMounts.h"
#include "tests/engine/unionfs/oracle/Sequences.h"
#include "tests/support/TemporaryDirectory.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <regex>

using namespace drydock;
using namespace drydock::tests;
using namespace drydock::unionfs;
namespace fs = std::filesystem;

// The kernel's overlayfs is the oracle: the same random layers and operations are given to it and to UnionMount, and
// every errno, every answer, the merged trees and the marks in the upper directories must be equal. A failure prints
// its seed and what was done; DRYDOCK_ORACLE_SEED runs that one again, DRYDOCK_ORACLE_SEQUENCES sets how many.

namespace {

std::uint64_t from_environment(char const* name, std::uint64_t otherwise)
{
    auto const* const value = std::getenv(name);
    return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

// A tmpfs for one sequence, gone with it.
class Bench {
public:
    explicit Bench(fs::path root)
        : m_root(std::move(root))
    {
        REQUIRE(::mount("oracle", m_root.c_str(), "tmpfs", 0, "mode=0755") == 0);
        for (auto const* name : { "kernel-upper", "kernel-work", "merged", "upper", "work", "fuse" })
            REQUIRE((::mkdir((m_root / name).c_str(), 0755) == 0 && ::chmod((m_root / name).c_str(), 0755) == 0));
    }
    ~Bench()
    {
        ::umount2((m_root / "merged").c_str(), MNT_DETACH);
        ::umount2(m_root.c_str(), MNT_DETACH);
    }
    Bench(Bench const&) = delete;
    Bench& operator=(Bench const&) = delete;

    std::string operator/(char const* name) const { return m_root / name; }

    bool mount_overlay(std::vector<fs::path> const& lower) const
    {
        std::string options = "userxattr,index=off,xino=off,upperdir=" + *this / "kernel-upper";
        options += ",workdir=" + *this / "kernel-work" + ",lowerdir=";
        for (auto const& directory : lower)
            options += directory.string() + ":";
        options.pop_back();
        return ::mount("overlay", (*this / "merged").c_str(), "overlay", 0, options.c_str()) == 0;
    }

private:
    fs::path m_root;
};

struct Sequence {
    explicit Sequence(std::uint64_t seed)
        : random(seed)
        , layers(random_layers(random))
    {
        for (auto const& builder : layers)
            built.push_back(builder.build());
    }
    std::vector<Operation> operations()
    {
        std::vector<Operation> operations;
        for (int i = 0; i < 30; ++i)
            operations.push_back(random_operation(random));
        return operations;
    }

    Random random;
    std::vector<LayerBuilder> layers;
    std::vector<std::shared_ptr<layer::Layer const>> built;
};

std::string describe(Sequence const& sequence)
{
    std::string text;
    for (auto const& layer : sequence.built) {
        text += "layer:";
        for (auto const& entry : layer->entries)
            text += " " + entry.path + "(" + std::to_string(static_cast<int>(entry.type)) + " " + entry.link + ")";
        text += '\n';
    }
    return text;
}

// Hard links to what the same random layer replaced later lead nowhere: such a layer is refused, and no case.
bool is_valid(Sequence const& sequence)
{
    return std::all_of(sequence.built.begin(), sequence.built.end(),
        [](auto const& layer) { return LayerBranch::create(layer).has_value(); });
}

// A sheet as it would be had everything new happened at one moment: the test's runs differ in nothing else.
class AtOneMoment final : public Branch {
public:
    explicit AtOneMoment(Branch const& sheet)
        : m_sheet(sheet)
    {
    }
    Result<Found> look_up(std::string const& path) const override
    {
        auto found = TRY(m_sheet.look_up(path));
        return at_one_moment(found);
    }
    Result<std::vector<std::pair<std::string, Found>>> list(std::string const& path) const override
    {
        auto entries = TRY(m_sheet.list(path));
        for (auto& [name, found] : entries)
            found = at_one_moment(found);
        return entries;
    }
    Result<std::shared_ptr<content::ReadableFile const>> open(std::string const& path) const override
    {
        return m_sheet.open(path);
    }
    Result<std::string> read_link(std::string const& path) const override { return m_sheet.read_link(path); }
    Result<std::map<std::string, std::string>> xattrs(std::string const& path) const override
    {
        return m_sheet.xattrs(path);
    }

private:
    static Found at_one_moment(Found found)
    {
        constexpr std::int64_t year_2010 = 1'262'304'000'000'000'000;
        found.attributes.mtime = std::min(found.attributes.mtime, year_2010);
        return found;
    }
    Branch const& m_sheet;
};

std::string layer_of(Branch const& sheet, std::vector<LayerBuilder> const& layers)
{
    UnionMount const below(stack_of(layers, nullptr), ContainerId { "below" }, {});
    std::string tar;
    REQUIRE_OK(write_layer_diff(AtOneMoment(sheet), below, [&](std::string_view bytes) -> Result<void> {
        tar += bytes;
        return {};
    }));
    return tar;
}

// The tree that the layers give with the diff on top of them, as a container of the committed image would see it.
std::string tree_with(std::string tar, std::vector<LayerBuilder> const& layers)
{
    layer::TarReader reader;
    REQUIRE_OK(reader.write(tar));
    auto contents = std::make_shared<Contents>();
    contents->bytes = std::move(tar);
    auto const id = oci::Digest::of(contents->bytes);
    auto const layer = std::make_shared<layer::Layer>(
        layer::Layer { { id }, contents->bytes.size(), REQUIRE_OK(reader.finish()), contents });
    auto stack = stack_of(layers, nullptr);
    stack.layers.insert(stack.layers.begin(), REQUIRE_OK(LayerBranch::create(layer)));
    stack.diff_ids.insert(stack.diff_ids.begin(), { id });
    return tree_of(UnionMount(stack, ContainerId { "committed" }, {}));
}

// Names, types, owners, contents: what a layer keeps. Times that are new are whole seconds there.
std::string without_times(std::string const& told)
{
    static std::regex const times(" links [0-9]+ size ([0-9]+) (now|[0-9]+)");
    return std::regex_replace(told, times, " size $1");
}

void compare(std::uint64_t seed, fs::path const& directory)
{
    Sequence sequence(seed);
    if (!is_valid(sequence))
        return;
    Bench const bench(directory);
    auto const snapshots = REQUIRE_OK(Snapshots::open(bench / "snapshots"));
    auto const lower = REQUIRE_OK(snapshots->lower(sequence.built));
    REQUIRE(bench.mount_overlay(lower));

    LiveScheduler clock;
    auto const memory = std::make_shared<MemoryWritableBranch>(clock);
    UnionMount in_memory(stack_of(sequence.layers, memory), ContainerId { "memory" }, {});
    auto const upper = REQUIRE_OK(DirectoryWritableBranch::open(bench / "upper", bench / "work"));
    Stack directories { upper, {}, {} };
    for (auto const& path : lower)
        directories.layers.push_back(REQUIRE_OK(DirectoryBranch::open(path)));
    UnionMount on_disk(directories, ContainerId { "disk" }, {});

    auto log = describe(sequence);
    for (auto const& operation : sequence.operations()) {
        auto const expected = perform_in_directory(bench / "merged", operation);
        log += to_string(operation) + " = " + std::to_string(expected.error) + " " + expected.told + "\n";
        CAPTURE(seed, log);
        auto const memory_outcome = perform_on_union(in_memory, operation);
        auto const disk_outcome = perform_on_union(on_disk, operation);
        REQUIRE(memory_outcome.error == expected.error);
        REQUIRE(memory_outcome.told == expected.told);
        REQUIRE(disk_outcome.error == expected.error);
        REQUIRE(disk_outcome.told == expected.told);
    }
    CAPTURE(seed, log);
    auto const tree = tree_of_directory(bench / "merged");
    REQUIRE(tree_of(in_memory) == tree);
    REQUIRE(tree_of(on_disk) == tree);
    auto const marks = marks_of(*REQUIRE_OK(DirectoryBranch::open(fs::path(bench / "kernel-upper"))));
    REQUIRE(marks_of(*memory) == marks);
    REQUIRE(marks_of(*upper) == marks);

    auto const committed
        = layer_of(*REQUIRE_OK(DirectoryBranch::open(fs::path(bench / "kernel-upper"))), sequence.layers);
    REQUIRE(oci::Digest::of(layer_of(*memory, sequence.layers)) == oci::Digest::of(committed));
    REQUIRE(oci::Digest::of(layer_of(*upper, sequence.layers)) == oci::Digest::of(committed));
    REQUIRE(without_times(tree_with(committed, sequence.layers)) == without_times(tree));
}

// Our server shows every directory with one link, as overlayfs shows those that merge.
std::string without_directory_links(std::string const& told)
{
    static std::regex const links("(d[0-7]+ [0-9]+:[0-9]+ links) [0-9]+");
    return std::regex_replace(told, links, "$1 -");
}

void compare_through_fuse(std::uint64_t seed, fs::path const& directory)
{
    Sequence sequence(seed);
    if (!is_valid(sequence))
        return;
    Bench const bench(directory);
    auto const snapshots = REQUIRE_OK(Snapshots::open(bench / "snapshots"));
    REQUIRE(bench.mount_overlay(REQUIRE_OK(snapshots->lower(sequence.built))));
    auto const upper = REQUIRE_OK(DirectoryWritableBranch::open(bench / "upper", bench / "work"));
    auto const mount
        = std::make_shared<UnionMount>(stack_of(sequence.layers, upper), ContainerId { "fuse" }, trace::Publisher());
    auto const fuse = REQUIRE_OK(FuseMount::mount(bench / "fuse", mount));

    auto log = describe(sequence);
    for (auto const& operation : sequence.operations()) {
        auto const expected = perform_in_directory(bench / "merged", operation);
        log += to_string(operation) + " = " + std::to_string(expected.error) + " " + expected.told + "\n";
        CAPTURE(seed, log);
        auto const outcome = perform_in_directory(bench / "fuse", operation);
        REQUIRE(outcome.error == expected.error);
        REQUIRE(without_directory_links(outcome.told) == without_directory_links(expected.told));
    }
    CAPTURE(seed, log);
    REQUIRE(without_directory_links(tree_of_directory(bench / "fuse"))
        == without_directory_links(tree_of_directory(bench / "merged")));
    auto const kernel_upper = REQUIRE_OK(DirectoryBranch::open(fs::path(bench / "kernel-upper")));
    REQUIRE(marks_of(*upper) == marks_of(*kernel_upper));
    REQUIRE(oci::Digest::of(layer_of(*upper, sequence.layers))
        == oci::Digest::of(layer_of(*kernel_upper, sequence.layers)));
}

bool have_overlay(fs::path const& directory)
{
    if (!have_private_mounts())
        return false;
    Bench const bench(directory);
    bool const have = bench.mount_overlay({ bench / "fuse" });
    if (!have)
        WARN("skipped: overlayfs with userxattr cannot be mounted here");
    return have;
}

template <class Run> void run_sequences(std::uint64_t otherwise, Run const& run)
{
    TemporaryDirectory directory;
    if (!have_overlay(directory.path()))
        return;
    ::umask(0);
    auto const first = from_environment("DRYDOCK_ORACLE_SEED", 1);
    auto const only_one = std::getenv("DRYDOCK_ORACLE_SEED") != nullptr;
    auto const count = only_one ? 1 : from_environment("DRYDOCK_ORACLE_SEQUENCES", otherwise);
    for (auto seed = first; seed < first + count; ++seed)
        run(seed, directory.path());
}

}

TEST_CASE("UnionMount: does what the kernel's overlayfs does, in memory and on disk, and commits the same layer",
    "[engine][unionfs]")
{
    run_sequences(2000, compare);
}

TEST_CASE("FuseServer: a program sees what it would see on the kernel's overlayfs", "[engine][unionfs]")
{
    if (have_fuse())
        run_sequences(100, compare_through_fuse);
}
