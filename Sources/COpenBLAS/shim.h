#include <cblas.h>

/* How many threads a call to the library uses: Luthier sets 1 and cuts products into tiles itself. */
extern void openblas_set_num_threads(int count);
extern char *openblas_get_corename(void);
extern char *openblas_get_config(void);
