#include "sim/timeline/Timeline.h"
#include "tests/support/Catch.h"
#include "tests/support/SampleTraces.h"
#include "visual/stage/Names.h"
#include "visual/view/UnionModel.h"

using namespace drydock;
using testing::SampleTrace;
using view::UnionModel;

namespace {

struct Ann {
    Ann()
    {
        SampleTrace(log).files_through_layers();
        model = models.model(world(), log, stage::id_of(SampleTrace::box("c1")));
        REQUIRE(model != nullptr);
    }
    world::World const& world() { return timeline.world_at(log.size()); }
    std::string shown(view::UnionFilter const& filter) const
    {
        std::string text;
        for (auto const row : view::visible_rows(*model, filter))
            text += model->merged.rows[row].path + " ";
        return text;
    }

    trace::EventLog log;
    timeline::Timeline timeline { log };
    view::UnionModels models;
    std::shared_ptr<UnionModel const> model;
};

}

TEST_CASE("Union model: the sheet stands before its image's layers, topmost first", "[visual][view]")
{
    Ann ann;
    auto const& columns = ann.model->columns;
    REQUIRE(columns.size() == 5);
    CHECK(columns[0].is_sheet);
    CHECK(columns[1].title == "Layer 4");
    CHECK(columns[1].created_by == "RUN rm /app/big /app/token; echo welcome > /etc/motd");
    CHECK(columns[4].title == "Layer 1");
    CHECK(ann.model->merged.find("/etc/greeting")->answer()->branch == 0);
    CHECK(ann.model->merged.find("/app/big")->answer() == nullptr);
    CHECK(ann.model->weights[3].deleted == 1'200'007); // /app/big and /app/token
}

TEST_CASE("Union model: containers come before images, and what is selected is looked at", "[visual][view]")
{
    Ann ann;
    auto const subjects = view::union_subjects(ann.world());
    REQUIRE(subjects.size() == 3);
    CHECK(subjects[0].name == "ann");
    CHECK(subjects[1].name == "busybox:latest");
    auto const& world = ann.world();
    auto const ann_id = subjects[0].id, image = subjects[1].id;
    CHECK(view::union_subject(world, "", "", "", nullptr) == ann_id);
    CHECK(view::union_subject(world, ann_id + "/sheet/etc/greeting", image, "", nullptr) == ann_id);
    CHECK(view::union_subject(world, "layer:1234", image, "", nullptr) == image);
    // Nothing was chosen: it follows the story to a container, and does not leave it for an image.
    stage::Beat beat;
    beat.focus = { "narration", ann_id + "/sheet" };
    CHECK(view::union_subject(world, "", "", image, &beat) == ann_id);
    beat.focus = { image };
    CHECK(view::union_subject(world, "", "", ann_id, &beat) == ann_id);
    // Before there is a container, the image that the story is about.
    std::uint64_t created = 0;
    while (!ann.log[created].event.is<trace::ContainerCreated>())
        ++created;
    auto const before = ann.timeline.world_at(created);
    CHECK(view::union_subject(before, "", "", "", &beat) == image);
    CHECK(ann.models.model(ann.world(), ann.log, "image:nothing") == nullptr);
}

TEST_CASE("Union model: a moment that changed nothing in the stack is not computed again", "[visual][view]")
{
    Ann ann;
    auto const again
        = ann.models.model(ann.timeline.world_at(ann.log.size() - 1), ann.log, stage::id_of(SampleTrace::box("c1")));
    CHECK(again == ann.model);
    auto const before
        = ann.models.model(ann.timeline.world_at(ann.log.size() - 8), ann.log, stage::id_of(SampleTrace::box("c1")));
    CHECK(before != ann.model);
}

TEST_CASE("Union model: without the topmost branches one sees what they hide", "[visual][view]")
{
    Ann ann;
    auto const rest = ann.models.peeled(ann.model, 2); // the sheet, and the layer that deletes
    CHECK(rest->columns.front().title == "Layer 3");
    CHECK_FALSE(rest->container);
    REQUIRE(rest->merged.find("/app/token")->answer() != nullptr);
    CHECK(rest->merged.find("/app/token")->answer()->branch == 1);
    CHECK(rest->merged.find("/home/old")->answer() != nullptr);
    CHECK(ann.models.peeled(ann.model, 2) == rest);
    CHECK(ann.models.peeled(ann.model, 0) == ann.model);
    CHECK(ann.models.peeled(ann.model, 99)->columns.size() == 1);
}

TEST_CASE("Union model: rows fold, and a filter shows what fits with the directories above it", "[visual][view]")
{
    Ann ann;
    CHECK(ann.shown({}) == "/app /bin /etc /home ");
    CHECK(ann.shown({ .unfolded = { "/etc" } })
        == "/app /bin /etc /etc/greeting /etc/group /etc/motd /etc/passwd /home ");
    CHECK(ann.shown({ .text = "greet" }) == "/app /app/greet.sh /etc /etc/greeting ");
    CHECK(ann.shown({ .only_changes = true })
        == "/app /app/big /app/new /app/notes.txt /app/token /etc /etc/greeting /home /home/old ");
    CHECK(ann.shown({ .revealed = "/home/old" }) == "/app /bin /etc /home /home/old ");
    CHECK(ann.shown({ .text = "nothing is called that" }).empty());
    CHECK(view::directories_with_changes(*ann.model, 24) == std::set<std::string> { "/app", "/etc", "/home" });
    CHECK(view::directories_with_changes(*ann.model, 4).empty());
}

TEST_CASE("Union model: what a beat does to files of the container is told in order", "[visual][view]")
{
    Ann ann;
    stage::Beat beat;
    beat.first_record = 0;
    beat.end_record = ann.log.size();
    auto const found = view::union_actions(beat, ann.log, SampleTrace::box("c1"));
    REQUIRE(found.size() == 9);
    CHECK(found[0].motion == view::UnionMotion::LookUp);
    CHECK(found[2].motion == view::UnionMotion::CopyUp);
    CHECK(found[2].path == "/etc/greeting");
    CHECK(found[2].from == 3);
    CHECK(found[2].bytes == 12);
    CHECK(view::union_actions(beat, ann.log, SampleTrace::box("c2")).empty());
    CHECK(view::written_paths(ann.log, SampleTrace::box("c1"), 0, ann.log.size())
        == std::set<std::string> { "/app/new", "/app/notes.txt", "/etc", "/etc/greeting" });
}
