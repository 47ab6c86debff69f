#include "sim/scenario/Proof.h"
#include "sim/time/LiveScheduler.h"
#include "tests/support/Catch.h"

using namespace drydock;
using namespace drydock::scenario;

namespace {

// An engine that knows four commands; enough to tell whether goals are judged by what happened.
class FakeEngine final : public Engine {
public:
    int run(std::string const& line) override
    {
        trace::Publisher const publisher(m_log, m_clock, { HostId { "h" }, ActorId { "daemon" } });
        auto const word = line.substr(7); // behind "docker "
        if (word == "pull")
            publisher.publish(trace::ImageTagged { "busybox:latest", oci::Digest::of("config") });
        else if (word == "repoint")
            publisher.publish(trace::ImageTagged { "busybox:latest", oci::Digest::of("other") });
        else if (word == "run a" || word == "run b")
            start(publisher, word.substr(4));
        else if (word == "write a" && m_a_runs) {
            auto const layer = oci::Digest::of("layer");
            publisher.publish(trace::FileCopiedUp { ContainerId { "a" }, "/etc", 1, layer, 0 });
            publisher.publish(trace::FileCopiedUp { ContainerId { "a" }, "/etc/motd", 1, layer, 12 });
        } else
            return 1;
        return 0;
    }
    trace::EventLog const& log() const override { return m_log; }
    HostId host_called(std::string const& name) const override { return HostId { name.empty() ? "h" : name }; }
    Result<std::string> read_file(HostId const&, std::string const&, std::string const& path) override
    {
        if (path == "/etc/motd")
            return std::string("Ahoy");
        return fail(ErrorKind::NotFound, "no such file");
    }
    Result<std::string> look(HostId const&, std::string const& path) override
    {
        if (path != "/containers/a/json" || !m_a_runs)
            return fail(ErrorKind::NotFound, "no such object: " + path);
        return std::string(R"({"Config":{"User":"1000","Env":["PORT=80"]},"Pid":)") + std::to_string(m_log.size())
            + "}";
    }

private:
    void start(trace::Publisher const& publisher, std::string const& name)
    {
        m_a_runs = m_a_runs || name == "a";
        ContainerId const id { name };
        publisher.publish(
            trace::ContainerCreated { id, name, "busybox:latest", oci::Digest::of("config"), { "sh" }, name });
        publisher.publish(trace::WritableLayerCreated { id, "memory" });
        publisher.publish(trace::ContainerStarted { id });
        publisher.publish(trace::OutputWritten { id, false, "h", 1 });
        publisher.publish(trace::OutputWritten { id, false, "i\n", 2 });
    }

    trace::EventLog m_log;
    LiveScheduler m_clock;
    bool m_a_runs { false };
};

Verdict judged(std::vector<std::string> const& lines, Predicate predicate)
{
    FakeEngine engine;
    for (auto const& line : lines)
        engine.run(line);
    return Judge(engine).judge({ "goal", { std::move(predicate) } });
}

Scenario lesson()
{
    Scenario scenario { .id = "x", .title = "X" };
    scenario.phases = { { .name = "One", .say = "Look.", .run = { "docker run a", "docker write a" } } };
    scenario.predictions = { { "copied", "One", "How much?", {}, Measure::BytesCopiedUp, {}, {}, "Because." } };
    scenario.goals = { { "a wrote", { SheetHas { "a", "/etc/motd", "copied-up" } } } };
    scenario.check = Check { .tolerates = { "docker run b" } };
    return scenario;
}

}

