#include "tests/engine/build/TestWorkshop.h"

using namespace drydock;
using namespace drydock::tests;

namespace {

using Files = std::vector<std::pair<std::string, std::string>>;

// The lines of history that the build added to the base image's.
std::vector<std::string> steps_of(image::Image const& image)
{
    std::vector<std::string> steps;
    for (auto const& line : image.config.history)
        steps.push_back((line.empty_layer ? "- " : "+ ") + line.created_by);
    steps.erase(steps.begin(), steps.begin() + std::min<std::ptrdiff_t>(2, std::ssize(steps)));
    return steps;
}

int count_of(std::string const& text, std::string const& part)
{
    int count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++count;
    return count;
}

// A program that writes what it was told into /ran.
int write_down(build::StepPlan const& plan, unionfs::UnionMount& root)
{
    std::string text;
    for (auto const& word : plan.command)
        text += word + "|";
    (void)root.unlink("/ran");
    REQUIRE_OK(root.create("/ran", 0644, { 0, 0, 0 }));
    REQUIRE_OK(root.write("/ran", 0, text));
    return 0;
}

}

TEST_CASE("Builder: prints what docker prints", "[engine][build]")
{
    TestWorkshop workshop;
    workshop.program = write_down;
    auto const built = workshop.build("FROM base\nRUN echo hi\nENV a=b\n");
    REQUIRE(built.error.empty());
    auto const parent = built.image->parent->short_form();
    auto const base = REQUIRE_OK(workshop.images->find("base")).id.short_form();
    CHECK(built.output
        == "Step 1/3 : FROM base\n ---> " + base
            + "\nStep 2/3 : RUN echo hi\n ---> Running in c0ffee000000\nran\nRemoving intermediate container "
              "c0ffee000000\n ---> "
            + parent
            + "\nStep 3/3 : ENV a=b\n ---> Running in c0ffee000000\nRemoving intermediate container c0ffee000000\n "
              "---> "
            + built.image->id.short_form() + "\n");
    CHECK(
        steps_of(*built.image) == std::vector<std::string> { "+ /bin/sh -c echo hi", "- /bin/sh -c #(nop)  ENV a=b" });
    CHECK(workshop.containers == 0);
}

TEST_CASE("Builder: instructions that change the config, and no file", "[engine][build]")
{
    TestWorkshop workshop;
    auto const built = workshop.build(R"(FROM base
MAINTAINER me <me@example.org>
ENV a=1 b="two words"
ENV a=2 c=$a
LABEL x=$b y='$b'
EXPOSE 80 53/udp 8000-8001
VOLUME /data /more\ data
USER app
STOPSIGNAL SIGINT
HEALTHCHECK --interval=1m30s --retries=3 CMD curl x
SHELL ["/bin/ash", "-ec"]
CMD run it
ENTRYPOINT ["/entry"]
ONBUILD RUN later
)");
    REQUIRE(built.error.empty());
    auto const& config = built.image->config;
    CHECK(config.author == "me <me@example.org>");
    CHECK(config.env == std::vector<std::string> { "PATH=/bin", "a=2", "b=two words", "c=1" });
    CHECK(config.labels == std::map<std::string, std::string> { { "x", "two words" }, { "y", "$b" } });
    CHECK(config.exposed_ports == std::vector<std::string> { "53/udp", "80/tcp", "8000/tcp", "8001/tcp" });
    CHECK(config.volumes == std::vector<std::string> { "/data", "/more", "data" });
    CHECK(config.user == "app");
    CHECK(config.stop_signal == "SIGINT");
    REQUIRE(config.healthcheck);
    CHECK(config.healthcheck->test == std::vector<std::string> { "CMD-SHELL", "curl x" });
    CHECK(config.healthcheck->interval == std::chrono::seconds(90));
    CHECK(config.healthcheck->retries == 3);
    CHECK(config.cmd == std::vector<std::string> { "/bin/ash", "-ec", "run it" });
    CHECK(config.entrypoint == std::vector<std::string> { "/entry" });
    CHECK(config.on_build == std::vector<std::string> { "RUN later" });
    CHECK(config.diff_ids.size() == 1);
    auto const steps = steps_of(*built.image);
    CHECK(steps[8]
        == "- /bin/sh -c #(nop)  HEALTHCHECK &{[\"CMD-SHELL\" \"curl x\"] \"1m30s\" \"0s\" \"0s\" \"0s\" '\\x03'}");
    CHECK(steps[10] == "- /bin/ash -ec #(nop)  CMD [\"/bin/ash\" \"-ec\" \"run it\"]");
    // The config survives its way through JSON.
    CHECK(REQUIRE_OK(oci::ImageConfig::parse(config.to_json())).to_json() == config.to_json());
}

