// The real docker command line against the whole engine on the real kernel: what a student types at work. Expected
// texts and statuses are those that docker 28 shows with its own daemon.

#include "engine/lab/Lab.h"
#include "engine/runtime/Probe.h"
#include "tests/support/Catch.h"
#include "tests/support/LeakCheck.h"
#include "tests/support/TemporaryDirectory.h"

#include <sys/wait.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>

using namespace drydock;

namespace {

struct Typed {
    int status { 0 };
    std::string out;
    std::string err;
};

std::string obstacle()
{
    if (std::system("docker --version >/dev/null 2>&1") != 0)
        return "there is no docker command line here";
    auto const findings = REQUIRE_OK(runtime::probe(DRYDOCK_INIT));
    auto const found = runtime::obstacle_to_live(findings);
    return found ? found->subject + ": " + found->detail : "";
}

bool possible()
{
    auto const why = obstacle();
    if (!why.empty())
        std::cerr << "skipped: " << why << "\n";
    return why.empty();
}

// A live lab and a shell beside it whose `docker` talks to the lab's daemon.
class Desk {
public:
    explicit Desk(std::optional<daemon::StorageDriver> driver = std::nullopt)
        : m_lab(REQUIRE_OK(lab::Lab::open({ .world = lab::World::Live,
                                              .data_root = m_root.path() / "data",
                                              .images = DRYDOCK_IMAGES,
                                              .init_program = DRYDOCK_INIT,
                                              .driver = driver },
            m_log)))
    {
    }

    Typed type(std::string const& line)
    {
        auto const errors = m_root.path() / "stderr";
        std::string const before = "export DOCKER_HOST=" + m_lab->daemon_endpoint(m_lab->hosts().front()).to_string()
            + " DOCKER_CONFIG=" + m_root.path().string() + "; exec </dev/null 2>" + errors.string() + "; cd "
            + m_root.path().string() + "; ";
        auto* const pipe = ::popen((before + line).c_str(), "re");
        REQUIRE(pipe != nullptr);
        Typed typed;
        char buffer[4096];
        while (auto const size = std::fread(buffer, 1, sizeof buffer, pipe))
            typed.out.append(buffer, size);
        int const status = ::pclose(pipe);
        typed.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        std::ifstream file(errors);
        typed.err.assign(std::istreambuf_iterator<char>(file), {});
        return typed;
    }

private:
    tests::TemporaryDirectory m_root;
    trace::EventLog m_log;
    std::unique_ptr<lab::Lab> m_lab;
};

// Every test ends as it began.
void at_a_desk(std::function<void(Desk&)> const& test)
{
    tests::LeakCheck const leaks;
    {
        Desk desk;
        test(desk);
    }
    CHECK(leaks.leftovers() == "");
}

void check(Typed const& typed, int status, std::string const& out, std::string const& in_err = "")
{
    CAPTURE(typed.status, typed.out, typed.err);
    CHECK(typed.status == status);
    CHECK(typed.out == out);
    CHECK((in_err.empty() ? typed.err.empty() : typed.err.find(in_err) != std::string::npos));
}

bool contains(std::string const& text, std::string const& part)
{
    return text.find(part) != std::string::npos;
}

}

TEST_CASE("docker CLI, live: run pulls what is missing, runs it and takes it away", "[system][live]")
{
    if (!possible())
        return;
    at_a_desk([](Desk& desk) {
        auto const first = desk.type("docker run --rm busybox echo hi");
        check(first, 0, "hi\n", "Unable to find image 'busybox:latest' locally");
        CHECK(contains(first.err, "Status: Downloaded newer image for busybox:latest"));
        check(desk.type("docker run --rm busybox echo hi"), 0, "hi\n");
        check(desk.type("docker ps -aq"), 0, "");
        check(desk.type("docker run --rm nosuch:1 true"), 125, "", "Unable to find image 'nosuch:1' locally");
        check(desk.type("docker run --rm --pull never nosuch:1 true"), 125, "", "No such image: nosuch:1");
    });
}

