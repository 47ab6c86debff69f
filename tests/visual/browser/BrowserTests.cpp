// The page of `drydock export --to x.html` in chromium: does it look as the program does, and does it play?

#include "tests/support/Pictures.h"
#include "tests/support/SampleTraces.h"
#include "tests/support/TemporaryDirectory.h"
#include "visual/export/Page.h"
#include "visual/export/Pictures.h"
#include "visual/platform/Offscreen.h"
#include "visual/stage/Names.h"
#include "visual/view/Describe.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

using namespace drydock;

namespace fs = std::filesystem;

namespace {

constexpr int width = 1280, height = 620; // the page's stage without what is around it, 1.15 times as large
constexpr float zoom = 1.15f;

std::string browser()
{
    for (auto const* path : { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }) {
        if (fs::exists(path))
            return path;
    }
    WARN("no chromium here, so the page is not tried in a browser (package chromium)");
    return {};
}

std::string content(fs::path const& path)
{
    std::ifstream file(path, std::ios::binary);
    return { std::istreambuf_iterator<char>(file), {} };
}

std::string page_of(trace::EventLog const& log)
{
    auto const text = exporting::page_of(log, { .title = "Trace" }, [](double) { return true; });
    REQUIRE(text);
    return *text;
}

// A small lesson, and its page: made once, for drawing every frame of it takes a while.
struct Lesson {
    trace::EventLog log;
    std::string page;

    Lesson()
    {
        testing::SampleTrace(log).the_read_write_layer();
        page = page_of(log);
    }
};

Lesson const& lesson()
{
    static Lesson const only;
    return only;
}

// What a person does, once the page says that it is ready.
std::string script(std::string const& acts)
{
    return "<script>\n(function begin() {\n  if (!document.documentElement.dataset.ready) return setTimeout(begin, "
           "20);\n"
        + acts + "})();\n</script>";
}

struct Page {
    tests::TemporaryDirectory folder;
    fs::path file { folder.path() / "page.html" };

    explicit Page(std::string const& text) { REQUIRE_OK(exporting::write_text(file, text)); }

    // Runs the browser on the page; its words end beside it.
    void run(std::string const& hash, std::string const& options) const
    {
        auto const command
            = fmt::format("cd {0} && HOME={0} timeout 120 {1} --headless --no-sandbox --disable-gpu --hide-scrollbars "
                          "--force-device-scale-factor=1 --window-size={2},{3} --virtual-time-budget=5000 {4} "
                          "'file://{5}#{6}' > out 2> err",
                folder.path().string(), browser(), width, height, options, file.string(), hash);
        REQUIRE(std::system(command.c_str()) == 0);
    }
    canvas::Surface picture(std::string const& hash) const
    {
        run(hash + "&bare=1", "--dump-dom --screenshot=shot.png");
        REQUIRE(content(folder.path() / "out").find("data-ready=\"yes\"") != std::string::npos);
        auto const png = content(folder.path() / "shot.png");
        return REQUIRE_OK(canvas::decode_png(std::as_bytes(std::span(png))));
    }
    std::string document(std::string const& hash) const
    {
        run(hash, "--dump-dom");
        return content(folder.path() / "out");
    }
};

// What the program draws of that beat's still.
canvas::Surface own_picture(trace::EventLog const& log, trace::Depth depth, std::size_t beat, theme::ThemeName name)
{
    stage::Choreography choreography(depth);
    choreography.extend(log);
    timeline::Timeline timeline(log);
    stage::Director director(timeline, choreography);
    platform::Offscreen offscreen(theme::theme(name));
    return offscreen.render_frame(width, height, 1, 0, [&](canvas::Canvas& canvas) {
        canvas::stage_ground(canvas, canvas.bounds());
        auto const larger = canvas.zoomed(zoom, { 0, 0 });
        stage::Look const look {
            .view = { { 0, 0, 1113, 539 }, depth }, .unlit = theme::theme(name).unlit, .selected = {}
        };
        stage::draw(director.scene(choreography.beats()[beat - 1].end - 0.001, look, stage::ruler_of(canvas.measure())),
            larger);
    });
}

// Letters and rims are smoothed differently everywhere, so single pixels say nothing: cells of 8 by 8 are compared by
// their mean.
double differing_cells(canvas::Surface const& a, canvas::Surface const& b, double levels)
{
    int cells = 0, differing = 0;
    for (int y = 0; y + 8 <= a.height(); y += 8) {
        for (int x = 0; x + 8 <= a.width(); x += 8) {
            double sums[3] {};
            for (int i = 0; i < 64; ++i) {
                auto const p = a.at(x + i % 8, y + i / 8), q = b.at(x + i % 8, y + i / 8);
                sums[0] += p.red - q.red;
                sums[1] += p.green - q.green;
                sums[2] += p.blue - q.blue;
            }
            ++cells;
            differing
                += std::any_of(std::begin(sums), std::end(sums), [&](double s) { return std::abs(s) / 64 > levels; });
        }
    }
    return static_cast<double>(differing) / cells;
}

}

