#pragma once

#include <stddef.h>
#include <stdint.h>

/// Takes whole blocks of 64 bytes into a digest's state of 8 words (FIPS PUB 180-4, section 6.2.2).
void ck_sha256_blocks(uint32_t *state, const uint8_t *bytes, size_t blocks);
