// Manifests, indexes and configs: what is accepted is written again as something that reads the same.

#include "Fuzz.h"

#include "sim/oci/Manifest.h"

using namespace drydock;
using namespace drydock::oci;

namespace {

void try_manifest(std::string_view text, std::string_view type)
{
    auto const manifest = Manifest::parse(text, type);
    if (!manifest)
        return;
    auto const again = Manifest::parse(manifest->to_json(), type);
    VERIFY(again && again->config == manifest->config && again->layers == manifest->layers);
}

void try_index(std::string_view text, std::string_view type)
{
    auto const index = ImageIndex::parse(text, type);
    if (!index)
        return;
    VERIFY(!Manifest::parse(text, media_type::oci_manifest)); // CVE-2021-41190: nothing is both
    auto const again = ImageIndex::parse(index->to_json(), type);
    VERIFY(again && again->manifests.size() == index->manifests.size());
}

}

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    auto const text = fuzz::text_of(data, size);
    for (auto const type : { media_type::oci_manifest, media_type::docker_manifest })
        try_manifest(text, type);
    for (auto const type : { media_type::oci_index, media_type::docker_list })
        try_index(text, type);
    if (auto const config = ImageConfig::parse(text)) {
        auto const again = ImageConfig::parse(config->to_json());
        VERIFY(again && again->to_json() == config->to_json());
    }
    return 0;
}
