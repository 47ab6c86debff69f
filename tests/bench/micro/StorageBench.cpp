// Layers and their union: indexing a layer as it streams in, and looking paths up in a stack.

#include "engine/layer/Gzip.h"
#include "engine/layer/LayerStore.h"
#include "engine/layer/TarWriter.h"
#include "engine/unionfs/LayerBranch.h"
#include "engine/unionfs/MemoryWritableBranch.h"
#include "engine/unionfs/UnionMount.h"
#include "sim/core/Random.h"
#include "sim/core/Verify.h"
#include "sim/time/LiveScheduler.h"

#include <benchmark/benchmark.h>

using namespace drydock;

namespace {

constexpr int files_per_layer = 2000;

std::string path_of(int layer, int file)
{
    return "dir" + std::to_string(file % 40) + "/layer" + std::to_string(layer) + "-file" + std::to_string(file);
}

// A layer's tar with text-like content of 4 kB a file, which compresses about as /usr does.
std::string make_tar(int layer)
{
    layer::MemoryTar tar;
    Random random(static_cast<std::uint64_t>(layer) + 1);
    for (int file = 0; file < files_per_layer; ++file) {
        std::string content;
        while (content.size() < 4096)
            content += "word" + std::to_string(random.below(300)) + " ";
        layer::Entry entry;
        entry.path = path_of(layer, file);
        entry.size = content.size();
        tar.add(entry, content);
    }
    return tar.finish();
}

std::shared_ptr<layer::Layer const> store(layer::LayerStore& store, std::string const& tar, std::string const& blob)
{
    auto writer = store.begin(oci::Compression::Gzip, { oci::Digest::of(tar) });
    VERIFY(writer && (*writer)->write(blob));
    auto layer = (*writer)->finish(oci::Digest::of(blob));
    VERIFY(layer);
    return *layer;
}

void index_layer(benchmark::State& state)
{
    auto const tar = make_tar(0);
    auto const blob = layer::gzip(tar);
    for (auto _ : state) {
        auto const storage = content::make_memory_storage();
        layer::LayerStore layers(*storage, {});
        benchmark::DoNotOptimize(store(layers, tar, blob));
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(tar.size()));
    state.counters["entries"] = files_per_layer;
}
BENCHMARK(index_layer)->Unit(benchmark::kMillisecond);

// stat(2) of files that lie in each of `range` layers, through the whole stack.
void look_up(benchmark::State& state)
{
    auto const depth = static_cast<int>(state.range(0));
    auto const storage = content::make_memory_storage();
    layer::LayerStore layers(*storage, {});
    LiveScheduler const clock;
    unionfs::Stack stack { .writable = std::make_shared<unionfs::MemoryWritableBranch>(clock) };
    for (int i = 0; i < depth; ++i) {
        auto const tar = make_tar(i);
        auto branch = unionfs::LayerBranch::create(store(layers, tar, layer::gzip(tar)));
        VERIFY(branch);
        stack.layers.push_back(*branch);
    }
    unionfs::UnionMount const mount(std::move(stack), ContainerId { "bench" }, {});
    int i = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(mount.stat("/" + path_of(i % depth, i % files_per_layer)));
        ++i;
    }
}
BENCHMARK(look_up)->Arg(1)->Arg(4)->Arg(16);

}