TEST_CASE("docker CLI, live: exit statuses", "[system][live]")
{
    if (!possible())
        return;
    at_a_desk([](Desk& desk) {
        REQUIRE(desk.type("docker pull -q busybox").status == 0);
        check(desk.type("docker run --rm busybox true"), 0, "");
        check(desk.type("docker run --rm busybox sh -c 'exit 7'"), 7, "");
        check(desk.type("docker run --rm busybox /etc/passwd"), 126, "", "permission denied");
        check(desk.type("docker run --rm busybox nosuch"), 127, "", "executable file not found in $PATH");
        CHECK(desk.type("docker run --rm busybox sh -c 'sleep 1000 & kill -9 $!; wait $!'").status == 137);
        CHECK(desk.type("docker run --rm busybox sh -c 'sleep 1000 & kill $!; wait $!'").status == 143);
        check(desk.type("docker ps -aq"), 0, "");
    });
}

TEST_CASE("docker CLI, live: signals end what they end at work", "[system][live]")
{
    if (!possible())
        return;
    at_a_desk([](Desk& desk) {
        // PID 1 of a namespace has no default actions: SIGTERM passes by, and only SIGKILL from outside ends it
        // (pid_namespaces(7)).
        REQUIRE(desk.type("docker run -d --name tom busybox sleep 1000").status == 0);
        check(desk.type("docker exec tom sh -c 'kill -TERM $$'"), 143, "");
        check(desk.type("docker exec tom sh -c 'kill -KILL $$'"), 137, "");
        check(desk.type("docker exec tom kill -KILL 1"), 0, "");
        check(desk.type("docker kill -s TERM tom"), 0, "tom\n");
        check(desk.type("docker inspect -f '{{.State.Status}}' tom"), 0, "running\n");
        check(desk.type("docker stop -t 1 tom"), 0, "tom\n");
        check(desk.type("docker wait tom"), 0, "137\n");
        check(desk.type("docker start tom"), 0, "tom\n");
        check(desk.type("docker wait tom >waited & sleep 0; docker kill tom >/dev/null; wait; cat waited"), 0, "137\n");
        check(desk.type("docker rm tom"), 0, "tom\n");
        // Who handles SIGTERM ends by itself.
        REQUIRE(desk.type("docker run -d --name hal busybox sh -c 'trap \"exit 3\" TERM; echo up; sleep 1000 & wait'")
                    .status
            == 0);
        check(desk.type("until docker logs hal | grep -q up; do sleep 0.1; done"), 0, "");
        check(desk.type("docker stop hal"), 0, "hal\n");
        check(desk.type("docker wait hal; docker rm hal"), 0, "3\nhal\n");
    });
}

TEST_CASE("docker CLI, live: stdout, stderr and stdin", "[system][live]")
{
    if (!possible())
        return;
    at_a_desk([](Desk& desk) {
        REQUIRE(desk.type("docker pull -q busybox").status == 0);
        auto const both = desk.type("docker run --name both busybox sh -c 'echo out; echo err >&2'");
        CHECK(both.out == "out\n");
        CHECK(both.err == "err\n");
        auto const logs = desk.type("docker logs both");
        CHECK(logs.out == "out\n");
        CHECK(logs.err == "err\n");
        check(desk.type("printf 'one\\ntwo\\n' | docker run -i --rm busybox wc -l"), 0, "2\n");
        check(desk.type("head -c 3000000 /dev/zero | docker run -i --rm busybox sh -c 'cat | wc -c'"), 0, "3000000\n");
        check(desk.type("docker run --rm busybox sh -c 'head -c 3000000 /dev/zero' | wc -c"), 0, "3000000\n");
        check(desk.type("docker run --rm busybox cat"), 0, "");
        check(desk.type("docker rm both"), 0, "both\n");
    });
}

TEST_CASE("docker CLI, live: a terminal", "[system][live]")
{
    if (!possible())
        return;
    if (std::system("script --version >/dev/null 2>&1") != 0) {
        std::cerr << "skipped: there is no script(1) to make a terminal with\n";
        return;
    }
    at_a_desk([](Desk& desk) {
        REQUIRE(desk.type("docker pull -q busybox").status == 0);
        // Without -i the outer terminal is not made raw, and adds a \r of its own.
        auto const tty = desk.type("script -qec 'docker run --rm -t busybox tty' /dev/null");
        CHECK(tty.status == 0);
        CHECK(contains(tty.out, "/dev/pts/0\r"));
        auto const size
            = desk.type("script -qec 'stty rows 33 cols 101; docker run --rm -t busybox stty size' /dev/null");
        CHECK(size.status == 0);
        CHECK(contains(size.out, "33 101\r"));
        auto const typed
            = desk.type("printf 'echo $((20+3))\\nexit 5\\n' | script -qec 'docker run --rm -it busybox sh' /dev/null");
        CAPTURE(typed.out, typed.err);
        CHECK(typed.status == 5);
        CHECK(contains(typed.out, "23\r\n"));
    });
}

