// No text of the stage is cut off, none lies over another: in every shipped scenario, at every depth, in every size of
// window that is supported.

#include "sim/trace/TraceFile.h"
#include "sim/words/Language.h"
#include "tests/support/Catch.h"
#include "tests/support/TemporaryDirectory.h"
#include "visual/canvas/Text.h"
#include "visual/stage/Scene.h"
#include "visual/theme/Fonts.h"
#include "visual/view/Sight.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

using namespace drydock;

namespace fs = std::filesystem;

using canvas::Rect;

namespace {

struct Screen {
    int width, height;
    float zoom; // the user's
    bool presenter;

    float scale() const
    {
        auto const of_screen = theme::scale_for_height(static_cast<float>(height));
        return std::max(0.5f, std::round(of_screen * zoom * 4) / 4); // as visual/platform/Window.cpp does
    }
    // What draw_stage lays out: the window without bars and dock, shrunk or enlarged.
    Rect room() const
    {
        auto const w = static_cast<float>(width) / scale(), h = static_cast<float>(height) / scale();
        Rect const place { 0, 0, w, std::max(1.0f, h - theme::region::top_bar - (presenter ? 44.0f : 148.0f)) };
        return view::sight_of(view::MainView::Stage, place, { w, h }, presenter).room;
    }
};

std::vector<Screen> screens()
{
    std::vector<Screen> list;
    for (auto const& [width, height] : { std::pair { 1024, 768 }, { 1280, 720 }, { 1920, 1080 }, { 3840, 2160 } }) {
        for (float const zoom : { 0.75f, 1.0f, 1.5f, 2.5f })
            list.push_back({ width, height, zoom, false });
        list.push_back({ width, height, 1, true });
    }
    return list;
}

// Where the letters of a text lie, and what they say; nothing for shapes without words.
struct Ink {
    std::string id;
    std::string text;
    Rect place;
    std::size_t order; // in drawing
};

class Words {
public:
    Words(stage::Scene const& scene, canvas::Measure const& measure)
        : m_scene(scene)
        , m_measure(measure)
    {
        for (std::size_t i = 0; i < scene.primitives.size(); ++i) {
            auto const& primitive = scene.primitives[i];
            if (primitive.opacity < 0.05f)
                continue;
            if (auto const* text = std::get_if<stage::TextShape>(&primitive.shape);
                text != nullptr && !text->text.empty())
                m_inks.push_back({ primitive.id, text->text, place_of(*text, primitive.rect), i });
            if (auto const* chip = std::get_if<stage::ChipShape>(&primitive.shape); chip != nullptr)
                m_inks.push_back({ primitive.id, chip->text,
                    primitive.rect.inset(theme::space::snug, (primitive.rect.height - 14) / 2), i });
        }
    }

    std::vector<std::string> faults(Rect const& room) const
    {
        std::vector<std::string> found;
        for (auto const& ink : m_inks) {
            if (!room.outset(1).contains(ink.place))
                found.push_back(fmt::format("{} \"{}\" leaves the stage", ink.id, ink.text));
        }
        for (std::size_t i = 0; i < m_inks.size(); ++i) {
            for (auto j = i + 1; j < m_inks.size(); ++j) {
                auto const common = canvas::intersected(m_inks[i].place, m_inks[j].place);
                if (common.width > 2 && common.height > 2 && !is_covered(common, m_inks[i].order, m_inks[j].order))
                    found.push_back(fmt::format(
                        "{} \"{}\" over {} \"{}\"", m_inks[j].id, m_inks[j].text, m_inks[i].id, m_inks[i].text));
            }
        }
        return found;
    }

private:
    Rect place_of(stage::TextShape const& text, Rect const& box) const
    {
        auto const line = canvas::Measure::line_height(text.style);
        if (text.lines != 1) {
            auto const lines = std::min<std::size_t>(static_cast<std::size_t>(text.lines),
                canvas::wrapped(m_measure, text.style, text.text, box.width).size());
            return { box.x, box.y, box.width, static_cast<float>(lines) * line };
        }
        auto const width = std::min(box.width, m_measure.width(text.style, text.text));
        auto const left = text.align == canvas::Align::Start ? 0
            : text.align == canvas::Align::Center            ? (box.width - width) / 2
                                                             : box.width - width;
        return Rect::centered({ box.x + left + width / 2, box.center().y },
            { width, theme::type_style(text.style).em * canvas::cap_height });
    }