TEST_CASE("Builder: an ENTRYPOINT clears the CMD of the base image only", "[engine][build]")
{
    TestWorkshop workshop;
    CHECK(workshop.build("FROM base\nENTRYPOINT [\"/e\"]\n").image->config.cmd.empty());
    CHECK(workshop.build("FROM base\nCMD [\"c\"]\nENTRYPOINT [\"/e\"]\n").image->config.cmd
        == std::vector<std::string> { "c" });
}

TEST_CASE("Builder: the cache holds up to the first step that differs", "[engine][build]")
{
    TestWorkshop workshop;
    workshop.program = write_down;
    auto const context = tar_of({ { "f", "1" } });
    auto const dockerfile = "FROM base\nRUN a\nCOPY f /f\nRUN b\n";
    auto const first = workshop.build(dockerfile, context);
    CHECK(count_of(first.output, "Using cache") == 0);
    auto const second = workshop.build(dockerfile, context);
    CHECK(count_of(second.output, "Using cache") == 3);
    CHECK(second.image->id == first.image->id);
    CHECK(count_of(workshop.build(dockerfile, tar_of({ { "f", "2" } })).output, "Using cache") == 1);
    CHECK(count_of(workshop.build("FROM base\nRUN a\nENV x=y\nRUN b\n", context).output, "Using cache") == 1);
    build::BuildOptions options;
    options.use_cache = false;
    CHECK(count_of(workshop.build(dockerfile, context, options).output, "Using cache") == 0);
}

TEST_CASE("Builder: a file's time does not count for the cache, its mode does", "[engine][build]")
{
    TestWorkshop workshop;
    auto const context = [](std::int64_t time, std::uint32_t mode) {
        auto entry = file("f", "1", mode);
        entry.mtime = time * 1'000'000'000;
        layer::MemoryTar tar;
        tar.add(entry, "1");
        return tar.finish();
    };
    (void)workshop.build("FROM base\nCOPY f /\n", context(1, 0644));
    CHECK(count_of(workshop.build("FROM base\nCOPY f /\n", context(2, 0644)).output, "Using cache") == 1);
    CHECK(count_of(workshop.build("FROM base\nCOPY f /\n", context(1, 0755)).output, "Using cache") == 0);
}

TEST_CASE("Builder: an image from a registry never answers for a build", "[engine][build]")
{
    TestWorkshop workshop;
    // It says of itself that it is what the build would make (CVE-2024-24557).
    auto const honest = workshop.build("FROM scratch\nCOPY f /\n", tar_of({ { "f", "good" } }));
    auto forged = honest.image->config;
    auto const evil = small_image({ tar_of({ { "f", "evil" } }) });
    forged.diff_ids = evil.diff_ids;
    auto const text = forged.to_json();
    auto const id = oci::Digest::of(text);
    REQUIRE_OK(workshop.images->remove(honest.image->id.to_string(), true, {}));
    REQUIRE_OK(put_parts(evil, workshop.content, workshop.layers));
    REQUIRE_OK(workshop.content.put(id, text, trace::Verified::Blob));
    REQUIRE_OK(workshop.images->add(id, evil.layers, {}, std::nullopt));
    auto const again = workshop.build("FROM scratch\nCOPY f /\n", tar_of({ { "f", "good" } }));
    CHECK(count_of(again.output, "Using cache") == 0);
    CHECK(workshop.file(*again.image, "/f") == "good");
}

