#pragma once

/* OpenBLAS 0.3.21 does not know processors that are newer than it and takes the kernels of 2004 for them, at a fifth of
   the speed: where it did, it is asked once more with the name of the newest it knows that this one is able to. To be
   called once, before its first product. OPENBLAS_CORETYPE, where set, is left alone. */
void ck_blas_choose(void);

/* Ends the threads that OpenBLAS starts with the program and keeps looking for work for some time. Once it has been told
   to use one thread it starts none again. */
void ck_blas_end_threads(void);
