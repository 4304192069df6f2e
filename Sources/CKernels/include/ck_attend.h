#pragma once

/* Attention of one row to the keys that were kept, a part of them at a time: for text as it is generated. */

/* For `heads` heads that share their keys: of key rows first ..< last, `step` apart, `size` floats each. `scores` is
   memory for heads x (last - first). Head h of the query stands at query + h * size. For each head `part` receives
   2 + size floats: the largest score, the sum of e^(score - largest), and the sum of the values weighted so. */
void ck_attend_part(const float *_Nonnull query, const float *_Nonnull keys, const float *_Nonnull values, long step,
                    long first, long last, long heads, long size, float scale, float *_Nonnull scores,
                    float *_Nonnull part);

/* The result for each head from `count` parts, which stand heads x (2 + size) apart. */
void ck_attend_join(const float *_Nonnull parts, long count, long heads, long size, float *_Nonnull out);
