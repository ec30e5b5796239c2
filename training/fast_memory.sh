# Source before training on a CPU: keeps big buffers in the process instead of returning them to the system every step.
export MALLOC_TOP_PAD_=1073741824 MALLOC_MMAP_THRESHOLD_=8589934592 MALLOC_TRIM_THRESHOLD_=17179869184
export GLIBC_TUNABLES=glibc.malloc.hugetlb=1
# Threads wait asleep, not spinning: on a machine with other work, spinning threads starve each other.
export OMP_WAIT_POLICY=PASSIVE GOMP_SPINCOUNT=0