TEST_CASE("docker CLI, live: a container is looked at and changed while it runs", "[system][live]")
{
    if (!possible())
        return;
    at_a_desk([](Desk& desk) {
        REQUIRE(desk.type("docker run -d --name web busybox sh -c 'echo up; exec sleep 1000'").status == 0);
        check(desk.type("until docker logs web | grep -q up; do sleep 0.1; done; docker logs web"), 0, "up\n");
        check(desk.type("docker ps --format '{{.Names}} {{.Image}} {{.State}}'"), 0, "web busybox running\n");
        check(desk.type("test \"$(docker exec web hostname)\" = \"$(docker ps -q)\""), 0, "");
        check(desk.type("echo typed | docker exec -i web cat"), 0, "typed\n");
        check(desk.type("docker exec -e A=b -w /tmp web sh -c 'echo $A $PWD; echo bad >&2; exit 4'"), 4, "b /tmp\n",
            "bad");
        // dockerd tells this in the stream of the command, not as an error of its own.
        auto const missing = desk.type("docker exec web nosuch");
        CHECK(missing.status == 127);
        CHECK(contains(missing.out, "executable file not found in $PATH"));
        CHECK(contains(desk.type("docker top web").out, "sleep 1000"));
        check(desk.type("docker exec web sh -c 'echo x >/new; rm /etc/group; echo y >>/etc/passwd'"), 0, "");
        check(desk.type("docker diff web | sort -k2"), 0, "C /etc\nD /etc/group\nC /etc/passwd\nA /new\n");
        check(desk.type("docker pause web; docker ps --format '{{.State}}'; docker unpause web"), 0,
            "web\npaused\nweb\n");
        check(desk.type("docker rename web site"), 0, "");
        check(desk.type("docker restart -t 0 site && docker exec site cat /new"), 0, "site\nx\n");
        check(desk.type("docker rm site"), 1, "", "container is running");
        check(desk.type("docker rm -f site"), 0, "site\n");
        check(desk.type("docker ps -a --format '{{.Names}}'"), 0, "");
        check(desk.type("docker exec site true"), 1, "", "No such container: site");
    });
}

TEST_CASE("docker CLI, live: events tell the life of a container in order", "[system][live]")
{
    if (!possible())
        return;
    at_a_desk([](Desk& desk) {
        REQUIRE(desk.type("docker run --name job busybox sh -c 'exit 2'").status == 2);
        REQUIRE(desk.type("docker rm job").status == 0);
        check(desk.type(
                  "docker events --since 1 --until $(($(date +%s) + 1)) --filter container=job --format '{{.Action}}'"),
            0, "create\nattach\nstart\ndie\ndestroy\n");
        check(desk.type("docker events --since 1 --until $(($(date +%s) + 1)) --filter event=die --format "
                        "'{{.Actor.Attributes.exitCode}}'"),
            0, "2\n");
    });
}

namespace {

// Makes the build context that the tests below build from.
constexpr char const* make_context = R"(mkdir -p ctx/sub; cd ctx; echo hello >f; echo secret >secret; echo deep >sub/g
printf 'secret\nDockerfile\n.dockerignore\n' >.dockerignore
tar -czf a.tgz f; cd ..; )";

int count_in(std::string const& text, std::string const& part)
{
    int count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++count;
    return count;
}

}