TEST_CASE("Judge: says which predicate fails, what was observed, and of what", "[sim][scenario]")
{
    CHECK(
        judged({}, ContainerIs { .name = "a", .exists = {}, .state = "running", .exit_code = {}, .image = {} }).why_not
        == "there is no container a");
    CHECK(judged({ "docker run a" },
              ContainerIs { .name = "a", .exists = {}, .state = "exited", .exit_code = {}, .image = {} })
              .why_not
        == "container a is running, not exited");
    CHECK(judged({ "docker run a" }, SheetHas { "a", "/etc/motd", "copied-up" }).why_not
        == "in the read-write layer of a, /etc/motd is absent, not copied-up");
    CHECK(judged({ "docker run a" }, FileIs { "a", "/etc/motd", "Hi", {} }).why_not
        == "/etc/motd in a says \"Ahoy\", without \"Hi\"");
    CHECK(judged({}, EventSeen { { "ContainerRemoved" }, 1 }).why_not == "ContainerRemoved happened 0 times, not 1");
}

TEST_CASE("Judge: output that arrived in pieces is one text", "[sim][scenario]")
{
    CHECK(judged({ "docker run a" }, ContainerPrinted { "hi" }).met);
    CHECK_FALSE(judged({ "docker run a" }, ContainerPrinted { "hih" }).met);
}

TEST_CASE("Judge: an image whose tag moved has not the digest it had", "[sim][scenario]")
{
    ImageIs const unchanged { .reference = "busybox:latest", .exists = {}, .layers = {}, .digest_unchanged = true };
    CHECK(judged({ "docker pull", "docker pull" }, unchanged).met);
    CHECK_FALSE(judged({ "docker pull", "docker repoint" }, unchanged).met);
}

TEST_CASE("Play: the answer to a prediction is computed from the run", "[sim][scenario]")
{
    FakeEngine engine;
    trace::EventLog story;
    LiveScheduler clock;
    auto const played = play(lesson(), engine, trace::Publisher(story, clock, { HostId {}, ActorId { "scenario" } }));
    CHECK(played.succeeded);
    CHECK(played.failures.empty());
    std::vector<std::string> names;
    std::string answer;
    for (std::uint64_t i = 0; i < story.size(); ++i) {
        names.emplace_back(trace::name_of(story[i].event));
        if (auto const* resolved = story[i].event.get_if<trace::PredictionResolved>())
            answer = resolved->answer;
    }
    CHECK(names
        == std::vector<std::string> { "ScenarioBegan", "PhaseBegan", "PredictionAsked", "PredictionResolved",
            "PhaseEnded", "GoalEvaluated", "ScenarioEnded" });
    CHECK(answer == "12");
    Prediction lifted;
    lifted.measure = Measure::FilesCopiedUp;
    CHECK(Judge(engine).answer(lifted, {}) == "1"); // the file, not the directory it is in
}

TEST_CASE("Play: a lesson whose goals wait for the learner is well played, and does not say they are reached",
    "[sim][scenario]")
{
    FakeEngine engine;
    trace::EventLog story;
    LiveScheduler clock;
    auto waiting = lesson();
    waiting.phases.front().run = { "docker run a" };
    waiting.check->solution = { "docker write a" };
    auto const played = play(waiting, engine, trace::Publisher(story, clock, { HostId {}, ActorId { "scenario" } }));
    CHECK(played.succeeded);
    auto const* ended = story[story.size() - 1].event.get_if<trace::ScenarioEnded>();
    REQUIRE(ended != nullptr);
    CHECK_FALSE(ended->succeeded);
}

TEST_CASE("Judge: answers from fields, from their change, and from events", "[sim][scenario]")
{
    FakeEngine engine;
    engine.run("docker run a");
    Judge judge(engine);
    Prediction user, pid, started;
    user.measure = Measure::Inspect;
    user.field = { "container:a", "Config.Env.0" };
    CHECK(judge.answer(user, judge.before(user)) == "PORT=80");
    pid.measure = Measure::Change;
    pid.field = { "container:a", "Pid" };
    auto const before = judge.before(pid);
    CHECK(judge.answer(pid, before) == "stays");
    engine.run("docker run b");
    CHECK(judge.answer(pid, before) == "grows");
    started.measure = Measure::Events;
    started.event = { "ContainerCreated", { { "name", "b" } } };
    CHECK(judge.answer(started, {}) == "1");
}