TEST_CASE("Builder: COPY as docker has it", "[engine][build]")
{
    TestWorkshop workshop;
    layer::MemoryTar tar;
    tar.add(directory("d", 0700));
    auto timed = file("d/x.txt", "x", 0600);
    timed.mtime = 5'000'000'000;
    timed.uid = 1000;
    tar.add(timed, "x");
    tar.add(file("d/y.txt", "y"), "y");
    tar.add(directory("d/sub", 0750));
    tar.add(link("d/sub/l", layer::FileType::Symlink, "/etc/passwd"));
    tar.add(link("d/h", layer::FileType::HardLink, "d/y.txt"));
    tar.add(link("to-d", layer::FileType::Symlink, "d"));
    auto const context = tar.finish();
    auto const build = [&](std::string const& steps) { return workshop.build("FROM base\n" + steps, context); };

    auto const whole = build("COPY d /new/place\n");
    REQUIRE(whole.error.empty());
    CHECK(workshop.file(*whole.image, "/new/place/x.txt") == "x");
    CHECK(workshop.describe(*whole.image, "/new/place/x.txt") == "600 0:0 5");
    CHECK(workshop.describe(*whole.image, "/new/place/sub").starts_with("750 0:0"));
    auto const files = REQUIRE_OK(workshop.files_of(*whole.image));
    CHECK(REQUIRE_OK(files->read_link("/new/place/sub/l")) == "/etc/passwd");
    CHECK(REQUIRE_OK(files->stat("/new/place/h")).inode == REQUIRE_OK(files->stat("/new/place/y.txt")).inode);

    CHECK(workshop.file(*build("WORKDIR /w\nCOPY d/*.txt ./\n").image, "/w/y.txt") == "y");
    CHECK(workshop.file(*build("COPY d/x.txt /old\n").image, "/old") == "x");
    CHECK(workshop.file(*build("COPY d/x.txt /etc\n").image, "/etc/x.txt") == "x");
    CHECK(workshop.file(*build("COPY to-d/x.txt /\n").image, "/x.txt") == "x"); // a link inside is followed
    CHECK(
        workshop.describe(*build("COPY --chown=app:staff --chmod=4755 d/x.txt /\n").image, "/x.txt") == "4755 7:50 5");
    CHECK(workshop.describe(*build("COPY --chown=12 d /n\n").image, "/n/y.txt").starts_with("644 12:12"));
    CHECK(workshop.file(*build("COPY [\"d/x.txt\", \"/with space\"]\n").image, "/with space") == "x");
    CHECK(workshop.file(*build("ENV w=d t=/t\nCOPY $w/x.txt ${t}/\n").image, "/t/x.txt") == "x");
    CHECK(workshop.file(*build("COPY <<A <<\"B\" /in/\nhome is $PATH \"x\"\nA\n$PATH\nB\n").image, "/in/A")
        == "home is /bin \"x\"\n");
    CHECK(workshop.file(*build("COPY <<A <<\"B\" /in/\n$PATH\nA\n$PATH\nB\n").image, "/in/B") == "$PATH\n");
}