TEST_CASE("docker CLI, live: build in stages, from the cache the second time", "[system][live]")
{
    if (!possible())
        return;
    at_a_desk([](Desk& desk) {
        auto const prepared = desk.type(std::string(make_context) + R"(cat >ctx/Dockerfile <<'END'
FROM busybox AS one
ARG WHO=world
RUN echo hi $WHO >/hi; echo oops >&2; rm /etc/group
COPY . /ctx
RUN ls -A /ctx >/listed
FROM busybox
COPY --from=one /hi /listed /from/
ADD a.tgz /add/
WORKDIR /add
CMD ["cat", "f", "/from/hi", "/from/listed"]
END
)");
        REQUIRE(prepared.status == 0);
        std::string const build = "export DOCKER_BUILDKIT=0; docker build -t app:1 --build-arg WHO=you ctx";
        auto const first = desk.type(build);
        CAPTURE(first.out, first.err);
        REQUIRE(first.status == 0);
        CHECK(contains(first.out, "Step 3/10 : RUN echo hi $WHO"));
        CHECK(contains(first.out, "\x1b[91moops\n\x1b[0m"));
        CHECK(contains(first.out, "Successfully tagged app:1\n"));
        CHECK(count_in(first.out, "Using cache") == 0);
        // Neither what is ignored, nor what is sent although it is.
        check(desk.type("docker run --rm app:1"), 0, "hello\nhi you\na.tgz\nf\nsub\n");
        check(desk.type("docker ps -aq"), 0, "");
        auto const second = desk.type(build);
        CHECK(count_in(second.out, "Using cache") == 8);
        // A changed file is a miss from there on.
        auto const third = desk.type("echo changed >ctx/f; " + build);
        CHECK(contains(third.out, "rm /etc/group\n ---> Using cache\n"));
        CHECK_FALSE(contains(third.out, "Step 4/10 : COPY . /ctx\n ---> Using cache\n"));
        auto const history = desk.type("docker history --no-trunc --format '{{.CreatedBy}}' app:1");
        CHECK(contains(history.out, "/bin/sh -c #(nop)  CMD [\"cat\" \"f\" \"/from/hi\" \"/from/listed\"]\n"));
        check(desk.type("docker history -q app:1 | grep -c missing"), 0, "1\n");
    });
}

TEST_CASE("docker CLI, live: a build that fails says where and why", "[system][live]")
{
    if (!possible())
        return;
    at_a_desk([](Desk& desk) {
        REQUIRE(desk.type(std::string(make_context) + "docker pull -q busybox").status == 0);
        auto const build = [&](std::string const& lines, std::string const& flags = "") {
            return desk.type("export DOCKER_BUILDKIT=0; cat >D <<'END'\nFROM busybox\n" + lines + "END\ndocker build "
                + flags + " -f D ctx");
        };
        auto const run = build("RUN true\nRUN echo out; exit 7\n", "--force-rm");
        CHECK(run.status == 7);
        CHECK(contains(run.out, "   3 | >>> RUN echo out; exit 7\n"));
        CHECK(contains(run.err, "The command '/bin/sh -c echo out; exit 7' returned a non-zero code: 7"));
        auto const copy = build("COPY secret /\n");
        CHECK(copy.status == 1);
        CHECK(contains(copy.err,
            "COPY failed: file not found in build context or excluded by .dockerignore: stat secret: file does not "
            "exist"));
        auto const bogus = build("BOGUS\n");
        CHECK(contains(bogus.err, "dockerfile parse error line 2: unknown instruction: BOGUS"));
        auto const missing = build("RUN [\"nosuchcmd\"]\n", "--force-rm");
        CHECK(contains(missing.err, "executable file not found in $PATH"));
        check(desk.type("docker ps -aq"), 0, "");
    });
}

TEST_CASE("docker CLI, live: the same step gives the same layer with either driver", "[system][live]")
{
    if (!possible())
        return;
    // With fixed times: what else a layer says is what the step did.
    std::string const dockerfile = "FROM busybox\nRUN mkdir -p /d/e && echo x >/d/f && ln /d/f /d/g && rm /etc/group "
                                   "&& chmod 700 /d/e && touch -d @1000000000 /d/f /d/e /d /etc\n";
    std::vector<std::string> layers;
    for (auto const driver : { daemon::StorageDriver::Fuse, daemon::StorageDriver::Overlay }) {
        Desk desk(driver);
        auto const built = desk.type("export DOCKER_BUILDKIT=0; docker build -q - <<'END'\n" + dockerfile + "END\n");
        CAPTURE(built.out, built.err);
        REQUIRE(built.status == 0);
        layers.push_back(desk.type("docker inspect -f '{{json .RootFS.Layers}}' " + built.out).out);
    }
    CHECK(count_in(layers[0], "sha256:") == 2);
    CHECK(layers[0] == layers[1]);
}

