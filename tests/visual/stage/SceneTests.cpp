#include "tests/support/Generate.h"
#include "tests/support/Pictures.h"
#include "tests/support/SampleTraces.h"
#include "visual/platform/Offscreen.h"
#include "visual/stage/Names.h"
#include "visual/stage/Painter.h"
#include "visual/stage/Scene.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

using namespace drydock;
using namespace drydock::stage;
using trace::Depth;

namespace {

// A grid of characters instead of fonts: snapshots then speak of the arrangement alone.
Ruler grid_ruler()
{
    auto const width = [](theme::Style style, std::string_view text) {
        return static_cast<float>(text.size()) * theme::type_style(style).em * 0.55f;
    };
    return { .width = width, .paragraph_height = [width](theme::Style style, std::string_view text, float room) {
                return std::ceil(width(style, text) / room) * theme::type_style(style).em * 1.4f;
            } };
}

struct Stage {
    explicit Stage(void (testing::SampleTrace::*play)(), Depth depth = Depth::Role)
        : choreography(depth)
        , timeline(log)
        , director(timeline, choreography)
        , look { .view = { { 0, 56, 1280, 516 }, depth }, .selected = {} }
    {
        (testing::SampleTrace(log).*play)();
        choreography.extend(log);
    }
    std::string at(double story) { return dump(director.scene(story, look, grid_ruler())); }

    trace::EventLog log;
    Choreography choreography;
    timeline::Timeline timeline;
    Director director;
    Look look;
};

constexpr auto anatomy = &testing::SampleTrace::anatomy_of_docker_run;
constexpr auto sheets = &testing::SampleTrace::the_read_write_layer;
constexpr auto race = &testing::SampleTrace::race;
constexpr auto guest = &testing::SampleTrace::a_guest_boots;

// Compares with the text that somebody approved; DRYDOCK_UPDATE_SNAPSHOTS=1 approves what there is now.
void check_snapshot(std::string const& name, std::string const& actual)
{
    auto const path = "tests/visual/stage/snapshots/" + name + ".txt";
    if (std::getenv("DRYDOCK_UPDATE_SNAPSHOTS") != nullptr)
        std::ofstream(path) << actual;
    std::ifstream file(path);
    std::stringstream expected;
    expected << file.rdbuf();
    INFO(path);
    CHECK(expected.str() == actual);
}

}

TEST_CASE("Choreography: the anatomy of docker run takes a class about a minute", "[visual][stage]")
{
    Stage stage(anatomy);
    CHECK(stage.choreography.length() > 40);
    CHECK(stage.choreography.length() < 65);
    for (auto const& beat : stage.choreography.beats()) {
        CAPTURE(beat.caption);
        CHECK(beat.motion >= 0.4);
        CHECK(beat.motion <= 1.2);
        CHECK(beat.end - beat.begin > beat.motion);
        CHECK_FALSE(beat.caption.empty());
    }
}

TEST_CASE("Choreography: each depth shows more, and all of them show every record once", "[visual][stage]")
{
    Stage role(anatomy, Depth::Role), object(anatomy, Depth::Object), metal(anatomy, Depth::Metal);
    CHECK(role.choreography.beats().size() < object.choreography.beats().size());
    CHECK(object.choreography.beats().size() < metal.choreography.beats().size());
    for (auto const* stage : { &role, &object, &metal }) {
        std::uint64_t next = 0;
        for (auto const& beat : stage->choreography.beats()) {
            CHECK(beat.first_record == next);
            next = beat.end_record;
        }
        CHECK(next == stage->log.size());
    }
}

TEST_CASE("Choreography: what comes later changes no beat but the last", "[visual][stage]")
{
    Stage whole(anatomy);
    trace::EventLog growing;
    Choreography choreography(Depth::Role);
    for (std::uint64_t i = 0; i < whole.log.size(); ++i) {
        growing.append(trace::Record(whole.log[i]));
        choreography.extend(growing);
        auto const& beats = choreography.beats();
        for (std::size_t b = 0; b + 1 < beats.size(); ++b)
            REQUIRE(beats[b] == whole.choreography.beats()[b]);
    }
    CHECK(choreography.beats() == whole.choreography.beats());
}