TEST_CASE("Builder: COPY refuses in docker's words, and points at the line", "[engine][build]")
{
    TestWorkshop workshop;
    auto const [step, message] = GENERATE(table<std::string, std::string>({
        { "COPY nope /",
            "COPY failed: file not found in build context or excluded by .dockerignore: stat nope: file "
            "does not exist" },
        { "COPY n*pe /", "COPY failed: no source files were specified" },
        { "COPY ../x /", "COPY failed: forbidden path outside the build context: ../x ()" },
        { "COPY a/../../x /", "COPY failed: forbidden path outside the build context: a/../../x ()" },
        { "COPY a b /x",
            "COPY failed: When using COPY with more than one source file, the destination must be a "
            "directory and end with a /" },
        { "COPY a",
            "COPY failed: COPY requires at least two arguments, but only one was provided. Destination could "
            "not be determined." },
        { "COPY --chown=nobody a /", "COPY failed: unable to find user nobody: no matching entries in passwd file" },
        { "COPY --from=7 a /", "COPY failed: invalid from flag value 7: refers to a stage that is not built yet" },
        { "ADD http://example.org/x /",
            "ADD failed: downloading http://example.org/x is not supported: a build "
            "reaches no network here. Put the file into the build context" },
        { "COPY a /old/x", "COPY failed: /old is not a directory" },
    }));
    CAPTURE(step);
    auto const built = workshop.build("FROM base\n# first\n" + step + "\n", tar_of({ { "a", "a" }, { "b", "b" } }));
    CHECK(built.error == message);
    CHECK(built.output.find("Dockerfile:3\n") != std::string::npos);
    CHECK(built.output.find("   3 | >>> " + step) != std::string::npos);
}

TEST_CASE("Builder: ADD unpacks an archive, packed or not, with its owners", "[engine][build]")
{
    TestWorkshop workshop;
    auto entry = file("in/x", "x");
    entry.uid = 42;
    layer::MemoryTar inner;
    inner.add(entry, "x");
    auto const archive = inner.finish();
    auto const context
        = tar_of({ { "a.tar", archive }, { "a.tgz", layer::gzip(archive) }, { "t.gz", layer::gzip("text") } });
    for (auto const* name : { "a.tar", "a.tgz" }) {
        auto const built = workshop.build(std::string("FROM base\nADD ") + name + " /at\n", context);
        REQUIRE(built.error.empty());
        CHECK(workshop.describe(*built.image, "/at/in/x") == "644 42:0 0");
    }
    CHECK(workshop.file(*workshop.build("FROM base\nADD t.gz /t\n", context).image, "/t") == layer::gzip("text"));
    CHECK(workshop.file(*workshop.build("FROM base\nCOPY a.tgz /t\n", context).image, "/t") == layer::gzip(archive));
}

TEST_CASE("Builder: stages, by name, by number, up to the target", "[engine][build]")
{
    TestWorkshop workshop;
    auto const context = tar_of({ { "f", "f" } });
    std::string const dockerfile = R"(ARG where=base
FROM $where AS Build
COPY f /made
FROM scratch AS other
COPY --from=build /made /one
FROM base
COPY --from=0 /made /zero
COPY --from=other /one /other
COPY --from=base /old /from-image
)";
    auto const built = workshop.build(dockerfile, context);
    REQUIRE(built.error.empty());
    for (auto const* path : { "/zero", "/other" })
        CHECK(workshop.file(*built.image, path) == "f");
    CHECK(workshop.file(*built.image, "/from-image") == "old");
    CHECK(workshop.file(*built.image, "/made") == "(none)");
    CHECK(built.output.starts_with("Step 1/9 : ARG where=base\nStep 2/9 : FROM $where AS Build\n"));
    build::BuildOptions options;
    options.target = "OTHER";
    auto const partial = workshop.build(dockerfile, context, options);
    CHECK(workshop.file(*partial.image, "/one") == "f");
    CHECK(partial.image->config.diff_ids.size() == 1);
    CHECK(partial.output.find("Step 5/5") != std::string::npos);
    options.target = "none";
    CHECK(workshop.build(dockerfile, context, options).error == "target stage \"none\" could not be found");
}

