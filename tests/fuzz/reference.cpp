// Names of images and digests: what is accepted means the same when it is written in full.

#include "sim/oci/Reference.h"

#include "Fuzz.h"

using namespace drydock;

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    auto const text = fuzz::text_of(data, size);
    if (auto const digest = oci::Digest::parse(text))
        VERIFY(digest->to_string() == text);
    auto const reference = oci::Reference::parse(text);
    if (!reference)
        return 0;
    for (auto const& form : { reference->canonical(), reference->familiar() }) {
        auto const again = oci::Reference::parse(form);
        VERIFY(again && again->canonical() == reference->canonical());
    }
    VERIFY(reference->repository.find("..") == std::string::npos);
    return 0;
}
