#pragma once

// Turns drydock-init's reports into events, as the actor "init:4f2a…", with the spans "namespaces", "root",
// "privileges" and "execute" below the span in which the launch happens.

#include "engine/init/Protocol.h"
#include "sim/trace/EventLog.h"

#include <memory>
#include <string>
#include <vector>

namespace drydock::runtime {

class Narrator {
public:
    // `lower`: the image's layers, bottom first, for UnionMounted. `refused`: the system calls that the filter refuses.
    Narrator(trace::Publisher const&, ContainerId, std::vector<trace::Digest> lower, std::vector<std::string> refused);

    void tell(init::Report const&);
    void failed(std::string const& error); // the part that was going on
    void finish();                         // ends the last span

private:
    void begin(std::string const& phase);

    trace::Publisher m_publisher;
    ContainerId m_container;
    std::vector<trace::Digest> m_lower;
    std::vector<std::string> m_refused;
    std::unique_ptr<trace::Span> m_phase;
};

}