TEST_CASE("docker CLI, live: commit keeps what a container changed", "[system][live]")
{
    if (!possible())
        return;
    at_a_desk([](Desk& desk) {
        REQUIRE(desk.type("docker run --name box busybox sh -c 'echo new >/new; rm /etc/group'").status == 0);
        auto const made = desk.type("docker commit -m note -a me -c 'CMD [\"cat\", \"/new\"]' -c 'ENV q=1' box mine:1");
        CHECK(made.out.starts_with("sha256:"));
        check(desk.type("docker run --rm mine:1"), 0, "new\n");
        CHECK(desk.type("docker run --rm mine:1 ls /etc/group").status == 1);
        check(desk.type("docker inspect -f '{{.Author}} {{.Comment}} {{.Config.Env}}' mine:1"), 0,
            "me note [PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin q=1]\n");
        check(desk.type("docker commit -c 'RUN x' box"), 1, "", "RUN is not a valid change command");
        check(
            desk.type("docker run -d --name busy busybox sleep 1000 >/dev/null; docker commit busy mine:2 >/dev/null; "
                      "docker inspect -f '{{.State.Status}}' busy; docker rm -f busy >/dev/null"),
            0, "running\n");
        check(desk.type("docker rm box >/dev/null; docker rmi mine:2 mine:1 >/dev/null; docker images -aq | wc -l"), 0,
            "1\n");
    });
}

TEST_CASE("docker CLI, live: volumes outlive containers, and begin with what the image has", "[system][live]")
{
    if (!possible())
        return;
    at_a_desk([](Desk& desk) {
        REQUIRE(desk.type("docker pull -q busybox").status == 0);
        check(desk.type("docker volume create kept"), 0, "kept\n");
        check(desk.type("docker run --rm -v kept:/data busybox sh -c 'echo words > /data/f'"), 0, "");
        check(desk.type("docker run --rm -v kept:/data:ro busybox cat /data/f"), 0, "words\n");
        auto const refused = desk.type("docker run --rm -v kept:/data:ro busybox touch /data/g");
        CHECK(refused.status == 1);
        CHECK(contains(refused.err, "Read-only file system"));
        CHECK(contains(desk.type("docker run --rm -v seeded:/etc busybox ls /etc").out, "passwd\n"));
        check(desk.type("docker volume rm kept seeded"), 0, "kept\nseeded\n");
        check(desk.type("mkdir here && echo mine > here/f && docker run --rm -v $PWD/here:/in:ro busybox cat /in/f"), 0,
            "mine\n");
        check(desk.type("docker run --rm --tmpfs /t:size=1m busybox sh -c 'grep -c \" /t tmpfs\" /proc/mounts'"), 0,
            "1\n");
        check(desk.type("docker run --rm --init busybox sh -c 'exit 5'"), 5, "");
        check(desk.type("docker run --rm --ulimit nofile=100:200 busybox sh -c 'ulimit -n; ulimit -Hn'"), 0,
            "100\n200\n");
    });
}

TEST_CASE("docker CLI, live: cp goes both ways, and export is the whole tree", "[system][live]")
{
    if (!possible())
        return;
    at_a_desk([](Desk& desk) {
        REQUIRE(desk.type("docker pull -q busybox && docker create --name box busybox").status == 0);
        REQUIRE(desk.type("mkdir d && echo text > d/f && ln -s f d/l && docker cp d box:/root/").status == 0);
        check(desk.type("docker cp box:/root/d/f - | tar xO"), 0, "text\n");
        REQUIRE(desk.type("docker cp box:/root/d out").status == 0);
        check(desk.type("cat out/f; readlink out/l"), 0, "text\nf\n");
        check(desk.type("docker export box | tar t | grep -c '^root/d/f$'"), 0, "1\n");
        auto const missing = desk.type("docker cp box:/nosuch .");
        CHECK(missing.status == 1);
        CHECK(contains(missing.err, "Could not find the file /nosuch in container box"));
    });
}

TEST_CASE(
    "docker CLI, live: containers of one network find each other by name, and a port is published", "[system][live]")
{
    if (!possible() || ::geteuid() != 0) // bridges take root
        return;
    at_a_desk([](Desk& desk) {
        REQUIRE(desk.type("docker pull -q busybox && docker network create net").status == 0);
        auto const served = desk.type("docker run -d --name web --network net -p 127.0.0.1:0:80 busybox "
                                      "sh -c 'mkdir /www; echo hello > /www/index.html; httpd -f -h /www'");
        CAPTURE(served.err);
        REQUIRE(served.status == 0);
        check(desk.type("docker run --rm --network net busybox "
                        "sh -c 'for i in 1 2 3 4 5 6 7 8 9; do wget -qO- http://web && break; sleep 1; done'"),
            0, "hello\n");
        auto const stranger = desk.type("docker run --rm --network net busybox nslookup nosuch");
        CHECK(stranger.status != 0);
        auto const port = desk.type("docker port web 80");
        REQUIRE(contains(port.out, "127.0.0.1:"));
        // The shell speaks HTTP itself: there may be no curl here.
        auto const page = desk.type("bash -c 'exec 3<>/dev/tcp/127.0.0.1/" + port.out.substr(10, port.out.size() - 11)
            + "; printf \"GET / HTTP/1.0\\r\\n\\r\\n\" >&3; cat <&3'");
        CHECK(contains(page.out, "hello"));
        CHECK(contains(desk.type("docker network rm net").err, "has active endpoints"));
        check(desk.type("docker rm -f web && docker network rm net"), 0, "web\nnet\n");
    });
}