TEST_CASE("Builder: build arguments reach RUN and the cache, and ENV wins over them", "[engine][build]")
{
    TestWorkshop workshop;
    workshop.program = [](build::StepPlan const& plan, unionfs::UnionMount& root) {
        std::string text;
        for (auto const& each : plan.env)
            text += each + "\n";
        REQUIRE_OK(root.create("/env", 0644, { 0, 0, 0 }));
        REQUIRE_OK(root.write("/env", 0, text));
        return 0;
    };
    build::BuildOptions options;
    options.arguments = { { "A", "given" }, { "HTTP_PROXY", "proxy" }, { "UNUSED", "u" }, { "E", "arg" } };
    auto const built
        = workshop.build("FROM base\nARG A=default\nARG B=b\nARG E\nENV E=env\nRUN x\n", tar_of({}), options);
    REQUIRE(built.error.empty());
    CHECK(workshop.file(*built.image, "/env") == "PATH=/bin\nE=env\nA=given\nB=b\nHTTP_PROXY=proxy\n");
    CHECK(steps_of(*built.image).back() == "+ |2 A=given B=b /bin/sh -c x");
    CHECK(built.output.find("[Warning] One or more build-args [UNUSED] were not consumed\n") != std::string::npos);
    options.arguments["A"] = "other";
    auto const second
        = workshop.build("FROM base\nARG A=default\nARG B=b\nARG E\nENV E=env\nRUN x\n", tar_of({}), options);
    CHECK(count_of(second.output, "Using cache") == 4); // up to the first RUN
}