TEST_CASE("Scene: a moment looks the same however one came to it", "[visual][stage]")
{
    Stage stage(anatomy);
    auto const length = stage.choreography.length();
    std::vector<std::string> forward;
    for (double t = 0; t <= length; t += 1.7)
        forward.push_back(stage.at(t));
    for (std::size_t i = forward.size(); i-- > 0;)
        REQUIRE(stage.at(static_cast<double>(i) * 1.7) == forward[i]);
    Random random(9);
    for (int n = 0; n < 20; ++n) {
        auto const i = random.below(forward.size());
        Stage fresh(anatomy);
        REQUIRE(fresh.at(static_cast<double>(i) * 1.7) == forward[i]);
    }
}

TEST_CASE("Scene: every beat ends in a still", "[visual][stage]")
{
    Stage stage(anatomy);
    for (auto const& beat : stage.choreography.beats()) {
        CAPTURE(beat.caption);
        auto const late = stage.at(beat.end - 0.02);
        CHECK(late == stage.at(beat.end - 0.01));
    }
}

TEST_CASE("Scene: with reduced motion every moment of a beat is its still", "[visual][stage]")
{
    Stage stage(anatomy);
    stage.look.reduced_motion = true;
    for (auto const& beat : stage.choreography.beats())
        CHECK(stage.at(beat.begin + 0.001) == stage.at(beat.end - 0.001));
}

TEST_CASE("Scene: any event at any depth can be shown", "[visual][stage]")
{
    auto const depth = GENERATE(Depth::Role, Depth::Object, Depth::Metal);
    trace::EventLog log;
    Random random(77);
    for (int round = 0; round < 3; ++round) {
        for (auto& event : testing::one_of_each(random))
            log.append(testing::record_of(std::move(event)));
    }
    Choreography choreography(depth);
    choreography.extend(log);
    timeline::Timeline timeline(log);
    Director director(timeline, choreography);
    for (auto const& beat : choreography.beats()) {
        auto const scene = director.scene(
            beat.end - 0.001, { .view = { { 0, 56, 1280, 516 }, depth }, .selected = {} }, grid_ruler());
        CHECK(scene.caption == beat.caption);
    }
}

TEST_CASE("Scene: the arrangement of the anatomy is as approved", "[visual][stage][snapshot]")
{
    Stage stage(anatomy);
    for (auto const index : std::initializer_list<std::size_t> { 0, 2, 6, 8, 14, 18, 21, 24 })
        check_snapshot(fmt::format("anatomy-{:02}", index), stage.at(stage.choreography.beats()[index].end - 0.01));
}

TEST_CASE("Scene: the arrangement of the read-write layer is as approved", "[visual][stage][snapshot]")
{
    Stage stage(sheets);
    for (auto const index : std::initializer_list<std::size_t> { 8, 18, 22, 23 })
        check_snapshot(fmt::format("sheets-{:02}", index), stage.at(stage.choreography.beats()[index].end - 0.01));
}

