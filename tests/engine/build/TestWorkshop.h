#pragma once

// An engine for builds that is small enough to see through: stores in memory, sheets in memory, and containers whose
// program is a function of the test's.

#include "engine/build/Builder.h"
#include "engine/unionfs/LayerBranch.h"
#include "engine/unionfs/LayerDiff.h"
#include "engine/unionfs/MemoryWritableBranch.h"
#include "sim/time/LiveScheduler.h"
#include "tests/support/Catch.h"
#include "tests/support/Images.h"

#include <fmt/format.h>

namespace drydock::tests {

class TestWorkshop final : public build::Workshop {
public:
    // What a RUN does: the command, its environment, and the root that it may change; yields the exit status.
    using Program = std::function<int(build::StepPlan const&, unionfs::UnionMount& root)>;

    TestWorkshop()
    {
        auto const base = small_image({ tar_of({ { "etc/passwd", "root:x:0:0::/:\napp:x:7:8::/:\n" },
            { "etc/group", "root:x:0:\nstaff:x:50:\n" }, { "old", "old" } }) });
        REQUIRE_OK(put_parts(base, content, layers));
        auto const name = REQUIRE_OK(oci::Reference::parse("base"));
        REQUIRE_OK(images->add(base.config, base.layers, {}, name));
    }

    class MountSheet : public build::Sheet {
    public:
        MountSheet(TestWorkshop& workshop, std::optional<image::Image> const& on)
            : m_workshop(workshop)
        {
            unionfs::Stack stack { m_sheet, {}, {} };
            if (on)
                m_workshop.stack(stack, *on);
            m_below = std::make_unique<unionfs::UnionMount>(
                unionfs::Stack { nullptr, stack.layers, stack.diff_ids }, ContainerId {}, trace::Publisher());
            m_root = std::make_unique<unionfs::UnionMount>(std::move(stack), ContainerId {}, trace::Publisher());
        }
        unionfs::UnionMount& root() override { return *m_root; }
        Result<std::optional<image::MadeLayer>> commit() override
        {
            auto const made = TRY(image::NewLayer::begin(m_workshop.content, m_workshop.layers, *m_workshop.held));
            auto const members = TRY(
                unionfs::write_layer_diff(*m_sheet, *m_below, [&](std::string_view tar) { return made->write(tar); }));
            if (members == 0)
                return std::nullopt;
            return TRY(made->finish());
        }

    private:
        TestWorkshop& m_workshop;
        std::shared_ptr<unionfs::MemoryWritableBranch> m_sheet
            = std::make_shared<unionfs::MemoryWritableBranch>(m_workshop.clock);
        std::unique_ptr<unionfs::UnionMount> m_below;
        std::unique_ptr<unionfs::UnionMount> m_root;
    };

    class FunctionContainer final : public build::StepContainer {
    public:
        FunctionContainer(TestWorkshop& workshop, image::Image const& on, build::StepPlan plan)
            : m_workshop(workshop)
            , m_sheet(workshop, on)
            , m_plan(std::move(plan))
        {
            ++m_workshop.containers;
        }
        ContainerId const& id() const override { return m_id; }
        Result<int> run(std::function<void(bool, std::string_view)> const& output) override
        {
            output(false, "ran\n");
            return m_workshop.program(m_plan, m_sheet.root());
        }
        Result<std::optional<image::MadeLayer>> commit() override
        {
            if (m_workshop.disk_is_full)
                return failed("write(2)", ENOSPC);
            return m_sheet.commit();
        }
        Result<void> remove() override
        {
            --m_workshop.containers;
            return {};
        }

    private:
        TestWorkshop& m_workshop;
        MountSheet m_sheet;
        build::StepPlan m_plan;
        ContainerId m_id { "c0ffee0000000000" };
    };