TEST_CASE("Browser: the page looks as the program does, at every depth and in every theme", "[slow]")
{
    if (browser().empty())
        return;
    auto const& [log, text] = lesson();
    Page const page(text);
    struct Moment {
        int depth;
        std::size_t beat;
        theme::ThemeName theme;
    };
    for (auto const& moment : { Moment { 1, 12, theme::ThemeName::Dark }, Moment { 2, 20, theme::ThemeName::Dark },
             Moment { 2, 23, theme::ThemeName::Light }, Moment { 3, 30, theme::ThemeName::Projector } }) {
        auto const name = theme::theme(moment.theme).name;
        auto const shown = page.picture(fmt::format("depth={}&beat={}&theme={}", moment.depth, moment.beat, name));
        auto const own = own_picture(log, static_cast<trace::Depth>(moment.depth), moment.beat, moment.theme);
        if (auto const* folder = std::getenv("DRYDOCK_PICTURES")) {
            auto const at = fmt::format("{}/browser-{}-{}-{}", folder, moment.depth, moment.beat, name);
            REQUIRE_OK(exporting::write_png(at + "-shown.png", shown));
            REQUIRE_OK(exporting::write_png(at + "-own.png", own));
        }
        REQUIRE(shown.width() == own.width());
        REQUIRE(shown.height() == own.height());
        auto const psnr = tests::difference(own, shown).psnr;
        auto const differing = differing_cells(own, shown, 24);
        fmt::print("depth {} beat {} {}: {:.1f} dB, {:.2f} % of the cells differ\n", moment.depth, moment.beat, name,
            psnr, differing * 100);
        CAPTURE(moment.depth, moment.beat, name);
        CHECK(psnr > 20);
        CHECK(differing < 0.02);
    }
}

