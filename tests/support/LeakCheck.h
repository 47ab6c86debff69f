#pragma once

// "The whole ends as it began": a census of what a test could leave behind on the machine (mounts, child processes,
// descriptors, cgroups), taken when the object is made and compared when `check` is called.

#include <set>
#include <string>

namespace drydock::tests {

struct Census {
    std::multiset<std::string> mounts;
    std::set<std::string> children;    // "1234 sleep": of this process, zombies included
    std::set<std::string> descriptors; // "5 socket:[…]"
    std::set<std::string> cgroups;
    std::set<std::string> interfaces; // bridges and cables of this process's networks

    static Census take();
    // The cgroups with `name` in their path.
    static std::set<std::string> take_cgroups(std::string const& name);
};

class LeakCheck {
public:
    LeakCheck()
        : m_before(Census::take())
    {
    }
    // Empty when nothing was left; else one line per thing.
    std::string leftovers() const;

private:
    Census m_before;
};

}
