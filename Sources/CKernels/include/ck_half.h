#pragma once

/* Floats rounded to the nearest bfloat16, ties to even, `at` halves into a buffer, and back. */
void ck_to_half(const float *_Nonnull x, float *_Nonnull halves, long at, long count);
void ck_from_half(const float *_Nonnull halves, long at, float *_Nonnull y, long count);

/* Matrix products whose inputs are rounded to bfloat16 (8 bits of mantissa) while sums stay float32, in the three steps
   of ck_gemm.h and with its arguments. Every element of a result is summed in an order that depends on the depth
   alone. The instructions are AMX tiles (16 x 32 times 32 x 16) or AVX-512 BF16's dot products. */

typedef enum { ck_half_none, ck_half_dots, ck_half_tiles } ck_half_kind;

/* What this processor, and the system's permission, offer; the same for the whole run. */
ck_half_kind ck_half_support(void);
/* For tests and measurements: a lesser kind than there is. */
void ck_half_limit(ck_half_kind most);

/* Columns of a panel: cuts between threads are at multiples of it. */
long ck_half_panel_columns(void);

/* Floats of memory (64-byte aligned) that a packed right side takes. */
long ck_half_packed_count(long depth, long columns);

void ck_half_pack(const float *_Nonnull b, long step, int transposed, long depth, long columns, long first, long last,
                  float *_Nonnull packed);

void ck_half_gemm(const float *_Nonnull a, long a_step, int a_transposed, const float *_Nonnull packed, long depth,
                  long used, long columns, long from, long to, float *_Nonnull c, long c_step, long rows,
                  const float *_Nullable bias, int accumulate);