    // Whether something opaque was drawn between the two.
    bool is_covered(Rect const& common, std::size_t lower, std::size_t upper) const
    {
        for (auto i = lower + 1; i < upper; ++i) {
            auto const& primitive = m_scene.primitives[i];
            bool const opaque = std::holds_alternative<stage::CardShape>(primitive.shape)
                || std::holds_alternative<stage::BubbleShape>(primitive.shape)
                || (std::holds_alternative<stage::FillShape>(primitive.shape)
                    && std::get<stage::FillShape>(primitive.shape).ink.opacity > 0.95f);
            if (opaque && primitive.rect.contains(common))
                return true;
        }
        return false;
    }

    stage::Scene const& m_scene;
    canvas::Measure const& m_measure;
    std::vector<Ink> m_inks;
};

std::string content(fs::path const& path)
{
    std::ifstream stream(path);
    return { std::istreambuf_iterator<char>(stream), {} };
}

std::vector<std::unique_ptr<trace::EventLog>> played_scenarios()
{
    tests::TemporaryDirectory const folder;
    std::set<fs::path> files;
    for (auto const& entry : fs::directory_iterator("scenarios")) {
        if (entry.path().extension() == ".toml" && content(entry.path()).find("\n[[phase]]") != std::string::npos)
            files.insert(entry.path());
    }
    std::vector<std::unique_ptr<trace::EventLog>> logs;
    for (auto const& file : files) {
        auto const trace = folder.path() / "trace";
        auto const command
            = fmt::format("{} play {} --world simulated --text --no-wait --language en --record {} > /dev/null 2>&1",
                DRYDOCK_PROGRAM, file.string(), trace.string());
        CAPTURE(command);
        CHECK(std::system(command.c_str()) == 0);
        logs.push_back(REQUIRE_OK(trace::load_trace(trace.string())));
    }
    return logs;
}

}

namespace {

// Every language has words of its own length.
void speak(std::string const& file)
{
    auto const text = file.empty() ? std::string() : content(file);
    words::use(
        text.empty() ? nullptr : std::make_shared<words::Catalogue const>(words::Catalogue::parse(text).catalogue));
}

class Checker {
public:
    // Each eleventh beat of that log at that depth on the screen that most people have; on every other one a few, and
    // each time others: what stands where changes little from beat to beat. DRYDOCK_WHOLE_LAYOUT=1 takes all of them.
    void check(trace::EventLog const& log, trace::Depth depth, Screen const& screen)
    {
        stage::Choreography choreography(depth);
        choreography.extend(log);
        timeline::Timeline timeline(log);
        stage::Director director(timeline, choreography);
        canvas::Measure const measure(fonts(screen));
        stage::Look const look { .view = { screen.room(), depth }, .selected = {} };
        bool const is_usual = screen.width == 1280 && screen.zoom == 1;
        bool const whole = std::getenv("DRYDOCK_WHOLE_LAYOUT") != nullptr;
        std::size_t const step = whole ? 1u : (is_usual ? 11u : 101u) * (depth == trace::Depth::Metal ? 5u : 1u);
        for (std::size_t i = m_screens++ % step; i < choreography.beats().size(); i += step) {
            auto const scene = director.scene(choreography.beats()[i].end - 0.001, look, stage::ruler_of(measure));
            ++stills;
            for (auto const& fault : Words(scene, measure).faults(screen.room())) {
                if (told.insert(fault).second && told.size() <= 40)
                    FAIL_CHECK(fmt::format("{}x{} at {} %{}, {}, depth {}, beat {}: {}", screen.width, screen.height,
                        screen.zoom * 100, screen.presenter ? " presenting" : "", words::language(),
                        static_cast<int>(depth), i + 1, fault));
            }
        }
    }

    std::size_t stills { 0 };
    std::set<std::string> told;

private:
    theme::Fonts const& fonts(Screen const& screen)
    {
        auto& font = m_fonts[std::min(screen.scale(), 3.0f)];
        if (!font)
            font = std::make_unique<theme::Fonts>(std::min(screen.scale(), 3.0f));
        return *font;
    }

    std::map<float, std::unique_ptr<theme::Fonts>> m_fonts;
    std::size_t m_screens { 0 };
};

}

TEST_CASE("Layout: no text leaves the stage or lies over another, in any window", "[slow]")
{
    auto const logs = played_scenarios();
    REQUIRE(logs.size() >= 3);
    Checker checker;
    for (auto const* language : { "", "languages/de.toml" }) {
        speak(language);
        for (auto const& screen : screens()) {
            if (*language != '\0' && screen.zoom != 1)
                continue; // the words are what differs
            for (auto const& log : logs) {
                for (auto const depth : { trace::Depth::Role, trace::Depth::Object, trace::Depth::Metal })
                    checker.check(*log, depth, screen);
            }
        }
    }
    words::use(nullptr);
    fmt::print("{} stills, {} faults\n", checker.stills, checker.told.size());
    CHECK(checker.stills > 1000);
}
