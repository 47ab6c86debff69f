#pragma once

// The chapters of Describe.cpp. Each gives an empty kind where the id is not its own.

#include "visual/view/Describe.h"

namespace drydock::view {

Description describe_in_container(std::string_view id, Moment const&); // DescribeContainer.cpp
Description describe_content(std::string_view id, Moment const&);      // DescribeContent.cpp
Description describe_guest(std::string_view id, Moment const&);        // DescribeGuest.cpp

std::string_view state_word(world::ContainerState);
std::string_view mark_word(world::SheetMark);

void add_field(Description&, std::string_view name, std::string value);
void add_proof(Description&, std::string_view claim, std::string command);

}