TEST_CASE("docker CLI, live: what is out of memory is told apart, and use is counted", "[system][live]")
{
    if (!possible() || ::geteuid() != 0)
        return;
    at_a_desk([](Desk& desk) {
        REQUIRE(desk.type("docker pull -q busybox").status == 0);
        auto const killed = desk.type("docker run --name hog -m 8m busybox sh -c 'x=a; while :; do x=$x$x; done'");
        CHECK(killed.status == 137);
        check(desk.type("docker inspect -f '{{.State.OOMKilled}}' hog"), 0, "true\n");
        REQUIRE(desk.type("docker run -d --name idle -m 64m busybox sleep 100").status == 0);
        CHECK(contains(desk.type("docker stats --no-stream --format '{{.MemUsage}}' idle").out, "/ 64MiB"));
        check(desk.type("docker update -m 32m idle"), 0, "idle\n");
        CHECK(contains(desk.type("docker stats --no-stream --format '{{.MemUsage}}' idle").out, "/ 32MiB"));
        REQUIRE(desk.type("docker rm -f idle && docker container prune -f").status == 0);
    });
}

TEST_CASE("docker CLI, live: containers share a network, and datagrams come in by a published port", "[system][live]")
{
    if (!possible())
        return;
    if (::geteuid() != 0) {
        std::cerr << "skipped: sharing a network takes root\n";
        return;
    }
    at_a_desk([](Desk& desk) {
        REQUIRE(
            desk.type("docker run -d --name first busybox sh -c 'nc -l -p 80 -e echo hello & sleep 1000'").status == 0);
        auto const here = desk.type("docker exec first hostname").out;
        check(desk.type("docker run --rm --network container:first busybox hostname"), 0, here);
        check(desk.type("docker run --rm --network container:first busybox nc 127.0.0.1 80"), 0, "hello\n");
        check(desk.type("docker run --rm --network container:first busybox ls /sys/class/net"), 0, "eth0\nlo\n");
        CHECK(contains(desk.type("docker stats --no-stream --format '{{.NetIO}}' first").out, "B / "));
        REQUIRE(desk.type("docker stop -t 0 first").status == 0);
        check(desk.type("docker run --rm --network container:first busybox true"), 125, "",
            "cannot join network of a non running container");
        check(
            desk.type("docker run --rm --network container:nosuch busybox true"), 125, "", "No such container: nosuch");
        // BusyBox has no server for datagrams, so the host's perl is lent to the container. It sends back what it gets.
        REQUIRE(desk.type("docker run -d --name echo -p 127.0.0.1::53/udp -v /usr:/usr:ro -v /usr/lib:/lib:ro "
                          "-v /usr/lib64:/lib64:ro busybox /usr/bin/perl -MIO::Socket::INET -e "
                          "'$s = IO::Socket::INET->new(LocalPort => 53, Proto => \"udp\") or die; "
                          "while (defined $s->recv($d, 99)) { $s->send($d) }'")
                    .status
            == 0);
        auto const port = desk.type("docker port echo 53/udp | cut -d: -f2").out;
        REQUIRE(port.size() > 1);
        auto const answer = desk.type("perl -MIO::Socket::INET -MIO::Select -e '"
                                      "$s = IO::Socket::INET->new(PeerAddr => \"127.0.0.1:"
            + port.substr(0, port.size() - 1)
            + "\", Proto => \"udp\"); for (1..20) { $s->send(\"ahoy\"); "
              "if (IO::Select->new($s)->can_read(1) and defined $s->recv($d, 99)) { print $d; exit } }'");
        CHECK(answer.out == "ahoy");
    });
}