    Result<image::Image> base(std::string const& reference) override { return images->find(reference); }
    std::optional<image::Image> made_before(
        std::optional<oci::Digest> const& parent, std::string const& created_by) const override
    {
        return images->made_before(parent, created_by);
    }
    std::vector<image::Image> made_from(std::optional<oci::Digest> const& parent) const override
    {
        return images->made_from(parent);
    }
    Result<std::uint64_t> size_of(oci::DiffId const& layer) const override { return layers.size(layer); }
    Result<image::Image> store(oci::ImageConfig const& config, std::vector<oci::Descriptor> blobs,
        std::optional<oci::Digest> const& parent) override
    {
        auto const text = config.to_json();
        auto const id = oci::Digest::of(text);
        TRY(content.put(id, text, trace::Verified::Blob));
        return images->add_made(id, std::move(blobs), parent);
    }
    Result<std::unique_ptr<unionfs::UnionMount const>> files_of(image::Image const& image) override
    {
        unionfs::Stack its { nullptr, {}, {} };
        stack(its, image);
        return std::make_unique<unionfs::UnionMount>(std::move(its), ContainerId {}, trace::Publisher());
    }
    Result<std::unique_ptr<build::Sheet>> sheet(std::optional<image::Image> const& on) override
    {
        return std::make_unique<MountSheet>(*this, on);
    }
    Result<std::unique_ptr<build::StepContainer>> container(
        image::Image const& image, build::StepPlan const& plan) override
    {
        return std::make_unique<FunctionContainer>(*this, image, plan);
    }
    content::Storage& storage() override { return *store_of_all; }
    std::string scratch_key() override { return "builds/" + std::to_string(next++); }
    Timestamp now() const override { return { 1'000'000'000'000 + 1'000'000'000 * static_cast<std::int64_t>(next++) }; }
    bool cancelled() const override { return stopped; }

    void stack(unionfs::Stack& its, image::Image const& image)
    {
        for (auto id = image.config.diff_ids.rbegin(); id != image.config.diff_ids.rend(); ++id) {
            auto const layer = REQUIRE_OK(layers.open(*id));
            its.layers.push_back(REQUIRE_OK(unionfs::LayerBranch::create(layer)));
            its.diff_ids.push_back(*id);
        }
    }

    // One build. `error` is empty where it went well.
    struct Built {
        std::string output;
        std::string error;
        int exit_code { 0 };
        std::optional<image::Image> image;
    };
    Built build(
        std::string const& dockerfile, std::string const& context = tar_of({}), build::BuildOptions options = {})
    {
        Built built;
        build::TarTreeWriter writer(storage(), scratch_key());
        auto const arrived = writer.write(context);
        auto tree = arrived ? writer.finish() : Result<std::unique_ptr<build::TarTree>>(fail(arrived.error()));
        if (!tree) {
            built.error = tree.error().message();
            return built;
        }
        build::Builder builder(
            *this, **tree, std::move(options), [&](std::string_view text) { built.output += text; }, {});
        auto const read = builder.read(dockerfile);
        auto const image = read ? builder.run() : Result<image::Image>(fail(read.error()));
        built.exit_code = builder.exit_code();
        if (image)
            built.image = *image;
        else
            built.error = image.error().message();
        return built;
    }
    // A file of an image, "(none)" where it has none.
    std::string file(image::Image const& image, std::string const& path)
    {
        auto const files = REQUIRE_OK(files_of(image));
        return files->read_all(path).value_or("(none)");
    }
    std::string describe(image::Image const& image, std::string const& path)
    {
        auto const files = REQUIRE_OK(files_of(image));
        auto const a = files->stat(path);
        return a ? fmt::format("{:o} {}:{} {}", a->mode, a->uid, a->gid, a->mtime / 1'000'000'000) : "(none)";
    }

    LiveScheduler clock;
    std::unique_ptr<content::Storage> store_of_all { content::make_memory_storage() };
    content::ContentStore content { *store_of_all, {} };
    layer::LayerStore layers { *store_of_all, {} };
    std::unique_ptr<image::ImageStore> images { image::ImageStore::open(*store_of_all, content, layers, {}).value() };
    std::unique_ptr<image::ImageStore::Hold> held { images->hold() };
    Program program = [](build::StepPlan const&, unionfs::UnionMount&) { return 0; };
    std::uint64_t mutable next { 0 };
    int containers { 0 };
    bool stopped { false };
    bool disk_is_full { false }; // no container's changes can be written down
};

}
