#pragma once

// The subcommands of `drydock`, one function each. They return the exit status: 0 done, 1 the thing asked for failed or
// did not hold, 2 wrong usage.

#include "sim/scenario/ConceptTest.h"
#include "visual/app/DebianImage.h"
#include "visual/app/Pictures.h"
#include "visual/app/Serving.h"
#include "visual/app/Session.h"
#include "visual/export/Storyboard.h"

#include <optional>
#include <string>
#include <vector>

namespace drydock::app {

struct PlayOptions {
    std::string scenario; // a file, or the name of a shipped one; empty: the first
    bool text { false };
    bool no_wait { false };
    int depth { 0 };    // 0: the scenario's own
    std::string record; // trace file to write
    PictureOptions pictures;
    ServingOptions serving;
    SessionOptions session;
};
int play(PlayOptions);

// Without files: all that are shipped.
int check(std::vector<std::string> const& files, SessionOptions const&, bool json);

struct TraceOptions {
    std::string file;
    bool text { false };
    bool json { false };
    int depth { 3 };
    std::string perfetto; // file to write
    PictureOptions pictures;
};
int trace(TraceOptions const&);

struct ExportOptions {
    std::string source; // a scenario's file or name, or a trace
    std::string to;
    std::string at;  // of a picture: "12.5", "beat 7"
    int depth { 0 }; // 0: the scenario's own
    theme::ThemeName theme { theme::ThemeName::Dark };
    int height { 720 };
    int frames_per_second { 30 };
    exporting::StillEach each { exporting::StillEach::Beat }; // of a storyboard
    std::string view;                                         // as in named_views(); empty: the scenario's own
    bool whole_window { false };
    bool progress { false }; // per cent on standard output, for programs
    SessionOptions session;
};
int export_command(ExportOptions const&);

struct DaemonOptions {
    SessionOptions session;
    ServingOptions serving;
    std::string record;
};
int daemon(DaemonOptions);

struct MountOptions {
    std::string options; // "lowerdir=A:B,upperdir=U,workdir=W"
    std::filesystem::path directory;
    bool foreground { false };
};
int mount(MountOptions);

struct RegistryOptions {
    std::string address { "127.0.0.1:5000" };
    std::string root;           // empty: in memory
    std::string htpasswd;       // basic authentication
    std::string token_htpasswd; // token authentication
    std::string certificate;    // both: https
    std::string key;
    bool sparse { false }; // take manifests with gaps
};
int registry(RegistryOptions const&);

struct HubOptions {
    std::string data_root;
    std::string source; // empty: list what is there
    std::string name;   // the repository; empty: as the source names it
    std::optional<DebianOptions> debian {};
};
int hub(HubOptions const&);

// `drydock runtime …`, also called drydock-runtime: bundles of the OCI runtime specification.
int runtime_command(std::vector<std::string> const& args);
int docker(std::vector<std::string> const& args, std::string const& host, std::string const& context, TlsOptions);
// `drydock notes`: what the presenter reads while the class watches the window. An empty path: the newest window's.
int notes(std::string const& socket);
int doctor(bool json);
// `drydock doctor --store DIR`: whether all that lies in a data root is whole.
int doctor_store(std::filesystem::path const& data_root, bool json);

struct VmOptions {
    std::string kernel;               // empty: look for one
    std::string initramfs;            // boot: what to start from
    std::vector<std::string> command; // run: the image, of the layout that lies beside the program, and its command
    std::uint64_t memory { 128 };     // MiB
    bool step { false };              // hello: every exit
    bool yes { false };               // fetch-kernel: asked already
    std::string record;               // trace file to write
};
int vm_hello(VmOptions const&);
int vm_boot(VmOptions const&);
int vm_run(VmOptions const&);
int vm_fetch_kernel(VmOptions const&);

struct CompareOptions {
    std::string kernel;
    std::string model; // empty: the shipped one
    std::string record;
    int rounds { 10 };
    bool json { false };
    bool modelled_only { false };
};
int compare(CompareOptions const&);

// `drydock lessons`: the course, and how far one has come.
int lessons(bool json);

struct TestMeOptions {
    scenario::TestPhase phase { scenario::TestPhase::Before };
    std::string csv; // where the results go; empty: the user's data folder
    bool print { false };
};
int test_me(TestMeOptions const&);

int complain(Error const&); // on standard error; 1

// The file that `name` means: a path, or a shipped scenario's id. NotFound lists the shipped ones.
Result<std::filesystem::path> find_scenario(std::string const& name);
// Where its build contexts lie, and all that its commands may read.
std::filesystem::path folder_of(std::filesystem::path const& scenario);
std::vector<std::filesystem::path> toml_files_in(std::filesystem::path const& folder); // sorted
std::vector<std::filesystem::path> shipped_scenarios(); // lessons and demonstrations, then open tasks
// Reads and loads it; complaints go to standard error, one a line.
std::optional<scenario::Scenario> load_scenario(std::filesystem::path const&);

}
