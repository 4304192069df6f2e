#pragma once

/* Products too narrow for the library: c[rows, columns] = a[rows, depth] b[columns, depth]ᵀ (+ bias) (+ c if
   `accumulate`), every element by its own sum over `depth`, in an order that does not depend on rows or columns.
   Steps are distances between rows. */
void ck_narrow_product(const float *_Nonnull a, long a_step, const float *_Nonnull b, long b_step,
                       const float *_Nullable bias, float *_Nonnull c, long c_step, long rows, long columns,
                       long depth, int accumulate);
