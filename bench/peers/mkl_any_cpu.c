/* Loaded before MKL (LD_PRELOAD): answers "yes" where MKL asks whether the processor is its maker's, so that it takes
   its AVX-512 kernels on other makers' processors too. */
int mkl_serv_intel_cpu_true(void) { return 1; }
int mkl_serv_intel_cpu(void) { return 1; }
