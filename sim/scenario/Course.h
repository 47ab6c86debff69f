#pragma once

// The order in which the lessons are meant to be learned, and shorter ways through them for a given time. Which lessons
// there are, the folder says: a course may name some that somebody has yet to write.
//
//     [[lesson]]
//     id = "client-and-daemon"
//
//     [[track]]
//     name = "Lab, 90 minutes"
//     lessons = ["anatomy-of-docker-run", "the-dockerfile"]

#include "sim/scenario/Scenario.h"

namespace drydock::scenario {

struct Track {
    std::string name;
    std::vector<std::string> lessons; // ids, in the order in which they are taken
};

struct Course {
    std::vector<std::string> lessons; // ids
    std::vector<Track> tracks;
    // What people read of it, and a language file translates.
    std::vector<std::string> texts() const;
};

struct LoadedCourse {
    std::optional<Course> course; // nothing where there are problems
    std::vector<Problem> problems;
};

LoadedCourse load_course(std::string_view text);

}