TEST_CASE("Builder: ONBUILD triggers run in the child, once", "[engine][build]")
{
    TestWorkshop workshop;
    auto const parent = workshop.build("FROM base\nONBUILD COPY f /f\nONBUILD ENV t=1\n");
    auto const name = REQUIRE_OK(oci::Reference::parse("parent"));
    REQUIRE_OK(workshop.images->tag(parent.image->id, name));
    auto const child = workshop.build("FROM parent\n", tar_of({ { "f", "mine" } }));
    REQUIRE(child.error.empty());
    CHECK(child.output.find("# Executing 2 build triggers\n") != std::string::npos);
    CHECK(workshop.file(*child.image, "/f") == "mine");
    CHECK(child.image->config.on_build.empty());
    CHECK(workshop.build("FROM base\nONBUILD ONBUILD RUN x\n").error
        == "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
}

TEST_CASE("Builder: a RUN that fails ends the build with its status, and its container stays", "[engine][build]")
{
    TestWorkshop workshop;
    workshop.program = [](auto const&, auto&) { return 7; };
    auto const built = workshop.build("FROM base\nRUN exit 7\nRUN never\n");
    CHECK(built.error == "The command '/bin/sh -c exit 7' returned a non-zero code: 7");
    CHECK(built.exit_code == 7);
    CHECK(built.output.find("never") == built.output.rfind("never")); // only as the failing line's neighbour
    CHECK(workshop.containers == 1);
    build::BuildOptions options;
    options.always_remove_containers = true;
    CHECK(workshop.build("FROM base\nRUN exit 7\n", tar_of({}), options).exit_code == 7);
    CHECK(workshop.containers == 1);
}

TEST_CASE("Builder: what fails but a RUN's program leaves no container", "[engine][build][hardening]")
{
    TestWorkshop workshop;
    workshop.disk_is_full = true;
    CHECK(workshop.build("FROM base\nRUN x\n").error.find("No space left on device") != std::string::npos);
    CHECK(workshop.containers == 0);
    workshop.disk_is_full = false;
    workshop.program = [&](auto const&, auto&) {
        workshop.stopped = true; // the client goes while it runs, and it is killed
        return 137;
    };
    CHECK(workshop.build("FROM base\nRUN x\n").error == "context canceled");
    CHECK(workshop.containers == 0);
}

TEST_CASE("Builder: RUN with here-documents gives the shell its text", "[engine][build]")
{
    TestWorkshop workshop;
    workshop.program = write_down;
    CHECK(
        workshop.file(*workshop.build("FROM base\nRUN <<E\none\ntwo\nE\n").image, "/ran") == "/bin/sh|-c|one\ntwo\n|");
    CHECK(workshop.file(*workshop.build("FROM base\nRUN cat <<E >/x\none\nE\n").image, "/ran")
        == "/bin/sh|-c|cat <<E >/x\none\nE\n|");
    CHECK(workshop.file(*workshop.build("FROM base\nRUN [\"/x\", \"y z\"]\n").image, "/ran") == "/x|y z|");
}

TEST_CASE("Builder: a RUN that changes nothing makes no layer", "[engine][build]")
{
    TestWorkshop workshop;
    auto const built = workshop.build("FROM base\nRUN true\n");
    CHECK(built.image->config.diff_ids.size() == 1);
    CHECK(steps_of(*built.image) == std::vector<std::string> { "- /bin/sh -c true" });
}

TEST_CASE("Builder: labels from outside are one more step", "[engine][build]")
{
    TestWorkshop workshop;
    build::BuildOptions options;
    options.labels = { { "l1", "v $x 'q'" } };
    auto const built = workshop.build("FROM base\n", tar_of({}), options);
    CHECK(built.image->config.labels == options.labels);
    CHECK(built.output.find("Step 2/2 : LABEL l1=v $x 'q'\n") != std::string::npos);
}

TEST_CASE("Builder: who has gone gets no further step", "[engine][build]")
{
    TestWorkshop workshop;
    workshop.program = [&](auto const&, auto&) {
        workshop.stopped = true;
        return 137;
    };
    auto const built = workshop.build("FROM base\nRUN long\nRUN never\n");
    CHECK(built.error == "context canceled");
}

// HARDENING T34.
TEST_CASE("Builder: hostile contexts reach nothing outside and end in time", "[engine][build]")
{
    TestWorkshop workshop;
    layer::MemoryTar tar;
    tar.add(link("out", layer::FileType::Symlink, "../../../../etc/passwd"));
    tar.add(link("abs", layer::FileType::Symlink, "/etc/passwd"));
    tar.add(link("loop", layer::FileType::Symlink, "loop"));
    layer::Entry fifo;
    fifo.path = "fifo";
    fifo.type = layer::FileType::Fifo;
    tar.add(fifo);
    auto const context = tar.finish();
    auto const error = [&](std::string const& step) { return workshop.build("FROM base\n" + step, context).error; };
    // The context's own /etc/passwd, which is not there: never this machine's.
    CHECK(error("COPY out /x\n").find("file not found in build context") != std::string::npos);
    CHECK(error("COPY abs /x\n").find("file not found in build context") != std::string::npos);
    CHECK_FALSE(error("COPY loop /x\n").empty());
    CHECK(error("COPY fifo /x\n").find("is no file, directory or symbolic link") != std::string::npos);
    // In the image too, links stay inside: the target is the image's own.
    auto const linked = workshop.build("FROM base\nCOPY abs /link\nCOPY <<E /link\nnew\nE\n", context);
    CHECK_FALSE(linked.error.empty());

    CHECK(workshop.build("FROM base\n", "this is no tar at all").error.find("tar") != std::string::npos);
    CHECK(workshop.build("FROM base\n", tar_of({ { "a/.wh.b", "" } })).error.find("stand for deletions")
        != std::string::npos);
    CHECK(workshop.build("FROM base\n", "BZh91AY&SY" + std::string(600, 'x')).error
        == "layer is corrupt: invalid bzip2 data");
    auto const truncated = tar_of({ { "f", std::string(2000, 'x') } }).substr(0, 1000);
    CHECK(workshop.build("FROM base\n", truncated).error.find("in the middle of \"f\"") != std::string::npos);
    // docker's own client ends a tar like this.
    auto const unpadded = tar_of({ { "f", "content" } }).substr(0, 512 + 7);
    CHECK(workshop.file(*workshop.build("FROM base\nCOPY f /\n", unpadded).image, "/f") == "content");
    // Nothing is left behind.
    CHECK(workshop.store_of_all->list("builds").empty());
}

TEST_CASE("Builder: an instruction that cannot be right is told before anything runs", "[engine][build]")
{
    TestWorkshop workshop;
    auto const error
        = [&](std::string const& step) { return workshop.build("FROM base\nRUN true\n" + step, {}).error; };
    CHECK(error("WORKDIR\n") == "dockerfile parse error line 3: WORKDIR requires exactly one argument");
    CHECK(error("COPY --zz=1 a b\n") == "dockerfile parse error line 3: unknown flag: --zz");
    CHECK(error("ENV\n") == "dockerfile parse error line 3: ENV requires at least one argument");
}