namespace {

// What of a primitive is ink of text, as far as nothing drawn later covers it.
std::optional<Rect> text_area(Primitive const& primitive, canvas::Measure const& measure)
{
    auto const* text = std::get_if<TextShape>(&primitive.shape);
    if (text == nullptr || primitive.opacity < 0.2f)
        return {};
    auto area = primitive.rect;
    if (text->lines == 1) {
        auto const width = std::min(area.width, measure.width(text->style, text->text));
        auto const shift = text->align == canvas::Align::End ? area.width - width
            : text->align == canvas::Align::Center           ? (area.width - width) / 2
                                                             : 0;
        auto const height = theme::type_style(text->style).em;
        area = { area.x + shift, area.center().y - height / 2, width, height };
    } else {
        area.height = std::min(area.height, canvas::paragraph_height(measure, text->style, text->text, area.width));
    }
    return area;
}

bool is_opaque(Primitive const& primitive)
{
    return std::holds_alternative<BubbleShape>(primitive.shape) || std::holds_alternative<CardShape>(primitive.shape)
        || (std::holds_alternative<FillShape>(primitive.shape)
            && (primitive.id.find("@below") != std::string::npos || primitive.id.starts_with("blob:")));
}

std::vector<std::pair<std::string, Rect>> visible_texts(Scene const& scene, canvas::Measure const& measure)
{
    std::vector<std::pair<std::string, Rect>> texts;
    for (auto const& primitive : scene.primitives) {
        if (is_opaque(primitive))
            std::erase_if(texts, [&](auto const& text) { return text.second.overlaps(primitive.rect.inset(2)); });
        if (auto const area = text_area(primitive, measure))
            texts.emplace_back(std::get<TextShape>(primitive.shape).text, *area);
    }
    return texts;
}

}

namespace {

// A window of 1280x720 without its bars, and everything 1.15 times as large.
constexpr canvas::Size presenter_room { 1113, 539 };

bool is_below(std::string const& id, std::string_view parent)
{
    return id.starts_with(parent) && (id.size() == parent.size() || id[parent.size()] == '/');
}

// Chips, heads, states: what the picture cannot do without. Command lines and instructions may be of any length.
bool is_essential(Node const& node)
{
    switch (node.kind) {
    case NodeKind::Namespace:
    case NodeKind::Fact:
    case NodeKind::Container:
    case NodeKind::Crowd:
    case NodeKind::Sheet:
    case NodeKind::SheetEntry:
    case NodeKind::LayerFile:
    case NodeKind::Image:
    case NodeKind::Blob:
    case NodeKind::Daemon:
    case NodeKind::Client:
    case NodeKind::Registry:
    case NodeKind::RegistryItem:
    case NodeKind::Kernel:
    case NodeKind::Machine:
    case NodeKind::Hypervisor:
    case NodeKind::Guest:
    case NodeKind::GuestKernel:
    case NodeKind::Store: return true;
    case NodeKind::Host:
    case NodeKind::Wire:
    case NodeKind::GuestConsole:
    case NodeKind::Layer:
    case NodeKind::Process:
    case NodeKind::Column:
    case NodeKind::Ray:
    case NodeKind::Narration:
    case NodeKind::Trouble: return false;
    }
    return false;
}

}

TEST_CASE("Scene: no chip and no essential label is cut, in any room", "[visual][stage]")
{
    auto const play = GENERATE(anatomy, sheets, race, guest);
    auto const depth = GENERATE(Depth::Role, Depth::Object, Depth::Metal);
    auto const size = GENERATE(canvas::Size { 1280, 516 }, presenter_room, canvas::Size { 960, 516 });
    Stage stage(play, depth);
    stage.look.view.room = { 0, 56, size.width, size.height };
    theme::Fonts const fonts(1);
    canvas::Measure const measure(fonts);
    for (auto const& beat : stage.choreography.beats()) {
        auto const now = layout(stage.timeline.world_at(beat.end_record), stage.look.view, ruler_of(measure));
        auto const scene = stage.director.scene(beat.end - 0.01, stage.look, ruler_of(measure));
        for (auto const& primitive : scene.primitives) {
            auto const* text = std::get_if<TextShape>(&primitive.shape);
            auto const* node = now.find(primitive.id);
            if (text == nullptr || text->lines > 1 || node == nullptr || !is_essential(*node))
                continue;
            CAPTURE(beat.caption, primitive.id, text->text, size.width);
            CHECK(measure.width(text->style, text->text) <= primitive.rect.width + 1);
        }
    }
}

