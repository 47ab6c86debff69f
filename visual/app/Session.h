#pragma once

// One run of Drydock: a lab in one of the two worlds, its event log, and where its output goes. It is the engine that
// scenarios are played on.
//
// A session that keeps its past can be left for another one that goes on from an earlier moment: the lab of the
// simulated world is brought there by doing the same again under a muted log, a live one by a checkpoint of its data
// root, in which what ran starts anew.

#include "engine/lab/Lab.h"
#include "sim/scenario/Player.h"

#include <filesystem>
#include <functional>

namespace drydock::app {

// Where the parts of an installation lie, found from the program's own path.
struct Installation {
    std::filesystem::path images; // OCI layout for the hub
    std::filesystem::path init_program;
    std::filesystem::path scenarios;
    std::filesystem::path languages;
    std::filesystem::path models; // what is modelled, in numbers
    static Installation find();
};

// A directory that goes with its last owner.
class OwnDirectory {
public:
    explicit OwnDirectory(std::filesystem::path path)
        : m_path(std::move(path))
    {
    }
    ~OwnDirectory();
    OwnDirectory(OwnDirectory const&) = delete;
    OwnDirectory& operator=(OwnDirectory const&) = delete;
    std::filesystem::path const& path() const { return m_path; }

private:
    std::filesystem::path m_path;
};

// A moment between two things that are done, to which an engine can be taken back.
struct Moment {
    std::uint64_t records { 0 };                    // that had happened
    std::shared_ptr<OwnDirectory const> checkpoint; // live; null where none could be made
};

// Something that was done to the engine: a command line, typed or a scenario's.
struct Turn {
    std::string line;
    Moment before;
};

// How far an engine is to be brought before it goes on.
struct Past {
    std::shared_ptr<trace::EventLog const> log;
    std::vector<Turn> turns; // that are to have happened
    Moment moment;           // after them
    lab::World world { lab::World::Simulated };
    std::optional<daemon::StorageDriver> driver;
    std::shared_ptr<OwnDirectory const> own_data_root;
    std::map<HostId, std::shared_ptr<client::LocalFiles>> files; // live: what the clients had on their disks
};

struct SessionOptions {
    std::optional<lab::World> world; // nothing: live where the machine allows it, else simulated, and said so
    std::uint64_t seed { 1 };
    std::optional<daemon::StorageDriver> driver;
    std::filesystem::path data_root; // empty: a fresh one that goes with the session
    std::optional<network::Endpoint> listen;
    std::filesystem::path folder;          // that commands may read files below (a scenario's own); empty: none
    std::optional<tls::ServerOptions> tls; // for TCP
    scenario::Cast cast {};
    std::function<void(bool to_stderr, std::string_view)> terminal; // what commands print; null: nowhere
    bool keeps_past { false };                                      // so that it can be taken back
    // Live: guest machines boot kernels where one can run. A proof plays the same lines many times, and its goals are
    // the same with modelled ones, which nobody waits for.
    bool real_guests { true };
    Installation installation { Installation::find() };
};

class Session final : public scenario::Engine {
public:
    static Result<std::unique_ptr<Session>> open(SessionOptions);
    // Goes on from `past`; the session that it was must have ended.
    static Result<std::unique_ptr<Session>> resume(SessionOptions, Past);

    // "test$ docker ps" is typed on the host test; without a prompt, on the first. In the live world it has two
    // minutes: nobody watches over a scenario's lines.
    int run(std::string const& line) override;
    int take_turn(std::string const& line, client::Terminal const&);
    // Beside the turns: for what cannot be done again, an interrupt.
    int run(std::string const& line, client::Terminal const&);
    // Sends the signal to the container that was made last since so many records; what ends a line that waits for it.
    void interrupt(std::uint64_t since, std::string const& signal);
    trace::EventLog const& log() const override { return *m_log; }
    HostId host_called(std::string const& name) const override;
    Result<std::string> read_file(HostId const&, std::string const& container, std::string const& path) override;
    Result<std::string> look(HostId const&, std::string const& path) override;

    lab::World world() const { return m_lab->world(); }
    std::vector<HostId> hosts() const { return m_lab->hosts(); }
    network::Endpoint daemon_endpoint() const { return m_lab->daemon_endpoint(m_lab->hosts().front()); }
    // The pen of whoever plays scenarios on this session.
    trace::Publisher publisher() const;
    // Why the world is not the live one, if that was not asked for.
    std::string const& notice() const { return m_notice; }
    std::shared_ptr<trace::EventLog const> shared_log() const { return m_log; }
    // The data root that goes with the session; empty where it was given.
    std::filesystem::path own_data_root() const
    {
        return m_own_data_root ? m_own_data_root->path() : std::filesystem::path();
    }

    // ---- The past, where it is kept ----

    std::vector<Turn> const& turns() const { return m_turns; }
    // What clients of other programs have done since the last turn becomes one.
    void notice_others();
    // As it is now.
    Past past() const;

private:
    Session() = default;

    static Result<std::unique_ptr<Session>> open_in(SessionOptions, Past const*);
    void do_again(std::vector<Turn> const&);
    Moment moment_now();

    std::shared_ptr<OwnDirectory const> m_own_data_root; // the lab ends before it goes
    std::shared_ptr<trace::EventLog> m_log { std::make_shared<trace::EventLog>() };
    std::unique_ptr<lab::Lab> m_lab;
    std::optional<daemon::StorageDriver> m_driver;
    std::filesystem::path m_data_root;
    std::function<void(bool, std::string_view)> m_terminal;
    std::map<HostId, std::shared_ptr<client::LocalFiles>> m_files;
    std::string m_notice;
    bool m_keeps_past { false };
    std::vector<Turn> m_turns;
    Moment m_now; // after the last turn
};

}
