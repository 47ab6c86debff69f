#pragma once

// Plays a scenario on an engine: runs its command lines, asks its predictions, evaluates its goals. Everything it does
// becomes an event; it never waits to be watched, because pacing belongs to the timeline.

#include "sim/scenario/Scenario.h"
#include "sim/trace/EventLog.h"
#include "sim/world/World.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace drydock::scenario {

// What a scenario is played on: a daemon with its registry, in either world.
class Engine {
public:
    virtual ~Engine() = default;
    // Runs one docker command line to its end, on the host that it names or else the first; its exit status.
    virtual int run(std::string const& line) = 0;
    virtual trace::EventLog const& log() const = 0;
    // The machine called so; where the name is empty, the first one.
    virtual HostId host_called(std::string const& name) const { return HostId { name }; }
    // The content of a regular file as a container of that machine sees it. NotFound where it is not there.
    virtual Result<std::string> read_file(HostId const&, std::string const& container, std::string const& path) = 0;
    // The body that GET of that path of the Engine API has there ("/containers/web/json"), asked beside the API so that
    // looking leaves no event.
    virtual Result<std::string> look(HostId const&, std::string const& path) = 0;
};

// Whether a goal holds; where not, which predicate, what was observed, and of which object.
struct Verdict {
    bool met { false };
    std::string why_not;
};

// Judges goals by the state that the events imply: any way of reaching it counts, and other things may exist beside.
class Judge {
public:
    explicit Judge(Engine& engine)
        : m_engine(engine)
    {
    }
    Verdict judge(Goal const&);
    // What a prediction's answer is computed from beside the records of its phase: the state at the beginning.
    struct Before {
        std::uint64_t records { 0 };
        std::string field; // what it was, where it could be read
    };
    Before before(Prediction const&);
    // The answer that the run has given since.
    std::string answer(Prediction const&, Before const&);

private:
    void catch_up();
    bool is_registry(ActorId const&) const;
    bool is_layer(oci::Digest const& blob) const;
    std::string why_not(Predicate const&);
    std::string why_not(ContainerIs const&);
    std::string why_not(ContainerPrinted const&);
    std::string why_not(ImageIs const&);
    std::string why_not(SheetHas const&);
    std::string why_not(FileIs const&);
    std::string why_not(RegistryHas const&);
    std::string why_not(EventSeen const&);
    std::string why_not(FieldIs const&);
    std::string why_not(LayersHide const&);
    std::string why_not(CommandPrinted const&);
    std::string why_not(MachinesRun const&);
    Result<std::string> read_field(Field const&);
    std::uint64_t count(Measure, std::uint64_t since) const;
    std::string last_printed(std::uint64_t since) const;
    std::int64_t kernels() const;
    std::string holder(Field const& of);
    std::string_view holder_of_file(world::Container const&, std::string const& path) const;
    std::string_view holder_of_field(world::Container const&, Field const&);
    std::string_view holder_of_process(world::Container const&, std::string const& program);
    bool layer_has(HostId const&, oci::Digest const& layer, std::string const& path) const;
    world::Container const* present(std::string const& name, std::string const& on) const;

    Engine& m_engine;
    world::World m_world;
    std::map<std::string, oci::Digest> m_first_tagged; // by familiar reference
    std::vector<std::pair<ContainerId, std::string>> m_printed;
    std::map<HostId, std::string> m_typed_output; // what commands printed, by host
};

struct Played {
    bool succeeded { false };          // all goals met, all commands ran
    std::vector<std::string> failures; // sentences
};

// Runs what the variation breaks, and says what it shows. Empty where it does show it, else why not.
std::string play_variation(Scenario const&, Engine&, trace::Publisher const&);

// What a learner does after the phases, for those who only look on (a page, a storyboard): the solution as a part of
// its own, where there is one, then the variation.
void show_the_rest(Scenario const&, Engine&, trace::Publisher const&);

// `go_on` is asked before each phase and may end the play early.
Played play(
    Scenario const&, Engine&, trace::Publisher const&, std::function<bool()> const& go_on = [] { return true; });

}