TEST_CASE("Scene: a caption stays on the stage and covers nothing that is lit", "[visual][stage]")
{
    auto const play = GENERATE(anatomy, sheets, race, guest);
    auto const depth = GENERATE(Depth::Role, Depth::Object, Depth::Metal);
    auto const size = GENERATE(canvas::Size { 1280, 516 }, presenter_room, canvas::Size { 960, 516 });
    Stage stage(play, depth);
    stage.look.view.room = { 0, 56, size.width, size.height };
    theme::Fonts const fonts(1);
    auto const ruler = ruler_of(canvas::Measure(fonts));
    for (auto const& beat : stage.choreography.beats()) {
        auto const scene = stage.director.scene(beat.end - 0.01, stage.look, ruler);
        auto const bubble = std::find_if(scene.primitives.begin(), scene.primitives.end(),
            [](auto const& primitive) { return std::holds_alternative<BubbleShape>(primitive.shape); });
        if (bubble == scene.primitives.end())
            continue;
        CAPTURE(beat.caption, size.width);
        CHECK(stage.look.view.room.contains(bubble->rect));
        for (auto const& node : layout(stage.timeline.world_at(beat.end_record), stage.look.view, ruler).nodes) {
            bool const lit = std::any_of(
                beat.focus.begin(), beat.focus.end(), [&](auto const& id) { return is_below(node.id, id); });
            auto const covered = canvas::intersected(bubble->rect, node.rect);
            CAPTURE(node.id);
            CHECK((!lit || covered.width <= 1 || covered.height <= 1));
        }
    }
}

TEST_CASE("Scene: no two labels overlap, in any room", "[visual][stage]")
{
    auto const play = GENERATE(anatomy, sheets);
    auto const depth = GENERATE(Depth::Role, Depth::Object, Depth::Metal);
    auto const size
        = GENERATE(canvas::Size { 1280, 516 }, presenter_room, canvas::Size { 960, 516 }, canvas::Size { 1600, 760 });
    Stage stage(play, depth);
    stage.look.view.room = { 0, 56, size.width, size.height };
    theme::Fonts const fonts(1);
    canvas::Measure const measure(fonts);
    for (auto const& beat : stage.choreography.beats()) {
        auto const scene = stage.director.scene(beat.end - 0.01, stage.look, ruler_of(measure));
        auto const texts = visible_texts(scene, measure);
        for (std::size_t a = 0; a < texts.size(); ++a) {
            for (std::size_t b = a + 1; b < texts.size(); ++b) {
                auto const common = canvas::intersected(texts[a].second, texts[b].second);
                if (common.width <= 1 || common.height <= 1)
                    continue;
                CAPTURE(beat.caption, texts[a].first, texts[b].first, size.width);
                FAIL_CHECK("labels overlap");
            }
        }
    }
}

TEST_CASE("Scene: pictures of four moments", "[visual][stage][pictures]")
{
    auto const picture = [](Stage& stage, std::size_t beat, theme::ThemeName name = theme::ThemeName::Dark) {
        platform::Offscreen screen(theme::theme(name));
        return screen.render_frame(1280, 720, 1, 0, [&](canvas::Canvas& canvas) {
            canvas::stage_ground(canvas, canvas.bounds());
            auto const t = stage.choreography.beats()[beat].end - 0.01;
            draw(stage.director.scene(t, stage.look, ruler_of(canvas.measure())), canvas);
        });
    };
    Stage run(anatomy), two(sheets);
    CHECK_PICTURE("tests/visual/stage/pictures/request.png", picture(run, 2));
    CHECK_PICTURE("tests/visual/stage/pictures/namespaces.png", picture(run, 18));
    CHECK_PICTURE("tests/visual/stage/pictures/two-sheets.png", picture(two, 18));
    CHECK_PICTURE("tests/visual/stage/pictures/copy-up.png", picture(two, 22));
    CHECK_PICTURE("tests/visual/stage/pictures/two-sheets-light.png", picture(two, 18, theme::ThemeName::Light));
    CHECK_PICTURE(
        "tests/visual/stage/pictures/two-sheets-projector.png", picture(two, 18, theme::ThemeName::Projector));
    CHECK_PICTURE("tests/visual/stage/pictures/request-light.png", picture(run, 2, theme::ThemeName::Light));
    CHECK_PICTURE("tests/visual/stage/pictures/request-projector.png", picture(run, 2, theme::ThemeName::Projector));
}