TEST_CASE("Judge: where a thing of a container lies is read from the run", "[sim][scenario]")
{
    FakeEngine engine;
    Judge judge(engine);
    auto const holder = [&](std::string const& thing) {
        Prediction item;
        item.measure = Measure::Holder;
        item.field = { "container:a", thing };
        return judge.answer(item, {});
    };
    CHECK(holder("kernel") == "nowhere"); // there is no container to ask about
    engine.run("docker run a");
    CHECK(holder("kernel") == "on the host");
    CHECK(holder("file:/etc/motd") == "nowhere");
    engine.run("docker write a");
    CHECK(holder("file:/etc/motd") == "in the container");
    CHECK(holder("field:Config.User") == "in the container"); // the image says nothing of it
    CHECK(holder("field:Config.Nothing") == "nowhere");
    CHECK(holder("process:sh") == "nowhere"); // this engine has no `top`
}

TEST_CASE("Judge: a field of an object, and what it does not say", "[sim][scenario]")
{
    FieldIs const wanted { .field = { "container:a", "Config.User" }, .equals = "1000" };
    CHECK(judged({ "docker run a" }, wanted).met);
    CHECK(judged({}, wanted).why_not == "no such object: /containers/a/json");
    CHECK(judged({ "docker run a" }, FieldIs { .field = { "container:a", "Config.User" }, .equals = "0" }).why_not
        == "Config.User of container:a is \"1000\", not \"0\"");
    CHECK(judged({ "docker run a" }, FieldIs { .field = { "container:a", "Pid" }, .at_most = 1 }).why_not
        == "Pid of container:a is \"5\", more than 1");
}

TEST_CASE("Prove: a sound scenario holds, and each kind of broken one is caught", "[sim][scenario]")
{
    auto const make = []() -> Result<std::unique_ptr<Engine>> { return std::make_unique<FakeEngine>(); };
    auto const broken_claims = [&](Scenario const& scenario) {
        std::vector<std::string> claims;
        for (auto const& trial : REQUIRE_OK(prove(scenario, make))) {
            if (!trial.held)
                claims.push_back(trial.claim);
        }
        return claims;
    };
    CHECK(broken_claims(lesson()).empty());

    SECTION("goals that the start state meets")
    {
        auto scenario = lesson();
        scenario.goals = { { "easy", { EventSeen { { "ContainerCreated" }, 0 } } } };
        CHECK_FALSE(broken_claims(scenario).empty());
    }
    SECTION("a command that no goal needs")
    {
        auto scenario = lesson();
        scenario.phases[0].run.emplace_back("docker run b");
        CHECK(broken_claims(scenario) == std::vector<std::string> { "without `docker run b` a goal is not met" });
    }
    SECTION("a solution that does not reach the goals")
    {
        auto scenario = lesson();
        scenario.phases[0].run = { "docker run a" };
        CHECK(broken_claims(scenario).front() == "the solution meets every goal");
    }
    SECTION("an alternative that does not")
    {
        auto scenario = lesson();
        scenario.check->alternatives = { { "docker run b" } };
        CHECK(broken_claims(scenario) == std::vector<std::string> { "`docker run b` meets every goal too" });
    }
    SECTION("a question whose choices lack the answer")
    {
        auto scenario = lesson();
        scenario.predictions[0].choices = { "0", "12" };
        CHECK(broken_claims(scenario).empty());
        scenario.predictions[0].choices = { "0", "1" };
        CHECK(
            broken_claims(scenario) == std::vector<std::string> { "the answer to \"How much?\" is among its choices" });
    }
    SECTION("a goal that a harmless extra breaks")
    {
        auto scenario = lesson();
        scenario.goals.push_back(
            { "no b", { ContainerIs { .name = "b", .exists = false, .state = {}, .exit_code = {}, .image = {} } } });
        CHECK(
            broken_claims(scenario) == std::vector<std::string> { "`docker run b` beside the solution does no harm" });
    }
}