TEST_CASE("Browser: keys step, seek and change the depth; captions are told", "[slow]")
{
    if (browser().empty())
        return;
    auto const& [log, text] = lesson();
    stage::Choreography roles(trace::Depth::Role);
    roles.extend(log);
    // Presses keys as a person does, and notes what is said to a screen reader after each.
    Page const page(text + script(R"(
  const notes = [];
  for (const key of ['Home', 'End', 'ArrowLeft', '3', '1']) {
    dispatchEvent(new KeyboardEvent('keydown', { key }));
    notes.push(document.getElementById('live').textContent);
  }
  document.body.dataset.notes = notes.join('|');
)"));
    auto const document = page.document("depth=1");
    CHECK(document.find("data-ready=\"yes\"") != std::string::npos);
    auto const begin = document.find("data-notes=\"") + 12;
    auto const notes = document.substr(begin, document.find('"', begin) - begin);
    auto const& beats = roles.beats();
    CAPTURE(notes);
    CHECK(notes.starts_with(
        beats.front().caption + "|" + beats.back().caption + "|" + beats[beats.size() - 2].caption + "|"));
    CHECK(notes.ends_with(beats[beats.size() - 2].caption));
}

TEST_CASE("Browser: a click opens the inspector, which says what the program's own says", "[slow]")
{
    if (browser().empty())
        return;
    auto const& [log, text] = lesson();
    auto const box = testing::SampleTrace::box("c1");
    Page const page(text
        + script(fmt::format(R"(
  dispatchEvent(new KeyboardEvent('keydown', {{ key: 'End' }}));
  const place = places_of(beats()[beat_index()]).find(p => p.about.id === '{}');
  const ratio = devicePixelRatio || 1, corner = canvas.getBoundingClientRect();
  const at = {{ x: (left + (place.rect.x + 3) * scale) / ratio, y: (top_ + (place.rect.y + 3) * scale) / ratio }};
  canvas.dispatchEvent(new MouseEvent('click', {{ clientX: corner.left + at.x, clientY: corner.top + at.y }}));
  const panel = document.getElementById('inspector'), [kind, name, tabs, body] = panel.children, notes = [];
  notes.push(panel.hidden ? 'hidden' : kind.textContent + ' ' + name.textContent);
  for (const tab of tabs.children) {{
    tab.click();
    notes.push(body.textContent);
  }}
  dispatchEvent(new KeyboardEvent('keydown', {{ key: 'n' }}));
  notes.push(kind.textContent + ' ' + name.textContent);
  dispatchEvent(new KeyboardEvent('keydown', {{ key: 'Escape' }}));
  notes.push(panel.hidden ? 'closed' : 'open');
  document.body.dataset.notes = notes.join('|');
)",
            stage::id_of(box))));
    auto const document = page.document("depth=2");
    auto const begin = document.find("data-notes=\"") + 12;
    auto const notes = document.substr(begin, document.find('"', begin) - begin);
    std::vector<std::string> told;
    for (std::size_t from = 0, to = 0; to != std::string::npos; from = to + 1) {
        to = notes.find('|', from);
        told.push_back(notes.substr(from, to - from));
    }
    CAPTURE(notes);
    REQUIRE(told.size() == 7);
    timeline::Timeline timeline(log);
    view::LogIndex index;
    index.extend(log);
    auto const d = view::describe(stage::id_of(box), { timeline.world_at(log.size()), log, index, log.size() });
    CHECK(told[0] == d.kind + " " + d.name);
    CHECK(told[1].starts_with(d.words.front()));
    CHECK(told[2].find(d.fields.front().name + d.fields.front().value) != std::string::npos);
    CHECK(told[3].find("\n") != std::string::npos); // indented JSON
    CHECK(told[4].find(d.proofs.front().command) != std::string::npos);
    CHECK(told[5] != told[0]); // N has gone to the next thing
    CHECK(told[6] == "closed");
}

TEST_CASE("Browser: what a container prints is text, never markup or script", "[slow]")
{
    if (browser().empty())
        return;
    trace::EventLog log;
    testing::HandClock clock;
    trace::Publisher const pen(log, clock,
        { .host = HostId { "laptop" }, .actor = ActorId { "daemon" }, .provenance = trace::Provenance::Live });
    std::string const hostile = "</script><script>document.body.dataset.broken='yes'</script><img src=x "
                                "onerror=\"document.body.dataset.broken='yes'\">{{title}}";
    pen.publish(trace::ScenarioBegan { "x", hostile });
    pen.publish(trace::OutputWritten { ContainerId { "c" }, false, hostile + "\xff\xfe", 3 });
    auto const document = Page(page_of(log)).document("beat=2&depth=3");
    CHECK(document.find("data-ready=\"yes\"") != std::string::npos);
    CHECK(document.find("data-broken") == std::string::npos);
    CHECK(document.find("<img") == std::string::npos);
}