namespace {

world::World crowded(std::size_t containers, std::size_t images)
{
    world::World world;
    HostId const laptop { "laptop" };
    world.machines = { laptop };
    world.shown = laptop;
    ActorId const daemon { "daemon" };
    world.actors[daemon] = { daemon, laptop, trace::ActorRole::Daemon, "drydockd", "" };
    for (std::size_t i = 0; i < images; ++i) {
        auto const id = oci::Digest::of(fmt::format("image {}", i));
        world.hosts[laptop].images.insert(
            { id, world::Image { .id = id, .layers = {}, .tags = { fmt::format("app:{}", i) } } });
    }
    auto const first = world.hosts[laptop].images.begin()->first;
    for (std::size_t i = 0; i < containers; ++i) {
        ContainerId const id { fmt::format("{:064x}", i + 1) };
        world.containers[id] = { .id = id, .host = laptop, .name = fmt::format("web-{:03}", i), .image = first };
        world.containers[id].state = i % 10 == 0 ? world::ContainerState::Exited : world::ContainerState::Running;
    }
    return world;
}

}

TEST_CASE("Layout: 200 containers and 40 images keep their places, their names and their number", "[visual][stage]")
{
    theme::Fonts const fonts(1);
    canvas::Measure const measure(fonts);
    for (auto const size : { canvas::Size { 1280, 516 }, canvas::Size { 960, 516 }, canvas::Size { 1920, 900 } }) {
        View const view { .room = { 0, 56, size.width, size.height }, .depth = Depth::Role };
        for (std::size_t const containers : { 1u, 2u, 5u, 12u, 60u, 200u }) {
            auto const placed = layout(crowded(containers, 40), view, ruler_of(measure));
            std::size_t shown = 0, told = 0, stacks = 0;
            std::vector<Rect> taken;
            for (auto const& node : placed.nodes) {
                CHECK(node.rect.right() <= size.width + 1);
                stacks += node.kind == NodeKind::Image ? 1 : 0;
                if (node.kind == NodeKind::Container)
                    ++shown;
                if (node.kind == NodeKind::Crowd)
                    told += std::stoul(node.title);
                if (node.kind != NodeKind::Container && node.kind != NodeKind::Crowd)
                    continue;
                for (auto const& other : taken)
                    CHECK_FALSE(other.inset(1, 1).overlaps(node.rect));
                taken.push_back(node.rect);
                CHECK(node.rect.width >= (node.kind == NodeKind::Container ? 100 : 60));
            }
            CAPTURE(size.width, containers, shown, told);
            CHECK(shown + told == containers);
            CHECK(stacks >= 2);
            CHECK(stacks < 40);
        }
    }
}

TEST_CASE("Layout: of eight machines each has its whole name", "[visual][stage]")
{
    theme::Fonts const fonts(1);
    canvas::Measure const measure(fonts);
    auto world = crowded(3, 2);
    for (auto const* name : { "test", "prod-a", "prod-b", "edge-north", "edge-south", "build-farm", "archive" })
        world.machines.emplace_back(name);
    auto const placed = layout(world, { .room = { 0, 56, 1280, 516 } }, ruler_of(measure));
    std::size_t names = 0;
    for (auto const& node : placed.nodes) {
        if (node.kind != NodeKind::Machine)
            continue;
        std::vector<Primitive> painted;
        paint(node, { .rect = node.rect }, ruler_of(measure), painted);
        for (auto const& primitive : painted) {
            auto const* text = std::get_if<TextShape>(&primitive.shape);
            if (text == nullptr || text->text != node.title)
                continue;
            ++names;
            CAPTURE(node.title);
            CHECK(measure.width(text->style, text->text) <= primitive.rect.width);
        }
    }
    CHECK(names == 8);
}

