#pragma once

// A scenario is one TOML file: lesson, demonstration and test at once (docs/authoring.md). This is what the file says,
// already checked; docs/authoring.md has the same keys in the same order.

#include "sim/core/Result.h"
#include "sim/scenario/Cast.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace drydock::scenario {

enum class Stop : std::uint8_t { End, None }; // whether playing waits when the phase has been shown

struct Phase {
    std::string name;
    std::string say;                // at most 25 words
    std::string notes;              // for whoever presents; the class does not see them
    std::vector<std::string> run;   // docker command lines, in order; "test$ docker ps" is typed on the host test
    std::vector<std::string> show;  // the same, but they only look: not part of the solution
    std::vector<std::string> focus; // "container:a", "image:busybox:latest", "daemon"
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
};

struct Prediction {
    std::string id;
    std::string phase; // asked before it is played, resolved when it has ended
    std::string question;
    std::vector<std::string> choices; // empty: any text
    Measure measure { Measure::ExitCode };
    std::string why;
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
    std::string event; // name of an event type
    std::int64_t at_least { 1 };
};
using Predicate = std::variant<ContainerIs, ContainerPrinted, ImageIs, SheetHas, FileIs, RegistryHas, EventSeen>;

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
    Cast cast;
    std::vector<Phase> phases;
    std::vector<Prediction> predictions;
    std::vector<Goal> goals;
    std::vector<Hint> hints;
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
