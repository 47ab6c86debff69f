#pragma once

// A scenario is one TOML file: lesson, demonstration and test at once (docs/authoring.md). This is what the file says,
// already checked; docs/authoring.md has the same keys in the same order.

#include "sim/core/Result.h"
#include "sim/scenario/Cast.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace drydock::scenario {

enum class Kind : std::uint8_t {
    Free,          // whatever somebody recorded or tried
    Lesson,        // complete: parts, analogy, questions, goals, hints of each tier, a variation, what comes next
    Demonstration, // for the projector: no questions
    Task,          // something to be reached on one's own
};

// Something that the lesson names before it begins (pre-training).
struct Part {
    std::string name; // "Daemon"
    std::string says; // one sentence
};

// What it is like, with a drawing as large as a hand: shapes on a field of 160 x 90, as `shape x y width height
// [text]`. The shapes: box, sheet, disc, line, arrow (x y to x y), label.
struct Analogy {
    std::string text;
    std::vector<std::string> picture;
};

enum class Stop : std::uint8_t { End, None }; // whether playing waits when the phase has been shown

struct Phase {
    std::string name;
    std::string say;                // at most 25 words
    std::string notes;              // for whoever presents; the class does not see them
    std::vector<std::string> run;   // command lines, in order; "test$ docker ps" is typed on the host test
    std::vector<std::string> show;  // the same, but they only look: not part of the solution
    std::vector<std::string> focus; // "container:a", "image:busybox:latest", "daemon", "path:/etc/motd"
    std::string view;               // that it is told in; empty: the scenario's
    Stop stop { Stop::End };
};

// A value that a run has, computed from its events.
enum class Measure : std::uint8_t {
    BytesCopiedUp,
    FilesCopiedUp,
    Whiteouts,
    LayersTransferred,
    LayersSkipped,
    BytesTransferred,
    ExitCode,       // of the last container that ended
    ContainersLeft, // that exist at the end
    NamespacesCreated,
    Events,   // how often an event happened
    Printed,  // the last line that the last command printed
    Status,   // exit status of the last command
    FailedOn, // the host of the first command that failed, or "none"
    Inspect,  // a field of an object
    Change,   // of such a field from the phase's beginning to its end: "grows", "shrinks", "changes", "stays"
    Kernels,  // that run at the end: the hosts' and the guest machines'
    Holder,   // who keeps a thing of a container; one of `holders`
};

// The bins of a sort. A thing that nobody keeps is "nowhere".
inline constexpr std::array<std::string_view, 3> holders { "in the image", "in the container", "on the host" };

// A field of what `docker inspect` says: "container:web", "Config.User". An index is a field, too: "Mounts.0.Source".
struct Field {
    std::string object; // "container:NAME", "image:REFERENCE", "volume:NAME", "network:NAME"
    std::string path;
    std::string on {}; // the host; empty: the first
};

// An event, told from others of its type by some of its fields.
struct EventLike {
    std::string event;                           // name of an event type
    std::map<std::string, std::string> where {}; // a field of the event → a text that its value contains
};

struct Prediction {
    std::string id;
    std::string phase; // asked before it is played, resolved when it has ended
    std::string question;
    std::vector<std::string> choices; // empty: any text
    Measure measure { Measure::ExitCode };
    Field field {};     // of Inspect and Change; of Holder the container, and the thing in place of a field's path
    EventLike event {}; // of Events
    std::string why;
    std::string sort {}; // the [[sort]] that it is an item of; empty: a question by itself
};