TEST_CASE("Layout: a sheet says whole how many of its entries have no room", "[visual][stage]")
{
    theme::Fonts const fonts(1);
    canvas::Measure const measure(fonts);
    View const view { .room = { 0, 56, 1280, 516 }, .depth = Depth::Object };
    auto const containers = GENERATE(1u, 2u, 3u);
    auto world = crowded(containers, 1);
    auto& box = world.containers.begin()->second;
    box.has_sheet = true;
    for (std::size_t entries = 1; entries <= 12; ++entries) {
        box.sheet[fmt::format("/p{}", std::string(entries % 3 == 0 ? 9 : 1, static_cast<char>('a' + entries)))] = {};
        std::size_t shown = 0, told = 0;
        for (auto const& node : layout(world, view, ruler_of(measure)).nodes) {
            if (node.kind != NodeKind::SheetEntry)
                continue;
            bool const rest = node.id.ends_with("…");
            shown += rest ? 0 : 1;
            told += rest ? std::stoul(node.title) : 0;
            CAPTURE(node.title, node.rect.width);
            CHECK((!rest || measure.width(theme::Style::Caption, node.title) + 18 <= node.rect.width));
        }
        CAPTURE(containers, entries, shown, told);
        CHECK(shown + told == entries);
    }
}

TEST_CASE("Layout: a process is shown whole or not at all", "[visual][stage]")
{
    theme::Fonts const fonts(1);
    canvas::Measure const measure(fonts);
    auto world = crowded(1, 1);
    auto& box = world.containers.begin()->second;
    box.state = world::ContainerState::Running;
    box.has_sheet = true;
    box.sheet["/etc"] = {};
    box.processes[1] = { .pid = 1, .host_pid = 4711, .command = { "sleep", "1000" } };
    bool shown = false;
    for (float height = 280; height <= 520; height += 4) {
        View const view { .room = { 0, 56, 1280, height }, .depth = Depth::Role };
        auto const placed = layout(world, view, ruler_of(measure));
        auto const* sheet = placed.find(sheet_id(box.id));
        auto const* process = placed.find(process_id(box.id, 1));
        shown = shown || process != nullptr;
        CAPTURE(height);
        REQUIRE(sheet != nullptr);
        CHECK((process == nullptr || (process->rect.height >= 27 && process->rect.bottom() <= sheet->rect.y)));
    }
    CHECK(shown);
}

TEST_CASE("Scene: pictures of guest machines, on the host's kernel and with their own", "[visual][stage][pictures]")
{
    auto const picture = [](Stage& stage, std::string_view phase, theme::ThemeName name) {
        platform::Offscreen screen(theme::theme(name));
        return screen.render_frame(1280, 720, 1, 0, [&](canvas::Canvas& canvas) {
            canvas::stage_ground(canvas, canvas.bounds());
            auto const& beats = stage.choreography.beats();
            auto const beat = std::find_if(beats.begin(), beats.end(), [&](stage::Beat const& b) {
                auto const* reached = stage.log[b.lead].event.get_if<trace::GuestPhaseReached>();
                return reached != nullptr && reached->phase == phase;
            });
            REQUIRE(beat != beats.end());
            draw(stage.director.scene(beat->end - 0.01, stage.look, ruler_of(canvas.measure())), canvas);
        });
    };
    Stage both(race), booted(guest);
    for (auto const name : theme::all_themes) {
        CHECK_PICTURE(fmt::format("tests/visual/stage/pictures/guest-and-container-{}.png", theme::theme(name).name),
            picture(both, "services", name));
        CHECK_PICTURE(fmt::format("tests/visual/stage/pictures/guest-{}.png", theme::theme(name).name),
            picture(booted, "first output", name));
    }
}