// Predicates. Each names its object, what must hold of it, and can say why it does not. `on` is the host that is looked
// at; empty: the first.
struct ContainerIs {
    std::string name;
    std::optional<bool> exists;
    std::optional<std::string> state; // "created", "running", "paused", "exited"
    std::optional<std::int64_t> exit_code;
    std::optional<std::string> image; // familiar reference
    std::string on {};
};
struct ContainerPrinted { // some container, also one that is gone
    std::string text;
};
struct ImageIs {
    std::string reference;
    std::optional<bool> exists;
    std::optional<std::int64_t> layers;
    bool digest_unchanged { false }; // since the first time it was stored in this run
    std::string on {};
    std::string same_on {}; // the reference means the same image on that host
};
struct SheetHas { // a path in a container's read-write layer
    std::string container;
    std::string path;
    std::string mark; // "created", "copied-up", "whiteout", "opaque", "absent"
    std::string on {};
};
struct FileIs { // as the container sees it
    std::string container;
    std::string path;
    std::optional<std::string> contains;
    std::optional<bool> absent;
    std::string on {};
};
struct RegistryHas {       // some daemon has pushed it
    std::string reference; // "reg.corp/greeter:1"
};
struct EventSeen {
    EventLike like;
    std::int64_t at_least { 1 };
    std::optional<std::int64_t> at_most {};
};
// Numbers are compared as numbers; a list contains what is one of its elements.
struct FieldIs {
    Field field;
    std::optional<std::string> equals;
    std::optional<std::string> contains;
    std::optional<std::string> lacks; // does not contain
    std::optional<std::int64_t> at_least;
    std::optional<std::int64_t> at_most;
};
struct LayersHide { // no layer of the image has the path: nobody who peels them finds it
    std::string reference;
    std::string path;
    std::string on {};
};
struct CommandPrinted { // what some command printed on that host's terminal
    std::string text;
    std::string on {};
};
struct MachinesRun { // guest machines with a kernel of their own
    std::int64_t at_least { 0 };
    std::optional<std::int64_t> at_most {};
};
using Predicate = std::variant<ContainerIs, ContainerPrinted, ImageIs, SheetHas, FileIs, RegistryHas, EventSeen,
    FieldIs, LayersHide, CommandPrinted, MachinesRun>;

struct Goal {
    std::string text;
    std::vector<Predicate> all;
};

enum class HintTier : std::uint8_t { Nudge, Pointer, Command };

struct Hint {
    HintTier tier { HintTier::Nudge };
    std::int64_t after_failures { 1 };
    std::string flash; // the object to point at, as in `focus`
    std::string text;
};

// Something is broken on purpose, after the goals are reached. The engine is taken back afterwards.
struct Variation {
    std::string name;
    std::string say; // at most 25 words
    std::vector<std::string> run;
    std::string shows;          // what there is to learn from it
    std::vector<Predicate> all; // hold afterwards, or it does not show it
};

struct Check {
    std::vector<std::string> solution;
    std::vector<std::vector<std::string>> alternatives;
    std::vector<std::string> tolerates;
};

struct Scenario {
    std::string id;
    std::string title;
    std::string summary;
    std::int64_t minutes { 0 };
    std::vector<std::string> topics;
    std::vector<std::string> misconceptions; // "M3"
    std::int64_t depth { 1 };                // 1 to 3: what is shown at first
    Kind kind { Kind::Free };
    std::string
        view {}; // "stage", "union", "isolation", "wire", "build", "compare": which is open at first; empty: stage
    std::vector<Part> parts {};
    std::optional<Analogy> analogy {};
    Cast cast;
    std::vector<Phase> phases;
    std::vector<Prediction> predictions;
    std::vector<Goal> goals;
    std::vector<Hint> hints;
    std::optional<Variation> variation {};
    std::vector<std::string> next {}; // what to try now, a sentence each
    // Without an own solution the phases' `run` lines are it, and the start state is the fresh lab; with one, the
    // phases are the set-up.
    std::optional<Check> check;

    std::vector<std::string> setup() const;
    std::vector<std::string> solution() const;
    // What people read of it, and a language file translates; commands and numbers are nobody's language.
    std::vector<std::string> texts() const;
};

// Something wrong in a file, where, and what would be right. Lines and columns count from 1.
struct Problem {
    std::uint32_t line { 0 };
    std::uint32_t column { 0 };
    std::string message;
    std::string remedy;
    // "scenarios/x.toml:12:5: unknown key `foccus`. Did you mean `focus`?"
    std::string to_string(std::string_view file) const;
};

struct Loaded {
    std::optional<Scenario> scenario; // nothing where there are problems
    std::vector<Problem> problems;    // all that were found, in the order of the file
};

// `text` is the file's content, at most 256 KiB.
Loaded load(std::string_view text);

}
